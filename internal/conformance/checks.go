package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

func checkCases() []testCase {
	return []testCase{
		{name: "checks: a query that finds rows rolls everything back", run: checksRefuse},
		{name: "checks: a query that finds rows warns", run: checksWarn},
		{name: "checks: the former rows", run: checksFormerRows},
		{name: "checks: built in, and made in the database", run: checksBuiltIn},
		{name: "checks: built in, and made while the file is read", run: checksOfFile},
		{name: "checks: queries that the database does not take", run: checksNoQuery},
		{name: "checks: most of the rows change", run: checksMostChange},
		{name: "checks: a restore makes none", run: checksRestore},
		{name: "checks: the backup failed", run: checksWithoutBackup, unless: bySwap},
		{name: "checks: a script stops at one that finds rows", run: checksStopScript},
		{name: "checks: migrations of goose in SQL", run: checksByGoose, unless: otherStrategy},
		{name: "script equals apply: checks", run: func(w *world) { scriptEqualsApply(w, checkedSituation(inOwnWay)) }, begins: withNothing},
		{name: "script equals apply: checks of a sync", run: func(w *world) { scriptEqualsApply(w, checkedSituation(byHeader(syncing))) },
			begins: withNothing, unless: either(bySwap, cannotSync)},
	}
}

// checkedPeople has a key, so that a sync takes it too.
const checkedPeople = "CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, age {int})"

// queries of checks.
const (
	whoLeaves = "SELECT o.email FROM {old} o WHERE NOT EXISTS (SELECT 1 FROM {table} t WHERE t.email = o.email) -- who is gone"
	tooYoung  = "WITH young AS (SELECT email, age FROM {table} WHERE age < 0)\nSELECT email, age FROM young;"
)

func checking(r exec.Request, checks ...plan.Check) exec.Request {
	r.Options.Checks, r.Options.Allow = checks, append(r.Options.Allow, plan.Shrinks, plan.SameFile)
	return r
}

// byHeader makes a request as [request] does.
func byHeader(f func(docID, header string, lines ...string) exec.Request) func(docID string, lines ...string) exec.Request {
	return func(docID string, lines ...string) exec.Request { return f(docID, "email,age", lines...) }
}

// inOwnWay is an upload by the pass's strategy.
func inOwnWay(docID string, lines ...string) exec.Request {
	return request(docID, csv("email,age", lines...))
}

// checkedWay is a strategy by which the cases upload.
type checkedWay struct {
	name  string
	asked func(docID string, lines ...string) exec.Request
}

// eachWay runs the test by the pass's own strategy, and by sync if the pass is in place, with
// a new table for each.
func (w *world) eachWay(test func(way string, asked func(docID string, lines ...string) exec.Request)) {
	w.Helper()
	ways := []checkedWay{{"own", inOwnWay}}
	if bySwap(w.family) == "" && cannotSync(w.family) == "" {
		ways = append(ways, checkedWay{"sync", byHeader(syncing)})
	}
	for _, way := range ways {
		w.other("DROP TABLE IF EXISTS people_backup", "DROP TABLE IF EXISTS people", checkedPeople)
		test(way.name, way.asked)
	}
}

// finds uploads, and checks that a check finds the rows, that the upload fails, and that
// nothing is left of it.
func (w *world) finds(r exec.Request, count int64, rows ...string) {
	w.Helper()
	before, tables := w.contentsOf("people"), w.tables()
	err := w.tryUpload(r)
	failed := mustBe[*exec.CheckError](w, err)
	mustBe[*exec.StepError](w, err)
	equal(w, "the number of rows", failed.Check.Count, count)
	w.same("the rows", failed.Check.Lines(), rows...)
	equal(w, "the table", w.contentsOf("people"), before)
	w.tidied("people")
	for _, t := range w.tables() {
		if !slices.Contains(tables, t) && !strings.HasPrefix(t, "tablesnap_") && t != "people_backup" {
			w.Errorf("the table %s is left over", t)
		}
	}
	run := w.lastRun("people")
	state := ""
	for _, s := range run.Steps {
		if s.Kind == string(plan.CheckRows) && s.State != string(ledger.Skipped) && s.State != string(ledger.RolledBack) {
			state = s.State
		}
	}
	equal(w, "the states of the run and of the check", []string{run.State, state}, []string{"failed", "failed"})
}

