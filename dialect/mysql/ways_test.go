package mysql

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// wayTypes are types of every kind that the server supports.
func wayTypes(server string) []string {
	unknown := map[string][]string{"mysql": {"UUID", "INET6", "INET4"}, "mariadb": {"VECTOR(2)"},
		"tidb": {"VARCHAR(20) CHARACTER SET utf16", "GEOMETRY", "POINT", "UUID", "INET6", "INET4"}}[server]
	return slices.DeleteFunc(slices.Clone(allTypes), func(t string) bool { return slices.Contains(unknown, t) })
}

var allTypes = []string{
	"TINYINT", "TINYINT UNSIGNED", "SMALLINT", "MEDIUMINT", "INT", "INT(6) UNSIGNED ZEROFILL", "BIGINT", "BIGINT UNSIGNED", "BOOLEAN",
	"DECIMAL(10,2)", "DECIMAL(65,30)", "DECIMAL(10)", "FLOAT", "FLOAT(7,2)", "DOUBLE", "DOUBLE(12,3)", "FLOAT UNSIGNED",
	"DATE", "DATETIME", "DATETIME(6)", "DATETIME(3)", "TIMESTAMP NULL", "TIMESTAMP(6) NULL", "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP", "TIME", "TIME(6)", "YEAR",
	"CHAR(10) CHARACTER SET utf8mb4", "VARCHAR(20) CHARACTER SET utf8mb4", "VARCHAR(20) CHARACTER SET latin1", "VARCHAR(20) CHARACTER SET ascii",
	"VARCHAR(20) CHARACTER SET utf8mb3", "VARCHAR(20) CHARACTER SET utf16", "VARCHAR(20) CHARACTER SET gbk", "VARCHAR(20) CHARACTER SET binary",
	"TINYTEXT CHARACTER SET utf8mb4", "TEXT CHARACTER SET latin1", "MEDIUMTEXT CHARACTER SET utf8mb4", "LONGTEXT CHARACTER SET utf8mb4",
	"BINARY(4)", "VARBINARY(20)", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB", "BIT(1)", "BIT(9)", "BIT(64)",
	"ENUM('a','b','2','it''s','') CHARACTER SET utf8mb4", "ENUM('ä','😀','A','10') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
	"SET('a','b','c') CHARACTER SET utf8mb4", "SET('1','2') CHARACTER SET latin1",
	"JSON", "GEOMETRY", "POINT", "VECTOR(2)", "UUID", "INET6", "INET4",
}

