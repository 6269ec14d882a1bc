package mysql

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/rowsource"
)

func TestSession(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		c := l.session()
		l.same("settings", lines(t, c, "SELECT @@time_zone, @@autocommit, @@foreign_key_checks, @@sql_safe_updates, @@innodb_lock_wait_timeout, @@character_set_client, @@sql_notes IN (1, 'ON')"),
			[]string{"+00:00 1 1 0 1 utf8mb4 1"})
		if l.d.Facts().Name == NameMariaDB {
			l.same("the notes", lines(t, c, "SELECT @@note_verbosity"), []string{"basic"})
		}
		mode := lines(t, c, "SELECT @@sql_mode")[0]
		for _, m := range strings.Split(sqlMode, ",") {
			if !strings.Contains(mode, m) {
				t.Errorf("the SQL mode %s lacks %s", mode, m)
			}
		}
	})
}

func TestNetworkTimeouts(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		limiter, _ := dialect.As[dialect.NetworkLimiter](l.d)
		c := l.session()
		runStmts(t, c, limiter.NetworkTimeouts(dialect.ForWriting)...)
		l.same("for writing", lines(t, c, "SELECT @@SESSION.net_read_timeout, @@SESSION.net_write_timeout, @@SESSION.wait_timeout"), []string{"30 60 120"})
		runStmts(t, c, limiter.NetworkTimeouts(dialect.ForReading)...)
		l.same("for reading", lines(t, c, "SELECT @@SESSION.net_write_timeout"), []string{"86400"})
	})
}

// TestSessionOfAnybody: a user with privileges on only one database can set up a session.
func TestSessionOfAnybody(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		user, admin := l.config.DBName, l.db
		run(t, admin, "DROP USER IF EXISTS '"+user+"'@'%'", "CREATE USER '"+user+"'@'%'", "GRANT ALL ON "+user+".* TO '"+user+"'@'%'")
		t.Cleanup(func() { run(t, admin, "DROP USER '"+user+"'@'%'") })
		as := l.config.Clone()
		as.User = user
		l.db = connect(t, as)
		c := l.session()
		runStmts(t, c, l.d.AcquireLock(l.ident("t"), time.Second)...)
		runStmts(t, c, l.d.ReleaseLock(l.ident("t"))...)
	})
}

// TestLeave: a connection returns to the pool with its settings restored, or is closed.
func TestLeave(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		l.db.SetMaxOpenConns(1)
		ctx := context.Background()
		c, err := l.db.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		leave, err := l.d.Enter(ctx, c, l.d.Session(dialect.SessionOptions{}))
		if err != nil {
			t.Fatal(err)
		}
		before := lines(t, c, "SELECT CONNECTION_ID()")
		if err := leave(); err != nil {
			t.Fatal(err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		after := lines(t, l.db, "SELECT CONNECTION_ID()")
		if before[0] == after[0] {
			t.Error("the session is still in the pool")
		}
	})
}

func TestAssertion(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		c := l.session()
		run(t, c, "CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1), (2)")
		count := dialect.CountRows(l.d, l.ident("t"))
		before := lines(t, c, "SELECT @@sql_mode, @@sql_safe_updates")
		runStmts(t, c, l.d.Begin(dialect.Table{}, dialect.Replaces).Stmts...)
		run(t, c, "DELETE FROM t WHERE id = 2")
		const says = "clear deleted the rows of `t` that were copied, and no others: 100% of 'them' \\ ü"
		runStmts(t, c, l.d.Assertion(says, count+" = 1"))
		runStmts(t, c, l.d.Assertion(says, dialect.IsEmpty(l.d, l.ident("t"))+" OR 1 = 1"))
		for _, cond := range []string{count + " = 2", "1 = 0", "NULL", "(SELECT max(id) FROM t WHERE id > 5) = 1", dialect.IsEmpty(l.d, l.ident("t"))} {
			_, err := c.ExecContext(context.Background(), l.d.Assertion(says, cond).SQL)
			if err == nil {
				t.Errorf("%s: proved", cond)
			} else if !strings.Contains(err.Error(), "it is not true that clear deleted the rows of `t` that were copied, and no others: 100% of ") {
				t.Errorf("%s: the error does not show the message: %v", cond, err)
			}
			if !l.d.AssertionFailed(err) {
				t.Errorf("%s: not known as a failed assertion: %v", cond, err)
			}
		}
		runStmts(t, c, l.d.Facts().Rollback)
		l.same("rows after the rollback", lines(t, c, "SELECT id FROM t ORDER BY id"), []string{"1", "2"})
		l.same("settings", lines(t, c, "SELECT @@sql_mode, @@sql_safe_updates"), before)
	})
}