func checksRefuse(w *world) {
	w.eachWay(func(way string, asked func(string, ...string) exec.Request) {
		check := plan.QueryCheck("nobody below zero", tooYoung, plan.Refuse)
		w.upload(checking(asked(way+"_1", "a,1", "b,2"), check))
		w.same("the table", w.lines("people"), "a | 1", "b | 2")
		w.finds(checking(asked(way+"_2", "a,1", "x,-1", "y,-2"), check), 2, `email "x", age -1`, `email "y", age -2`)
		many := make([]string, 25)
		for i := range many {
			many[i] = fmt.Sprintf("p%02d,-%d", i, i+1)
		}
		err := mustBe[*exec.CheckError](w, w.tryUpload(checking(asked(way+"_3", many...), check)))
		equal(w, "the rows that are shown, and all", []int64{int64(len(err.Check.Rows)), err.Check.Count}, []int64{10, 25})
		w.says(err, `the check "nobody below zero" finds 25 rows`, "and 15 more")
		w.tidied("people")
		res := w.upload(checking(asked(way+"_4", "a,1", "c,3"), check))
		equal(w, "the checks in the result", len(res.Checks), 0)
		w.same("the table", w.lines("people"), "a | 1", "c | 3")
		w.checked("nobody below zero | done | 0")
	})
}

// checked checks the audit rows of the checks of the last run.
func (w *world) checked(want ...string) {
	w.Helper()
	var got []string
	for _, s := range w.lastRun("people").Steps {
		if s.Kind == string(plan.CheckRows) {
			got = append(got, fmt.Sprintf("%s | %s | %d", deref(s.Message), s.State, deref(s.RowCount)))
		}
	}
	w.same("the audit rows of the checks", got, want...)
}

func checksWarn(w *world) {
	w.eachWay(func(way string, asked func(string, ...string) exec.Request) {
		checks := []plan.Check{plan.QueryCheck("nobody below zero", tooYoung, plan.Warn), plan.QueryCheck("nobody leaves", whoLeaves, plan.Warn)}
		w.upload(checking(asked(way+"_1", "a,1", "b,2"), checks...))
		w.checked("nobody below zero | done | 0", "nobody leaves | done | 0")
		res := w.upload(checking(asked(way+"_2", "a,1", "x,-1", "y,-2"), checks...))
		w.same("the table", w.lines("people"), "a | 1", "x | -1", "y | -2")
		w.checked("nobody below zero | done | 2", "nobody leaves | done | 1")
		var found []string
		for _, c := range res.Checks {
			found = append(found, c.Says()+": "+strings.Join(c.Lines(), "; "))
		}
		w.same("the checks in the result", found, `the check "nobody below zero" finds 2 rows: email "x", age -1; email "y", age -2`, `the check "nobody leaves" finds 1 row: email "b"`)
		codes := slices.DeleteFunc(warningCodes(res.Warnings), func(c plan.Code) bool { return c != plan.CheckFoundRows })
		equal(w, "the warnings", len(codes), 2)
		if run := w.lastRun("people"); strings.Count(run.Warnings, string(plan.CheckFoundRows)) != 1 {
			w.Errorf("the run's warnings are %q", run.Warnings)
		}
		w.upload(checking(asked(way+"_3", "a,1", "x,1", "y,2"), checks...))
		if run := w.lastRun("people"); strings.Contains(run.Warnings, string(plan.CheckFoundRows)) {
			w.Errorf("the run's warnings are %q, and no check has found a row", run.Warnings)
		}
	})
}

