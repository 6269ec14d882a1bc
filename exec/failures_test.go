package exec_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// refusingBackup creates a backup table whose CHECK rejects a row of people.
var refusingBackup = []string{
	"CREATE TABLE people_backup (id INTEGER PRIMARY KEY AUTOINCREMENT, doc_id TEXT, upload_timestamp TEXT, email TEXT CHECK (email <> 'refused'))",
	"CREATE TABLE people (email TEXT)", "INSERT INTO people VALUES ('refused'), ('fine')",
}

// TestPreservingFailsToo: if both the backup and the preserved table fail, the table is
// unchanged, and the error names both failures.
func TestPreservingFailsToo(t *testing.T) {
	d := newTestDatabase(t, append(refusingBackup, "CREATE VIEW people_preserved_v0 AS SELECT 1")...)
	_, err := d.client.Upload(context.Background(), request("doc_1", "email", "a"))
	if _, ok := errors.AsType[*exec.StepError](err); !ok || !strings.Contains(err.Error(), "people_preserved_v0") || !strings.Contains(err.Error(), "CHECK constraint failed") {
		t.Errorf("got %v, want a *exec.StepError that tells of the view and of the CHECK", err)
	}
	d.same("the table", d.rows("SELECT email FROM people"), "refused", "fine")
	d.same("the backup", d.rows("SELECT email FROM people_backup"))
	runs := d.runs()
	if len(runs) != 1 || !strings.HasPrefix(runs[0], "doc_1 failed") || strings.Contains(runs[0], "done") || strings.Contains(runs[0], "started") {
		t.Errorf("the audit says %q", runs)
	}
}

// TestPreservedNameIsTaken: if the name is in use, the preserved table gets a name with a
// number at its end, and the history shows where it is.
func TestPreservedNameIsTaken(t *testing.T) {
	d := newTestDatabase(t, append(refusingBackup, "CREATE TABLE people_preserved_v0 (theirs TEXT)", "INSERT INTO people_preserved_v0 VALUES ('x')")...)
	d.upload(request("doc_1", "email", "a"))
	d.same("another program's table", d.rows("SELECT * FROM people_preserved_v0"), "x")
	d.same("the snapshot", d.rows("SELECT email FROM people_preserved_v0_2 ORDER BY email"), "fine", "refused")
	versions, err := d.client.BackupHistory(context.Background(), "people", 0)
	if err != nil {
		t.Fatal(err)
	}
	if where := versions[len(versions)-1].Where; where != "people_preserved_v0_2" {
		t.Errorf("the history says that version 0 is in %q, want people_preserved_v0_2", where)
	}
}

