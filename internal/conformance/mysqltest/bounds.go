package mysqltest

import (
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect/mysql"
	"github.com/tablesnap/tablesnap/internal/conformance"
)

// bounds has the types that a plan checks.
func (s Server) bounds() conformance.Bounds {
	types := slices.Concat(numberBounds(), textBounds(), timeBounds())
	switch s.Backend.Facts().Name {
	case mysql.NameMariaDB:
		types = append(types, s.mariadbBounds()...)
	case mysql.NameTiDB:
		types = append(types, jsonBounds()...)
	default:
		types = slices.Concat(types, jsonBounds(), mysqlBounds())
	}
	return conformance.Bounds{Types: types}
}

func numberBounds() []conformance.BoundsOf {
	return []conformance.BoundsOf{
		{Type: "TINYINT", Kept: []string{"-128", "127", "1.27e2"}, Refused: []string{"-129", "128"}},
		{Type: "TINYINT UNSIGNED", Kept: []string{"0", "-0", "255"}, Refused: []string{"-1", "256"}},
		{Type: "SMALLINT", Kept: []string{"-32768", "32767"}, Refused: []string{"-32769", "32768"}},
		{Type: "SMALLINT UNSIGNED", Kept: []string{"65535"}, Refused: []string{"65536"}},
		{Type: "MEDIUMINT", Kept: []string{"-8388608", "8388607"}, Refused: []string{"-8388609", "8388608"}},
		{Type: "MEDIUMINT UNSIGNED", Kept: []string{"16777215"}, Refused: []string{"16777216"}},
		{Type: "INT", Kept: []string{"-2147483648", "2147483647"}, Refused: []string{"-2147483649", "2147483648"}},
		{Type: "INT UNSIGNED", Kept: []string{"4294967295"}, Refused: []string{"4294967296"}},
		{Type: "BIGINT", Kept: []string{"-9223372036854775808", "9223372036854775807", "9223372036854775807.0"}, Refused: []string{"-9223372036854775809", "9223372036854775808"}},
		{Type: "BIGINT UNSIGNED", Kept: []string{"18446744073709551615", "1.8446744073709551615e19"}, Refused: []string{"18446744073709551616", "-1"}},
		{Type: "DECIMAL(5,2)", Kept: []string{"999.99", "-999.99", "9.9999e2"}, Refused: []string{"1000", "-1e3"}, Altered: []string{"999.991"}},
		{Type: "DECIMAL(5,2) UNSIGNED", Kept: []string{"999.99", "-0"}, Refused: []string{"-1"}},
		{Type: "DECIMAL(2,2)", Kept: []string{"0.99"}, Refused: []string{"1"}},
		{Type: "FLOAT", Kept: []string{"3.40282e38", "-3.40282e38", "1e-45"}, Refused: []string{"3.4028235e38", "-1e39"}, Altered: []string{"1e-46", "16777217"}},
		{Type: "FLOAT(7,2)", Kept: []string{"99999.5"}, Refused: []string{"100000"}},
		{Type: "DOUBLE", Kept: []string{"1.7976931348623157e308", "5e-324"}, Refused: []string{"1.8e308", "-1e309"}, Altered: []string{"9007199254740993", "1e-400"}},
		{Type: "BIT(4)", Kept: []string{"0", "15"}, Refused: []string{"16"}},
		{Type: "BIT(64)", Kept: []string{"18446744073709551615"}},
		{Type: "YEAR", Kept: []string{"0000", "1901", "2155"}, Refused: []string{"1900", "2156"}, Altered: []string{"69"}},
	}
}

func textBounds() []conformance.BoundsOf {
	x, two := func(n int) string { return strings.Repeat("x", n) }, func(n int) string { return strings.Repeat("ä", n) }
	return []conformance.BoundsOf{
		{Type: "CHAR(3) CHARACTER SET utf8mb4", Kept: []string{"abc", "äöü", "😀😀😀"}, Refused: []string{"abcd", "äöüx"}, Altered: []string{"ab "}},
		{Type: "VARCHAR(3) CHARACTER SET utf8mb4", Kept: []string{"abc", "äöü", "😀😀😀", "ab "}, Refused: []string{"abcd", "äöüx", "😀😀😀😀", "abcd "}, Altered: []string{"abc "}},
		{Type: "VARCHAR(3) CHARACTER SET ascii", Kept: []string{"abc"}, Refused: []string{"ä"}},
		{Type: "TINYTEXT CHARACTER SET utf8mb4", Kept: []string{x(255), two(127)}, Refused: []string{x(256), two(128)}, Altered: []string{x(255) + " "}},
		{Type: "TEXT CHARACTER SET utf8mb4", Kept: []string{two(1<<15 - 1)}, Refused: []string{two(1 << 15)}},
		{Type: "VARBINARY(3)", Kept: []string{"abc", "ä"}, Refused: []string{"abcd", "ää"}},
		{Type: "BINARY(2)", Kept: []string{"ab", "ä"}, Refused: []string{"abc"}, Altered: []string{"a"}},
		{Type: "TINYBLOB", Kept: []string{x(255)}, Refused: []string{x(256)}},
		{Type: "ENUM('a','it''s')", Kept: []string{"a", "it's"}, Refused: []string{"c"}, Altered: []string{"2"}},
		{Type: "SET('a','b')", Kept: []string{"", "a,b"}, Refused: []string{"c", "a,c"}, Altered: []string{"b,a", "3"}},
	}
}

