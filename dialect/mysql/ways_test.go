package mysql

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// wayTypes are all types of column; those that a server does not know are skipped there.
func wayTypes() []string {
	return []string{
		"TINYINT", "TINYINT UNSIGNED", "SMALLINT", "MEDIUMINT", "INT", "INT UNSIGNED", "INT(6) UNSIGNED ZEROFILL", "BIGINT", "BIGINT UNSIGNED", "BOOLEAN",
		"DECIMAL(10,2)", "DECIMAL(65,30)", "DECIMAL(10)", "FLOAT", "FLOAT(7,2)", "DOUBLE", "DOUBLE(12,3)", "FLOAT UNSIGNED",
		"DATE", "DATETIME", "DATETIME(6)", "DATETIME(3)", "TIMESTAMP NULL", "TIMESTAMP(6) NULL", "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP", "TIME", "TIME(6)", "YEAR",
		"CHAR(10) CHARACTER SET utf8mb4", "VARCHAR(20) CHARACTER SET utf8mb4", "VARCHAR(20) CHARACTER SET latin1", "VARCHAR(20) CHARACTER SET ascii",
		"VARCHAR(20) CHARACTER SET utf16", "VARCHAR(20) CHARACTER SET gbk", "VARCHAR(20) CHARACTER SET binary",
		"TINYTEXT CHARACTER SET utf8mb4", "TEXT CHARACTER SET latin1", "MEDIUMTEXT CHARACTER SET utf8mb4", "LONGTEXT CHARACTER SET utf8mb4",
		"BINARY(4)", "VARBINARY(20)", "TINYBLOB", "BLOB", "LONGBLOB", "BIT(1)", "BIT(9)", "BIT(64)",
		"ENUM('a','b','2','it''s','') CHARACTER SET utf8mb4", "ENUM('ä','😀','A','10') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "SET('a','b','c') CHARACTER SET utf8mb4", "SET('1','2') CHARACTER SET latin1",
		"JSON", "GEOMETRY", "POINT", "VECTOR(2)", "UUID", "INET6", "INET4",
	}
}

// wayValues are texts of files and values of Go.
func wayValues() []rowsource.Value {
	texts := []string{
		"", " ", "NULL", `\N`, "a", "A", "b", "a ", " a", "ä", "😀", "it's", `back\slash`, "tab\t", "line\nend\r\n", "nul\x00byte", "\x1a", "e\u0301", "x,y", "a,c", "c,a", "a,a", "A,b", "1,2", ",a",
		"0", "1", "2", "5", "10", "-1", "+1", "-0", "007", "1.5", "1.0", "1.25", "1.255", "1.005", "-0.004", "1.", ".5", "1e2", "1e-2", "1E400", "1e-400", "1e-50", "1e-46", "5e-324", "3.5e38", "0.1", "0.10",
		"123456.789", "16777217", "16777216", "123456789012345678", "9007199254740993", "0.1000000000000000055511151231257827", "0.30000000000000004", "1.7976931348623157e308",
		"99999999999", "18446744073709551615", "-9223372036854775808", "18446744073709551616", "12345678901234567890123", " 1", "1 ", "0x10", "b'1'", "true", "TRUE", "on", "∞", "NaN", "inf",
		"2024-06-01", "24-6-1", "2024-6-1", "2024/06/01", "20240601", "2024-00-00", "2024-01-00", "0000-00-00", "0000-00-00 00:00:00", "2024-02-30", "0000-01-01", "0999-01-01", "2024-06-01 00:00:00", "2024-06-01 10:11:12", "2024-06-01 24:00:00", "2024-06-01 23:59:60",
		"2024-06-01 10:11", "2024-06-01 10:11:12.5", "2024-06-01 10:11:12.999999", "2024-06-01 10:11:12.9999999", "2024-06-01 10:11:12.1234560", "2024-06-01 10:11:12.1230000000", "2024-06-01 10:11:12.", "2024-06-01T10:11:12", "2024-06-01T10:11:12Z", "2024-06-01 10:11:12+02:00", "2024-06-01 10:11:12-0000", "1970-01-01 00:00:00", "1970-01-01 00:00:01", "2038-01-19 03:14:08", "2024-06-01  10:11:12",
		"10:11:12", "10:11", "101112", "-1:00:00", "-01:00:00", "838:59:59", "839:00:00", "-00:00:00", "10:11:60", "10:11:12.6", "10:11:12.123456", "10:11:12.1234567", "10:11:12.6000000", "1 10:00:00",
		"69", "2069", "0000", "1900", "1901", "2155", "2156", "00",
		`{"b": 1, "a": 2}`, `{"a": 1, "a": 2}`, `{"a":1}`, `[1,2]`, `[1, 2]`, `{"aa": 1, "b": 2}`, `"text"`, `"\u00e9"`, `"\/"`, `null`, ` null `, `[1.0]`, `[1e2]`, `[1.10]`, `[0.1]`, `[-0]`, `[-0.0]`, `[12345678901234567890123]`, `[18446744073709551615]`, `[18446744073709551616]`, `[9007199254740993]`, `[0.1234567890123456789]`, `{bad`, `"\ud83d\ude00"`, `"\u0000"`, `[]`, `{}`, "{\"a\":\t[\n]}", `{"ä": "😀"}`, `[1e400]`, `[1e-400]`, `"x"y`, `'a'`,
		"POINT(1 2)", "[1,2]", "[1, 2.5]", "123e4567-e89b-12d3-a456-426655440000", "123E4567-E89B-12D3-A456-426655440000", "123e4567e89b12d3a456426655440000", "{123e4567-e89b-12d3-a456-426655440000}", "2001:db8::ff00:42:8329", "2001:DB8::1", "2001:0db8::0001", "::ffff:192.0.2.1", "::1.2.3.4", "192.0.2.1", "192.000.2.1",
		"twenty characters ok", "twenty characters ok ", "twenty characters ok+", strings.Repeat("x", 255) + " ", strings.Repeat("ä", 127) + "  ",
	}
	values := []rowsource.Value{rowsource.Null()}
	for _, s := range texts {
		values = append(values, rowsource.Text(s))
	}
	for _, n := range []int64{0, 1, -1, 2, 5, 69, 255, 256, 2024, 16777217, 1<<53 + 1, 1<<63 - 1, -1 << 63} {
		values = append(values, rowsource.Integer(n))
	}
	for _, f := range []float64{0, -0.0, 1, 1.5, 0.1, 1e-50, 1e6, 1e21, 1e300, 5e-324, 123456.789, 16777217, 1.005} {
		values = append(values, rowsource.Real(f))
	}
	point := append([]byte{0, 0, 0, 0}, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0x40)
	for _, b := range []string{"", "\x00", "\x01", "7", "abcd", "a\x00\x00\x00", "\xff\x80", "\xc3\xa4", "\x01\xff", "\x00\x00\x00\x00\x00\x00\x00\x00\x05", "12345678", "\x00\x00\x80\x3f\x00\x00\x20\x40", string(point)} {
		values = append(values, rowsource.Blob([]byte(b)))
	}
	return values
}

