package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
	"github.com/tablesnap/tablesnap/rowsource"
)

// conflicting is a file of 1,200 rows. The row on line 902 has the same key as the row on
// line 12.
func conflicting() []string {
	lines := []string{"k,v"}
	for i := range 1200 {
		lines = append(lines, fmt.Sprintf("%d,v%d", i, i))
	}
	lines[901] = "10,again"
	return lines
}

// TestOnConflictInTheSchema: an ON CONFLICT clause may make SQLite skip a row, overwrite
// another row, keep some of a failed statement's rows, or end the transaction
// (https://www.sqlite.org/lang_conflict.html). In each case the upload loses no row.
func TestOnConflictInTheSchema(t *testing.T) {
	for _, c := range []struct {
		name, create string
		// names states that SQLite rejects the row, so the error must name its line.
		names bool
	}{
		{"REPLACE", "CREATE TABLE t (k INTEGER PRIMARY KEY ON CONFLICT REPLACE, v TEXT)", false},
		{"IGNORE", "CREATE TABLE t (k INT UNIQUE ON CONFLICT IGNORE, v TEXT)", false},
		{"FAIL", "CREATE TABLE t (k INT UNIQUE ON CONFLICT FAIL, v TEXT)", true},
		{"FAIL, written over two lines", "CREATE TABLE t (k INT UNIQUE ON\n  CONFLICT FAIL, v TEXT)", true},
		{"FAIL, with a comment in between", "CREATE TABLE t (k INT UNIQUE ON /* so */ CONFLICT FAIL, v TEXT)", true},
		{"ROLLBACK", "CREATE TABLE t (k INT UNIQUE ON CONFLICT ROLLBACK, v TEXT)", false},
		{"ROLLBACK, in lower case", "CREATE TABLE t (k INT, v TEXT, UNIQUE (k) on conflict rollback)", false},
		{"ABORT", "CREATE TABLE t (k INT UNIQUE ON CONFLICT ABORT, v TEXT)", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cl := newClient(t, c.create, "INSERT INTO t VALUES (7, 'old'), (10, 'older')")
			before := cl.exact("t", "", "k", "v")
			r := request("doc_1", conflicting()...)
			_, err := cl.exec.Run(context.Background(), cl.planUnchecked(r), r.Source, nil)
			if _, ok := errors.AsType[*exec.StepError](err); !ok {
				t.Fatalf("got %T (%v), want a *exec.StepError", err, err)
			}
			if cell, ok := errors.AsType[*rowsource.CellError](err); c.names && (!ok || cell.Line != 902) {
				t.Errorf("the error does not name line 902: %v", err)
			}
			cl.same("the table", cl.exact("t", "", "k", "v"), before)
			cl.endedAsFailed()
			cl.upload("doc_2", conflicting()[:900]...)
			if got := cl.one("SELECT count(*) FROM t_backup"); got != "2" {
				t.Errorf("the backup has %s rows, want 2", got)
			}
		})
	}
}

// endedAsFailed checks that no backup was made, and that the audit records a failed run.
func (c client) endedAsFailed() {
	c.Helper()
	if got := c.one("SELECT group_concat(state) FROM tablesnap_run"); got != "failed" {
		c.Errorf("the runs are %s", got)
	}
	if got := c.one("SELECT group_concat(DISTINCT state) FROM tablesnap_audit WHERE kind <> 'load'"); got != "rolled_back" {
		c.Errorf("the steps before the load are %s", got)
	}
	if got := c.one("SELECT state FROM tablesnap_audit WHERE kind = 'load'"); got != "failed" {
		c.Errorf("the load is %s", got)
	}
	if got := c.one("SELECT count(*) FROM sqlite_master WHERE name = 't_backup'"); got != "0" {
		c.Error("there is a backup table of a run that was rolled back")
	}
}

// TestOnConflictInTheScript: a script in the sqlite3 program must fail as well.
func TestOnConflictInTheScript(t *testing.T) {
	for _, clause := range []string{"REPLACE", "IGNORE", "FAIL", "ROLLBACK", "ABORT"} {
		c := newClient(t, "CREATE TABLE t (k INT UNIQUE ON CONFLICT "+clause+", v TEXT)", "INSERT INTO t VALUES (7, 'old')")
		r := request("doc_1", conflicting()...)
		if err := sqlitetest.Client(t, c.file, c.script(c.planUnchecked(r), r)); err == nil {
			t.Errorf("%s: the script ran to its end", clause)
		}
		c.same(clause+": the table", c.exact("t", "", "k", "v"), []string{"integer 7 | text 'old'"})
	}
}

// TestConflictWithNullOrCheck: NOT NULL ON CONFLICT REPLACE replaces a NULL from the file
// by the default. No row is lost, but the table would have a value that is not in the
// file.
func TestConflictWithNullOrCheck(t *testing.T) {
	for _, c := range []struct{ create, line string }{
		{"CREATE TABLE t (k TEXT, v TEXT NOT NULL ON CONFLICT IGNORE)", "b,"},
		{"CREATE TABLE t (k TEXT, v TEXT NOT NULL ON CONFLICT REPLACE DEFAULT 'filled in')", "b,"},
		{"CREATE TABLE t (k TEXT, v TEXT, CHECK (v <> 'bad'))", "b,bad"},
	} {
		cl := newClient(t, c.create, "INSERT INTO t VALUES ('o', 'old')")
		_, err := cl.exec.Upload(context.Background(), request("doc_1", "k,v", "a,x", c.line))
		if err == nil {
			t.Errorf("%s: the line %q was loaded, as %s", c.create, c.line, strings.Join(cl.exact("t", "", "k", "v"), ", "))
			continue
		}
		cl.same(c.create+": the table", cl.exact("t", "", "k", "v"), []string{"text 'o' | text 'old'"})
	}
}