func timeBounds() []conformance.BoundsOf {
	return []conformance.BoundsOf{
		{Type: "DATE", Kept: []string{"1000-01-01", "9999-12-31"}, Refused: []string{"2023-02-29", "2024-13-01", "2024-01-32"}, Altered: []string{"2024-01-01 10:00", "24-6-1"}},
		{Type: "DATETIME", Kept: []string{"1000-01-01", "9999-12-31 23:59:59"}, Refused: []string{"2024-01-01 24:00:00", "2024-01-01 10:60"}, Altered: []string{"9999-12-30 23:59:59.9"}},
		{Type: "TIMESTAMP NULL", Kept: []string{"1970-01-01 00:00:01", "2038-01-19 03:14:07"}, Refused: []string{"1970-01-01 00:00:00", "1969-12-31 23:59:59", "2106-02-07 06:28:16"}},
		{Type: "TIMESTAMP(6) NULL", Kept: []string{"1970-01-01 00:00:01.000001", "2038-01-19 03:14:07.999999"}},
		{Type: "TIME", Kept: []string{"-838:59:59", "838:59:59", "838:59"}, Refused: []string{"839:00:00", "10:60", "10:59:60"}},
		{Type: "TIME(6)", Kept: []string{"838:59:58.999999"}},
	}
}

// jsonBounds are those of JSON as a type of its own.
func jsonBounds() []conformance.BoundsOf {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	return []conformance.BoundsOf{
		{Type: "JSON", Kept: []string{"1e308", `"\u0000"`, nested(100)}, Refused: []string{"[1,]", "01", "{", "1e309", nested(101)}, Altered: []string{`{"a":1,"a":2}`, "0.1234567890123456789"}},
	}
}

func mysqlBounds() []conformance.BoundsOf {
	return append(charsetBounds(),
		conformance.BoundsOf{Type: "TIMESTAMP(6) NULL", Refused: []string{"1970-01-01 00:00:00.999999", "2038-01-19 03:14:08"}},
		conformance.BoundsOf{Type: "TIME(6)", Refused: []string{"838:59:59.000001"}},
		conformance.BoundsOf{Type: "JSON", Refused: []string{`"\ud83d"`}})
}

// charsetBounds are those of character sets that TiDB lacks or treats as UTF-8.
func charsetBounds() []conformance.BoundsOf {
	return []conformance.BoundsOf{
		{Type: "VARCHAR(3) CHARACTER SET latin1", Kept: []string{"äöü", "€"}, Refused: []string{"Ł", "😀", "\u0080"}},
		{Type: "TINYTEXT CHARACTER SET latin1", Kept: []string{strings.Repeat("ä", 255)}, Refused: []string{strings.Repeat("ä", 256)}},
		{Type: "VARCHAR(3) CHARACTER SET utf8mb3", Kept: []string{"€€€"}, Refused: []string{"😀"}},
		{Type: "VARCHAR(3) CHARACTER SET ucs2", Kept: []string{"€€€"}, Refused: []string{"😀"}},
		{Type: "TINYTEXT CHARACTER SET utf16", Kept: []string{strings.Repeat("x", 127), strings.Repeat("😀", 63)}, Refused: []string{strings.Repeat("x", 128), strings.Repeat("😀", 64)}},
	}
}

func (s Server) mariadbBounds() []conformance.BoundsOf {
	inet6 := conformance.BoundsOf{Type: "INET6", Kept: []string{"::1", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8"}, Refused: []string{"1::2::3", "12345::", "fe80::1%eth0"}}
	if v4 := "1.2.3.4"; s.Name == "mariadb11" { // which takes it for ::ffff:1.2.3.4
		inet6.Altered = append(inet6.Altered, v4)
	} else {
		inet6.Refused = append(inet6.Refused, v4)
	}
	return append(charsetBounds(),
		conformance.BoundsOf{Type: "TIMESTAMP(6) NULL", Kept: []string{"1970-01-01 00:00:00.000001"}},
		conformance.BoundsOf{Type: "TIME(6)", Kept: []string{"838:59:59.999999"}},
		conformance.BoundsOf{Type: "JSON", Kept: []string{`{"a":1,"a":2}`, `"\x"`, "1."}, Refused: []string{"[1,]", "01", "{", ""}},
		conformance.BoundsOf{Type: "UUID", Kept: []string{"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC999C0B4EF8BB6D6BB9BD380A11"}, Refused: []string{"", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"}},
		conformance.BoundsOf{Type: "INET4", Kept: []string{"0.0.0.0", "255.255.255.255", "01.2.3.004"}, Refused: []string{"256.1.1.1", "1.2.3", "1.2.3.4 ", "x"}},
		inet6)
}
