package mysql

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

func TestChecker(t *testing.T) {
	txt := rowsource.Text
	for _, c := range []struct {
		typ          string
		takes, fails []rowsource.Value
	}{
		{"int", []rowsource.Value{txt("1"), txt("-7"), txt("1.0"), txt("1e2"), txt("12.50e1"), rowsource.Integer(3), rowsource.Real(2), rowsource.Real(1e6), rowsource.Blob([]byte("1"))},
			[]rowsource.Value{txt("1.5"), txt("007"), txt("+1"), txt("1e-1"), txt(""), txt("x"), txt(" 1"), txt("1 "), txt("0x10"), rowsource.Real(1.5), rowsource.Blob([]byte{1}), rowsource.Blob([]byte{0xff})}},
		{"int(5) unsigned zerofill", []rowsource.Value{txt("007"), txt("00000")}, []rowsource.Value{txt("+1"), txt("x")}},
		{"tinyint(1)", []rowsource.Value{txt("1"), txt("0"), txt("5")}, []rowsource.Value{txt("true"), txt("x")}},
		{"decimal(5,2)", []rowsource.Value{txt("1.25"), txt("1.2500"), txt("-.5"), rowsource.Real(0.25), txt("125e-2")},
			[]rowsource.Value{txt("1.255"), rowsource.Real(0.125), txt("1e-3")}},
		{"float", []rowsource.Value{txt("0.1"), txt("-123456.789"), txt("16777216"), txt("0.10000000149"), txt("0.0"), txt("1e-38"), rowsource.Real(0.1), rowsource.Integer(1 << 24), rowsource.Integer(-1 << 63)},
			[]rowsource.Value{txt("16777217"), txt("00.10"), txt("20240601"), txt("1e-50"), txt("0.30000000000000004"), rowsource.Real(1e-50), rowsource.Real(16777217), rowsource.Integer(1<<24 + 1), txt(""), txt("NaN"), txt("3.5e38")}},
		{"float(7,2)", []rowsource.Value{txt("1.25"), txt("99999.99")}, []rowsource.Value{txt("1.255"), txt("123456789.25")}},
		{"double", []rowsource.Value{txt("0.1"), txt("1.25e300"), txt("0.10000000000000001"), txt("0.1000000000000000055511151231257827"), txt("9007199254740992"), txt("18446744073709551616"), txt("5e-324"), txt("-0"), rowsource.Integer(1 << 53), rowsource.Real(0.1)},
			[]rowsource.Value{txt("x"), txt("1e400"), txt("1e-400"), txt("9007199254740993"), txt("123456789012345678"), txt("0.1234567890123456789"), rowsource.Integer(1<<53 + 1)}},
		{"varchar(3) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", []rowsource.Value{txt("abc"), txt("ab "), txt("üü "), rowsource.Blob([]byte("ü"))}, []rowsource.Value{txt("abcd"), txt("abc "), txt("üüü "), rowsource.Blob([]byte{0xff})}},
		{"char(3) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", []rowsource.Value{txt("a"), txt(" a"), txt("")}, []rowsource.Value{txt("a "), txt(" ")}},
		{"tinytext CHARACTER SET utf8mb4", []rowsource.Value{txt(strings.Repeat("x", 254) + " ")}, []rowsource.Value{txt(strings.Repeat("x", 255) + " ")}},
		{"binary(2)", []rowsource.Value{rowsource.Blob([]byte{1, 0}), rowsource.Integer(12)}, []rowsource.Value{rowsource.Blob([]byte{1}), txt(""), rowsource.Integer(1)}},
		{"date", []rowsource.Value{txt("2024-06-01"), txt("2024-06-01 00:00:00"), txt("2024-06-01 00:00:00.0000000"), txt("2024-00-00")},
			[]rowsource.Value{txt("24-6-1"), txt("2024-6-1"), txt("20240601"), txt("2024/06/01"), txt("2024-06-01 10:00:00"), txt("2023-02-29"), txt("2024-13-01"), rowsource.Integer(20240601)}},
		{"datetime", []rowsource.Value{txt("2024-06-01 10:00:00"), txt("2024-06-01T10:00:00"), txt("2024-06-01 10:00:00.0000000"), txt("2024-06-01")},
			[]rowsource.Value{txt("2024-06-01 10:00:00.5"), txt("2024-06-01 10:00:00Z"), txt("2024-06-01 10:00:00+02:00"), txt("2024-06-01 1:00:00"), txt("2024-06-01 24:00:00"), txt("")}},
		{"timestamp(3)", []rowsource.Value{txt("2024-06-01 10:00:00.123000")}, []rowsource.Value{txt("2024-06-01 10:00:00.1234")}},
		{"time", []rowsource.Value{txt("10:00:00"), txt("-838:59:59"), txt("10:00")}, []rowsource.Value{txt("10"), txt("1000"), txt("1 10:00:00"), txt("10:00:00.5"), rowsource.Integer(1000)}},
		{"year", []rowsource.Value{txt("2024"), txt("0000"), rowsource.Integer(2024), rowsource.Integer(0)}, []rowsource.Value{txt("69"), txt("69.0"), txt("0"), rowsource.Integer(69), rowsource.Real(2024.5)}},
		{`enum('a','2','it''s','x?','') CHARACTER SET utf8mb4`, []rowsource.Value{txt("a"), txt("2"), txt("it's"), txt("x?"), txt("x😀"), txt(""), rowsource.Integer(2)},
			[]rowsource.Value{txt("A"), txt("a "), txt("ä"), txt("1"), txt("+2"), txt("xä"), txt("x"), txt("x😀😀"), txt("nonsense"), rowsource.Integer(1)}},
		{`set('a','b','2') CHARACTER SET utf8mb4`, []rowsource.Value{txt(""), txt("a"), txt("a,2"), txt("2"), rowsource.Integer(2)},
			[]rowsource.Value{txt("a,a"), txt("b,a"), txt("A"), txt("a "), txt("a, b"), txt("a,"), txt("1"), rowsource.Integer(3)}},
		{"bit(4)", []rowsource.Value{txt("5"), txt("007"), rowsource.Integer(5), rowsource.Real(5), rowsource.Blob([]byte{0, 5})}, []rowsource.Value{txt("b'1'"), txt(""), txt("-1"), rowsource.Integer(-1), rowsource.Real(1.5)}},
		{"json", []rowsource.Value{txt(`{"b": [1, 2.50, 1e2], "a": {"b": null}}`), txt("18446744073709551615"), txt("[0.10000000000000001]"), txt(` "\u00e9" `), txt(`"\ud83d\ude00\\ud83d"`), txt("[-0.0]"), rowsource.Integer(5)},
			[]rowsource.Value{txt(`{"a": 1, "a": 2}`), txt(`"\ud83d"`), txt(`"\ud83dx\ude00"`), txt(`[{"a": {"b": 1, "\u0062": 2}}]`), txt("[12345678901234567890123]"), txt("[0.1234567890123456789]"), txt("1e-400"), txt("{bad"), txt(""), txt("1 2"), txt("[-0]")}},
		{"geometry", []rowsource.Value{rowsource.Blob(wkbPoint())}, []rowsource.Value{txt("POINT(1 2)"), rowsource.Integer(1)}},
		{"vector(2)", []rowsource.Value{rowsource.Blob(make([]byte, 8))}, []rowsource.Value{txt("[1, 2.5]"), txt("12345678")}},
	} {
		check := New().Checker(dialect.Server{}, dialect.Table{}, col("c", c.typ))
		for _, v := range append(c.takes, rowsource.Null()) {
			if err := check(v); err != nil {
				t.Errorf("%s: %s is refused: %v", c.typ, v, err)
			}
		}
		for _, v := range c.fails {
			if err := check(v); err == nil {
				t.Errorf("%s: %s is taken", c.typ, v)
			}
		}
		if err := New().Checker(dialect.Server{}, dialect.Table{}, dialect.Column{Name: "c", Type: c.typ})(rowsource.Null()); err == nil {
			t.Errorf("%s NOT NULL: NULL is taken", c.typ)
		}
	}
	if New().Checker(dialect.Server{}, dialect.Table{}, dialect.Column{Type: "longblob", Nullable: true}) != nil {
		t.Error("a longblob is checked without need")
	}
}

