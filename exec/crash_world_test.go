package exec_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance/mysqltest"
	"github.com/tablesnap/tablesnap/internal/wait"
)

// crashWorld is a database in which a test kills runs again and again.
type crashWorld struct {
	*testing.T
	database
	server string
	way    way
	dsn    string
	db     *sql.DB
	client *exec.Client
	ident  dialect.Ident   // the table's
	seen   map[string]bool // the states of the database that killed processes have left
	// indexed states that the table was made with an index.
	indexed bool
	// lost checks that a killed process has lost nothing, and after that all goes on.
	lost, after func()
}

func newCrashWorld(t *testing.T, server string, way way) *crashWorld {
	t.Helper()
	d := databaseOf(server)
	dsn := d.create(t, server)
	db := sql.OpenDB(d.connector(dsn, nil))
	t.Cleanup(func() { db.Close() })
	w := &crashWorld{T: t, database: d, server: server, way: way, dsn: dsn, db: db, seen: map[string]bool{}}
	w.client = exec.New(db, w.backend, exec.Identity{Actor: "parent"})
	w.ident = w.inspect().Ident
	w.lost, w.after = w.nothingIsLost, w.afterTheDeath
	return w
}

// The rows of the table before the run that is killed, the rows of that run, and those of
// the next upload.
var (
	oldEmails  = []string{"old1", "old2", "old7"}
	newEmails  = []string{"new1", "new2", "new3", "new4"}
	nextEmails = []string{"next1", "next2"}
)

// reset restores the table to its state before any upload: a panel with both status
// columns, a gap in its numbers, and no backup. It leaves alone what is already right,
// since DDL is slow.
func (w *crashWorld) reset() {
	w.Helper()
	for _, name := range w.allTables() {
		switch {
		case name == dialect.VersionTable, name == panel && w.isAsBefore():
		case strings.HasPrefix(name, "tablesnap_"):
			w.exec("DELETE FROM " + name)
		default:
			w.exec("DROP TABLE " + name)
		}
	}
	if w.has(panel) {
		return
	}
	w.exec("CREATE TABLE "+panel+" (id "+w.key+", email "+w.text+" NOT NULL UNIQUE, initial_status "+w.text+" NOT NULL, final_status "+w.text+")",
		"CREATE INDEX "+panelIndex+" ON "+panel+" (email, id)",
		"INSERT INTO "+panel+" VALUES (1, 'old1', 'open', NULL), (2, 'old2', 'open', 'kept'), (7, 'old7', 'open', NULL)")
	w.exec(w.countOn...)
	w.indexed = true
}

func (w *crashWorld) isAsBefore() bool {
	w.Helper()
	if !slices.Equal(w.emails(panel, ""), oldEmails) {
		return false
	}
	rows, err := w.db.Query("SELECT * FROM " + panel + " WHERE 1 = 0")
	if err != nil {
		w.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err := errors.Join(err, rows.Err()); err != nil {
		w.Fatal(err)
	}
	return len(columns) == 4
}

func (w *crashWorld) exec(statements ...string) {
	w.Helper()
	for _, s := range statements {
		if _, err := w.db.Exec(s); err != nil {
			w.Fatalf("%s: %v", s, err)
		}
	}
}

func (w *crashWorld) allTables() []string {
	w.Helper()
	return w.lines(w.tables)
}

// lines returns the rows of a query, with blanks between the values.
func (w *crashWorld) lines(query string, args ...any) []string {
	w.Helper()
	lines, err := w.tryLines(query, args...)
	if err != nil {
		w.Fatalf("%s: %v", query, err)
	}
	return lines
}

func (w *crashWorld) tryLines(query string, args ...any) ([]string, error) {
	rows, err := w.db.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values, found := make([]sql.NullString, len(columns)), []string{}
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		words := make([]string, len(values))
		for i, v := range values {
			words[i] = v.String
		}
		found = append(found, strings.Join(words, " "))
	}
	return found, rows.Err()
}

