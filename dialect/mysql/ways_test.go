package mysql

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// wayTypes are types of every kind; what a server does not know is skipped there.
var wayTypes = []string{
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

// wayTexts are texts for all types, under "", and for those of a family.
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

// wayValues are texts of files and values of Go.
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

// ways is a column in three tables, to which values go by LOAD DATA, by INSERT
// and by a script.
type ways struct {
	live
	c        *sql.Conn
	declared string
	number   int
	table    dialect.Table
	values   []rowsource.Value
}

// TestWaysAgree: a value gives the same row by LOAD DATA, by INSERT and by a
// script that the vendor's client runs, or none of them takes it. What is taken
// is kept.
func TestWaysAgree(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		var script strings.Builder
		for _, s := range l.d.Session(sessionOptions()) {
			script.WriteString(s.SQL + ";\n")
		}
		c := l.session()
		var all []ways
		for i, declared := range wayTypes {
			w := ways{live: l, c: c, declared: declared, number: i}
			if _, err := l.db.Exec("CREATE TABLE " + w.name("load") + " (n INT PRIMARY KEY, c " + declared + ")"); err != nil {
				continue
			}
			run(t, c, "CREATE TABLE "+w.name("insert")+" LIKE "+w.name("load"), "CREATE TABLE "+w.name("script")+" LIKE "+w.name("load"))
			w.table = *l.inspect(w.name("load")).Table
			w.values = wayValues(parseType(w.table.Columns[1].Type).family())
			w.load("load", true)
			w.load("insert", false)
			script.WriteString(w.script())
			all = append(all, w)
		}
		l.client(script.String(), "--force") // goes on after what a server refuses, and fails in the end
		for _, w := range all {
			w.compare()
		}
	})
}

func (w ways) name(way string) string { return fmt.Sprintf("%s_%d", way, w.number) }

// load loads value by value, so that each stands or falls by itself.
func (w ways) load(way string, localInfile bool) {
	w.Helper()
	facts, err := askLoadFacts(w.Context(), w.c)
	if err != nil {
		w.Fatal(err)
	}
	facts.localInfile = localInfile
	into := w.table
	into.Ident.Name = w.name(way)
	l := dialect.Load{Source: "ways.csv", Format: rowsource.FormatCSV, Table: into, Columns: into.Columns}
	run(w, w.c, "START TRANSACTION")
	for n, v := range w.values {
		run(w, w.c, "SAVEPOINT before_the_value")
		row := [][]rowsource.Value{{rowsource.Integer(int64(n)), v}}
		if _, err := facts.load(w.Context(), w.d.(loadWords), w.c, l, rowsFrom(row)); err != nil {
			if _, ok := errors.AsType[*rowsource.CellError](err); !ok {
				w.Errorf("%s, %s by %s: no line is blamed: %v", w.declared, v, way, err)
			}
			run(w, w.c, "ROLLBACK TO SAVEPOINT before_the_value")
		}
	}
	run(w, w.c, "COMMIT")
}

func (w ways) script() string {
	var s strings.Builder
	check, literal := w.d.Checker(w.table, w.table.Columns[1]), w.d.ColumnLiteral(w.table.Columns[1])
	for n, v := range w.values {
		if check == nil || check(v) == nil {
			s.WriteString(w.d.InsertRows(w.ident(w.name("script")), []string{"n", "c"}, [][]string{{fmt.Sprint(n), literal(v)}}).SQL + ";\n")
		}
	}
	return s.String()
}

func (w ways) compare() {
	w.Helper()
	load := w.stored("load")
	for _, way := range []string{"insert", "script"} {
		if diff := cmp.Diff(load, w.stored(way)); diff != "" {
			w.Errorf("%s by LOAD DATA and by %s (-load +%s):\n%s", w.declared, way, way, diff)
		}
	}
	if len(load) < 2 { // NULL is one
		w.Errorf("%s takes nothing", w.declared)
	}
}

// stored are the values that were taken, and what they are now.
func (w ways) stored(way string) map[string]string {
	w.Helper()
	shown := "CONCAT(c)"
	switch typ := parseType(w.table.Columns[1].Type); {
	case typ.family() == familyFloat:
		shown = "CONCAT(c + 0e0)"
	case typ.family() == familyBit, typ.family() == familyBinary, typ.family() == familyGeometry, w.d.(loadWords).field(w.table.Columns[1]).form == asHex:
		shown = "HEX(c)"
	}
	rows := map[string]string{}
	for _, line := range lines(w, w.c, "SELECT n, coalesce("+shown+", 'is NULL') FROM "+w.name(way)) {
		number, is, _ := strings.Cut(line, " ")
		n, err := strconv.Atoi(number)
		if err != nil {
			w.Fatal(err)
		}
		rows[number+": "+w.values[n].String()] = is
	}
	return rows
}
