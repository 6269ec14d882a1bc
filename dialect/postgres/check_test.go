package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/postgres"
	"github.com/tablesnap/tablesnap/rowsource"
)

// TestCheckerAgainstServer: a value that the checker and the server accept is read back as
// the same value: equal to the input by the type's own comparison and, for types whose
// values the server may change without an error, in the same spelling.
func TestCheckerAgainstServer(t *testing.T) {
	onEach(t, func(c client) {
		for _, k := range []struct {
			typ              string
			kept, refused    []string
			refusedByChecker []string
		}{
			{typ: "integer", kept: []string{"0", "-1", "12"}, refused: []string{"x", "1.5", "2147483648", ""}, refusedByChecker: []string{"1.5", "007", "+1", " 12 ", "0x1F", "1_000", "0b1"}},
			{typ: "numeric", kept: []string{"1.10", "1e-5", "NaN", "-0.1"}, refusedByChecker: []string{"0x1F", "1_000", "abc"}},
			{typ: "numeric(4,2)", kept: []string{"12.34", "1.2", "1.20000", "12"}, refused: []string{"123.4"}, refusedByChecker: []string{"1.005", "0.001", "1e-3"}},
			{typ: "numeric(3,-2)", kept: []string{"12300", "100"}, refusedByChecker: []string{"12345", "1"}},
			{typ: "real", kept: []string{"0.1", "16777216", "1e10", "-0", "Infinity", "0.25"}, refused: []string{"1e40"}, refusedByChecker: []string{"16777217", "0.123456789", "x"}},
			{typ: "double precision", kept: []string{"0.1", "123456789012345", "1e308", "5e-324"}, refused: []string{"1e309"}, refusedByChecker: []string{"9007199254740993", "0.12345678901234567890"}},
			{typ: "money", kept: []string{"1.25", "-3"}, refusedByChecker: []string{"1.005"}},
			{typ: "varchar(3)", kept: []string{"abc", "äöü", "", "a  "}, refused: []string{"abcd"}, refusedByChecker: []string{"abc "}},
			{typ: "char(3)", kept: []string{"abc", "a"}, refused: []string{"abcd"}, refusedByChecker: []string{"abc "}},
			{typ: `"char"`, kept: []string{"a", ""}, refusedByChecker: []string{"ab"}},
			{typ: "name", kept: []string{"a name"}, refusedByChecker: []string{fmt.Sprintf("%064d", 1)}},
			{typ: "date", kept: []string{"2024-02-29", "2024-02-29 00:00:00", "infinity", "0044-03-15 BC"},
				refusedByChecker: []string{"2023-02-29", "03/04/2024", "20240304", "today", "now", "2024-02-29 10:00", "2024-02-29 00:00+02", "epoch", "January 1, 2024"}},
			{typ: "timestamp", kept: []string{"2024-02-29 10:00:00.123456", "2024-02-29T10:00", "2024-02-29"},
				refusedByChecker: []string{"2024-02-30 10:00", "2024-02-29 24:00:00", "2024-02-29 10:00:00+02", "2024-02-29 10:00:00Z", "2024-02-29 10:00:00.1234567", "now", "2024-02-29 10:00:60", "29.02.2024 10:00"}},
			{typ: "timestamp(0)", kept: []string{"2024-02-29 10:00:00", "2024-02-29 10:00:00.000"}, refusedByChecker: []string{"2024-02-29 10:00:00.5"}},
			{typ: "timestamptz", kept: []string{"2024-02-29 10:00:00+02", "2024-02-29 10:00:00Z", "2024-02-29 10:00"}, refusedByChecker: []string{"2024-02-29 10:00 CET", "tomorrow"}},
			{typ: "time", kept: []string{"10:00", "10:00:00.5", "24:00:00"}, refusedByChecker: []string{"10:00+02", "2024-02-29 10:00", "10:00:60", "now", "allballs", "10:00 PM"}},
			{typ: "time(1)", kept: []string{"10:00:00.5"}, refusedByChecker: []string{"10:00:00.55"}},
			{typ: "timetz", kept: []string{"10:00+02"}, refusedByChecker: []string{"10:00 CET"}},
			{typ: "boolean", kept: []string{"t", "yes", "0", "true"}, refusedByChecker: []string{"maybe", "2", "tr", " true"}},
			{typ: "jsonb", kept: []string{`{"a": 1}`}, refused: []string{`{"a": "\u0000"}`, "{"}},
			{typ: "text", kept: []string{"", " x "}, refusedByChecker: []string{"a\x00b"}},
		} {
			c.fresh("CREATE TABLE t (n int, v " + k.typ + ")")
			target, err := c.exec.Inspect(context.Background(), "t")
			if err != nil {
				c.Fatal(err)
			}
			check := postgres.New().Checker(dialect.Server{}, *target.Table, target.Table.Columns[1])
			for _, s := range k.kept {
				if err := check(rowsource.Text(s)); err != nil {
					c.Errorf("%s: the checker refuses %q: %v", k.typ, s, err)
				}
			}
			c.loads(k.typ, k.kept)
			for _, s := range k.refusedByChecker {
				if check(rowsource.Text(s)) == nil {
					c.Errorf("%s: the checker lets %q in", k.typ, s)
				}
			}
			for _, s := range append(k.refused, k.refusedByChecker[:min(1, len(k.refusedByChecker))]...) { // all that the checker rejects take the same path, so one is enough
				r := request("doc")
				r.Source = rowsource.Rows("service", []string{"n", "v"}, [][]any{{1, nil}, {2, s}})
				cell, ok := errors.AsType[*rowsource.CellError](c.try(r))
				if !ok || cell.Line != 2 || cell.Column != "v" {
					c.Errorf("%s: %q: got %v, want an error that names row 2, column v", k.typ, s, cell)
				}
			}
		}
	})
}

