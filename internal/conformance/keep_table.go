package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

func keepTableCases() []testCase {
	return []testCase{
		{name: "kept table: it is the snapshot of its version", run: keptTable, unless: inPlace},
		{name: "kept table: restored, compared and exported", run: keptTableBack, unless: inPlace},
		{name: "kept table: pruned, pinned and retained", run: keptTablePruned, unless: inPlace},
		{name: "kept table: cut off at each step", run: keptTableCutOff, unless: inPlace, about: locks},
		{name: "kept table: those of a set", run: keptTablesOfSet, unless: inPlace},
		{name: "kept table: refused where no table is swapped", run: keptTableRefused, unless: bySwap},
	}
}

// keeping returns an upload that keeps the old table.
func keeping(docID, header string, lines ...string) exec.Request {
	r := request(docID, csv(header, lines...))
	r.Options.Backup = plan.BackupTable
	return r
}

func keepingTable(docID, header string, lines ...string) func() exec.Request {
	return func() exec.Request { return keeping(docID, header, lines...) }
}

const countedPeople = "CREATE TABLE people (id {id}, email {text} UNIQUE, age {int} DEFAULT 3)"

// keptTable also looks that no row of the old table is read: what an upload takes beside the
// load does not grow with the rows.
func keptTable(w *world) {
	w.other(countedPeople, "INSERT INTO people (id, email, age) VALUES (1, 'old', 1), (5, 'older', 2)")
	w.sent.Reset()
	res := w.upload(keeping("doc_1", "id,email,age", "7,a,1", "8,b,2", "9,c,3"))
	equal(w, "the table that keeps the rows", res.KeptIn, "people_preserved_v0")
	w.same("the table", w.lines("people"), "7 | a | 1", "8 | b | 2", "9 | c | 3")
	w.same("the old table", w.lines("people_preserved_v0"), "1 | old | 1", "5 | older | 2")
	for _, s := range w.sent.Sent() {
		if reads := strings.Contains(strings.ToLower(s), "count(*)"); reads && readsOld(w, s) && !strings.Contains(s, "LIMIT") {
			w.Errorf("the old rows are counted: %s", s)
		}
	}
	equal(w, "the warnings of a first upload", slices.DeleteFunc(warningCodes(res.Warnings), isReadersWait), []plan.Code{plan.UnknownPrevious})
	res = w.upload(keeping("doc_2", "id,email,age", "8,b,2", "10,d,4"))
	equal(w, "the warnings", slices.DeleteFunc(warningCodes(res.Warnings), isReadersWait), []plan.Code{})
	next := w.nextEmailNumber("e")
	if next <= 10 {
		w.Errorf("the next row gets the number %d, which one has had", next)
	}
	w.upload(request("doc_3", csv("id,email,age", "1,x,1", "2,y,2")))
	w.upload(keeping("doc_4", "id,email,age", "3,z,1", "4,u,2"))
	w.same("the history", places(w.history("people")), "4 people", "3 people_preserved_v3", "2 people_backup", "1 people_preserved_v1", "0 people_preserved_v0")
	w.same("version 2", w.snapshot("people_backup", 2, "email"), "b", "d", "e")
	run := w.lastRun("people")
	if run.RowsBackedUp != nil || run.State != string(ledger.Done) {
		w.Errorf("the run is %+v", run)
	}
	w.same("no other table is left", w.tables(), w.ownTablesAnd("people", "people_backup", "people_preserved_v0", "people_preserved_v1", "people_preserved_v3")...)
}

// isReadersWait is about a warning that a journal mode of SQLite gives with each upload.
func isReadersWait(c plan.Code) bool { return c == plan.ReadersWait }

// readsOld reports whether a statement names the old table. If it was renamed first, the new
// one has its name from then on.
func readsOld(w *world, statement string) bool {
	return strings.Contains(statement, w.d.Quote("people_preserved_v0")) ||
		!w.renamesFirst() && strings.Contains(statement, w.d.Quote("people")) && !strings.Contains(statement, "pg_")
}

// renamesFirst reports whether a swap renames the old table before it makes the new one.
func (w *world) renamesFirst() bool {
	remaker, ok := dialect.As[dialect.Remaker](w.d)
	table := dialect.Ident{Name: "people"}
	return ok && remaker.Remake(dialect.Table{Ident: table}, dialect.Making{}, table).Into == table
}

// nextEmailNumber inserts a row as another program, and returns its number.
func (w *world) nextEmailNumber(email string) int {
	w.Helper()
	w.other("INSERT INTO people (email) VALUES ('" + email + "')")
	var n int
	if err := w.in.Other.QueryRow("SELECT id FROM people WHERE email = '" + email + "'").Scan(&n); err != nil {
		w.Fatal(err)
	}
	return n
}

// places are the versions with the tables that hold them.
func places(versions []ledger.Version) []string {
	lines := make([]string, len(versions))
	for i, v := range versions {
		lines[i] = fmt.Sprint(*v.Number, " ", v.Where)
	}
	return lines
}

