package postgrestest

import "github.com/tablesnap/tablesnap/internal/conformance"

// odd are values that have an unusual text form for their type.
func odd() conformance.Odd {
	plain := func(typ string, values ...string) conformance.Column {
		return conformance.Column{Name: "value", Type: typ, Values: values}
	}
	return conformance.Odd{
		Session: []string{"DROP TYPE IF EXISTS odd_nothing, odd_pair CASCADE", "CREATE TYPE odd_nothing AS ()", "CREATE TYPE odd_pair AS (a integer, b text)"},
		Columns: []conformance.Column{
			plain(`"char"`, "'é'", "''", "' '", `'\'`),
			plain("date", "'infinity'", "'-infinity'", "'0044-03-15 BC'", "'4713-01-01 BC'", "'20240-02-29'"),
			plain("timestamp", "'infinity'", "'-infinity'", "'0001-12-31 23:59:59.999999 BC'", "'294276-12-31 23:59:59.999999'"),
			plain("timestamptz", "'infinity'", "'-infinity'", "'0044-03-15 12:00:00+00 BC'", "'1850-01-01 00:00:00 Asia/Kolkata'"),
			plain("time", "'24:00:00'"),
			plain("timetz", "'24:00:00-15:59'", "'12:00:00+05:53:28'"),
			plain("numeric", "'NaN'", "'Infinity'", "'-Infinity'", "1e1000", "0.000", "-0.0"),
			plain("numeric(5,2)", "'NaN'", "0.00"),
			plain("real", "'NaN'", "'Infinity'", "'-0'", "1e-45", "3.4028235e38"),
			plain("double precision", "'NaN'", "'-Infinity'", "'-0'", "5e-324", "1.7976931348623157e308"),
			plain("money", "'-0.01'", "'92233720368547758.07'", "'-92233720368547758.08'", "'1,234.50'"),
			plain("interval", "'1 year -2 mons +3 days -04:05:06.7'", "'-00:00:00.000001'", "'178000000 years'", "'0'"),
			plain("text[]", `ARRAY[NULL, 'NULL', '', '"', '\', 'a,b', '{', ' ', E'\n']`, "'{}'", "ARRAY[ARRAY['a'], ARRAY[NULL]]", "'[0:1]={a,b}'"),
			plain("date[]", "'{infinity,NULL,\"0044-03-15 BC\"}'"),
			plain("odd_nothing", "ROW()"),
			plain("odd_pair", "ROW(NULL, NULL)", "ROW(NULL, '')", `ROW(1, 'a "b", \c')`),
			plain("odd_pair[]", `ARRAY[ROW(1, 'a"b')::odd_pair, NULL]`),
			plain("bytea", `'\x'`, `'\x00'`),
			plain("char(5)", "''", "'a'"),
			plain("bit varying", "B''"),
			plain("daterange", "'[,infinity)'", "'empty'", "'(,)'"),
			plain("jsonb", `'{"n": 1e400, "": null}'`, "'1.10'"),
			plain("tsvector", "''", "'''it''''s'':1A'"),
			{Name: " name", Type: "text", Values: []string{"'x'"}},
		},
	}
}