// TestAssertionLocksNothing: an assertion on the ledger does not block other runs.
func TestAssertionLocksNothing(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		run(t, l.db, "CREATE TABLE t (id INT PRIMARY KEY)")
		one, two := l.session(), l.session()
		runStmts(t, one, l.d.Begin(dialect.Table{}, dialect.Replaces).Stmts...)
		runStmts(t, one, l.d.Assertion("empty", dialect.IsEmpty(l.d, l.ident("t"))))
		run(t, two, "INSERT INTO t VALUES (1)")
	})
}

func TestLock(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		one, two := l.session(), l.session()
		for _, name := range []string{"t", "Ünïcode 😀", strings.Repeat("x", 64)} {
			runStmts(t, one, l.d.AcquireLock(l.ident(name), time.Second)...)
			began := time.Now()
			_, err := two.ExecContext(context.Background(), l.d.AcquireLock(l.ident(strings.ToUpper(name)), time.Second)[0].SQL)
			if !l.d.AssertionFailed(err) {
				t.Errorf("%s: the second run got %v", name, err)
			}
			if waited := time.Since(began); waited < 900*time.Millisecond {
				t.Errorf("%s: waited for %s only", name, waited)
			}
			runStmts(t, one, l.d.ReleaseLock(l.ident(name))...)
			runStmts(t, two, l.d.AcquireLock(l.ident(name), time.Second)...)
			runStmts(t, two, l.d.ReleaseLock(l.ident(name))...)
		}
	})
}

// TestInPlaceByHand runs the statements of an upload in place in their order.
func TestInPlaceByHand(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		run(t, l.db, "CREATE TABLE `a b` (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, v VARCHAR(10) NOT NULL, c TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, UNIQUE (v))",
			"INSERT INTO `a b` VALUES (1, 'one', '2020-01-01'), (2, 'zwölf', '2020-01-02')")
		c := l.session()
		table := *l.inspect("a b").Table
		backup := l.d.BackupTable(table, l.ident("a b_backup"), [4]string{"backup_id", "doc_id", "upload_timestamp", "snapshot_version"})
		runStmts(t, c, l.d.CreateTable(backup), l.d.CreateIndex(backup.Ident, dialect.Index{Name: "a b_backup_snapshot", Columns: []string{"snapshot_version"}}))
		for version := range 2 {
			runStmts(t, c, l.d.Begin(table, dialect.Replaces).Stmts...)
			runStmts(t, c, l.d.Assertion("shape", l.d.HasShape(table)))
			runStmts(t, c, l.d.CopyRows(dialect.Copy{From: table.Ident, To: backup.Ident, Columns: dialect.ColumnNames(table.Columns),
				Fixed: []dialect.FixedValue{{Column: "doc_id", Value: rowsource.Text("d'\n")}, {Column: "snapshot_version", Value: rowsource.Integer(int64(version))}}}))
			l.same("rows copied", lines(t, c, "SELECT "+l.d.Ledger().Changes), []string{"2"})
			runStmts(t, c, dialect.Clear(l.d, table.Ident))
			l.same("rows deleted", lines(t, c, "SELECT "+l.d.Ledger().Changes), []string{"2"})
			runStmts(t, c, l.d.Assertion("empty", dialect.IsEmpty(l.d, table.Ident)))
			runStmts(t, c, dialect.InsertRows(l.d, table.Ident, []string{"id", "v"}, [][]string{{"0", "'zero'"}, {"2", "'zwei'"}}))
			runStmts(t, c, l.d.Assertion("two rows", dialect.CountRows(l.d, table.Ident)+" = 2"))
			runStmts(t, c, l.d.Facts().Commit)
		}
		l.same("table", lines(t, c, "SELECT id, v FROM `a b` ORDER BY id"), []string{"0 zero", "2 zwei"})
		l.same("backup", lines(t, c, "SELECT doc_id, upload_timestamp, snapshot_version, id, v FROM `a b_backup` ORDER BY snapshot_version, id"),
			[]string{"d'\n NULL 0 1 one", "d'\n NULL 0 2 zwölf", "d'\n NULL 1 0 zero", "d'\n NULL 1 2 zwei"})
	})
}

