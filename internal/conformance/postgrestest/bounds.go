package postgrestest

import (
	"strings"

	"github.com/tablesnap/tablesnap/internal/conformance"
)

// bounds has the types that a plan checks.
func bounds() conformance.Bounds {
	return conformance.Bounds{
		Before: []string{"CREATE TYPE bounds_mood AS ENUM ('sad', 'it''s', '')", "CREATE DOMAIN bounds_small AS smallint", "CREATE DOMAIN bounds_feeling AS bounds_mood"},
		Types:  append(numberBounds(), append(textBounds(), append(timeBounds(), partBounds()...)...)...),
	}
}

func numberBounds() []conformance.BoundsOf {
	return []conformance.BoundsOf{
		{Type: "smallint", Kept: []string{"-32768", "32767", "3.2767e4", "-0"}, Refused: []string{"-32769", "32768"}},
		{Type: "bounds_small", Kept: []string{"32767"}, Refused: []string{"32768"}},
		{Type: "integer", Kept: []string{"-2147483648", "2147483647"}, Refused: []string{"-2147483649", "2147483648"}},
		{Type: "bigint", Kept: []string{"-9223372036854775808", "9223372036854775807", "9223372036854775807.0"}, Refused: []string{"-9223372036854775809", "9223372036854775808"}},
		{Type: "oid", Kept: []string{"0", "4294967295"}, Refused: []string{"4294967296"}, Altered: []string{"-1"}},
		{Type: "numeric(5,2)", Kept: []string{"999.99", "-999.99", "9.9999e2", "NaN"}, Refused: []string{"1000", "-1e3", "Infinity"}, Altered: []string{"999.991"}},
		{Type: "numeric(3,-2)", Kept: []string{"99900"}, Refused: []string{"100000"}, Altered: []string{"150"}},
		{Type: "numeric(2,5)", Kept: []string{"0.00099"}, Refused: []string{"0.001"}, Altered: []string{"0.000991"}},
		{Type: "numeric", Kept: []string{"1e131071", "1e-16383", "Infinity"}, Refused: []string{"1e131072", "1e-16384"}},
		{Type: "real", Kept: []string{"3.4028235e38", "1e-45", "Infinity", "NaN"}, Refused: []string{"3.4028236e38", "1e-46", "-1e39"}, Altered: []string{"16777217"}},
		{Type: "double precision", Kept: []string{"1.7976931348623157e308", "5e-324", "-Infinity"}, Refused: []string{"1.7976931348623159e308", "1e-400"}, Altered: []string{"9007199254740993"}},
		{Type: "money", Kept: []string{"92233720368547758.07", "-92233720368547758.08", "$1,000.00"}, Refused: []string{"92233720368547758.08", "-92233720368547758.09", "x", "1e2"}, Altered: []string{"", "0.005"}},
		{Type: "bit(4)", Kept: []string{"1010", "B1010"}, Refused: []string{"101", "10101", "", "2", "b101"}},
		{Type: "bit varying(4)", Kept: []string{"", "1010", "xF"}, Refused: []string{"10101", "xFF", "12"}},
	}
}