// TestCheckerAgainstServers: a value that the checker and the server accept is read back
// as the same value.
func TestCheckerAgainstServers(t *testing.T) {
	texts := []string{"", "0", "1", "-1", "+1", "007", "1.5", "1.25", "1.255", "1.005", "-0.004", "1e2", "1e-2", "1.50", "99999999999", " 1", "1 ", "abc", "abc ", "a  ", "2024-06-01", "24-6-1",
		"2024-06-01 10:11:12", "2024-06-01 10:11:12.5", "2024-06-01 10:11:12.999999", "2024-06-01T10:11:12", "2024-06-01 10:11:12+02:00", "10:11:12", "10:11", "101112", "-1:00:00", "-01:00:00", "10:11:12.6", "69", "2069", "0000", "0", "b", "2", "1,2",
		"A", "B", "ä", "b ", "2,1", "1,1", "3", "x,y", "y,x", "x,x", "X", "true", "0.1", "1e-50", "1e-400", "16777217", "9007199254740993", "2024-00-00", "2024-06-01 00:00:00.0000000", "2024-06-01 10:11:12.1230000", "10:11:12.60000000"}
	types := []string{"TINYINT", "INT UNSIGNED", "BIGINT", "DECIMAL(5,2)", "VARCHAR(3)", "CHAR(3)", "DATE", "DATETIME", "DATETIME(3)", "TIMESTAMP NULL", "TIME", "TIME(1)", "YEAR", "ENUM('a','b')", "ENUM('a','b') CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", "SET('1','2')",
		"SET('x','y') CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", "TEXT", "VARBINARY(4)", "BIT(8)", "DOUBLE", "FLOAT"}
	shown := map[string]string{"BIT(8)": "0 + "} // other types are read as text
	onEach(t, func(t *testing.T, l live) {
		c := l.session()
		for i, typ := range types {
			name := fmt.Sprintf("t%d", i)
			run(t, c, "CREATE TABLE "+name+" (c "+typ+")")
			column := l.inspect(name).Table.Columns[0]
			check, literal := l.d.Checker(dialect.Server{}, dialect.Table{}, column), l.d.ColumnLiteral(column)
			run(t, c, "START TRANSACTION")
			for _, s := range texts {
				if check != nil && check(rowsource.Text(s)) != nil {
					continue
				}
				statement := dialect.InsertRows(l.d, l.ident(name), []string{"c"}, [][]string{{literal(rowsource.Text(s))}}).SQL
				if _, err := c.ExecContext(t.Context(), statement); err != nil {
					continue // the server rejects it
				}
				got := lines(t, c, "SELECT "+shown[typ]+"c FROM "+name)[0]
				if !sameValue(typ, s, got) {
					t.Errorf("%s: %q was let in and came back as %q", typ, s, got)
				}
				run(t, c, "DELETE FROM "+name)
			}
			run(t, c, "ROLLBACK")
		}
	})
}

// sameValue compares numbers by their value, and times and dates without the zeros that
// the type adds.
func sameValue(typ, in, out string) bool {
	if in == out {
		return true
	}
	if whole, zeros, found := strings.Cut(in, "."); found && strings.Contains(whole, ":") { // a fraction of a second
		in = strings.TrimSuffix(whole+"."+strings.TrimRight(zeros, "0"), ".")
	}
	if in == out || in == out+" 00:00:00" {
		return true
	}
	var a, b float64
	if _, err := fmt.Sscanf(in+"\n", "%g\n", &a); err == nil {
		if _, err := fmt.Sscanf(out+"\n", "%g\n", &b); err == nil && a == b {
			return true
		}
	}
	for _, same := range []string{in + " 00:00:00", in + " 00:00:00.000", in + ":00", in + ":00.0", in + ".0", in + ".000", in + "00", in + "0"} {
		if same == out {
			return true
		}
	}
	return len(in) == len("2006-01-02T15:04:05") && in[10] == 'T' && (in[:10]+" "+in[11:] == out || in[:10]+" "+in[11:]+".000" == out)
}
