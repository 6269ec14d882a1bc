package conformance

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// keepAnewCases are about tables that are made anew in one transaction.
func keepAnewCases() []testCase {
	return []testCase{
		{name: "made anew: refused with the names of what is tied to the table", run: anewTied},
		{name: "made anew: refused without a kept table, or in chunks", run: anewRefused},
		{name: "made anew: the definition is the old one", run: anewDefinition},
		{name: "made anew: what others change meanwhile is not lost", run: anewChanged},
		{name: "made anew: columns go and come", run: anewColumns},
		{name: "made anew: a bad row changes nothing and is named", run: anewBadRow},
		{name: "made anew: by a saved plan", run: anewSaved},
		{name: "made anew: checks see the former rows", run: anewChecked},
		{name: "made anew: taken back by its undo", run: anewUndone},
		{name: "made anew: in the caller's transaction", run: anewJoined},
		{name: "made anew: the file is empty, or the table is", run: anewEmpty},
	}
}

func anewTied(w *world) {
	for _, c := range []struct {
		says  string
		setup []string
	}{
		{"adults", []string{"CREATE VIEW adults AS SELECT email FROM people WHERE age > 17"}},
		{"noting", append([]string{"CREATE TABLE noted (event {text})"}, w.family.Words.Note("noting", "people", "INSERT", "noted")...)},
		{"notes", []string{"CREATE TABLE notes (author {text}, FOREIGN KEY (author) REFERENCES people (email))"}},
	} {
		w := newWorld(w.T, w.family)
		w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, age {int})", "INSERT INTO people VALUES ('a', 1), ('b', 2)")
		w.other(c.setup...)
		w.refused(keeping("doc_1", "email,age", "x,1", "y,2"), "cannot be kept", c.says)
		if c.says == "notes" {
			r := keeping("doc_1", "author", "a")
			r.Table = "notes"
			w.refused(r, "cannot be kept", "people")
		}
	}
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, boss {text}, FOREIGN KEY (boss) REFERENCES people (email))")
	w.refused(keeping("doc_1", "email,boss", "x,"), "cannot be kept", "foreign key")
}

func anewRefused(w *world) {
	w.other(oldPeople, "INSERT INTO people VALUES ('old', 1)")
	r := request("doc_1", csv("email,age", "a,1"))
	r.Options.Strategy = dialect.Swap
	w.refused(r, "does not swap, unless the old table is kept")
	r = keeping("doc_1", "email,age", "a,1")
	r.Options.ChunkRows = 5
	w.refused(r, "a swap is one transaction")
	if _, err := plan.BuildMigration(dialect.InExternalTx(w.d), w.input(keeping("doc_1", "email,age", "a,1"))); err == nil {
		w.Error("a migration in SQL keeps a table")
	}
}

// keyedPeople is a table with keys and indexes of both kinds.
var keyedPeople = []string{
	"CREATE TABLE people (id {id}, email {text} NOT NULL, age {int} DEFAULT 3 CHECK (age >= 0), note {text}, UNIQUE (email, age))",
	"CREATE UNIQUE INDEX people_by_email ON people (email)", "CREATE INDEX people_by_age ON people (age)", "CREATE INDEX people_by_note ON people (note, age)",
	"INSERT INTO people (email, age, note) VALUES ('a', 1, 'x'), ('b', 2, 'y')",
}

func (w *world) schema(table string) dialect.Target {
	w.Helper()
	t, err := w.client.Schema(context.Background(), table)
	if err != nil {
		w.Fatalf("read the schema of %s: %v", table, err)
	}
	return t
}

// anewDefinition compares what inspection finds, twice: the second upload has the kept parts of
// the first beside it.
func anewDefinition(w *world) {
	w.other(keyedPeople...)
	before, definition := w.inspect("people").Table, w.definition("people")
	for n, next := range []string{"10", "11"} { // no number is given twice
		email := "new " + next
		w.upload(keeping("doc_"+email, "id,email,age,note", "7,"+email+",1,x", "9,e,2,"))
		equal(w, "the definition", w.inspect("people").Table, before)
		equal(w, "the columns", w.definition("people"), definition)
		w.other("INSERT INTO people (email) VALUES ('next')")
		w.same("the next number", w.query("SELECT id FROM people WHERE email = 'next'"), next)
		kept := w.inspect("people_preserved_v" + string(rune('0'+n))).Table
		equal(w, "the primary key of the kept table", kept.PrimaryKey, before.PrimaryKey)
	}
}

// anewChanged has another program change the table at the last moment before the run keeps it
// out.
func anewChanged(w *world) {
	for _, change := range [][]string{
		{"CREATE INDEX late ON people (note)"},
		{"DROP INDEX people_by_note"},
		{"CREATE VIEW late AS SELECT email FROM people"},
	} {
		w := newWorld(w.T, w.family)
		ownTables(w)
		w.other("DROP TABLE IF EXISTS people")
		w.other(keyedPeople...)
		r := w.by(keeping("doc_1", "email,age,note", "x,1,", "y,2,"))
		r.Options.Allow = plan.Codes()
		p := w.plan(r)
		err := w.runWith(p, r.Source, w.opening(p, plan.LoadRows), func() { w.other(change...) })
		w.says(err, "plan again")
		w.same("the rows after "+change[0], w.lines("people", "email"), "a", "b")
	}
}