func textBounds() []conformance.BoundsOf {
	return []conformance.BoundsOf{
		{Type: "varchar(3)", Kept: []string{"abc", "äöü", "😀😀😀"}, Refused: []string{"abcd", "äöüx", "😀😀😀😀", "abcd "}, Altered: []string{"abc "}},
		{Type: "char(3)", Kept: []string{"abc", "äöü"}, Refused: []string{"abcd", "äöüx"}, Altered: []string{"abc "}},
		{Type: "name", Kept: []string{strings.Repeat("x", 63)}, Altered: []string{strings.Repeat("x", 64), strings.Repeat("ä", 32)}},
		{Type: "bytea", Kept: []string{`\x00ff`, `\\x`, `a\000`}, Refused: []string{`\x0`, `\xgg`, `\9`, `\`}},
		{Type: "bounds_mood", Kept: []string{"sad", "it's", ""}, Refused: []string{"Sad", "sad ", "happy"}},
		{Type: "bounds_feeling", Kept: []string{"sad"}, Refused: []string{"happy"}},
		{Type: "uuid", Kept: []string{"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC999C0B4EF8BB6D6BB9BD380A11", "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}"},
			Refused: []string{"", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111", "a0-eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", " a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}},
		{Type: "inet", Kept: []string{"0.0.0.0", "255.255.255.255/32", "1.2.3.4/0", "01.2.3.4", "1.2.3/24", "::1/128", "::ffff:1.2.3.4", "2001:DB8::A"},
			Refused: []string{"", "256.1.1.1", "1.2.3.4/33", "1.2.3", "1.2.3.4.5", "1..2.3", "1.2.3.4 ", "::1/129", "::1/08", "fe80::1%eth0", "1::2::3", "::00001", "12345::"}},
		{Type: "cidr", Kept: []string{"1.2.3.0/24", "1.2.3.4/32", "10", "10.1/16", "::/0", "2001:db8::/32"}, Refused: []string{"1.2.3.4/24", "2001:db8::1/32", "1.2.3.0/33", "x"}},
		{Type: "json", Kept: []string{`"\u0000"`, `{"a":1,"a":2}`, "1e400", strings.Repeat("[", 200) + strings.Repeat("]", 200)}, Refused: []string{"", "[1,]", "01", "nul", `"\x"`, "1 2", "'a'"}},
		{Type: "jsonb", Kept: []string{`"\uD83D\uDE00"`, `"\\ud83d"`, `"\\u0000"`, "1e131071", "1e-16383"},
			Refused: []string{`"\u0000"`, `{"a\u0000":1}`, `"\ud83d"`, `"\ud83d\ud83d"`, "1e131072", "1e-16384", "{"}, Altered: []string{`{"a":1,"a":2}`, "-0"}},
	}
}

func timeBounds() []conformance.BoundsOf {
	return []conformance.BoundsOf{
		{Type: "date", Kept: []string{"4714-11-24 BC", "5874897-12-31", "0001-01-01", "0005-02-29 BC", "infinity", "-Infinity"},
			Refused: []string{"4714-11-23 BC", "5874898-01-01", "0000-01-01", "2024-00-01", "0004-02-29 BC", "2023-02-29"}, Altered: []string{"2024-01-01 10:00", "today"}},
		{Type: "timestamp", Kept: []string{"4714-11-24 00:00:00 BC", "294276-12-31 23:59:59.999999", "infinity"},
			Refused: []string{"4714-11-23 23:59:59 BC", "294277-01-01", "0000-01-01 00:00"}, Altered: []string{"2024-01-01 24:00:00", "2024-01-01 10:00+02", "2024-01-01 10:00:00.1234567"}},
		{Type: "timestamptz", Kept: []string{"4714-11-23 23:30:00-01 BC", "294277-01-01 00:30:00+01", "2024-01-01 10:00+15:59:59", "2024-01-01 10:00+1", "2024-01-01 10:00-0130"},
			Refused: []string{"4714-11-24 00:00:00+01 BC", "294276-12-31 23:59:59-01", "2024-01-01 10:00+16", "2024-01-01 10:00+01:60", "2024-01-01 10:00+1:2:3:4", "2024-01-01 10:00+"}},
		{Type: "time", Kept: []string{"00:00", "23:59:59.999999", "24:00:00"}, Refused: []string{"24:00:01", "25:00", "23:60"}, Altered: []string{"23:59:60"}},
		{Type: "timetz", Kept: []string{"10:00+15:59:59", "24:00:00+00"}, Refused: []string{"10:00+16", "24:00:00.1+00"}},
	}
}

func partBounds() []conformance.BoundsOf {
	return []conformance.BoundsOf{
		{Type: "integer[]", Kept: []string{"{}", "{1,NULL}", " { 1 , 2 } ", "{{1},{2}}", "[0:1]={1,2}", `{"1"}`, "{{{{{{1}}}}}}"},
			Refused: []string{"", "1", "[1,2]", "{1", "{1,}", "{,}", "{}x", "{1}{2}", "{1 2}", "{1.0}", "{2147483648}", "{x}", `{"NULL"}`, "{{1,2},{3}}", "{1,{2}}", "{{1},2}", "{{{{{{{1}}}}}}}"},
			Altered: []string{"{007}"}},
		{Type: "text[]", Kept: []string{`{a,"b,c"}`, "{a b}", `{"a\"b",a\,b}`, `{""}`, "{(,'}", "{ä}"}, Refused: []string{`{a"b}`, `{"a"b}`, `{"a" b}`, "{a,,b}", `{"a}`, "{a{b}", "{a}b", `{\}`}},
		{Type: "numeric(4,2)[]", Kept: []string{"{1.25,-99.99}"}, Refused: []string{"{123}"}, Altered: []string{"{1.255}"}},
		{Type: "varchar(2)[]", Kept: []string{"{ab}"}, Refused: []string{"{abc}"}, Altered: []string{`{"ab "}`}},
		{Type: "bounds_mood[]", Kept: []string{"{sad,NULL}"}, Refused: []string{"{happy}"}},
		{Type: "int4range", Kept: []string{"[1,5)", "[1,1)", "empty", " Empty ", "(,)", "[ 1 , 5 )", `["1","5")`, "[1,2147483647)"},
			Refused: []string{"", "[5,1)", "[1", "[1,2,3)", "[x,5)", "[1.0,5)", "[1,5)x", "[1,2147483647]", "[1,2147483648)"}},
		{Type: "numrange", Kept: []string{"[1.5,2.5)", "[1,infinity)"}, Refused: []string{"[2.5,1.5)"}},
		{Type: "daterange", Kept: []string{"[2024-01-01,2024-12-31)", "[-infinity,infinity)"}, Refused: []string{"[2024-01-01,2024-02-30)", "[2024-12-31,2024-01-01)"}, Altered: []string{"[today,)"}},
		{Type: "tsrange", Kept: []string{`["2024-01-01 10:00:00",2024-01-02)`}, Refused: []string{"[2024-01-02,2024-01-01)"}},
	}
}
