package mysql

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/testservers"
	"github.com/tablesnap/tablesnap/rowsource"
)

// loadServers are the servers for the tests of loads, by their names in the environment.
var loadServers = testservers.Named("mysql", "mariadb", "mariadb11", "tidb")

// loadTest is a connection to one server, in a database of the test's own.
type loadTest struct {
	*testing.T
	server string
	words  loadWords
	conn   *sql.Conn
	facts  loadFacts
}

// eachLoadServer runs f on each server except those in but, with LOAD DATA and with
// INSERT.
func eachLoadServer(t *testing.T, f func(*loadTest), but ...string) {
	for _, server := range loadServers {
		if slices.Contains(but, server) {
			continue
		}
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			inBothWays(t, server, f)
		})
	}
}

func inBothWays(t *testing.T, server string, f func(*loadTest)) {
	db := loadDatabase(t, server)
	for _, way := range []string{"load-data", "insert"} {
		t.Run(way, func(t *testing.T) {
			l := newLoadTest(t, server, db)
			l.facts.localInfile = way == "load-data"
			f(l)
		})
	}
}

func newLoadTest(t *testing.T, server string, db *sql.DB) *loadTest {
	t.Helper()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	l := &loadTest{T: t, server: server, words: plainWords{}, conn: conn}
	l.exec("SET sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'")
	l.exec("SET time_zone = '+00:00', foreign_key_checks = 1")
	if l.facts, err = askLoadFacts(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	l.facts.localInfile = true
	return l
}

// loadDatabase creates an empty database on the server, and drops it at the end of the
// test.
func loadDatabase(t testing.TB, server string) *sql.DB {
	t.Helper()
	c := testservers.MySQL(t, server)
	name := "m2_" + strings.ToLower(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, t.Name()))
	name = name[:min(len(name), 64)]
	admin, err := sql.Open("mysql", c.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"DROP DATABASE IF EXISTS " + name, "CREATE DATABASE " + name + " CHARACTER SET latin1"} {
		if _, err := admin.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	c.DBName = name
	db, err := sql.Open("mysql", c.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		db.Close()
		_, err := admin.Exec("DROP DATABASE " + name)
		if err != nil {
			t.Error(err)
		}
		admin.Close()
	})
	return db
}

func (l *loadTest) exec(statements ...string) {
	l.Helper()
	for _, s := range statements {
		if _, err := l.conn.ExecContext(l.Context(), s); err != nil {
			l.Fatalf("%s: %v", s, err)
		}
	}
}

// query returns the rows as texts, with | between the values and <NULL> for NULL.
func (l *loadTest) query(q string) []string {
	l.Helper()
	var all []string
	_, rows := texts(l, l.conn, "<NULL>", q)
	for _, values := range rows {
		all = append(all, strings.Join(values, "|"))
	}
	return all
}

// table creates the table t, and returns a load into the given columns.
func (l *loadTest) table(definition string, columns ...dialect.Column) dialect.Load {
	l.Helper()
	l.exec("DROP TABLE IF EXISTS t", "CREATE TABLE t "+definition)
	return dialect.Load{Source: "rows.csv", Format: rowsource.FormatCSV, Columns: columns,
		Table: dialect.Table{Ident: dialect.Ident{Name: "t"}, Kind: dialect.BaseTable, Columns: columns}}
}

// load begins a transaction and loads rows. The caller ends the transaction.
func (l *loadTest) load(d dialect.Load, next func() (rowsource.Row, error)) (int64, error) {
	l.Helper()
	l.exec("START TRANSACTION")
	return l.facts.load(l.Context(), l.words, l.conn, d, next)
}

func (l *loadTest) mustLoad(d dialect.Load, rows ...[]rowsource.Value) {
	l.Helper()
	n, err := l.load(d, rowsFrom(rows))
	if err != nil {
		l.exec("ROLLBACK")
		l.Fatal(err)
	}
	if n != int64(len(rows)) {
		l.Errorf("loaded %d of %d rows", n, len(rows))
	}
	l.exec("COMMIT")
}

// real makes the load use the server's dialect with its checks.
func (l *loadTest) real() {
	l.words = map[string]loadWords{"mysql": New(), "mariadb": NewMariaDB(), "mariadb11": NewMariaDB(), "tidb": NewTiDB()}[l.server]
}

// rowsFrom returns a source of rows. Line 1 would be the header, so the first row has
// line 2.
func rowsFrom(rows [][]rowsource.Value) func() (rowsource.Row, error) {
	return generated(len(rows), func(i int) []rowsource.Value { return rows[i] })
}

func generated(n int, row func(i int) []rowsource.Value) func() (rowsource.Row, error) {
	i := -1
	return func() (rowsource.Row, error) {
		if i++; i == n {
			return rowsource.Row{}, io.EOF
		}
		return rowsource.Row{Line: i + 2, Values: row(i)}, nil
	}
}

// loadRow is a row of texts. The text <NULL> means NULL.
func loadRow(fields ...string) []rowsource.Value {
	row := make([]rowsource.Value, len(fields))
	for i, f := range fields {
		if f != "<NULL>" {
			row[i] = rowsource.Text(f)
		}
	}
	return row
}

func col(name, typ string) dialect.Column {
	return dialect.Column{Name: name, Type: typ, Nullable: true}
}

func required(name, typ string) dialect.Column { return dialect.Column{Name: name, Type: typ} }

func wantCellError(l *loadTest, err error, line int, column string) *rowsource.CellError {
	l.Helper()
	e, ok := errors.AsType[*rowsource.CellError](err)
	if !ok {
		l.Errorf("want a CellError, got %v", err)
		return nil
	}
	if e.Line != line || e.Column != column {
		l.Errorf("want line %d, column %q: %v", line, column, err)
	}
	return e
}

// plainWords has no checks, so that the tests show which errors the load itself finds.
type plainWords struct{}

func (plainWords) Quote(name string) string                { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
func (w plainWords) QuoteTable(t dialect.Ident) string     { return w.Quote(t.Name) }
func (plainWords) SameName(a, b string) bool               { return strings.EqualFold(a, b) }
func (plainWords) SuffixedName(name, suffix string) string { return name + suffix }

func (plainWords) Literal(v rowsource.Value) string {
	switch v.Kind() {
	case rowsource.KindNull:
		return "NULL"
	case rowsource.KindText:
		return "'" + plainEscapes.Replace(v.Str()) + "'"
	case rowsource.KindBlob:
		return fmt.Sprintf("x'%X'", v.Str())
	default:
		return v.String()
	}
}

func (plainWords) field(c dialect.Column) field { return New().field(c) }

func (plainWords) Checker(dialect.Server, dialect.Table, dialect.Column) func(rowsource.Value) error {
	return nil
}

var plainEscapes = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\x00", `\0`, "\n", `\n`, "\r", `\r`, "\x1a", `\Z`)

// loadOther is a pool of further connections to the test's database.
func loadOther(l *loadTest) *sql.DB {
	l.Helper()
	c := testservers.MySQL(l, l.server)
	c.DBName = l.query("SELECT DATABASE()")[0]
	db, err := sql.Open("mysql", c.FormatDSN())
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(func() { db.Close() })
	return db
}
