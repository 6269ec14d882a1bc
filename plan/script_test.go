package plan_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// TestScriptToReadDoesNotRun checks that a script with only some of the rows says so, and
// fails without a change when it is run.
func TestScriptToReadDoesNotRun(t *testing.T) {
	for _, shown := range []int{0, 1, 5, 11} {
		file := sqlitetest.File(t)
		b := newBenchIn(t, file)
		b.upload(upload("doc_1", lines("email", rows(9)...)))
		r := upload("doc_2", lines("email", rows(12)...))
		var text bytes.Buffer
		if err := plan.WriteScript(&text, sqlite.New(), b.plan(r), r.Source, plan.ScriptOptions{Rows: shown}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text.String(), "To run it, print it with all rows.") || !strings.Contains(text.String(), "more rows of people.csv") {
			t.Errorf("%d rows: the script does not say that it is for reading", shown)
		}
		if n := strings.Count(text.String(), "\n  ('person_"); n != shown {
			t.Errorf("the script shows %d rows, want %d", n, shown)
		}
		if err := sqlitetest.Client(t, file, text.String()); err == nil {
			t.Errorf("%d rows: the script ran to its end", shown)
		}
		if got := sqlitetest.Query(t, file, "SELECT count(*) FROM people;"); got != "9\n" {
			t.Errorf("%d rows: after the script, the table has %s rows", shown, got)
		}
	}
}

// TestScriptThatShowsAllRows checks that a script with as many rows as the source has can
// be run.
func TestScriptThatShowsAllRows(t *testing.T) {
	b := newBench(t)
	r := upload("doc_1", lines("email", rows(5)...))
	p := b.plan(r)
	all := script(t, p, r.Source)
	for _, shown := range []int{5, 6, 1000} {
		var text bytes.Buffer
		if err := plan.WriteScript(&text, sqlite.New(), p, r.Source, plan.ScriptOptions{Rows: shown}); err != nil {
			t.Fatal(err)
		}
		if text.String() != all {
			t.Errorf("%d rows of 5: the script is not the one with all rows", shown)
		}
	}
}

// TestScriptHoldsTheFileToThePlan checks that WriteScript verifies the file's SHA-256 and
// its values.
func TestScriptHoldsTheFileToThePlan(t *testing.T) {
	b := newBench(t)
	b.run("CREATE TABLE people (email TEXT, n INTEGER)")
	r := upload("doc_1", lines("email,n", "a,1", "b,2"))
	p := b.plan(r)
	err := plan.WriteScript(&bytes.Buffer{}, sqlite.New(), p, upload("", lines("email,n", "a,1", "b,3")).Source, plan.ScriptOptions{Rows: plan.AllRows})
	if err == nil || !strings.Contains(err.Error(), "SHA-256") {
		t.Errorf("another file: got %v, want an error about its SHA-256", err)
	}
	r = upload("doc_1", lines("email,n", "a,1", "b,007"))
	err = plan.WriteScript(&bytes.Buffer{}, sqlite.New(), b.plan(r), r.Source, plan.ScriptOptions{Rows: plan.AllRows})
	cell, ok := errors.AsType[*rowsource.CellError](err)
	if !ok || cell.Line != 3 || cell.Column != "n" {
		t.Errorf("a value that the column would alter: got %v, want a *rowsource.CellError at line 3, column n", err)
	}
}

// TestScriptOfAFileWithOtherColumns checks that WriteScript refuses other columns,
// because the rows would go into the wrong ones.
func TestScriptOfAFileWithOtherColumns(t *testing.T) {
	b := newBench(t)
	r := upload("doc_1", lines("email,name", rows2(12)...))
	p := b.plan(r)
	for _, o := range []plan.ScriptOptions{{Rows: plan.AllRows}, plan.SampleRows()} {
		for _, other := range []string{lines("name,email", rows2(12)...), lines("email,name,more", "a,b,c"), lines("email", rows(12)...)} {
			err := plan.WriteScript(&bytes.Buffer{}, sqlite.New(), p, upload("", other).Source, o)
			if err == nil {
				t.Errorf("%d rows: a script was printed from a file with the header %s", o.Rows, strings.SplitN(other, "\n", 2)[0])
			}
		}
	}
}

func rows2(n int) []string {
	all := rows(n)
	for i := range all {
		all[i] += ",x"
	}
	return all
}

// failing is a writer that fails after a number of bytes.
type failing struct{ room int }

var errFull = errors.New("no more room")

func (f *failing) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// TestScriptThatCannotBeWritten checks that a write error is returned wherever it occurs,
// because an incomplete script must not be taken for a complete one.
func TestScriptThatCannotBeWritten(t *testing.T) {
	b := newBench(t)
	r := upload("doc_1", lines("email", rows(5)...))
	p := b.plan(r)
	size := len(script(t, p, r.Source))
	for _, room := range []int{0, 100, size / 2, size - 1} {
		if err := plan.WriteScript(&failing{room}, sqlite.New(), p, r.Source, plan.ScriptOptions{Rows: plan.AllRows}); !errors.Is(err, errFull) {
			t.Errorf("room for %d of %d bytes: got %v", room, size, err)
		}
	}
}
