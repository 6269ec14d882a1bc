package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/postgres"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/wait"
	"github.com/tablesnap/tablesnap/plan"
)

// code is the SQLSTATE of an error.
func code(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

func (c client) conn(statements ...string) *sql.Conn {
	c.Helper()
	conn, err := c.other.Conn(context.Background())
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() { conn.Close() })
	for _, s := range statements {
		if _, err := conn.ExecContext(context.Background(), s); err != nil {
			c.Fatalf("%s: %v", s, err)
		}
	}
	return conn
}

// TestWhoWaits: an ordinary upload's lock blocks writers only. The lock of an upload that
// drops a column or truncates blocks readers too.
func TestWhoWaits(t *testing.T) {
	onEach(t, func(c client) {
		c.run("CREATE TABLE t (v text)", "INSERT INTO t VALUES ('old')")
		target, err := c.exec.Inspect(context.Background(), "t")
		if err != nil {
			c.Fatal(err)
		}
		run, other := c.conn(), c.conn("SET lock_timeout = '100ms'")
		reads, writes := "SELECT v FROM t", "INSERT INTO t VALUES ('x')"
		for _, w := range []struct {
			access dialect.Access
			stmt   string
			waits  string
		}{
			{dialect.Replaces, reads, ""}, {dialect.Replaces, writes, "55P03"}, {dialect.Replaces, "UPDATE t SET v = 'y'", "55P03"},
			{dialect.Alters, reads, "55P03"}, {dialect.Alters, writes, "55P03"},
		} {
			for _, s := range postgres.New().Begin(*target.Table, w.access).Stmts {
				if _, err := run.ExecContext(context.Background(), s.SQL); err != nil {
					c.Fatalf("%s: %v", s.SQL, err)
				}
			}
			_, err := other.ExecContext(context.Background(), w.stmt)
			if code(err) != w.waits {
				c.Errorf("%s: %s: got %v, want %q", w.access, w.stmt, err, w.waits)
			}
			if _, err := run.ExecContext(context.Background(), "ROLLBACK"); err != nil {
				c.Fatal(err)
			}
		}
	})
}

// TestWaitingRunQueuesNobody: a run that waits for another run neither holds nor waits
// for a lock on the table, so it blocks no readers and writers.
func TestWaitingRunQueuesNobody(t *testing.T) {
	onEach(t, func(c client) {
		c.run("CREATE TABLE t (v text, gone text)", "INSERT INTO t VALUES ('old')")
		holder := c.conn("BEGIN", "SELECT pg_advisory_xact_lock("+postgres.LockKey(dialect.Ident{Schema: "public", Name: "t"})+")")
		r := dropping(request("doc_1", "v", "x"), "gone")
		r.Options.LockTimeout = 5 * time.Minute
		done := make(chan error, 1)
		go func() { done <- c.try(r) }()
		const waiting = "SELECT count(*)::text FROM pg_locks WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND NOT granted AND locktype = 'advisory'"
		wait.Until(c, "the run waits for the other one", func() bool { return c.lines(waiting)[0] == "1" })
		c.conn("SET lock_timeout = '10s'", "UPDATE t SET v = 'changed'") // would time out if the waiting run had queued for a lock
		c.same("the runs that wait, after the update", c.lines(waiting), "1")
		if _, err := holder.ExecContext(context.Background(), "COMMIT"); err != nil {
			c.Fatal(err)
		}
		if err := <-done; err != nil {
			c.Fatal(err)
		}
		c.same("the table", c.lines("SELECT t::text FROM t"), "(x)")
		c.same("the backup", c.lines("SELECT v FROM t_backup"), "changed")
	})
}

// TestReaderHoldsOutAtTheEnd: dropping a column last needs a stronger lock at the end of
// the run. If a reader blocks that lock, the whole upload is rolled back.
func TestReaderHoldsOutAtTheEnd(t *testing.T) {
	onEach(t, func(c client) {
		c.run("CREATE TABLE t (v text, gone text NOT NULL)", "INSERT INTO t VALUES ('old', 'keep')")
		reader := c.conn("BEGIN", "SELECT v FROM t")
		r := dropping(request("doc_1", "v", "x"), "gone")
		r.Options.DropColumns, r.Options.LockTimeout = plan.DropLast, 300*time.Millisecond
		err := c.try(r)
		if _, ok := errors.AsType[*exec.StepError](err); !ok || postgres.New().Classify(err) != dialect.FailureBusy {
			c.Errorf("got %v, want a *exec.StepError for a lock", err)
		}
		if _, err := reader.ExecContext(context.Background(), "COMMIT"); err != nil {
			c.Fatal(err)
		}
		c.same("the table", c.lines("SELECT v || gone FROM t"), "oldkeep")
		c.upload(r)
		c.same("the table", c.lines("SELECT t::text FROM t"), "(x)")
		c.same("the backup", c.lines("SELECT v || gone FROM t_backup"), "oldkeep")
		c.run("ALTER TABLE t ADD COLUMN gone text")
		if err := c.script(r2(r)); err != nil {
			c.Errorf("the script: %v", err)
		}
		c.same("the table, after the script", c.lines("SELECT t::text FROM t"), "(y)")
	})
}