// fingerprint is the whole contents of the database except times.
func (w *crashWorld) fingerprint() string {
	w.Helper()
	var b strings.Builder
	for _, name := range w.allTables() {
		columns := "*"
		switch name {
		case dialect.RunTable:
			columns = "doc_id, version_made, state, rows_backed_up, rows_loaded, warnings"
		case dialect.AuditTable:
			columns = "seq, step, state, row_count, message"
		case dialect.VersionTable:
			columns = "version_id"
		case dialect.LeaseTable:
			columns = "table_name"
		}
		rows := w.lines("SELECT " + columns + " FROM " + name)
		slices.Sort(rows)
		fmt.Fprintf(&b, "%s\n  %s\n", name, strings.Join(rows, "\n  "))
	}
	return b.String()
}

func (w *crashWorld) emails(table, where string) []string {
	w.Helper()
	return w.lines("SELECT email FROM " + table + " " + where + " ORDER BY email")
}

func (w *crashWorld) has(table string) bool { return slices.Contains(w.allTables(), table) }

func (w *crashWorld) child(j job) ([]string, bool) {
	w.Helper()
	j.Server, j.DSN, j.Way = w.server, w.dsn, w.way
	return child(w.T, j)
}

// untilFree waits until the server has noticed that the killed process is gone.
func (w *crashWorld) untilFree() {
	w.Helper()
	lives := w.lives
	if locker, ok := dialect.As[dialect.SessionLocker](w.backend); ok && lives == "" {
		lives = locker.LockHeld(w.ident)
	}
	if lives != "" {
		w.until("NOT (" + lives + ")")
	}
	if dialect.HasSessionLock(w.backend) { // a CREATE TABLE before the run's lock may still be running
		w.until("NOT EXISTS (SELECT 1 FROM information_schema.processlist WHERE db = DATABASE() AND command <> 'Sleep' AND id <> CONNECTION_ID())")
	}
}

// untilGone waits until the server has ended the sessions of the killed process. One that
// sleeps may not have read the last statement yet, and would run it later.
func (w *crashWorld) untilGone() {
	w.Helper()
	w.untilFree()
	if !dialect.HasSessionLock(w.backend) {
		return
	}
	wait.Until(w, "no session is left but the test's own", func() bool {
		var sessions int
		err := w.db.QueryRow("SELECT count(*) FROM information_schema.processlist WHERE db = DATABASE()").Scan(&sessions)
		if err != nil && !mysqltest.SessionsUnreadable(err) {
			w.Error(err)
			return true
		}
		return err == nil && sessions <= w.db.Stats().OpenConnections
	})
}

// until waits for an SQL condition to become true.
func (w *crashWorld) until(condition string) {
	w.Helper()
	wait.Until(w, condition, func() (holds bool) {
		err := w.db.QueryRow("SELECT " + condition).Scan(&holds)
		if err != nil && !mysqltest.SessionsUnreadable(err) {
			w.Error(err)
			return true
		}
		return holds
	})
}

func (w *crashWorld) inspect() dialect.Target {
	w.Helper()
	t, err := w.client.Inspect(context.Background(), panel)
	if err != nil {
		w.Fatal(err)
	}
	return t
}

// isNew reports whether a state of the database is new, and remembers it.
func (w *crashWorld) isNew(left string) bool {
	isNew := !w.seen[left]
	w.seen[left] = true
	return isNew
}

// upload runs an upload that must succeed.
func (w *crashWorld) upload(doc string, emails []string) exec.Result {
	w.Helper()
	res, err := w.client.Upload(context.Background(), crashRequest(w.way, doc, emails))
	if err != nil {
		w.Fatalf("upload %s: %v", doc, err)
	}
	return res
}

// cutOff reports whether planning says that a run was cut off.
func (w *crashWorld) cutOff() bool {
	w.Helper()
	_, err := w.client.Plan(context.Background(), crashRequest(w.way, "doc_other", nextEmails))
	var cut *exec.CutOffError
	if err != nil && !errors.As(err, &cut) {
		w.Errorf("plan: %v", err)
	}
	return cut != nil
}

func (w *crashWorld) recover(mode exec.RecoverMode) []exec.Recovery {
	w.Helper()
	done, err := w.client.Recover(context.Background(), panel, mode)
	if err != nil {
		w.Fatalf("recover (%s): %v", mode, err)
	}
	return done
}

// copies is the prefix of the statement that copies rows to the backup.
func (w *crashWorld) copies() string {
	return "INSERT INTO " + w.backend.QuoteTable(w.ident.InSchemaOf(panel+dialect.BackupSuffix))
}