// checksFormerRows also looks at a first upload, which has no former rows, and at a sync
// without differences, which copies none.
func checksFormerRows(w *world) {
	check := plan.QueryCheck("nobody leaves", whoLeaves, plan.Refuse)
	grows := plan.QueryCheck("it had rows", "SELECT 1 AS missing FROM (SELECT count(*) AS n FROM {old} o) c WHERE n = 0 AND EXISTS (SELECT 1 FROM {table} t)", plan.Refuse)
	w.upload(checking(request("doc_0", csv("email,age", "a,1")), check))
	w.checked("nobody leaves | done | 0")
	w.eachWay(func(way string, asked func(string, ...string) exec.Request) {
		w.finds(checking(asked(way+"_0", "z,9"), grows), 1, "missing 1")
		w.upload(checking(asked(way+"_1", "a,1", "b,2"), check))
		w.finds(checking(asked(way+"_2", "a,1", "c,2"), check), 1, `email "b"`)
		r := checking(asked(way+"_3", "a,1", "b,2"), check, grows)
		r.Options.Allow = plan.Codes()
		w.upload(r)
		w.checked("nobody leaves | done | 0", "it had rows | done | 0")
	})
}

func checksBuiltIn(w *world) {
	w.other("CREATE TABLE countries (code {text} NOT NULL)", "INSERT INTO countries VALUES ('at'), ('ch')")
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, country {text}, boss {text})")
	from := func(docID string, lines ...string) exec.Request {
		return checking(request(docID, csv("email,country,boss", lines...)), plan.References("country", "countries", "code"), plan.References("boss", "people", "email"))
	}
	w.upload(from("doc_1", "a,at,", "b,,a"))
	w.finds(from("doc_2", "a,at,", "b,de,a", "c,fr,c"), 2, `email "b", country "de", boss "a"`, `email "c", country "fr", boss "c"`)
	w.finds(from("doc_3", "a,at,", "b,ch,nobody"), 1, `email "b", country "ch", boss "nobody"`)
	w.checked("references countries.code (country) | rolled_back | 0", `references people.email (boss), the check "references people.email (boss)" finds 1 row: email "b", country "ch", boss "nobody" | failed | 0`)
	if bySwap(w.family) != "" || cannotSync(w.family) != "" {
		return
	}
	// A sync keeps the values of columns that the file lacks.
	r := checking(syncing("doc_4", "email", "a", "b", "c"), plan.NotNull("boss"))
	w.finds(r, 2, `email "a", country "at", boss NULL`, `email "c", country NULL, boss NULL`)
	w.other("UPDATE people SET boss = 'a', country = 'at'")
	r = checking(syncing("doc_5", "email", "a", "b"), plan.NotNull("boss"), plan.Unique("country", "boss"), plan.OneOf("country", "at", "li"))
	w.finds(r, 1, `country "at", boss "a", rows_found 2`)
	w.other("UPDATE people SET country = 'ch' WHERE email = 'b'")
	w.finds(r, 1, `email "b", country "ch", boss "a"`)
	w.other("UPDATE people SET country = 'li' WHERE email = 'b'")
	w.upload(r)
}

// checksOfFile finds all faults before anything runs, without the database as well.
func checksOfFile(w *world) {
	w.other(checkedPeople, "INSERT INTO people VALUES ('old', 1)")
	checks := []plan.Check{plan.NotNull("age"), plan.Unique("AGE"), plan.OneOf("age", "1", "2", "3"), plan.Matches("email", "[a-z]+")}
	if !w.d.SameName("age", "AGE") {
		checks[1] = plan.Unique("age")
	}
	bad := []string{"a,1", "b,", "c,1", "D,2", "e,7"}
	r := checking(request("doc_1", csv("email,age", bad...)), checks...)
	before := w.fingerprint()
	err := mustBe[*exec.SourceError](w, w.tryUpload(r))
	w.says(err, "4 faults in 4 rows", `line 3, column "age"`, "wants a value", `line 4, column "age": value 1: line 2 has the same key`[:24],
		`line 5, column "email": value "D": it does not match [a-z]+`, `line 6, column "age": value "7": it is none of the values 1, 2, 3`)
	_, offline := exec.InputFor(context.Background(), w.d, w.inspect("people"), w.by(r), tool)
	w.says(offline, "4 faults in 4 rows")
	equal(w, "the database", w.fingerprint(), before)
	r.Options.MaxBadRows = 4
	w.upload(r)
	w.same("the table", w.lines("people"), "a | 1")
	w.refused(checking(request("doc_2", csv("email,age", "a,1")), plan.MinRows(2)), "people.csv has 1 row, and needs 2 or more")
	w.refused(checking(request("doc_2", csv("email,age", "a,1")), plan.NotNull("agee")), `has a column "agee"; did you mean "age"?`)
	w.refused(checking(request("doc_2", csv("email", "a")), plan.Matches("age", "1")), "does not know regular expressions")
}

