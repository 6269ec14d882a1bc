package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
	"github.com/tablesnap/tablesnap/rowsource"
)

func corpus() []rowsource.Value {
	values := []rowsource.Value{rowsource.Null()}
	for _, s := range texts() {
		values = append(values, rowsource.Text(s), rowsource.Blob([]byte(s)))
	}
	for _, b := range [][]byte{{}, {0}, {0xff, 0xfe}, []byte("'"), {0xed, 0xa0, 0x80}} {
		values = append(values, rowsource.Blob(b))
	}
	for _, n := range []int64{0, 1, -1, math.MaxInt64, math.MinInt64, math.MinInt64 + 1, 1 << 53, 1<<53 + 1} {
		values = append(values, rowsource.Integer(n))
	}
	for _, f := range reals() {
		values = append(values, rowsource.Real(f))
	}
	return values
}

// everyCharacter is a text of all ASCII characters.
func everyCharacter() string {
	every := make([]byte, 0, 0x80)
	for c := range 0x80 {
		every = append(every, byte(c))
	}
	return string(every)
}

func texts() []string {
	return []string{
		"", "a", "'", "''", `"`, `\`, `\\`, "\x00", "a\x00b", "\x00\x00", "\n", "\r\n", "\r", "\x7f", "é😀", "\u2028",
		everyCharacter()[:20], everyCharacter()[20:],
		`\0a;`, `\0:`, "\\\n", "\\\n\\0:\n\\0:0a;", "\\\x00\\0:\\1:\\2:", strings.Repeat("\n", 1500), strings.Repeat("'\r\n", 2000),
		strings.Repeat("\\\n", 1200), "\n.quit\n", "';\n--", "\x1a", "\ufeff", "\U0010FFFF",
	}
}

func reals() []float64 {
	return []float64{
		0, math.Copysign(0, -1), 1, -1, 0.1, 1.0 / 3, 1e308, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, -5e-324, 2.2250738585072014e-308,
		2.225073858507201e-308, 1e-300, 123456789.123456789, 9007199254740993, 1e15, 1e16, 1e22, 1e23, 4.35, 0.3, 5e-1, 9.999999999999999e22,
	}
}

// TestLiteralThroughTheDriver: a literal is read back as the same value of the same kind.
func TestLiteralThroughTheDriver(t *testing.T) {
	db := sqlitetest.Open(t, sqlitetest.File(t))
	for _, v := range append(corpus(), rowsource.Text(everyCharacter())) {
		checkLiteral(t, db, v)
	}
}

func checkLiteral(t *testing.T, db *sql.DB, v rowsource.Value) {
	t.Helper()
	literal := sqlite.New().Literal(v)
	if strings.ContainsAny(literal, "\n\r\x00") {
		t.Errorf("the literal of %s does not stand on one line", v)
	}
	var got any
	if err := db.QueryRowContext(context.Background(), "SELECT "+literal).Scan(&got); err != nil {
		t.Errorf("SELECT %.200s: %v", literal, err)
		return
	}
	if !same(v, valueOf(t, got)) {
		t.Errorf("%s came back as %s, from %.200s", v, valueOf(t, got), literal)
	}
}

// same treats 0 and -0 as equal, since SQLite does not store a negative zero.
func same(a, b rowsource.Value) bool {
	return a == b || a.Kind() == rowsource.KindReal && b.Kind() == rowsource.KindReal && a.Float() == 0 && b.Float() == 0
}

func valueOf(t *testing.T, x any) rowsource.Value {
	t.Helper()
	switch x := x.(type) {
	case nil:
		return rowsource.Null()
	case string:
		return rowsource.Text(x)
	case []byte:
		return rowsource.Blob(x)
	case int64:
		return rowsource.Integer(x)
	case float64:
		return rowsource.Real(x)
	default:
		t.Fatalf("the driver returned a %T", x)
		return rowsource.Null()
	}
}

// TestLiteralThroughTheProgram: the sqlite3 program reads a literal in a script as the same
// value that the driver stores from a parameter.
func TestLiteralThroughTheProgram(t *testing.T) { throughTheProgram(t, corpus()) }

// TestLiteralOfAllControlCharactersThroughTheProgram: nested calls must not exhaust the
// parser's stack, which has 100 entries in sqlite3 3.40.
func TestLiteralOfAllControlCharactersThroughTheProgram(t *testing.T) {
	everything := everyCharacter() + "\u0085\u009b\u200b\u202e\u2066\ufeff\U000e0001"
	throughTheProgram(t, []rowsource.Value{
		rowsource.Text(everyCharacter()), rowsource.Text(everything), rowsource.Text(strings.Repeat(everything, 40)), rowsource.Text(strings.Repeat(everyCharacter()[:32], 2000)),
	})
}

func throughTheProgram(t *testing.T, values []rowsource.Value) {
	t.Helper()
	file := sqlitetest.File(t)
	db := sqlitetest.Open(t, file, "CREATE TABLE bound (n, v)", "CREATE TABLE written (n, v)")
	var script strings.Builder
	for n, v := range values {
		if _, err := db.ExecContext(context.Background(), "INSERT INTO bound VALUES (?, ?)", n, parameter(v)); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&script, "INSERT INTO written VALUES (%d, %s);\n", n, sqlite.New().Literal(v))
	}
	if err := sqlitetest.Client(t, file, ".bail on\n"+script.String()); err != nil {
		t.Fatal(err)
	}
	c := client{T: t, file: file, db: db}
	c.same("the values", c.exact("written", "ORDER BY n", "n", "v"), c.exact("bound", "ORDER BY n", "n", "v"))
}

func parameter(v rowsource.Value) any {
	switch v.Kind() {
	case rowsource.KindText:
		return v.Str()
	case rowsource.KindBlob:
		return []byte(v.Str())
	case rowsource.KindInteger:
		return v.Int()
	case rowsource.KindReal:
		return v.Float()
	default:
		return nil
	}
}

func FuzzLiteral(f *testing.F) {
	for _, s := range texts() {
		f.Add(s, int64(len(s)), 0.5)
	}
	for _, r := range reals() {
		f.Add("", int64(r), r)
	}
	db := sql.OpenDB(sqlitetest.Connector(":memory:", sqlitetest.RollbackJournal))
	f.Cleanup(func() { db.Close() })
	f.Fuzz(func(t *testing.T, s string, n int64, r float64) {
		if utf8.ValidString(s) { // rowsource accepts only UTF-8 as text
			checkLiteral(t, db, rowsource.Text(s))
		}
		checkLiteral(t, db, rowsource.Blob([]byte(s)))
		checkLiteral(t, db, rowsource.Integer(n))
		if !math.IsNaN(r) && !math.IsInf(r, 0) {
			checkLiteral(t, db, rowsource.Real(r))
		}
	})
}

// FuzzQuote: the catalog shows the names of a quoted table and column unchanged.
func FuzzQuote(f *testing.F) {
	for _, name := range sqlitetest.HostileNames() {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if !utf8.ValidString(name) || strings.Contains(name, "\x00") || strings.HasPrefix(strings.ToLower(name), "sqlite_") {
			return // SQLite does not allow such names
		}
		db := sql.OpenDB(sqlitetest.Connector(":memory:", sqlitetest.RollbackJournal))
		defer db.Close()
		db.SetMaxOpenConns(1)
		d := sqlite.New()
		sqlitetest.Exec(t, db, "CREATE TABLE main."+d.Quote(name)+" ("+d.Quote(name)+" TEXT)",
			"INSERT INTO "+d.Quote(name)+" ("+d.Quote(name)+") VALUES ('kept')")
		var table, column, value string
		row := db.QueryRowContext(context.Background(), "SELECT m.name, x.name, (SELECT "+d.Quote(name)+"."+d.Quote(name)+" FROM "+d.Quote(name)+
			") FROM sqlite_master m, pragma_table_xinfo(m.name) x")
		if err := row.Scan(&table, &column, &value); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{name, name, "kept"}, []string{table, column, value}); diff != "" {
			t.Errorf("the names and the value (-want +got):\n%s", diff)
		}
	})
}
