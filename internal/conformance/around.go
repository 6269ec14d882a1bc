package conformance

import (
	"context"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// Statements before and after an upload.
func aroundCases() []testCase {
	return []testCase{
		{name: "around: statements run before the upload and after its commit", run: aroundRuns},
		{name: "around: a statement before the upload fails", run: beforeFails},
		{name: "around: a statement after the upload fails", run: afterFails},
		{name: "around: statements that are none, and uploads that take none", run: aroundRefused},
		{name: "script equals apply: statements around it", run: func(w *world) { scriptEqualsApply(w, aroundSituation(inOwnWay)) }, begins: withNothing},
		{name: "script equals apply: statements around a sync", run: func(w *world) { scriptEqualsApply(w, aroundSituation(byHeader(syncing))) },
			begins: withNothing, unless: either(bySwap, cannotSync)},
	}
}

// noteEmails has the table seen take the emails that people has then.
const noteEmails = "INSERT INTO seen (email) SELECT email FROM {table};"

func surrounded(r exec.Request, before, after []string) exec.Request {
	r.Options.Before, r.Options.After, r.Options.Allow = before, after, append(r.Options.Allow, plan.Shrinks, plan.SameFile)
	return r
}

// seen are the emails that statements have noted.
func (w *world) seen(want ...string) {
	w.Helper()
	w.same("what statements have seen", w.lines("seen", "email"), want...)
}

// around are the states of the statements in the last run.
func (w *world) around(want ...string) {
	w.Helper()
	var got []string
	for _, s := range w.lastRun("people").Steps {
		if k := plan.StepKind(s.Kind); k == plan.RunBefore || k == plan.RunAfter {
			got = append(got, s.Kind+" "+s.State)
		}
	}
	w.same("the audit rows of the statements", got, want...)
}

func aroundRuns(w *world) {
	w.other("CREATE TABLE seen (email {text})")
	w.eachWay(func(way string, asked func(string, ...string) exec.Request) {
		w.other("DELETE FROM seen", "INSERT INTO people VALUES ('old', 1)")
		res := w.upload(surrounded(asked(way+"_1", "new,1", "newer,2"), []string{noteEmails}, []string{noteEmails, "DELETE FROM seen WHERE email = 'newer'"}))
		w.seen("new", "old")
		w.around("after done", "after done", "before done")
		equal(w, "the warnings about it", slices.Contains(warningCodes(res.Warnings), plan.AfterFailed), false)
		w.same("the table", w.lines("people"), "new | 1", "newer | 2")
		w.tidied("people")
	})
}

func beforeFails(w *world) {
	w.other("CREATE TABLE seen (email {text})")
	w.eachWay(func(way string, asked func(string, ...string) exec.Request) {
		w.other("DELETE FROM seen", "INSERT INTO people VALUES ('old', 1)")
		tables := w.tables()
		err := w.tryUpload(surrounded(asked(way+"_1", "new,1"), []string{noteEmails, "INSERT INTO nosuch VALUES (1)", noteEmails}, []string{noteEmails}))
		mustBe[*exec.StepError](w, err)
		w.says(err, "run a statement before the upload", "nosuch")
		w.same("the table", w.lines("people"), "old | 1")
		w.seen("old")
		w.around("before done", "before failed")
		equal(w, "the run's state", w.lastRun("people").State, string(ledger.Failed))
		w.same("the tables", w.tables(), w.ownTablesAnd(slices.DeleteFunc(tables, isOwn)...)...)
		w.upload(surrounded(asked(way+"_2", "newer,1"), nil, nil))
	})
}

func isOwn(table string) bool {
	return strings.HasPrefix(table, "tablesnap_") || strings.HasPrefix(table, "sqlite_")
}

func afterFails(w *world) {
	w.other("CREATE TABLE seen (email {text})")
	w.eachWay(func(way string, asked func(string, ...string) exec.Request) {
		w.other("DELETE FROM seen", "INSERT INTO people VALUES ('old', 1)")
		res := w.upload(surrounded(asked(way+"_1", "new,1"), nil, []string{"INSERT INTO nosuch VALUES (1)", noteEmails}))
		w.same("the table", w.lines("people"), "new | 1")
		w.seen("new")
		w.around("after done", "after failed")
		if !slices.Contains(warningCodes(res.Warnings), plan.AfterFailed) {
			w.Errorf("no warning: %v", res.Warnings)
		}
		equal(w, "the run's state", w.lastRun("people").State, string(ledger.Done))
		found, err := w.client.Recover(context.Background(), "people", exec.DoRecover)
		if err != nil || len(found) > 0 {
			w.Errorf("recover finds %v: %v", found, err)
		}
		w.upload(surrounded(asked(way+"_2", "newer,1"), nil, nil))
	})
}

func aroundRefused(w *world) {
	w.other(checkedPeople)
	for _, odd := range []string{"", ";", "COMMIT", "begin", "SET x = 1", "LOCK TABLES people WRITE", "DELETE FROM a; DELETE FROM b", "DELETE FROM {old}"} {
		w.refused(surrounded(inOwnWay("doc_1", "a,1"), []string{odd}, nil), "before has a statement, number 1, that")
		w.refused(surrounded(inOwnWay("doc_1", "a,1"), nil, []string{"SELECT 1", odd}), "after has a statement, number 2, that")
	}
	_, err := w.client.PlanMigration(context.Background(), w.by(surrounded(inOwnWay("doc_1", "a,1"), []string{"SELECT 1"}, nil)))
	mustBe[*plan.RefusedError](w, err)
	if !w.d.Facts().CommitsDefinitions || w.family.swaps() { // in place, these families refuse it at once
		w.says(err, "not for a migration")
	}
}

func aroundSituation(asked func(docID string, lines ...string) exec.Request) situation {
	return situation{
		setup: func(w *world) {
			w.other("CREATE TABLE seen (email {text})", checkedPeople)
			w.upload(asked("doc_1", "a,1", "b,2"))
		},
		request: func() exec.Request {
			return surrounded(asked("doc_2", "a,1", "d,-2"), []string{noteEmails, "DELETE FROM seen WHERE email = 'a'"}, []string{"INSERT INTO seen SELECT email FROM {table} WHERE age > 0"})
		},
	}
}