// r2 is the same upload with another row.
func r2(r exec.Request) exec.Request {
	next := request("doc_2", "v", "y")
	next.Kind, next.Options = r.Kind, r.Options
	return next
}

func TestTruncate(t *testing.T) {
	onEach(t, func(c client) {
		c.run("CREATE TABLE t (v text PRIMARY KEY)", "INSERT INTO t VALUES ('old'), ('older')")
		truncating := func(doc string, lines ...string) exec.Request {
			r := request(doc, lines...)
			r.Options.Clear = plan.ClearByTruncate
			return r
		}
		file := c.lines("SELECT relfilenode::text FROM pg_class WHERE relname = 't'")
		err := c.try(truncating("doc_0", "v", "x", "x"))
		c.says(err, "t.csv line 3", `"v"`)
		c.same("the table, after a failure", c.lines("SELECT v FROM t"), "old", "older")
		c.same("its file", c.lines("SELECT relfilenode::text FROM pg_class WHERE relname = 't'"), file...)
		res := c.upload(truncating("doc_1", "v", "x"))
		c.warned(res, plan.ReadersWait)
		if res.RowsBackedUp != 2 || res.RowsLoaded != 1 {
			c.Errorf("%d rows backed up and %d loaded", res.RowsBackedUp, res.RowsLoaded)
		}
		c.same("the backup", c.lines("SELECT v FROM t_backup"), "old", "older")
		if err := c.script(truncating("doc_2", "v", "y", "z")); err != nil {
			c.Errorf("the script: %v", err)
		}
		c.same("the table", c.lines("SELECT v FROM t"), "y", "z")
		c.same("the backup", c.lines("SELECT snapshot_version || v FROM t_backup"), "0old", "0older", "1x")
		c.run("CREATE TABLE child (v text REFERENCES t)")
		c.refused(truncating("doc_3", "v", "w"), "child", "DELETE")
	})
}

// TestCommitOfAnAbortedTransaction: the server answers the COMMIT of an aborted
// transaction with ROLLBACK, and the driver returns no error. The statement that a run
// sends before COMMIT fails in such a transaction.
func TestCommitOfAnAbortedTransaction(t *testing.T) {
	onEach(t, func(c client) {
		conn := c.conn("CREATE TABLE t (v text)", "BEGIN", "INSERT INTO t VALUES ('x')")
		if _, err := conn.ExecContext(context.Background(), "SELECT 1 / 0"); code(err) != "22012" {
			c.Fatalf("got %v", err)
		}
		if _, err := conn.ExecContext(context.Background(), "UPDATE t SET v = v"); code(err) != "25P02" {
			c.Errorf("a statement ahead of the COMMIT: got %v", err)
		}
		_, err := conn.ExecContext(context.Background(), "COMMIT")
		c.Logf("the COMMIT: %v", err)
		c.same("the table", c.lines("SELECT v FROM t"))
		r := request("doc_1", "v", "a")
		p, err := c.exec.Plan(context.Background(), r)
		if err != nil {
			c.Fatal(err)
		}
		p.Groups[0].Steps[0].SQL = "SELECT 1 / 0" // no policy allows the run to continue
		p.Groups[0].Steps[0].OnFailure = plan.Abort
		if _, err := c.exec.Run(context.Background(), p, r.Source, nil); err == nil {
			c.Error("the run counts as done")
		}
		c.same("the run", c.lines("SELECT state FROM tablesnap_run"), "failed")
	})
}

// TestAssertion: the server evaluates the condition when the statement runs, not when it
// plans it.
func TestAssertion(t *testing.T) {
	onEach(t, func(c client) {
		d := postgres.New()
		for _, p := range []struct {
			cond  string
			holds bool
		}{
			{"1 = 1", true}, {"(SELECT count(*) FROM pg_class) > 0", true}, {"1 = 0", false}, {"NULL", false}, {"(SELECT NULL::bigint) = 1", false}, {"(SELECT count(*) FROM pg_class) < 0", false},
			{`(SELECT "found" FROM (SELECT 1 AS "found") AS "$assertion$") = 1`, true}, {`(SELECT "found" FROM (SELECT 1 AS "found") AS "$assertion$ $assertion1$") = 2`, false},
		} {
			_, err := c.other.Exec(d.Assertion("people's 'quoted' \\ rows", p.cond).SQL)
			if p.holds {
				if err != nil {
					c.Errorf("%s: %v", p.cond, err)
				}
				continue
			}
			c.says(err, "it is not true that people's 'quoted' \\ rows")
			if !d.AssertionFailed(err) {
				c.Errorf("%s is not known as a failed assertion: %v", p.cond, err)
			}
		}
	})
}