// wayTexts are the texts for each family of types. Those under "" are for all types.
var wayTexts = map[family][]string{
	"":            {"", " ", "NULL", `\N`, "a", "A", "a ", "ä", "😀", "it's", `back\slash`, "line\nend\r\n", "nul\x00byte", "1", "-1", "1.5", "007", "2024-06-01", "10:11:12", `{"a": 1}`},
	familyInteger: {"0", "+1", "-0", "1.0", "1.", ".5", "1e2", "1e-2", "127", "255", "18446744073709551615", "-9223372036854775808", "18446744073709551616", " 1", "1 ", "0x10", "b'1'", "true"},
	familyDecimal: {"+1", "-0", "1.255", "1.250", "1e2", "1e-2", "1e-30", "1e-400", "12345678901234567890123", "1E400"},
	familyFloat: {"-0", "+1", "0.1", "0.10", "1e2", "1e-400", "1e-50", "5e-324", "3.5e38", "1E400", "123456.789", "16777217", "9007199254740993", "0.30000000000000004", "0.10000000000000001",
		"0.1000000000000000055511151231257827", "1.7976931348623157e308", "12345678901234567890123", "NaN", "inf"},
	familyDate: {"24-6-1", "2024/06/01", "20240601", "2024-00-00", "2024-01-00", "0000-00-00", "0000-00-00 00:00:00", "2024-02-30", "0000-01-01", "0999-01-01", "2024-06-01 00:00:00", "2024-06-01 00:00:00.0000000",
		"2024-06-01 10:11:12", "2024-06-01 24:00:00", "2024-06-01 23:59:60", "2024-06-01 10:11", "2024-06-01 10:11:12.5", "2024-06-01 10:11:12.999999", "2024-06-01 10:11:12.9999999", "2024-06-01 10:11:12.1234560",
		"2024-06-01 10:11:12.1230000000", "2024-06-01 10:11:12.", "2024-06-01T10:11:12", "2024-06-01T10:11:12Z", "2024-06-01 10:11:12+02:00", "1970-01-01 00:00:00", "1970-01-01 00:00:01", "2038-01-19 03:14:08"},
	familyTime: {"10:11", "101112", "-1:00:00", "-01:00:00", "838:59:59", "839:00:00", "-00:00:00", "10:11:60", "10:11:12.6", "10:11:12.123456", "10:11:12.1234567", "10:11:12.6000000", "1 10:00:00"},
	familyYear: {"0", "0000", "00", "69", "1900", "1901", "2155", "2156", "2024"},
	familyEnum: {"b", "2", "3", "10", "+1", "B", "a,c", "c,a", "a,a", "A,b", "1,2", "2,1", ",a", "a,", "x"},
	familyBit:  {"0", "5", "53", "18446744073709551615", "18446744073709551616", "b'1'", "0x1"},
	familyText: {"  padded  ", "tab\t", "\x1a", "e\u0301", "中文", "twenty characters ok", "twenty characters ok ", "twenty characters ok+", strings.Repeat("x", 255) + " ", strings.Repeat("ä", 127) + "  "},
	familyJSON: {`{"b": 1, "a": 2}`, `{"a": 1, "a": 2}`, `{"a":1}`, `[1, 2]`, `"\u00e9"`, `"\/"`, ` null `, `[1.0]`, `[1e2]`, `[1.10]`, `[-0]`, `[-0.0]`, `[12345678901234567890123]`, `[18446744073709551615]`,
		`[18446744073709551616]`, `[9007199254740993]`, `[0.1234567890123456789]`, `{bad`, `"\ud83d\ude00"`, `"\ud83d"`, `"\u0000"`, "{\"a\":\t[\n]}", `[1e400]`, `[1e-400]`, `"x"y`, `'a'`},
	familyGeometry: {"POINT(1 2)"},
	familyOther: {"[1,2]", "[1, 2.5]", "12345678", "123e4567-e89b-12d3-a456-426655440000", "123E4567-E89B-12D3-A456-426655440000", "123e4567e89b12d3a456426655440000", "2001:db8::ff00:42:8329",
		"2001:DB8::1", "::1.2.3.4", "192.0.2.1", "192.000.2.1"},
}

// wayValues are texts, as from files, and values of other kinds, as from Go programs.
func wayValues(f family) []rowsource.Value {
	values := []rowsource.Value{rowsource.Null()}
	for _, s := range append(append([]string{}, wayTexts[""]...), wayTexts[f]...) {
		values = append(values, rowsource.Text(s))
	}
	for _, n := range []int64{0, 1, -1, 2, 5, 69, 256, 2024, 1<<24 + 1, 1<<53 + 1, -1 << 63} {
		values = append(values, rowsource.Integer(n))
	}
	for _, x := range []float64{0, 1, 1.5, 0.1, 1e-50, 1e6, 1e21, 123456.789} {
		values = append(values, rowsource.Real(x))
	}
	point := wkbPoint()
	for _, b := range []string{"", "\x01", "7", "abcd", "\xff\x80", "ä", "\x01\xff", "\x00\x00\x00\x00\x00\x00\x00\x00\x05", "12345678", "\x00\x00\x80\x3f\x00\x00\x20\x40", string(point)} {
		values = append(values, rowsource.Blob([]byte(b)))
	}
	return values
}

// ways inserts each value three times into one column of a table, once in each way.
type ways struct {
	live
	c      *sql.Conn
	table  dialect.Table // a number as the key, and a column of each type
	column int
	values []rowsource.Value
}

// way is a way to insert a row. Its value is added to the row's number.
type way int

const (
	wayLoadData way = 0
	wayInsert   way = 1000
	wayScript   way = 2000
	allWays     way = 10_000
)

func (w way) String() string {
	return map[way]string{wayLoadData: "LOAD DATA", wayInsert: "INSERT", wayScript: "a script"}[w]
}

