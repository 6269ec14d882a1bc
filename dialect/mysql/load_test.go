package mysql

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

func TestLoadTypes(t *testing.T) {
	tests := []struct {
		typ    string
		values []string // "text > other" if the text is read back as another text
		read   string   // the expression to read, if it is not c
	}{
		{typ: "tinyint", values: []string{"-128", "127"}},
		{typ: "bigint unsigned", values: []string{"0", "18446744073709551615"}},
		{typ: "decimal(65,30)", values: []string{"12345678901234567890123456789012345.123456789012345678901234567890"}},
		{typ: "float", values: []string{"16777216 > 16777216.0000000000", "0.1 > 0.1000000015"}, read: "CAST(c+0e0 AS DECIMAL(20,10))"},
		{typ: "double", values: []string{"1.7976931348623157e308", "-0.1", "5e-324"}},
		{typ: "varchar(3) character set utf8mb4", values: []string{"", "é😀x", `\N`, "a'b"}},
		{typ: "char(4) character set latin1", values: []string{"é", "äöü"}},
		{typ: "text character set utf8mb3", values: []string{"", "é", "\t\n\r\x00\x1a\\\b\"'`"}},
		{typ: "longtext character set utf16", values: []string{"😀"}},
		{typ: "varbinary(9)", values: []string{"é😀", "\x00\xff\xfe\x80"}},
		{typ: "binary(4)", values: []string{"\x00\xffab"}},
		{typ: "blob", values: []string{"", "\xc3", "é\n\t\\"}},
		{typ: "date", values: []string{"1000-01-01", "9999-12-31"}},
		{typ: "datetime(6)", values: []string{"2024-02-29 23:59:59.999999"}},
		{typ: "timestamp(3) null", values: []string{"2038-01-19 03:14:07.999"}},
		{typ: "time(2)", values: []string{"-838:59:59.00", "00:00:01.25"}},
		{typ: "year", values: []string{"1901", "2155"}},
		{typ: "enum('a','b''c','1')", values: []string{"a", "b'c", "1"}},
		{typ: "set('x','y')", values: []string{"", "x", "x,y"}},
		{typ: "json", values: []string{`{"a": "\\u00e9\n"}`, `"é😀"`, "null", `[1, 2.5]`}},
		{typ: "bit(1)", values: []string{"0", "1"}, read: "c+0"},
		{typ: "bit(64)", values: []string{"18446744073709551615", "5", "53"}, read: "c+0"},
	}
	eachLoadServer(t, func(l *loadTest) {
		l.real()
		for _, test := range tests {
			if l.server == "tidb" && strings.Contains(test.typ, "utf16") {
				continue
			}
			d := l.table("(id INT PRIMARY KEY, c "+test.typ+")", required("id", "int"), col("c", test.typ))
			rows := [][]rowsource.Value{loadRow("0", "<NULL>")}
			want := []string{"<NULL>"}
			for i, v := range test.values {
				v, read, other := strings.Cut(v, " > ")
				row := loadRow(fmt.Sprint(i+1), v)
				if l.words.field(d.Columns[1]).form == asHex {
					row[1] = rowsource.Blob([]byte(v))
				}
				rows = append(rows, row)
				if !other {
					read = v
				}
				want = append(want, read)
			}
			l.mustLoad(d, rows...)
			got := l.query("SELECT " + valueOr(test.read, "c") + " FROM t ORDER BY id")
			if test.typ == "double" {
				got = l.query("SELECT IF(c IS NULL, NULL, IF(id = 1, c = 1.7976931348623157e308, IF(id = 2, c = -0.1, c = 5e-324))) FROM t ORDER BY id")
				want = []string{"<NULL>", "1", "1", "1"}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				l.Errorf("%s (-want +got):\n%s", test.typ, diff)
			}
		}
	})
}

