package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing/fstest"

	"github.com/pressly/goose/v3"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/exec/migration"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/internal/testservers"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// setCutOff loses the connection before or behind the statement of each step of each plan, in
// turn, and in the whole suite both before and behind each.
// After a recovery, all tables hold the old rows, or all the new ones.
func setCutOff(w *world, by dialect.Strategy) {
	tables := w.fiveTables()[:2]
	w.uploadSet(w.setOf("doc_0", by, rowsFor(tables, "1,a", "2,b")))
	times := 1 // that a connection is lost at a statement
	if testservers.Whole() {
		times = 2
	}
	for n := 0; ; n++ {
		doc, name := fmt.Sprint("doc_", n+1), fmt.Sprint("new_", n)
		req := w.setOf(doc, by, rowsFor(tables, "1,"+name, fmt.Sprintf("%d,x", n+3)))
		set, err := w.client.PlanSet(context.Background(), req)
		if err != nil {
			w.Fatal(err)
		}
		var statements []string
		for _, p := range set.Plans {
			for _, s := range p.Steps() {
				statements = append(statements, s.SQL)
			}
		}
		statements = append(statements, w.d.Facts().Commit.SQL)
		if n/times >= len(statements) {
			break
		}
		at, before := statements[n/times], w.linesOf(tables)
		lost := w.loseConnectionAt(at, n%2 == 1)
		sources := map[string]rowsource.Source{}
		for _, u := range req.Uploads {
			sources[u.Table] = u.Source
		}
		_, failed := w.client.RunSet(context.Background(), set, sources, nil)
		w.sent.AnswerBy(nil)
		if *lost && failed == nil {
			w.Errorf("the set was cut off at %s, and went through", at)
		}
		w.tidied("")
		after := w.linesOf(tables)
		done := 0
		for _, table := range tables {
			if run := w.lastRun(table); run.DocID == doc && run.State == string(ledger.Done) {
				done++
				w.same("the new rows of "+table, after[table], "1 | "+name, fmt.Sprintf("%d | x", n+3))
			} else {
				equal(w, "the old rows of "+table, after[table], before[table])
			}
			w.completeSnapshots(table)
		}
		if done != 0 && done != len(tables) {
			w.Errorf("cut off at %s: %d of %d tables have changed", at, done, len(tables))
		}
		if w.Failed() {
			w.Fatalf("cut off at %s (%d): %v", at, n, failed)
		}
	}
	w.uploadSet(w.setOf("doc_last", by, rowsFor(tables, "8,y", "9,z")))
}

func (w *world) linesOf(tables []string) map[string][]string {
	w.Helper()
	all := map[string][]string{}
	for _, name := range tables {
		all[name] = w.lines(name)
	}
	return all
}

// completeSnapshots checks that the backup has as many rows of each version as its run counted.
func (w *world) completeSnapshots(table string) {
	w.Helper()
	counted := map[string]int64{}
	for _, v := range w.lines(table+"_backup", "snapshot_version") {
		counted[v]++
	}
	for _, run := range w.audit(table) {
		if run.State == string(ledger.Done) && run.VersionReplaced != nil {
			version := fmt.Sprint(*run.VersionReplaced)
			equal(w, "the rows of version "+version+" of "+table, counted[version], deref(run.RowsBackedUp))
			delete(counted, version)
		}
	}
	equal(w, "the versions that no run replaced", len(counted), 0)
}