// TestWaysAgree: LOAD DATA, INSERT and a script in the vendor's client store the same row
// for a value, or all of them reject it.
func TestWaysAgree(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		columns := "n INT PRIMARY KEY"
		for i, declared := range wayTypes(l.name) {
			columns += fmt.Sprintf(", c%d %s", i+1, declared)
		}
		c := l.session()
		run(t, c, "CREATE TABLE t ("+columns+")")
		table := *l.inspect("t").Table
		var script strings.Builder
		for _, s := range append(l.d.Session(sessionOptions()), dialect.Stmt{SQL: "START TRANSACTION"}) {
			script.WriteString(s.SQL + ";\n")
		}
		var all []ways
		for i, column := range table.Columns[1:] {
			w := ways{l, c, table, i + 1, wayValues(parseType(column.Type).family())}
			script.WriteString(w.script())
			all = append(all, w)
		}
		l.client(script.String()+"COMMIT;\n", "--force") // with --force, the client continues after an error
		for _, w := range all {
			scripted := w.stored(wayScript)
			w.load(wayLoadData, scripted)
			w.load(wayInsert, scripted)
			if len(scripted) < 2 { // NULL is always accepted
				t.Errorf("%s takes nothing", w.typ().Type)
			}
		}
	})
}

func (w ways) typ() dialect.Column { return w.table.Columns[w.column] }

// row is the number of the row for a value that is inserted in one way.
func (w ways) row(by way, value int) int { return w.column*int(allWays) + int(by) + value }

// script has an INSERT for each value that the checker accepts.
func (w ways) script() string {
	var s strings.Builder
	check, literal := w.d.Checker(dialect.Server{}, w.table, w.typ()), w.d.ColumnLiteral(w.typ())
	for n, v := range w.values {
		if check == nil || check(v) == nil {
			s.WriteString(dialect.InsertRows(w.d, w.table.Ident, []string{"n", w.typ().Name}, [][]string{{fmt.Sprint(w.row(wayScript, n)), literal(v)}}).SQL + ";\n")
		}
	}
	return s.String()
}

// load checks that a load of the values that the script has inserted stores the same, and
// that each other value is rejected.
func (w ways) load(by way, scripted map[string]string) {
	w.Helper()
	facts, err := askLoadFacts(w.Context(), w.c)
	if err != nil {
		w.Fatal(err)
	}
	facts.localInfile = by == wayLoadData
	l := dialect.Load{Source: "ways.csv", Format: rowsource.FormatCSV, Table: w.table, Columns: []dialect.Column{w.table.Columns[0], w.typ()}}
	check := w.d.Checker(dialect.Server{}, w.table, w.typ())
	load := func(rows ...[]rowsource.Value) error {
		_, err := facts.load(w.Context(), w.d.(loadWords), w.c, l, rowsFrom(rows))
		return err
	}
	var taken [][]rowsource.Value
	run(w, w.c, "START TRANSACTION", "SAVEPOINT nothing_yet")
	for n, v := range w.values {
		row := []rowsource.Value{rowsource.Integer(int64(w.row(by, n))), v}
		if _, ok := scripted[w.shown(n)]; ok {
			taken = append(taken, row)
			continue
		}
		err := load(row)
		if check == nil || check(v) == nil { // otherwise nothing was sent to the server
			run(w, w.c, "ROLLBACK TO SAVEPOINT nothing_yet")
		}
		if _, ok := errors.AsType[*rowsource.CellError](err); !ok {
			w.Errorf("%s: %s is refused in a script, and by %s: %v", w.typ().Type, v, by, err)
		}
	}
	if err := load(taken...); err != nil {
		w.Errorf("%s: a script inserts the rows, and not %s: %v", w.typ().Type, by, err)
	}
	run(w, w.c, "COMMIT")
	if diff := cmp.Diff(scripted, w.stored(by)); diff != "" {
		w.Errorf("%s by a script and by %s (-script +%[2]s):\n%s", w.typ().Type, by, diff)
	}
}

func (w ways) shown(n int) string { return fmt.Sprintf("%d: %s", n, w.values[n]) }

// stored maps each value that the server has accepted to the value that it returns.
func (w ways) stored(by way) map[string]string {
	w.Helper()
	expr := "CONCAT(" + w.typ().Name + ")"
	switch f := w.d.(loadWords).field(w.typ()); {
	case f.family() == familyFloat:
		expr = "CONCAT(" + w.typ().Name + " + 0e0)"
	case f.form == asHex || f.form == asBits:
		expr = "HEX(" + w.typ().Name + ")"
	}
	rows := map[string]string{}
	for _, line := range lines(w, w.c, fmt.Sprintf("SELECT n, coalesce(%s, 'is NULL') FROM t WHERE n BETWEEN %d AND %d", expr, w.row(by, 0), w.row(by, 999))) {
		number, is, _ := strings.Cut(line, " ")
		n, err := strconv.Atoi(number)
		if err != nil {
			w.Fatal(err)
		}
		rows[w.shown(n-w.row(by, 0))] = is
	}
	return rows
}