func keptTableBack(w *world) {
	w.other(oldPeople, "INSERT INTO people VALUES ('old', 1), ('older', NULL)")
	w.upload(keeping("doc_1", "email,age", "a,1", "b,2"))
	w.upload(keeping("doc_2", "email,age", "c,3", "b,5"))
	version := int64(1)
	src, _ := w.mustExport(exec.ExportRequest{Table: "people", Version: &version}, rowsource.FormatCSV)
	m, err := rowsource.Measure(context.Background(), src)
	if err != nil || m.Rows != 2 {
		w.Errorf("version 1, exported, has %d rows (%v)", m.Rows, err)
	}
	for _, back := range []struct {
		version int64
		mode    plan.BackupMode
		rows    []string
	}{{0, plan.BackupTable, []string{"old | 1", "older | NULL"}}, {1, plan.BackupRows, []string{"a | 1", "b | 2"}}, {2, plan.BackupTable, []string{"b | 5", "c | 3"}}} {
		r := w.restoreRequest(back.version)
		if r.Options.Backup = back.mode; back.mode == plan.BackupTable {
			r.Options.Strategy = dialect.Swap
		}
		if _, err := w.client.Restore(context.Background(), r); err != nil {
			w.Fatalf("restore version %d: %v", back.version, err)
		}
		w.same(fmt.Sprintf("version %d, restored", back.version), w.lines("people"), back.rows...)
	}
	w.same("the versions", places(w.history("people")), "5 people", "4 people_preserved_v4", "3 people_backup", "2 people_preserved_v2", "1 people_preserved_v1", "0 people_preserved_v0")
}

func keptTablePruned(w *world) {
	ctx := context.Background()
	w.other(oldPeople, "INSERT INTO people VALUES ('old', 1), ('older', NULL)")
	for n := range 4 {
		w.upload(keeping(fmt.Sprint("doc_", n+1), "email,age", fmt.Sprintf("a,%d", n), "b,2"))
	}
	if err := w.client.Pin(ctx, "people", 1, actor); err != nil {
		w.Fatal(err)
	}
	if _, _, err := w.client.Prune(ctx, exec.PruneRequest{Table: "people", Versions: []int64{0}}); err != nil {
		w.Fatal(err)
	}
	w.same("the tables after a prune", w.tables(), w.ownTablesAnd("people", "people_preserved_v1", "people_preserved_v2", "people_preserved_v3")...)
	r := keeping("doc_5", "email,age", "x,1", "y,2")
	r.Options.Retention = plan.Retention{Keep: 1}
	w.upload(r)
	w.same("the tables after an upload that keeps one snapshot", w.tables(), w.ownTablesAnd("people", "people_preserved_v1", "people_preserved_v4")...)
	w.same("what is pinned", w.lines("people_preserved_v1"), "a | 0", "b | 2")
}

// keptTableCutOff loses the connection before and behind each statement of a step. Recover
// finishes what has swapped, and takes back what has not.
func keptTableCutOff(w *world) {
	w.other(countedPeople, "INSERT INTO people (email) VALUES ('a'), ('b')")
	w.upload(resetting(keeping("doc_0", "email", "a", "c")))
	for n := 0; ; n++ {
		r := w.by(resetting(keeping(fmt.Sprint("doc_", n+1), "email", fmt.Sprint("new_", n), "z")))
		p := w.plan(r)
		statements := []string{w.d.Facts().Commit.SQL}
		for _, s := range p.Steps() {
			statements = append(statements, s.SQL)
		}
		if n/2 >= len(statements) {
			break
		}
		at, before, version := statements[n/2], w.lines("people", "email"), *p.Upload.Replaces
		lost := w.loseConnectionAt(at, n%2 == 1)
		_, err := w.client.Run(context.Background(), p, r.Source, nil)
		w.sent.AnswerBy(nil)
		if *lost && err == nil {
			w.Errorf("the upload was cut off at %s, and went through", at)
		}
		w.tidied("people")
		if run := w.lastRun("people"); run.DocID == r.DocID && run.State == string(ledger.Done) {
			w.same("the new rows", w.lines("people", "email"), fmt.Sprint("new_", n), "z")
			w.same("the old rows", w.lines(fmt.Sprint("people_preserved_v", version), "email"), before...)
		} else {
			w.same("the old rows", w.lines("people", "email"), before...)
		}
		if left := slices.DeleteFunc(w.tables(), func(name string) bool {
			return !strings.HasSuffix(name, dialect.OldSuffix) && !strings.HasSuffix(name, dialect.ShadowSuffix)
		}); len(left) > 0 {
			w.Errorf("the tables %q are left", left)
		}
		if w.Failed() {
			w.Fatalf("cut off at %s (%d): %v", at, n, err)
		}
	}
	w.upload(resetting(keeping("doc_last", "email", "y", "z")))
}

func keptTablesOfSet(w *world) {
	tables := w.fiveTables()[:3]
	req := w.setOf("doc_1", dialect.Swap, rowsFor(tables, "1,new", "2,newer"))
	for i := range req.Uploads {
		req.Uploads[i].Options.Backup = plan.BackupTable
	}
	w.uploadSet(req)
	for _, name := range tables {
		w.same(name, w.lines(name), "1 | new", "2 | newer")
		w.same("the old "+name, w.lines(name+"_preserved_v0"), "1 | old", "2 | older")
	}
}

func keptTableRefused(w *world) {
	w.other(oldPeople, "INSERT INTO people VALUES ('old', 1), ('older', NULL)")
	w.refused(keeping("doc_1", "email,age", "a,1", "b,2"), "the old table can be kept as the snapshot only")
}