func anewColumns(w *world) {
	w.other(keyedPeople...)
	r := keeping("doc_1", "email,age,town", "c,4,x", "d,5,y")
	r.Kind = plan.Kind{Name: "short", Event: "SHORT", DropColumns: []string{"note"}}
	r.Options.NewColumns, r.Options.OnDropColumnFailure = plan.AddNewColumns, plan.Continue
	r.Options.Allow = plan.Codes()
	res := w.upload(r)
	names := dialect.ColumnNames(w.inspect("people").Table.Columns)
	if dropped := !slices.Contains(names, "note"); dropped == slices.Contains(warningCodes(res.Warnings), plan.ColumnNotDropped) {
		w.Errorf("the columns are %q, and the warnings %v", names, res.Warnings)
	}
	w.same("the table", w.lines("people", "email", "age", "town"), "c | 4 | x", "d | 5 | y")
	w.same("the old table", w.lines("people_preserved_v0", "email", "note"), "a | x", "b | y")
	w.upload(resetting(keeping("doc_2", "email,age,town", "c,4,x")))
}

func anewBadRow(w *world) {
	w.other(keyedPeople...)
	for _, row := range []string{"c,1,x", "d,-1,x"} {
		r := resetting(keeping("doc_1", "email,age,note", "c,1,x", row))
		in := w.unchecked(r)
		in.Target = w.schema("people")
		p, err := plan.Build(w.d, in)
		if err != nil {
			w.Fatal(err)
		}
		_, err = w.client.Run(context.Background(), p, r.Source, nil)
		w.says(err, "line 3")
		w.same("the rows", w.lines("people", "email"), "a", "b")
	}
	w.upload(resetting(keeping("doc_2", "email,age,note", "c,1,x", "d,1,x")))
}

func anewSaved(w *world) {
	w.other(keyedPeople...)
	r := w.by(resetting(keeping("doc_1", "email,age,note", "c,1,x", "d,1,x")))
	p := w.plan(r)
	saved, err := plan.Decode(strings.NewReader(encoded(w, p)))
	if err != nil {
		w.Fatal(err)
	}
	res, err := w.client.Apply(context.Background(), saved, r.Source, nil)
	if err != nil {
		w.Fatal(err)
	}
	equal(w, "the table that keeps the rows", res.KeptIn, "people_preserved_v0")
}

func anewChecked(w *world) {
	w.other(oldPeople, "INSERT INTO people VALUES ('a', 1), ('b', 2)")
	r := keeping("doc_1", "email,age", "a,1", "c,3")
	r.Options.Checks = []plan.Check{{Name: "nobody goes", Kind: plan.CheckQuery, Query: "SELECT email FROM {old} AS former WHERE email NOT IN (SELECT email FROM {table})"}}
	err := mustBe[*exec.CheckError](w, w.tryUpload(r))
	w.says(err, "nobody goes")
	w.same("the table", w.lines("people"), "a | 1", "b | 2")
	r = keeping("doc_1", "email,age", "a,1", "b,3")
	r.Options.Checks = []plan.Check{{Name: "nobody goes", Kind: plan.CheckQuery, Query: "SELECT email FROM {old} AS former WHERE email NOT IN (SELECT email FROM {table})"}}
	w.upload(r)
}

func anewUndone(w *world) {
	w.other(keyedPeople...)
	r := w.by(resetting(keeping("doc_1", "email,age,note", "c,1,x", "d,1,x")))
	in := w.input(r)
	up, err := plan.Build(w.d, in)
	if err != nil {
		w.Fatal(err)
	}
	undo, err := plan.BuildUndo(w.d, in)
	if err != nil {
		w.Fatal(err)
	}
	for _, p := range []plan.Plan{up, undo} {
		if _, err := w.client.Run(context.Background(), p, r.Source, nil); err != nil {
			w.Fatal(err)
		}
	}
	w.same("the table", w.lines("people", "email", "note"), "a | x", "b | y")
	w.same("the versions", places(w.history("people")), "2 people", "1 people_preserved_v1", "0 people_preserved_v0")
}

// anewJoined rolls the caller's transaction back, and then commits one.
func anewJoined(w *world) {
	w.other(keyedPeople...)
	ctx := context.Background()
	for _, end := range []func(*sql.Tx) error{(*sql.Tx).Rollback, (*sql.Tx).Commit} {
		tx, err := w.db.BeginTx(ctx, nil)
		if err != nil {
			w.Fatal(err)
		}
		c, err := exec.InTx(ctx, tx, w.d, exec.Identity{Actor: actor})
		if err == nil {
			_, err = c.Upload(ctx, w.by(resetting(keeping("doc_1", "email,age,note", "c,1,x", "d,1,x"))))
		}
		if err != nil {
			w.Fatal(errors.Join(err, tx.Rollback()))
		}
		if w.renamesFirst() { // elsewhere, readers wait for a rename
			w.same("the table before the transaction ends", w.lines("people", "email"), "a", "b")
		}
		if err := end(tx); err != nil {
			w.Fatal(err)
		}
	}
	w.same("the table", w.lines("people", "email"), "c", "d")
	w.same("the old table", w.lines("people_preserved_v0", "email"), "a", "b")
	w.same("the versions", places(w.history("people")), "1 people", "0 people_preserved_v0")
}

func anewEmpty(w *world) {
	w.other(keyedPeople...)
	for n, rows := range [][]string{{}, {"c,1,x"}} {
		r := keeping(string(rune('a'+n)), "email,age,note", rows...)
		r.Options.Allow = plan.Codes()
		w.upload(r)
		if got := w.lines("people", "email"); len(got) != len(rows) {
			w.Errorf("the table holds %q", got)
		}
	}
	w.same("the first rows", w.lines("people_preserved_v0", "email"), "a", "b")
	w.same("the empty table", w.lines("people_preserved_v1", "email"))
}
