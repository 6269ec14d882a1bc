package mysql

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

func hostileTexts() []string {
	all := []string{"", " ", "a", "'", "''", `\`, `\\`, `\'`, `'\`, `\0`, `\n`, "\n", "\r", "\r\n", "\x00", "a\x00b", "\x1a", "\t", "\b", `"`, "`", ";", "-- x", "# x", "/* x", "*/",
		"\ndelimiter x\n", "\n\\q\n", "\\! ls", "ü", "😀", "\u2028", "\ufeff", "\u00a0", "%", "_", `\%`, `\_`, "?", "$1", ":x", "NULL", "\\N", "日本語", "a\u0301", "\U0010ffff", "\ufffd",
		strings.Repeat("x'\\\n😀", 3000)}
	var every strings.Builder
	for r := rune(0); r < 0x300; r++ {
		every.WriteRune(r)
		all = append(all, string(r))
	}
	return append(all, every.String())
}

func hostileValues() []rowsource.Value {
	values := []rowsource.Value{rowsource.Null()}
	for _, s := range hostileTexts() {
		values = append(values, rowsource.Text(s), rowsource.Blob([]byte(s)))
	}
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
		values = append(values, rowsource.Blob([]byte{byte(i)}), rowsource.Blob([]byte{'a', byte(i), 'b'}))
	}
	values = append(values, rowsource.Blob(every))
	for _, n := range []int64{0, 1, -1, math.MaxInt64, math.MinInt64, 1 << 53, 1<<53 + 1} {
		values = append(values, rowsource.Integer(n))
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, f := range []float64{0, 1, -1, 0.1, 1e308, -1e-308, math.MaxFloat64, 1.5, 1e15, 123456789.123456789} {
		values = append(values, rowsource.Real(f))
	}
	for range 200 {
		if f := math.Float64frombits(r.Uint64()); !math.IsNaN(f) && !math.IsInf(f, 0) && math.Abs(f) > 1e-307 {
			values = append(values, rowsource.Real(f))
		}
	}
	return values
}

// wanted is the server's exact representation of a value.
func wanted(v rowsource.Value) string {
	switch v.Kind() {
	case rowsource.KindNull:
		return "NULL"
	case rowsource.KindText, rowsource.KindBlob:
		return fmt.Sprintf("%X", v.Str())
	default:
		return v.String()
	}
}

const createValues = "CREATE TABLE v (id INT PRIMARY KEY, t LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, b LONGBLOB, i BIGINT, r DOUBLE)"

func insertValue(l live, id int, v rowsource.Value) string {
	column := map[rowsource.Kind]string{rowsource.KindNull: "t", rowsource.KindText: "t", rowsource.KindBlob: "b", rowsource.KindInteger: "i", rowsource.KindReal: "r"}[v.Kind()]
	return dialect.InsertRows(l.d, l.ident("v"), []string{"id", column}, [][]string{{fmt.Sprint(id), l.d.Literal(v)}}).SQL
}

func (l live) checkValues(values []rowsource.Value) {
	l.Helper()
	got := lines(l, l.db, "SELECT coalesce(hex(t), hex(b), i, r, 'NULL'), r FROM v ORDER BY id")
	if len(got) != len(values) {
		l.Fatalf("%d rows, want %d", len(got), len(values))
	}
	for i, v := range values {
		shown, asReal, _ := strings.Cut(got[i], " ")
		if v.Kind() == rowsource.KindReal {
			var f float64
			if _, err := fmt.Sscan(asReal, &f); err != nil || f != v.Float() {
				l.Errorf("%s came back as %s", v, asReal)
			}
		} else if shown != wanted(v) {
			l.Errorf("%s came back as %s, want %s", v, shown, wanted(v))
		}
	}
}

func TestLiterals(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		run(t, l.db, createValues)
		c := l.session()
		run(t, c, "START TRANSACTION")
		values := hostileValues()
		for i, v := range values {
			statement := insertValue(l, i, v)
			if strings.ContainsAny(l.d.Literal(v), "\n\r\x00") {
				t.Errorf("the literal of %s is on more than one line", v)
			}
			run(t, c, statement)
		}
		run(t, c, "COMMIT")
		l.checkValues(values)
	})
}

// TestLiteralsInClient pipes the same statements through the vendor's program.
func TestLiteralsInClient(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		run(t, l.db, createValues)
		var script strings.Builder
		for _, s := range l.d.Session(sessionOptions()) {
			script.WriteString(s.SQL + ";\n")
		}
		script.WriteString("START TRANSACTION;\n")
		values := hostileValues()
		for i, v := range values {
			script.WriteString(insertValue(l, i, v) + ";\n")
		}
		script.WriteString("COMMIT;\n")
		if out, err := l.client(script.String()); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		l.checkValues(values)
	})
}

func TestQuote(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		c := l.session()
		for i, name := range []string{"a", "two words", "back`tick", "``", `quote"`, "it's", "select", "dot.ted", "ünïcödé", "semi;colon", "-- a", "/*", `back\slash`, "$1", "%s", "?", "new\nline", "1", "a,b", strings.Repeat("x", 64)} {
			table := l.ident(name)
			run(t, c, "CREATE TABLE "+l.d.QuoteTable(table)+" ("+l.d.Quote(name)+" INT)")
			target := l.inspect(name)
			if target.Table == nil || target.Table.Ident != table || target.Table.Columns[0].Name != name {
				t.Errorf("name %d %q: inspected %+v", i, name, target.Table)
				continue
			}
			runStmts(t, c, l.d.Begin(*target.Table, dialect.Replaces).Stmts...)
			runStmts(t, c, l.d.Assertion("the shape", l.d.HasShape(*target.Table)), l.d.Facts().Commit)
		}
	})
}

func TestSuffixedName(t *testing.T) {
	d := New()
	for _, c := range []struct{ name, suffix, want string }{
		{"t", "_backup", "t_backup"},
		{strings.Repeat("x", 57), "_backup", strings.Repeat("x", 57) + "_backup"},
		{strings.Repeat("x", 58), "_backup", strings.Repeat("x", 48) + "_f2c4c9d9_backup"},
	} {
		got := dialect.SuffixedName(d, c.name, c.suffix)
		if utf8.RuneCountInString(got) > maxName || !strings.HasSuffix(got, c.suffix) {
			t.Errorf("SuffixedName(%q) = %q", c.name, got)
		}
		if len(c.name) <= 57 && got != c.want {
			t.Errorf("SuffixedName(%q) = %q, want %q", c.name, got, c.want)
		}
	}
	a, b := strings.Repeat("é", 63)+"a", strings.Repeat("é", 63)+"b"
	if dialect.SuffixedName(d, a, "_backup") == dialect.SuffixedName(d, b, "_backup") {
		t.Error("two tables have the same backup")
	}
}

// FuzzLiteral parses literals by the rules of the manual, and lets the first available
// server read them.
func FuzzLiteral(f *testing.F) {
	for _, s := range hostileTexts() {
		f.Add([]byte(s))
	}
	read := []func(*testing.T, string) string{readByTheManual}
	if s, ok := firstTested(); ok {
		read = append(read, readByServer(f, s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v := rowsource.Blob(b)
		if utf8.Valid(b) {
			v = rowsource.Text(string(b))
		}
		for _, hexOf := range read {
			if got := hexOf(t, New().Literal(v)); got != fmt.Sprintf("%X", b) {
				t.Errorf("%s came back as %s", v, got)
			}
		}
	})
}

func readByServer(f *testing.F, s server) func(*testing.T, string) string {
	l := open(f, s)
	c, err := l.db.Conn(context.Background())
	if err != nil {
		f.Fatal(err)
	}
	if _, err := l.d.Enter(context.Background(), c, l.d.Session(sessionOptions())); err != nil {
		f.Fatal(err)
	}
	return func(t *testing.T, literal string) string { return lines(t, c, "SELECT hex("+literal+")")[0] }
}

// readByTheManual parses a literal with the escapes in
// https://dev.mysql.com/doc/refman/8.4/en/string-literals.html. It rejects an unescaped
// character that would end the literal, or that the client program would change.
func readByTheManual(t *testing.T, literal string) string {
	if digits, ok := strings.CutPrefix(literal, "X'"); ok {
		return strings.TrimSuffix(digits, "'")
	}
	escapes := []string{"''", "'", `\\`, `\`, `\0`, "\x00", `\n`, "\n", `\r`, "\r", `\Z`, "\x1a"}
	body := literal[1 : len(literal)-1]
	removed := slices.Clone(escapes)
	for i := 1; i < len(removed); i += 2 {
		removed[i] = ""
	}
	if rest := strings.NewReplacer(removed...).Replace(body); literal != "'"+body+"'" || strings.ContainsAny(rest, "'\\\x00\n\r\x1a") {
		t.Errorf("%q is no literal", literal)
	}
	return fmt.Sprintf("%X", strings.NewReplacer(escapes...).Replace(body))
}