func checksNoQuery(w *world) {
	w.other(checkedPeople, "INSERT INTO people VALUES ('old', 1)")
	for _, query := range []string{
		"SELECT nosuch FROM {table}", "SELECT FROM WHERE {table}", "SELECT * FROM {table}; DELETE FROM {table}", "DELETE FROM {table}",
		"SELECT 1 FROM {table}) AS x; DROP TABLE people --", "WITH gone AS (DELETE FROM {table} RETURNING email) SELECT email FROM gone",
		"SELECT email FROM people",
	} {
		w.refused(checking(request("doc_1", csv("email,age", "a,1")), plan.QueryCheck("odd", query, plan.Warn)), "odd")
	}
}

func checksMostChange(w *world) {
	w.eachWay(func(way string, asked func(string, ...string) exec.Request) {
		w.upload(checking(asked(way+"_1", "a,1", "b,2", "c,3", "d,4"), plan.MaxChange(0)))
		half := checking(asked(way+"_2", "a,1", "b,2", "c,-3", "e,5"), plan.MaxChange(50))
		w.upload(half)
		w.same("the table", w.lines("people"), "a | 1", "b | 2", "c | -3", "e | 5")
		r := checking(asked(way+"_3", "a,1", "b,2", "c,3", "f,6"), plan.MaxChange(49))
		before := w.contentsOf("people")
		err := w.tryUpload(r)
		if way == "sync" || w.syncs() {
			mustBe[*plan.HazardError](w, err)
		} else {
			w.says(err, `the check "max_change 49%" finds 1 row: rows_changed 2, rows_before 4`)
		}
		equal(w, "the table", w.contentsOf("people"), before)
		w.tidied("people")
		r.Options.Checks[0].Severity = plan.Warn
		res := w.upload(r)
		equal(w, "the checks in the result", len(res.Checks), 1)
	})
	w.other("DROP TABLE people", "DROP TABLE people_backup", "CREATE TABLE people (email {text})")
	if !w.syncs() {
		w.refused(checking(request("doc_1", csv("email", "a")), plan.MaxChange(1)), "max_change 1%", "no primary key")
	}
}

func checksRestore(w *world) {
	w.other(checkedPeople)
	w.upload(request("doc_1", csv("email,age", "a,-1")))
	w.upload(checking(request("doc_2", csv("email,age", "a,1")), plan.QueryCheck("nobody below zero", tooYoung, plan.Refuse)))
	first := int64(1)
	o := w.by(request("doc_3", csv("email,age", "a,1"))).Options
	o.Create = false
	o.Checks = []plan.Check{plan.QueryCheck("nobody below zero", tooYoung, plan.Refuse)}
	if _, err := w.client.Restore(context.Background(), exec.RestoreRequest{Table: "people", Version: &first, Options: o}); err != nil {
		w.Fatalf("restore: %v", err)
	}
	w.same("the table", w.lines("people"), "a | -1")
}

