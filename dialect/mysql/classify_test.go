package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/wait"
)

func TestClassify(t *testing.T) {
	server := func(n uint16) error { return fmt.Errorf("do: %w", &mysqldriver.MySQLError{Number: n, Message: "m"}) }
	for _, c := range []struct {
		err  error
		want dialect.Failure
	}{
		{server(1205), dialect.FailureBusy}, {server(3572), dialect.FailureBusy},
		{server(1213), dialect.FailureDeadlock}, {server(1020), dialect.FailureDeadlock}, {server(9007), dialect.FailureDeadlock},
		{server(1053), dialect.FailureLost}, {server(1927), dialect.FailureLost}, {driver.ErrBadConn, dialect.FailureLost},
		{mysqldriver.ErrInvalidConn, dialect.FailureLost}, {context.Canceled, dialect.FailureLost},
		{server(1062), dialect.FailureRefused}, {server(1690), dialect.FailureRefused}, {errors.New("x"), dialect.FailureRefused},
	} {
		if got := New().Classify(c.err); got != c.want {
			t.Errorf("%v: %s, want %s", c.err, got, c.want)
		}
		if got := (TiDB{}).Classify(c.err); got != c.want {
			t.Errorf("TiDB: %v: %s, want %s", c.err, got, c.want)
		}
	}
}

// TestClassifyUnnumbered: TiDB's error of GET_LOCK has the same number as many other
// errors, so its message decides.
func TestClassifyUnnumbered(t *testing.T) {
	for message, want := range map[string]dialect.Failure{"lock wait timeout": dialect.FailureBusy, "pessimistic lock retry limit reached": dialect.FailureBusy, "something else": dialect.FailureRefused} {
		if got := (TiDB{}).Classify(&mysqldriver.MySQLError{Number: 1105, Message: message}); got != want {
			t.Errorf("%s: %s, want %s", message, got, want)
		}
	}
}

func TestClassifyLive(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		run(t, l.db, "CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1), (2)")
		one, two := l.session(), l.session()
		runStmts(t, one, l.d.Begin(dialect.Table{}, dialect.Replaces).Stmts...)
		run(t, one, "DELETE FROM t WHERE id = 1")
		if l.name != "tidb" { // its embedded storage waits for over a minute
			_, err := two.ExecContext(t.Context(), "DELETE FROM t WHERE id = 1")
			if f := l.d.Classify(err); f != dialect.FailureBusy {
				t.Errorf("a row that is locked: %s (%v)", f, err)
			}
		}
		runStmts(t, one, l.d.Facts().Rollback)

		id := lines(t, two, "SELECT CONNECTION_ID()")[0]
		run(t, one, "KILL "+id)
		wait.Until(t, "the killed session is gone", func() bool {
			var lives bool // ask again after an error, see mysqltest.SessionsUnreadable
			err := l.db.QueryRow("SELECT COUNT(*) > 0 FROM information_schema.processlist WHERE id = " + id).Scan(&lives)
			return err == nil && !lives
		})
		_, err := two.ExecContext(t.Context(), "DELETE FROM t WHERE id = 1")
		if f := l.d.Classify(err); f != dialect.FailureLost {
			t.Errorf("a killed connection: %s (%v)", f, err)
		}
	})
}

// TestWritersWhileUploading: a row that another session writes between the copy and the
// clear is in the backup, or the write waits, or the row counts differ.
func TestWritersWhileUploading(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		one, two := l.session(), l.session()
		for _, write := range []string{"INSERT INTO t VALUES (5)", "DELETE FROM t WHERE id = 2", "UPDATE t SET id = 99 WHERE id = 1"} {
			run(t, l.db, "DROP TABLE IF EXISTS t, t_backup", "CREATE TABLE t (id INT PRIMARY KEY)", "CREATE TABLE t_backup (id INT)", "INSERT INTO t VALUES (1), (2), (3)")
			table := *l.inspect("t").Table
			runStmts(t, one, l.d.Begin(table, dialect.Replaces).Stmts...)
			copied, err := one.ExecContext(t.Context(), l.d.CopyRows(dialect.Copy{From: table.Ident, To: l.ident("t_backup"), Columns: []string{"id"}}).SQL)
			if err != nil {
				t.Fatal(err)
			}
			// Use a transaction: outside one, a statement in TiDB waits far longer than its
			// lock timeout.
			run(t, two, "START TRANSACTION")
			_, err = two.ExecContext(t.Context(), write)
			blocked := err != nil
			if blocked && l.d.Classify(err) != dialect.FailureBusy {
				t.Errorf("%s: %v", write, err)
			}
			run(t, two, "COMMIT")
			cleared, err := one.ExecContext(t.Context(), dialect.Clear(l.d, table.Ident).SQL)
			if err != nil {
				t.Fatal(err)
			}
			a, _ := copied.RowsAffected()
			b, _ := cleared.RowsAffected()
			if !blocked && a == b {
				t.Errorf("%s: came in between, and %d rows were copied and cleared", write, a)
			}
			runStmts(t, one, l.d.Facts().Rollback)
			// An ALTER TABLE waits as soon as the transaction has begun.
			runStmts(t, one, l.d.Begin(table, dialect.Replaces).Stmts...)
			if l.name != "tidb" {
				if _, err := two.ExecContext(t.Context(), "ALTER TABLE t ADD COLUMN x INT"); err == nil {
					t.Error("a column was added between the look at the columns and the copy")
				}
			}
			runStmts(t, one, l.d.Facts().Rollback)
		}
	})
}
