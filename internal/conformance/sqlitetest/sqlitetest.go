// Package sqlitetest provides tests with SQLite database files, with the sqlite3 program,
// and with SQLite as a database for the conformance suite.
package sqlitetest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"
	sqlitedriver "modernc.org/sqlite"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/internal/conformance"
)

// Journal is the journal mode of a database.
type Journal string

// The two journal modes that databases use in practice.
const (
	RollbackJournal Journal = "delete"
	WriteAheadLog   Journal = "wal"
)

// File returns the path of a new database file that is deleted after the test.
func File(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "test.db")
}

// Open opens the database file and closes it after the test. The statements run first,
// before any other use of the database.
func Open(t testing.TB, file string, statements ...string) *sql.DB {
	t.Helper()
	db := sql.OpenDB(Connector(file, RollbackJournal))
	t.Cleanup(func() { db.Close() })
	Exec(t, db, statements...)
	return db
}

// Exec runs each of the statements.
func Exec(t testing.TB, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.ExecContext(context.Background(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// Connector connects to a database file. It does not sync to the disk, which makes tests
// faster and cannot be noticed without a power failure. Its connections wait much longer
// for a lock than a test lets an upload wait.
func Connector(file string, j Journal) driver.Connector { return waiting(time.Minute, file, j) }

func waiting(long time.Duration, file string, j Journal) driver.Connector {
	busy := fmt.Sprintf("busy_timeout(%d)", long.Milliseconds())
	query := url.Values{"_pragma": {busy, "synchronous(0)", "journal_mode(" + string(j) + ")"}}
	return connector{"file:" + (&url.URL{Path: file}).EscapedPath() + "?" + query.Encode()}
}

type connector struct{ name string }

func (c connector) Connect(context.Context) (driver.Conn, error) { return c.Driver().Open(c.name) }
func (c connector) Driver() driver.Driver                        { return &sqlitedriver.Driver{} }

// Database returns SQLite with a journal mode, for the conformance suite.
func Database(j Journal) conformance.Database {
	words, columns := words(), columns()
	if j == WriteAheadLog { // names, types and schemas do not depend on the journal mode
		words.HostileNames, columns, words.Schemas = words.HostileNames[:4], columns[:2], nil
	}
	return conformance.Database{
		Name:     "sqlite, journal mode " + string(j),
		Backend:  sqlite.New(),
		Strategy: dialect.InPlace,
		Open:     func(t *testing.T) conformance.Instance { return instance(t, j) },
		Words:    words,
		Goose:    goose.DialectSQLite3,
		Columns:  columns,
		Odd:      odd(),
		Bounds:   bounds(),
	}
}

func instance(t *testing.T, j Journal) conformance.Instance {
	t.Helper()
	file := File(t)
	other := sql.OpenDB(waiting(3*time.Second, file, j)) // an upload may lock it out until its end
	t.Cleanup(func() { other.Close() })
	Exec(t, other, "PRAGMA foreign_keys = ON", "PRAGMA user_version = 1") // creates the file
	return conformance.Instance{
		Connector:   Connector(file, j),
		Other:       other,
		GooseDSN:    file,
		Client:      func(t *testing.T, script string) error { return Client(t, file, script) },
		Fingerprint: func(t *testing.T) string { return Fingerprint(t, file) },
	}
}

// Fingerprint returns the SHA-256 of the database file and its write-ahead log, if any.
func Fingerprint(t testing.TB, file string) string {
	t.Helper()
	sum := sha256.New()
	for _, name := range []string{file, file + "-wal"} {
		content, err := os.ReadFile(name)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		sum.Write(content)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

const tables = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`

func words() conformance.Words {
	return conformance.Words{
		Text:         "TEXT",
		KeysWait:     true,
		LongText:     "TEXT",
		JSON:         []string{"JSON"},
		Integer:      "INT",
		Key:          "INTEGER PRIMARY KEY AUTOINCREMENT",
		Types:        []string{"INT", "TEXT", "REAL", "BLOB", "NUMERIC"},
		Tables:       tables,
		Schemas:      []string{"sqlite"},
		LookAnew:     []string{tables},
		Exact:        Exact,
		LongTable:    strings.Repeat("long_", 40), // SQLite has no limit
		Overestimate: conformance.MassDelete("ANALYZE people"),
		HostileNames: HostileNames(),
		Note: func(trigger, table, event, noted string) []string {
			return []string{"CREATE TRIGGER " + trigger + " AFTER " + event + " ON " + table + " BEGIN INSERT INTO " + noted + " VALUES ('" + event + "'); END"}
		},
		Swallow: func(trigger, table, event string) []string {
			return []string{"CREATE TRIGGER " + trigger + " BEFORE " + event + " ON " + table + " BEGIN SELECT RAISE(IGNORE); END"}
		},
		Rewrite: func(trigger, table, column, text string) []string {
			return []string{"CREATE TRIGGER " + trigger + " AFTER INSERT ON " + table + " BEGIN UPDATE " + table + " SET " + column + " = '" + text + "' WHERE rowid = NEW.rowid; END"}
		},
		Settings: []string{"PRAGMA reverse_unordered_selects = ON", "PRAGMA case_sensitive_like = ON", "PRAGMA ignore_check_constraints = ON"},
		HoldLock: func(string) []string { return []string{"BEGIN IMMEDIATE"} },
		LetGo:    func(string) []string { return []string{"ROLLBACK"} },
	}
}

// Exact shows a value with its storage class. A text with a NUL character is shown by
// hex(), because quote() stops at that character.
func Exact(column string) string {
	return "typeof(" + column + ") || ' ' || CASE WHEN typeof(" + column + ") = 'text' AND instr(CAST(" + column + " AS BLOB), X'00') > 0" +
		" THEN 'x' || hex(" + column + ") ELSE quote(" + column + ") END"
}

// HostileNames are unusual names that SQLite allows in quotes.
func HostileNames() []string {
	return []string{
		"two words", " blanks around ", `double " quote`, `""`, "single ' quote", "back`tick", "[brackets]", "]", "dot.ted", "main.people",
		"select", "Order", "table", "rowid", "null", "ünïcödé", "😀", "$1", "${name}", "$$", "$?", "?", "?1", ":name", "@name", "%s", "%", `back\slash`, `\`,
		"semi;colon", "--", "a -- b", "/*", "*/", "new\nline", "\n.quit", "tab\t", "1", "1e5", "-", "(", "a,b", strings.Repeat("x", 300),
		"json_extract", "changes()", "x'41'", "\u202eleft", "nul\x01ctrl",
	}
}

func columns() []conformance.Column {
	values := []string{
		"NULL", "0", "1", "-1", "9223372036854775807", "-9223372036854775808", "9007199254740993", "0.1", "1e308", "-1e-308", "5e-324", "-0.0", "1e15", "123456789012345678",
		"''", "'text'", "'007'", "' 12 '", "'1e3'", "'a' || char(0) || 'b'", "char(0)", "'line' || char(10)", "'😀'",
		"X''", "X'00FF'", "X'31'",
	}
	var cs []conformance.Column
	for _, typ := range []string{
		"", "INTEGER", "INT", "TEXT", "REAL", "NUMERIC", "BLOB", "VARCHAR(3)", "DECIMAL(10,2)", "DATE", "DATETIME", "TIMESTAMP", "BOOLEAN", "ANY", "JSON", "FLOATING POINT",
		"DOUBLE PRECISION", "CHARACTER VARYING (20)", "STRING", `"select"`, `"int 8"`, `"a,b"`, `"TEXT)"`, `"quote "" in it"`, `"order by"`,
		"TEXT COLLATE NOCASE", "TEXT DEFAULT 'x'",
	} {
		cs = append(cs, conformance.Column{Name: "value", Type: typ, Values: values})
	}
	return cs
}