func TestSwapByHand(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		run(t, l.db, "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(10), status INT)", "INSERT INTO t VALUES (1, 'one', 1)")
		c := l.session()
		shadow, old := l.ident("t_tablesnap_shadow"), l.ident("t_tablesnap_old")
		runStmts(t, c, l.d.CreateLike(shadow, l.ident("t")), dialect.DropColumn(l.d, shadow, "status"),
			dialect.AddColumn(l.d, shadow, l.d.NewColumn(dialect.Table{}, dialect.New{Name: "more", KeyTexts: 1})), dialect.RenameColumn(l.d, shadow, "more", "much"),
			dialect.InsertRows(l.d, shadow, []string{"id", "much"}, [][]string{{"7", "'x'"}}))
		target := l.inspect("t")
		if target.Shadow == nil || target.Old != nil {
			t.Errorf("shadow %v, old %v", target.Shadow, target.Old)
		}
		if why := l.d.Unsupported(target, dialect.Swap); len(why) != 1 {
			t.Errorf("not refused: %q", why)
		}
		_, swap := l.d.SwapTables(dialect.Swapped{Table: l.ident("t"), Shadow: shadow, Old: old})
		runStmts(t, c, swap)
		l.same("table", lines(t, c, "SELECT * FROM t"), []string{"7 NULL x"})
		l.same("old table", lines(t, c, "SELECT * FROM t_tablesnap_old"), []string{"1 one 1"})
		runStmts(t, c, dialect.DropTable(l.d, old))
	})
}

func TestSavepoints(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		c := l.session()
		run(t, c, "CREATE TABLE t (id INT PRIMARY KEY)")
		runStmts(t, c, l.d.Begin(dialect.Table{}, dialect.Replaces).Stmts...)
		run(t, c, "INSERT INTO t VALUES (1)")
		runStmts(t, c, dialect.Savepoint(l.d, "a b"))
		run(t, c, "INSERT INTO t VALUES (2)")
		runStmts(t, c, dialect.RollbackTo(l.d, "a b"), dialect.Release(l.d, "a b"), l.d.Facts().Commit)
		l.same("rows", lines(t, c, "SELECT id FROM t"), []string{"1"})
	})
}