// shownExactly is an expression that shows two values as one text only if they are one.
func shownExactly(typ columnType) string {
	switch {
	case typ.family() == familyFloat:
		return "CONCAT(c + 0e0)"
	case typ.family() == familyBit, typ.family() == familyBinary, typ.family() == familyGeometry, typ.base == "vector":
		return "HEX(c)"
	default:
		return "CONCAT(c)"
	}
}

// TestWaysAgree: a value gives the same row by LOAD DATA, by INSERT and by a
// script that the vendor's client runs, or none of them takes it.
func TestWaysAgree(t *testing.T) {
	values := wayValues()
	onEach(t, func(t *testing.T, l live) {
		c := l.session()
		facts, err := askLoadFacts(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		var script strings.Builder
		for _, s := range l.d.Session(sessionOptions()) {
			script.WriteString(s.SQL + ";\n")
		}
		var types []columnType
		for i, declared := range wayTypes() {
			name := func(way string) string { return fmt.Sprintf("%s_%d", way, i) }
			if _, err := l.db.Exec("CREATE TABLE " + name("load") + " (n INT PRIMARY KEY, c " + declared + ")"); err != nil {
				types = append(types, columnType{})
				continue
			}
			run(t, c, "CREATE TABLE "+name("insert")+" LIKE "+name("load"), "CREATE TABLE "+name("script")+" LIKE "+name("load"))
			table := *l.inspect(name("load")).Table
			types = append(types, parseType(table.Columns[1].Type))
			for _, way := range []string{"load", "insert"} {
				facts.localInfile = way == "load"
				into := table
				into.Ident.Name = name(way)
				run(t, c, "START TRANSACTION")
				for n, v := range values {
					row := [][]rowsource.Value{{rowsource.Integer(int64(n)), v}}
					_, err := facts.load(t.Context(), l.d.(loadWords), c, dialect.Load{Source: "ways.csv", Format: rowsource.FormatCSV, Table: into, Columns: into.Columns}, rowsFrom(row))
					if err != nil && os.Getenv("SHOW") != "" {
						fmt.Printf("REFUSED %s %s %s: %v\n", l.name, declared, v, err)
					}
				}
				run(t, c, "COMMIT")
			}
			check, literal := l.d.Checker(table, table.Columns[1]), l.d.ColumnLiteral(table.Columns[1])
			for n, v := range values {
				if check(v) == nil {
					script.WriteString(l.d.InsertRows(l.ident(name("script")), []string{"n", "c"}, [][]string{{fmt.Sprint(n), literal(v)}}).SQL + ";\n")
				}
			}
		}
		if _, err := l.client(script.String(), "--force"); err == nil {
			t.Error("the client took each value")
		}
		for i, typ := range types {
			if typ.base == "" {
				continue
			}
			stored := func(way string) map[string]string {
				rows := map[string]string{}
				query := fmt.Sprintf("SELECT n, coalesce(%s, 'is null') FROM %s_%d", shownExactly(typ), way, i)
				for _, line := range lines(t, c, query) {
					var n int
					fmt.Sscan(line, &n)
					_, shown, _ := strings.Cut(line, " ")
					rows[fmt.Sprintf("%d: %s", n, values[n])] = shown
					if way == "load" && shown != plain(values[n]) && os.Getenv("SHOW") != "" {
						fmt.Printf("ALTERED %s %s %s -> %q\n", l.name, wayTypes()[i], values[n], shown)
					}
				}
				return rows
			}
			load := stored("load")
			for _, way := range []string{"insert", "script"} {
				if diff := cmp.Diff(load, stored(way)); diff != "" {
					t.Errorf("%s by LOAD DATA and by %s (-load +%s):\n%s", wayTypes()[i], way, way, diff)
				}
			}
		}
	})
}