func valueOr(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// TestLoadText loads texts that are difficult to escape into a database, a table and
// columns whose character sets differ from the connection's.
func TestLoadText(t *testing.T) {
	hostile := []string{"", " ", "\t", "\n", "\r\n", "\r", "\\", `\\`, `\N`, `\n`, "N", "NULL", "'", `"`, `\'`, "`", "\x00", "a\x00b", "\x1a", "\b",
		"\t\t", "x\t", "\tx", "x\n", "\nx", `x\`, "é", "😀", "\u0301", "\ufeff", "\u2028", "-- x", "/* x */", ";", "x'; DROP TABLE t; --",
		strings.Repeat("😀\t\\", 1000)}
	eachLoadServer(t, func(l *loadTest) {
		l.real()
		d := l.table("(id INT PRIMARY KEY, a TEXT CHARACTER SET utf8mb4, b TEXT CHARACTER SET utf8mb4) CHARACTER SET latin1",
			required("id", "int"), col("a", "text"), col("b", "text"))
		var rows [][]rowsource.Value
		var want []string
		for i, a := range hostile {
			b := hostile[(i+1)%len(hostile)]
			rows = append(rows, loadRow(fmt.Sprint(i), a, b), loadRow(fmt.Sprint(1000+i), "<NULL>", a))
			want = append(want, fmt.Sprintf("%X|%X", a, b))
		}
		l.mustLoad(d, rows...)
		if diff := cmp.Diff(want, l.query("SELECT HEX(a), HEX(b) FROM t WHERE id < 1000 ORDER BY id")); diff != "" {
			l.Errorf("(-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{fmt.Sprint(len(hostile))}, l.query("SELECT COUNT(*) FROM t WHERE id >= 1000 AND a IS NULL")); diff != "" {
			l.Errorf("NULL (-want +got):\n%s", diff)
		}
	})
}

// TestLoadOneColumn has rows that are sent as empty lines.
func TestLoadOneColumn(t *testing.T) {
	eachLoadServer(t, func(l *loadTest) {
		l.real()
		d := l.table("(c VARCHAR(20))", col("c", "varchar(20)"))
		l.mustLoad(d, loadRow(""), loadRow("<NULL>"), loadRow(""), loadRow(""), loadRow("x"), loadRow(""))
		if diff := cmp.Diff([]string{"6|4|1"}, l.query("SELECT COUNT(*), SUM(c = ''), SUM(c = 'x') FROM t")); diff != "" {
			l.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestLoadNoForm has texts that are not valid for the column's type, and values that a
// partitioning or a check rejects.
func TestLoadNoForm(t *testing.T) {
	tests := []struct {
		table, typ, value string
		not               []string
	}{
		{table: "(c GEOMETRY)", typ: "geometry", value: "POINT(1 1)", not: []string{"tidb"}},
		{table: "(c VECTOR(2))", typ: "vector(2)", value: "[1,2,3]", not: []string{"mariadb"}},
		{table: "(c INT) PARTITION BY RANGE (c) (PARTITION p VALUES LESS THAN (10))", typ: "int", value: "10"},
		{table: "(c INT, CHECK (c < 10))", typ: "int", value: "10"},
	}
	eachLoadServer(t, func(l *loadTest) {
		for _, test := range tests {
			if slices.Contains(test.not, l.server) {
				continue
			}
			d := l.table(test.table, col("c", test.typ))
			_, err := l.load(d, rowsFrom([][]rowsource.Value{loadRow("<NULL>"), loadRow(test.value)}))
			l.exec("ROLLBACK")
			if _, ok := errors.AsType[*rowsource.CellError](err); !ok || !strings.Contains(err.Error(), "rows.csv line 3") {
				l.Errorf("%s: %v", test.table, err)
			}
		}
	})
}

func TestLoadGoValues(t *testing.T) {
	eachLoadServer(t, func(l *loadTest) {
		l.real()
		d := l.table("(i BIGINT, f DOUBLE, v VARCHAR(30), b BIT(16), y YEAR, x VARBINARY(10), z BIT(8))",
			col("i", "bigint"), col("f", "double"), col("v", "varchar(30)"), col("b", "bit(16)"), col("y", "year"), col("x", "varbinary(10)"), col("z", "bit(8)"))
		l.mustLoad(d,
			[]rowsource.Value{rowsource.Integer(-9223372036854775808), rowsource.Real(0.1), rowsource.Real(1e300), rowsource.Blob([]byte{1, 2}),
				rowsource.Integer(0), rowsource.Integer(5), rowsource.Integer(5)},
			[]rowsource.Value{rowsource.Blob([]byte("7")), rowsource.Integer(7), rowsource.Blob([]byte("é")), rowsource.Blob([]byte{0, 0, 0, 0, 0, 0, 0, 0, 5}),
				rowsource.Integer(2024), rowsource.Real(0.5), rowsource.Text("007")})
		want := []string{"-9223372036854775808|1|1e+300|258|0000|35|5", "7|0|é|5|2024|302E35|7"}
		if diff := cmp.Diff(want, l.query("SELECT i, f = 0.1e0, v, b+0, CONCAT(y), HEX(x), z+0 FROM t ORDER BY i")); diff != "" {
			l.Errorf("(-want +got):\n%s", diff)
		}
		for i, bad := range map[int]rowsource.Value{2: rowsource.Blob([]byte{0xff}), 3: rowsource.Text("b'1'"), 6: rowsource.Integer(-1)} {
			row := make([]rowsource.Value, 7)
			row[i] = bad
			_, err := l.load(d, rowsFrom([][]rowsource.Value{row}))
			wantCellError(l, err, 2, d.Columns[i].Name)
			l.exec("ROLLBACK")
		}
	})
}

// TestLoadAssigned has a 0 in an AUTO_INCREMENT column, and other columns that LOAD DATA
// sets in a SET clause: MariaDB would replace the 0 by a new number.
func TestLoadAssigned(t *testing.T) {
	eachLoadServer(t, func(l *loadTest) {
		id := dialect.Column{Name: "id", Type: "int", Assigned: true}
		for _, fixed := range [][]dialect.FixedValue{nil, {{Column: "f", Value: rowsource.Integer(7)}}} {
			d := l.table("(id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, b BIT(3), v VARCHAR(5), f INT DEFAULT 7)", id, col("b", "bit(3)"), col("v", "varchar(5)"))
			d.Fixed = fixed
			l.mustLoad(d, loadRow("0", "1", "a"), loadRow("8", "2", "b"), loadRow("<NULL>", "3", "c"))
			if diff := cmp.Diff([]string{"0|1|a|7", "8|2|b|7", "9|3|c|7"}, l.query("SELECT id, b+0, v, f FROM t ORDER BY id")); diff != "" {
				l.Errorf("(-want +got):\n%s", diff)
			}
		}
	})
}

func TestLoadFixed(t *testing.T) {
	eachLoadServer(t, func(l *loadTest) {
		d := l.table("(a INT, `we``ird \\\\'x` VARCHAR(9) NOT NULL, g INT AS (a + 1), d INT DEFAULT 3, n DATETIME DEFAULT '2000-01-01 00:00:00')", col("a", "int"))
		d.Fixed = []dialect.FixedValue{{Column: "we`ird \\\\'x", Value: rowsource.Text("a'\\\n")}}
		l.mustLoad(d, loadRow("1"), loadRow("<NULL>"))
		if diff := cmp.Diff([]string{"<NULL>|a'\\\n|<NULL>|3|2000-01-01 00:00:00", "1|a'\\\n|2|3|2000-01-01 00:00:00"}, l.query("SELECT a, `we``ird \\\\'x`, g, d, n FROM t ORDER BY a")); diff != "" {
			l.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestLoadNotGiven: a load without a value for a required column fails. MySQL's LOAD DATA
// would fill the column with 0 without a warning.
func TestLoadNotGiven(t *testing.T) {
	eachLoadServer(t, func(l *loadTest) {
		d := l.table("(a INT, b INT NOT NULL)", col("a", "int"))
		d.Table.Columns = append(slices.Clone(d.Columns), required("b", "int"))
		_, err := l.load(d, rowsFrom([][]rowsource.Value{loadRow("1")}))
		l.exec("ROLLBACK")
		if err == nil || !strings.Contains(err.Error(), `column "b" gets no value`) {
			l.Errorf("got %v", err)
		}
	})
}

func TestLoadNoRows(t *testing.T) {
	eachLoadServer(t, func(l *loadTest) {
		d := l.table("(a INT)", col("a", "int"))
		l.mustLoad(d)
		l.mustLoad(d, loadRow("1"))
		if diff := cmp.Diff([]string{"1"}, l.query("SELECT COUNT(*) FROM t")); diff != "" {
			l.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestLoadLargeRows has rows larger than a batch, and a row too large for an INSERT.
func TestLoadLargeRows(t *testing.T) {
	eachLoadServer(t, func(l *loadTest) {
		d := l.table("(id INT NOT NULL PRIMARY KEY, v LONGTEXT, b LONGBLOB)", required("id", "int"), col("v", "longtext"), col("b", "longblob"))
		mb := strings.Repeat("0123456789abcdef", 1<<16)
		row := func(id int, v, b string) []rowsource.Value {
			return []rowsource.Value{rowsource.Integer(int64(id)), rowsource.Text(v), rowsource.Blob([]byte(b))}
		}
		if l.server == "tidb" {
			mb = mb[:1<<18] // TiDB limits a row to 6 MB
		}
		l.mustLoad(d, row(1, "", ""), row(2, mb+mb+mb, mb), row(3, "x", "y"), row(4, mb, mb))
		want := []string{"1|0|0|1", fmt.Sprintf("2|%d|%d|1", 3*len(mb), len(mb)), "3|1|1|1", fmt.Sprintf("4|%d|%d|1", len(mb), len(mb))}
		if diff := cmp.Diff(want, l.query("SELECT id, LENGTH(v), LENGTH(b), b = v OR id IN (1, 2, 3) FROM t ORDER BY id")); diff != "" {
			l.Errorf("(-want +got):\n%s", diff)
		}
		l.exec("DELETE FROM t")
		_, err := l.load(d, rowsFrom([][]rowsource.Value{row(1, "a", "b"), row(1, mb+mb+mb, "b"), row(2, "c", "d")}))
		l.exec("ROLLBACK")
		wantCellError(l, err, 3, "")

		// A row too large for an INSERT is rejected there. LOAD DATA loads it, or its own
		// warning names the bad row.
		l.facts.maxPacket = len(mb)
		d = l.table("(v VARCHAR(3), w LONGTEXT)", col("v", "varchar(3)"), col("w", "longtext"))
		_, err = l.load(d, rowsFrom([][]rowsource.Value{loadRow("a", "b"), loadRow("a", mb+mb)}))
		l.exec("ROLLBACK")
		if !l.facts.localInfile {
			wantCellError(l, err, 3, "")
			return
		}
		if err != nil {
			l.Error(err)
		}
		_, err = l.load(d, rowsFrom([][]rowsource.Value{loadRow("a", "b"), loadRow("abcd", mb+mb)}))
		l.exec("ROLLBACK")
		wantCellError(l, err, 3, "v")
	})
}

// TestLoadWaysAgree loads values that the servers convert, without the Checker. LOAD DATA
// and INSERT must store the same.
func TestLoadWaysAgree(t *testing.T) {
	values := map[string][]string{
		"decimal(5,2)":   {"1.2500", "001.25", "1.25e1", "125e-2", ".5", "+1", " 1", "1 ", "1.255", "0x1F"},
		"int":            {"5.0", "1.5", "1e2", "+7", "", " 7"},
		"bigint":         {"9223372036854775807.0", "9223372036854775808"},
		"int unsigned":   {"-0", "-1"},
		"double":         {"0.1000000000000000055511151231257827", "1e-400", "1e400", "x"},
		"float":          {"16777217", "1e39"},
		"date":           {"2024-01-01 00:00:00", "2024-01-01T00:00", "24-1-1", "20240101", "0000-00-00"},
		"datetime(3)":    {"2024-01-01", "2024-01-01 01:02:03.1239", "2024-01-01 01:02:03.1230000", "2024-01-01T01:02:03Z", "2024-01-01 01:02:03+02:00"},
		"timestamp null": {"1970-01-01 00:00:00", "2038-01-19 03:14:08"},
		"time":           {"01:02", "5", "839:00:00", "01:02:03.7"},
		"year":           {"0000", "69", "1900"},
		"enum('a','b')":  {"A", "a ", "2", "", "c"},
		"set('x','y')":   {"y,x", "x,x", "3", "z"},
		"char(3)":        {"a  ", "abcd", "abc "},
		"varchar(3)":     {"abcd", "abc "},
		"json":           {`{"a":1,"a":2}`, "1.0", "{"},
		"bit(8)":         {"007", "256"},
		"boolean":        {"true", "2"},
	}
	for _, server := range loadServers {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			l := newLoadTest(t, server, loadDatabase(t, server))
			for typ, texts := range values {
				d := l.table("(c "+typ+")", col("c", typ))
				for _, text := range texts {
					var came [2]string
					for i, local := range []bool{true, false} {
						l.facts.localInfile = local
						came[i] = "refused"
						if _, err := l.load(d, rowsFrom([][]rowsource.Value{loadRow(text)})); err == nil {
							came[i] = l.query("SELECT CONCAT(c+0, ' ', c) FROM t")[0]
						}
						l.exec("ROLLBACK")
					}
					if came[0] != came[1] {
						t.Errorf("%s: %q is %s by LOAD DATA and %s by INSERT", typ, text, came[0], came[1])
					}
				}
			}
		})
	}
}