// TestEveryDDLCommits checks on the server that the statements with AutoCommits commit.
func TestEveryDDLCommits(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		c := l.session()
		run(t, c, "CREATE TABLE noted (n INT)")
		table := dialect.Table{Ident: l.ident("x"), Columns: []dialect.Column{l.d.NewColumn(dialect.Table{}, dialect.New{Name: "a", KeyTexts: 1}), l.d.NewColumn(dialect.Table{}, dialect.New{Name: "b", KeyTexts: 1})}}
		x, y := l.ident("x"), l.ident("y")
		_, swap := l.d.SwapTables(dialect.Swapped{Table: x, Shadow: y, Old: l.ident("z")})
		for n, s := range append([]dialect.Stmt{
			l.d.CreateTable(table), l.d.CreateIndex(x, dialect.Index{Name: "i", Columns: []string{"a"}}), dialect.AddColumn(l.d, x, l.d.NewColumn(dialect.Table{}, dialect.New{Name: "c", KeyTexts: 1})), dialect.RenameColumn(l.d, x, "c", "d"),
			dialect.DropColumn(l.d, x, "d"), l.d.CreateLike(y, x), swap, dialect.DropTable(l.d, l.ident("z")),
			dialect.Clear(l.d, x)}, l.d.RememberRun(0)...) {
			if s.SQL == "" {
				continue
			}
			runStmts(t, c, l.d.Begin(dialect.Table{}, dialect.Replaces).Stmts...)
			run(t, c, "INSERT INTO noted VALUES (1)")
			runStmts(t, c, s, l.d.Facts().Rollback)
			committed := len(lines(t, c, "SELECT n FROM noted")) > 0
			if committed != s.AutoCommits {
				t.Errorf("statement %d: %s: commits %v, states %v", n, s.SQL, committed, s.AutoCommits)
			}
			run(t, c, "DELETE FROM noted")
		}
	})
}

func TestLedger(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		c := l.session()
		if v, err := l.d.LedgerVersion(context.Background(), c); v != 0 || err != nil {
			t.Fatalf("version %d, %v", v, err)
		}
		runStmts(t, c, ledger.Updates(l.d, 0, ledger.Exactly)...)
		if v, err := l.d.LedgerVersion(context.Background(), c); len(ledger.Pending(l.d, v)) > 0 || err != nil {
			t.Fatalf("version %d, %v", v, err)
		}
		long := strings.Repeat("ü😀", 5000)
		runStmts(t, c, ledger.BeginRun(l.d, ledger.NewRun{Table: "t", DocID: long, SourceName: long, SourceRows: "3", Actor: "me"}))
		runStmts(t, c, l.d.RememberRun(0)...)
		runStmts(t, c, ledger.BeginStep(l.d, ledger.StepRow{Seq: 1, Step: "s", SQLText: "SELECT 'a\\b\n'", State: ledger.Started}))
		run(t, c, "CREATE TABLE t (id INT)", "INSERT INTO t VALUES (1), (2), (3)")
		runStmts(t, c, ledger.FinishStep(l.d, 1, ledger.Outcome{State: ledger.Done, Rows: l.d.Ledger().Changes, Message: long}))
		runStmts(t, c, ledger.FinishRun(l.d, ledger.RunOutcome{State: ledger.Done, RowsLoaded: ledger.StepRows(l.d, 1)}))
		runStmts(t, c, ledger.CloseAbandoned(l.d, "t")...)
		runStmts(t, c, l.d.Assertion("none", ledger.NewestVersion(l.d, "t")+" = 0"))
		l.same("run", lines(t, c, "SELECT id, state, rows_loaded, doc_id = source_name, char_length(doc_id), length(started_at) FROM tablesnap_run"), []string{"1 done 3 1 10000 24"})
		l.same("step", lines(t, c, "SELECT run_id, state, row_count, sql_text FROM tablesnap_audit"), []string{"1 done 3 SELECT 'a\\b\n'"})
		asked := time.Now()
		at, err := time.Parse("2006-01-02T15:04:05.000Z", lines(t, c, "SELECT "+l.d.Ledger().Now)[0])
		if err != nil || at.Before(asked.Add(-time.Minute)) || at.After(time.Now().Add(time.Minute)) {
			t.Errorf("now is %s, %v", at, err)
		}
		runStmts(t, c, l.d.RememberRun(7)...)
		l.same("this run", lines(t, c, "SELECT "+l.d.Ledger().ThisRun), []string{"7"})
	})
}