// checksWithoutBackup has the backup fail. The former rows are in a table of their own then,
// or nowhere: a check that compares with them ends the run.
func checksWithoutBackup(w *world) {
	w.failingBackup()
	check := plan.QueryCheck("nobody leaves", whoLeaves, plan.Warn)
	r := checking(request("doc_1", csv("email,age", "fine,1", "b,2")), check)
	r.Options.OnBackupFailure = plan.Continue
	before := w.contentsOf("people")
	w.says(w.tryUpload(r), `the check "nobody leaves": it compares with the former rows, and their backup has failed`)
	equal(w, "the table", w.contentsOf("people"), before)
	r = checking(request("doc_2", csv("email,age", "fine,1", "b,2")), check)
	res := w.upload(r)
	w.warned("people", plan.BackupPreserved, plan.CheckFoundRows)
	equal(w, "what the check finds", res.Checks[0].Lines(), []string{`email "refused"`})
}

// checksStopScript looks that the script shows the rows, and changes nothing.
func checksStopScript(w *world) {
	w.other(checkedPeople)
	w.upload(request("doc_1", csv("email,age", "a,1")))
	r := checking(request("doc_2", csv("email,age", "a,-1")), plan.QueryCheck("nobody below zero", tooYoung, plan.Refuse))
	script := w.script(w.plan(r), r.Source)
	w.says(w.in.Client(w.T, script), `the check "nobody below zero" finds no row`)
	w.same("the table", w.lines("people"), "a | 1")
	w.tidied("people")
	w.upload(request("doc_3", csv("email,age", "b,2")))
	w.same("the table", w.lines("people"), "b | 2")
}

// checksByGoose has Up make the checks, and Down none.
func checksByGoose(w *world) {
	w.other(checkedPeople, "INSERT INTO people VALUES ('old', -1)")
	young, leaves := plan.QueryCheck("nobody below zero", tooYoung, plan.Refuse), plan.QueryCheck("nobody leaves", whoLeaves, plan.Warn)
	refused := w.gooseFile(w.gooseSQL(checking(request("doc_1", csv("email,age", "a,1", "x,-1")), young)))
	before := w.contentsOf("people")
	if _, err := refused.Up(context.Background()); err == nil {
		w.Error("goose has migrated although a check finds a row")
	} else {
		w.says(err, `the check "nobody below zero" finds no row`)
	}
	if err := refused.Close(); err != nil { // the failed session holds the lock until it ends
		w.Fatal(err)
	}
	equal(w, "the table", w.contentsOf("people"), before)
	w.tidied("people")
	p := w.gooseFile(w.gooseSQL(checking(request("doc_1", csv("email,age", "a,1", "b,2")), young, leaves)))
	for range 2 {
		w.up(p)
		w.same("the table", w.lines("people"), "a | 1", "b | 2")
		w.checked("nobody below zero | done | 0", "nobody leaves | done | 1")
		w.warned("people", plan.CheckFoundRows)
		w.down(p)
		w.same("the table", w.lines("people"), "old | -1")
	}
}

// checkedSituation has checks of all kinds that are steps.
func checkedSituation(asked func(docID string, lines ...string) exec.Request) situation {
	return situation{
		setup: func(w *world) {
			w.other("CREATE TABLE countries (code {int} NOT NULL)", "INSERT INTO countries VALUES (1), (2), (3)", checkedPeople)
			w.upload(asked("doc_1", "a,1", "b,2"))
		},
		request: func() exec.Request {
			return checking(asked("doc_2", "a,1", "d,-2"),
				plan.QueryCheck("nobody below zero", tooYoung, plan.Warn), plan.QueryCheck("nobody leaves", whoLeaves, plan.Warn),
				plan.QueryCheck(`no "quotes" in it; it's fine`, "SELECT email FROM {table} WHERE email LIKE '%''%'", plan.Refuse),
				plan.QueryCheck("no $1", "SELECT email FROM {table} WHERE email = '$1$?$$ %s' OR age = -2", plan.Warn),
				plan.Check{Kind: plan.CheckReferences, Columns: []string{"age"}, Other: plan.ReferredColumn{Table: "countries", Column: "code"}, Severity: plan.Warn},
				plan.MaxChange(90), plan.NotNull("email"), plan.Unique("email"), plan.OneOf("age", "1", "-2"), plan.Matches("email", "."), plan.MinRows(1))
		},
	}
}