// TestPreservedVersionTen: the preserved tables of versions 1 and 10 are not confused.
func TestPreservedVersionTen(t *testing.T) {
	d := newTestDatabase(t, append(refusingBackup, "DELETE FROM people")...)
	for n := range 11 {
		email := "fine"
		if n == 9 { // the tenth upload
			email = "refused"
		}
		r := request("doc", "email", email)
		r.Options.Allow = []plan.Code{plan.SameFile}
		d.upload(r)
	}
	versions, err := d.client.BackupHistory(context.Background(), "people", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range versions[1:] {
		want := "people_backup"
		if *v.Number == 10 {
			want = "people_preserved_v10"
		}
		if v.Where != want {
			t.Errorf("version %d is in %q, want %q", *v.Number, v.Where, want)
		}
	}
}

// TestDropFails: SQLite does not drop a column that is in an index.
func TestDropFails(t *testing.T) {
	setup := []string{"CREATE TABLE people (email TEXT, initial_status TEXT, final_status TEXT)", "INSERT INTO people VALUES ('old', 'keep', 'kept')",
		"CREATE INDEX reviewed ON people (initial_status)"}
	r := request("doc_1", "email", "new")
	r.Kind = plan.Panel()
	r.Options.Allow = []plan.Code{plan.DropBreaks}

	t.Run("continue", func(t *testing.T) {
		d := newTestDatabase(t, setup...)
		res := d.upload(r)
		d.same("the table: one column is dropped, the other stays", d.rows("SELECT * FROM people"), "new | NULL")
		d.same("the runs", d.runs(), "doc_1 done: create-backup done, create-backup done, copy-to-backup done, clear done, drop-column failed, drop-column done, load done")
		last := res.Warnings[len(res.Warnings)-1]
		if last.Code != plan.ColumnNotDropped || !strings.Contains(last.Message, "reviewed") {
			t.Errorf("the warning is %v, want one that names the index", last)
		}
		if warnings := d.rows("SELECT warnings FROM tablesnap_run")[0]; !slices.Contains(strings.Fields(warnings), string(plan.ColumnNotDropped)) {
			t.Errorf("the run's warnings are %q", warnings)
		}
	})
	t.Run("abort", func(t *testing.T) {
		d := newTestDatabase(t, setup...)
		r := r
		r.Options.OnDropColumnFailure = plan.Abort
		_, err := d.client.Upload(context.Background(), r)
		if step, ok := errors.AsType[*exec.StepError](err); !ok || step.Step.Kind != plan.DropColumn {
			t.Errorf("got %v, want a *exec.StepError of the drop", err)
		}
		d.same("the table", d.rows("SELECT * FROM people"), "old | keep | kept")
		d.same("the runs", d.runs(), "doc_1 failed: create-backup rolled_back, create-backup rolled_back, copy-to-backup rolled_back, clear rolled_back, drop-column failed, drop-column skipped, load skipped")
	})
	t.Run("a column that must not be NULL", func(t *testing.T) {
		d := newTestDatabase(t, "CREATE TABLE people (email TEXT, initial_status TEXT NOT NULL)", "INSERT INTO people VALUES ('old', 'keep')",
			"CREATE INDEX reviewed ON people (initial_status)")
		if _, err := d.client.Upload(context.Background(), r); err == nil {
			t.Error("a row without a value for a NOT NULL column was loaded")
		}
		d.same("the table", d.rows("SELECT * FROM people"), "old | keep")
	})
}

// TestAuditCannotBeWritten: if the audit row cannot be written, the step is rolled back.
func TestAuditCannotBeWritten(t *testing.T) {
	d := newTestDatabase(t, "CREATE TABLE people (email TEXT)")
	d.upload(request("doc_1", "email", "a"))
	sqlitetest.Exec(t, d.db, "CREATE TRIGGER full BEFORE UPDATE ON tablesnap_audit WHEN new.state = 'done' AND new.kind = 'load' BEGIN SELECT RAISE(ABORT, 'no more audit'); END")
	_, err := d.client.Upload(context.Background(), request("doc_2", "email", "b"))
	if err == nil || !strings.Contains(err.Error(), "no more audit") {
		t.Errorf("got %v, want an error that says why", err)
	}
	d.same("the table", d.rows("SELECT email FROM people"), "a")
	d.same("the backup", d.rows("SELECT email FROM people_backup"))
	if runs := d.runs(); !strings.HasPrefix(runs[1], "doc_2 failed") {
		t.Errorf("the audit says %q", runs)
	}
}

// TestSourceChangesAfterItWasPlanned: if the loaded rows are not the reviewed ones, the
// run is rolled back.
func TestSourceChangesAfterItWasPlanned(t *testing.T) {
	d := newTestDatabase(t, "CREATE TABLE people (email TEXT, n INT)", "INSERT INTO people VALUES ('old', 1)")
	p := d.plan(request("doc_1", "email,n", "a,1", "b,2"))
	for _, lines := range [][]string{{"email,n", "a,1", "c,2"}, {"email,n", "a,1"}, {"email,n", "a,1", "b,2", "c,3"}, {"n,email", "1,a", "2,b"}, {"email", "a", "b"}} {
		_, err := d.client.Run(context.Background(), p, request("", lines...).Source, nil)
		if _, ok := errors.AsType[*exec.DriftError](err); !ok {
			t.Errorf("%q: got %v, want a *exec.DriftError", lines, err)
		}
		d.same("the table", d.rows("SELECT * FROM people"), "old | 1")
	}
}

// TestApplyReadsAsPlanned: a plan has the file read as it was reviewed, with the same text
// for NULL, whatever the options of the source are that it is given.
func TestApplyReadsAsPlanned(t *testing.T) {
	d := newTestDatabase(t, "CREATE TABLE people (email TEXT, name TEXT)", "INSERT INTO people VALUES ('old', 'x')")
	file, null := []byte("email,name\na,-\nb,B\n"), "-"
	r := request("doc_1")
	r.Source = rowsource.Bytes(file, rowsource.Options{Name: "people.csv", Null: []string{null}})
	p := d.plan(r)
	if _, err := d.client.Apply(context.Background(), p, rowsource.Bytes(file, rowsource.Options{Name: "people.csv"}), nil); err != nil {
		t.Error(err)
	}
	d.same("the table", d.rows("SELECT * FROM people"), "a | NULL", "b | B")
}

// TestErrorsSayWhatToDo: errors begin in lower case, quote the table's name, and say what
// to do.
func TestErrorsSayWhatToDo(t *testing.T) {
	d := newTestDatabase(t, "CREATE TABLE people (email TEXT NOT NULL)", "INSERT INTO people VALUES ('old')")
	_, step := d.client.Upload(context.Background(), request("doc_1", "email", "a", `"b`+strings.Repeat("x", 100)+`"`, ""))
	_, null := d.client.Upload(context.Background(), request("doc_1", "email,", "a"))
	p := d.plan(request("doc_1", "email", "a"))
	sqlitetest.Exec(t, d.db, "ALTER TABLE people ADD COLUMN n INT")
	_, drift := d.client.Apply(context.Background(), p, request("", "email", "a").Source, nil)
	for _, c := range []struct {
		err   error
		parts []string
	}{
		{step, []string{"people.csv line 4"}},
		{null, []string{"read the upload", "column 2"}},
		{drift, []string{`run the plan for "people"`, "plan the upload again"}},
	} {
		if c.err == nil {
			t.Errorf("no error, want one with %q", c.parts)
			continue
		}
		text := c.err.Error()
		if first := text[0]; first < 'a' || first > 'z' {
			t.Errorf("the error does not begin in lower case: %s", text)
		}
		for _, part := range c.parts {
			if !strings.Contains(text, part) {
				t.Errorf("the error lacks %q: %s", part, text)
			}
		}
		if strings.Contains(text, "{main") {
			t.Errorf("the error shows a Go value: %s", text)
		}
	}
}

// TestStepErrorNamesTheTable: the error has the table's name, and not a printed Go struct.
func TestStepErrorNamesTheTable(t *testing.T) {
	d := newTestDatabase(t, "CREATE TABLE people (email TEXT CHECK (email <> 'b'))", "INSERT INTO people VALUES ('old')")
	_, err := d.client.Upload(context.Background(), request("doc_1", "email", "a", "b"))
	if err == nil || !strings.Contains(err.Error(), `load rows into "people" (step 05-load)`) && !strings.Contains(err.Error(), `load rows into "main"."people" (step 05-load)`) {
		t.Errorf("the error is: %v", err)
	}
}