// setScript runs a set in one database, and its script in another.
func setScript(applied *world, by dialect.Strategy) {
	scripted := newWorld(applied.T, applied.family)
	requests := map[*world]exec.SetRequest{}
	for _, w := range []*world{applied, scripted} {
		tables := w.fiveTables()[:3]
		w.uploadSet(w.setOf("doc_1", by, rowsFor(tables, "1,a", "2,b")))
		requests[w] = w.setOf("doc_2", by, rowsFor(tables, "1,'); DROP TABLE a_people; --", "3,c", "4,d"))
	}
	applied.uploadSet(requests[applied])
	set, err := scripted.client.PlanSet(context.Background(), requests[scripted])
	if err != nil {
		applied.Fatal(err)
	}
	for i := range set.Plans {
		set.Plans[i].Upload.Actor = actor
	}
	sources := map[string]rowsource.Source{}
	for _, u := range requests[scripted].Uploads {
		sources[u.Table] = u.Source
	}
	var b strings.Builder
	if err := plan.WriteSetScript(&b, scripted.d, set, sources, plan.ScriptOptions{Rows: plan.AllRows}); err != nil {
		applied.Fatal(err)
	}
	hash, err := plan.FindHash(strings.NewReader(b.String()))
	if err != nil || hash != set.Hash() {
		applied.Errorf("the hash in the script is %q (%v), want %q", hash, err, set.Hash())
	}
	if err := scripted.in.Client(applied.T, b.String()); err != nil {
		applied.Fatalf("run the script: %v\n%s", err, b.String())
	}
	left := func(w *world) map[string][]string {
		all := w.everything()
		all[dialect.AuditTable] = w.without(dialect.AuditTable, "sql_text")
		all[dialect.RunTable] = w.without(dialect.RunTable, slices.Concat([]string{"plan_hash"}, timings[dialect.RunTable])...)
		return all
	}
	equal(applied, "what the script left, against what the run left", left(scripted), left(applied))
}

// setMigrated has goose upload a set. Down brings both tables back, also if others followed.
func setMigrated(w *world, by dialect.Strategy) {
	tables := w.fiveTables()[:2]
	var uploads []migration.Upload
	for _, name := range tables {
		uploads = append(uploads, migration.Upload{Backend: w.d, Files: fstest.MapFS{name + ".csv": {Data: []byte("id,name\n1,new\n2,newer\n")}}, File: name + ".csv",
			Table: name, DocID: "doc_1", Actor: actor, Options: plan.Options{Strategy: by}})
	}
	p := w.migrations([]*goose.Migration{migration.NewSet(7, "family", uploads...)})
	before := w.linesOf(tables)
	w.up(p)
	for _, name := range tables {
		w.same(name, w.lines(name), "1 | new", "2 | newer")
		equal(w, "the set of the run on "+name, w.lastRun(name).Set, "family")
	}
	r := request("doc_2", csv("id,name", "1,x", "2,y"))
	r.Table, r.Options.Strategy = tables[1], by
	w.upload(r)
	w.down(p)
	equal(w, "the tables after down", w.linesOf(tables), before)
	w.up(p)
	w.down(p)
	equal(w, "the tables after another up and down", w.linesOf(tables), before)

	bad := slices.Clone(uploads)
	bad[1].Files = fstest.MapFS{tables[1] + ".csv": {Data: []byte("id,name\n1,new\n1,again\n")}}
	_, err := w.migrations([]*goose.Migration{migration.NewSet(7, "family", bad...)}).Up(context.Background())
	w.says(err, tables[1]+".csv")
	equal(w, "the tables after a failure", w.linesOf(tables), before)
}

// setsAtOnce uploads two sets that have tables in common again and again. Neither waits for the
// other for ever, and each table has the rows of one of them.
func setsAtOnce(w *world) {
	all := w.fiveTables()
	for _, name := range all {
		w.other("DELETE FROM " + name)
	}
	times := 10
	if testservers.Whole() {
		times = 100
	}
	sets := [][]string{{all[0], all[1], all[3]}, {all[3], all[1], all[4]}}
	var both sync.WaitGroup
	for i, tables := range sets {
		client := w.newClient()
		both.Go(func() {
			for n := range times {
				doc := fmt.Sprintf("doc_%d.%d", i, n)
				w.insistOn(doc, func() error {
					_, err := client.UploadSet(context.Background(), w.setOf(doc, w.strategy(), rowsFor(tables, fmt.Sprintf("1,%s", doc)), plan.Codes()...))
					return err
				})
			}
		})
	}
	both.Wait()
	equal(w, "the tables in common", w.lines(all[1], "name"), w.lines(all[3], "name"))
	for i, name := range all[:5] {
		if i == 2 {
			continue
		}
		uploads := times
		if name == all[1] || name == all[3] {
			uploads = 2 * times
		}
		runs, err := w.client.Runs(context.Background(), ledger.RunFilter{Table: name, State: ledger.Done})
		if err != nil {
			w.Fatal(err)
		}
		equal(w, "the versions of "+name, len(runs), uploads)
		w.completeSnapshots(name)
	}
}