// loads checks that a load stores the same values as the server does from literals.
func (c client) loads(typ string, values []string) {
	c.Helper()
	rows := make([][]any, len(values))
	for n, s := range values {
		rows[n] = []any{n, s}
	}
	r := request("doc", "n")
	r.Source = rowsource.Rows("service", []string{"n", "v"}, rows)
	if err := c.try(r); err != nil {
		c.Errorf("%s: load %q: %v", typ, values, err)
		return
	}
	for n, s := range values {
		var same bool
		where := fmt.Sprintf(" FROM t WHERE n = %d", n)
		if err := c.other.QueryRow("SELECT v::text = " + postgres.New().Literal(rowsource.Text(s)) + "::" + typ + "::text" + where).Scan(&same); err != nil || !same {
			c.Errorf("%s: %q came back as %q (%v)", typ, s, c.lines("SELECT v::text"+where), err)
		}
	}
}

// TestGoValues: Go numbers, booleans and bytes can be loaded into columns of every type
// that can store them, as literals and by COPY.
func TestGoValues(t *testing.T) {
	onEach(t, func(c client) {
		c.run("CREATE TABLE t (n int, i bigint, f double precision, r real, d numeric, b boolean, x bytea, s text)")
		row := [][]any{
			{1, int64(math.MinInt64), 0.1, 0.25, 1e-7, true, []byte{0, 255, '\\', '\n'}, "x"},
			{2, int64(math.MaxInt64), math.MaxFloat64, -1.5, 2.5e20, false, []byte{}, 5},
			{3, nil, nil, nil, nil, nil, nil, 1.5},
		}
		r := request("doc_1")
		r.Source = rowsource.Rows("service", []string{"n", "i", "f", "r", "d", "b", "x", "s"}, row)
		c.upload(r)
		want := []string{"(1,-9223372036854775808,0.1,0.25,0.0000001,t,\"\\\\x00ff5c0a\",x)",
			"(2,9223372036854775807," + strconv.FormatFloat(math.MaxFloat64, 'g', -1, 64) + ",-1.5,250000000000000000000,f,\"\\\\x\",5)", "(3,,,,,,,1.5)"}
		c.same("the table", c.lines("SELECT t::text FROM t"), want...)
		r.DocID = "doc_2"
		r.Options.Allow = append(r.Options.Allow, "SAME_FILE", "COLUMNS_RESET")
		if err := c.script(r); err != nil {
			c.Errorf("the script: %v", err)
		}
		c.same("the table, after the script", c.lines("SELECT t::text FROM t"), want...)
		r.Source = rowsource.Rows("service", []string{"n", "r"}, [][]any{{1, 0.123456789}})
		c.says(c.try(r), "row 1", `"r"`, "more digits")
		r.Source = rowsource.Rows("service", []string{"n", "s"}, [][]any{{1, []byte("x")}})
		c.says(c.try(r), "row 1", `"s"`, "binary")
	})
}

func TestHolds(t *testing.T) {
	for _, h := range []struct {
		have, want string
		wider      string // empty if the backup's column can store the original's values
	}{
		{"integer", "integer", ""}, {"bigint", "smallint", ""}, {"integer", "bigint", "bigint"}, {"numeric", "bigint", ""}, {"numeric(10,2)", "integer", "numeric"},
		{"numeric(12,2)", "integer", ""}, {"numeric(10,2)", "numeric(10,3)", "numeric"}, {"numeric(10,2)", "numeric(12,4)", "numeric(12,4)"}, {"numeric(5,2)", "numeric", "numeric"},
		{"real", "double precision", "double precision"}, {"double precision", "real", ""}, {"text", "jsonb", ""}, {"integer", "text", "text"}, {"jsonb", "integer", "text"},
		{"character varying(5)", "character varying(6)", "character varying(6)"}, {"character varying(5)", "character varying", "character varying"}, {"character varying", "text", "text"},
		{"character(3)", "character varying(3)", "text"}, {"timestamp(3) without time zone", "timestamp without time zone", "timestamp without time zone"},
		{"timestamp(3) without time zone", "timestamp(1) without time zone", ""}, {"timestamp without time zone", "timestamp with time zone", "text"},
		{"date", "timestamp without time zone", "text"}, {"bit varying(3)", "bit(5)", "bit varying"}, {"integer[]", "bigint[]", "text"},
		{`text COLLATE pg_catalog."C"`, "text", ""}, {"public.mood", "public.mood", ""}, {"public.mood", "elsewhere.mood", "text"},
	} {
		ok, wider := postgres.New().CanStore(dialect.Table{}, dialect.Table{}, dialect.Column{Type: h.have}, dialect.Column{Type: h.want})
		if ok != (h.wider == "") || !ok && wider.Type != h.wider {
			t.Errorf("%s for %s: got %t, %s; want %q", h.have, h.want, ok, wider.Type, h.wider)
		}
	}
}
