package rowsource

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type (
	grade  string
	level  int8
	digest []byte
	flag   bool
	loop   *loop
	money  struct{ cents int64 }
	broken struct{}
	self   struct{}
)

func (m money) Value() (driver.Value, error)     { return m.cents, nil }
func (broken) Value() (driver.Value, error)      { return nil, errors.New("no rate for today") }
func (s self) Value() (driver.Value, error)      { return s, nil }
func pointer[T any](x T) *T                      { return &x }
func at(year int, zone *time.Location) time.Time { return time.Date(year, 3, 31, 1, 30, 0, 120, zone) }

func TestRows(t *testing.T) {
	paris := time.FixedZone("CEST", 2*60*60)
	tests := map[string]struct {
		cell any
		want Value
	}{
		"nil":                   {nil, Null()},
		"string":                {"x\x00y", Text("x\x00y")},
		"empty string":          {"", Text("")},
		"bytes":                 {[]byte{0xFF}, Blob([]byte{0xFF})},
		"empty bytes":           {[]byte{}, Blob(nil)},
		"nil bytes":             {[]byte(nil), Null()},
		"int":                   {-1, Integer(-1)},
		"int8":                  {int8(math.MinInt8), Integer(math.MinInt8)},
		"int64":                 {int64(math.MinInt64), Integer(math.MinInt64)},
		"uint8":                 {uint8(255), Integer(255)},
		"uint64":                {uint64(math.MaxInt64), Integer(math.MaxInt64)},
		"float64":               {0.1, Real(0.1)},
		"negative zero":         {math.Copysign(0, -1), Real(math.Copysign(0, -1))},
		"float32":               {float32(0.1), Real(float64(float32(0.1)))},
		"true":                  {true, Integer(1)},
		"false":                 {false, Integer(0)},
		"time":                  {at(2024, paris), Text("2024-03-30 23:30:00.00000012")},
		"time without fraction": {time.Unix(0, 0), Text("1970-01-01 00:00:00")},
		"json integer":          {json.Number("-12"), Integer(-12)},
		"json past int64":       {json.Number("9223372036854775808"), Text("9223372036854775808")},
		"json fraction":         {json.Number("0.10"), Text("0.10")},
		"json negative zero":    {json.Number("-0"), Text("-0")},
		"named string":          {grade("A"), Text("A")},
		"named int":             {level(3), Integer(3)},
		"named bytes":           {digest{1}, Blob([]byte{1})},
		"named bool":            {flag(true), Integer(1)},
		"pointer":               {pointer("x"), Text("x")},
		"pointer to pointer":    {pointer(pointer(3)), Integer(3)},
		"pointer to time":       {pointer(time.Unix(0, 0)), Text("1970-01-01 00:00:00")},
		"nil pointer":           {(*string)(nil), Null()},
		"valuer":                {money{5}, Integer(5)},
		"pointer to valuer":     {&money{5}, Integer(5)},
		"nil valuer":            {(*money)(nil), Null()},
		"sql null":              {sql.NullString{}, Null()},
		"sql not null":          {sql.NullTime{Time: time.Unix(0, 0), Valid: true}, Text("1970-01-01 00:00:00")},
		"Value":                 {Real(1), Real(1)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := readAll(Rows("t", []string{"a", "b"}, [][]any{{test.cell, "x"}}))
			if err != nil {
				t.Fatal(err)
			}
			want := contents{[]string{"a", "b"}, [][]Value{{test.want, Text("x")}}, []int{1}}
			if diff := cmp.Diff(want, got, sameValue); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRowsRefuses(t *testing.T) {
	var endless loop
	endless = loop(&endless)
	const kinds = ": hand over a string, number, bool, []byte, time.Time or driver.Valuer"
	tests := map[string]struct {
		cell any
		want string
	}{
		"uint64":        {uint64(math.MaxInt64 + 1), "value 9223372036854775808: it is larger than the largest 64-bit integer of a database: hand it over as a string"},
		"NaN":           {math.NaN(), "value NaN: not all databases can keep it: hand over nil for no value"},
		"infinity":      {float32(math.Inf(-1)), "value -Inf: not all databases can keep it: hand over nil for no value"},
		"NaN as Value":  {Real(math.NaN()), "value NaN: not all databases can keep it: hand over nil for no value"},
		"not UTF-8":     {"a\xFF", `value "a\xff": the string is not UTF-8: hand over bytes that are no text as []byte`},
		"no number":     {json.Number("1_000"), `value "1_000": it is no number of JSON`},
		"empty number":  {json.Number(""), `value "": it is no number of JSON`},
		"quoted number": {json.Number(`"1"`), `value "\"1\"": it is no number of JSON`},
		"year 10000":    {at(10000, time.UTC), "value 10000-03-31 01:30:00.00000012 +0000 UTC: the year does not have four digits: hand the time over as a string"},
		"struct":        {struct{ X int }{1}, "values of the Go type struct { X int } can't be loaded" + kinds},
		"slice":         {[]string{"x"}, "values of the Go type []string can't be loaded" + kinds},
		"map":           {map[string]int{}, "values of the Go type map[string]int can't be loaded" + kinds},
		"complex":       {1i, "values of the Go type complex128 can't be loaded" + kinds},
		"valuer fails":  {broken{}, "call the Value method of its rowsource.broken: no rate for today"},
		"valuer loops":  {self{}, "a rowsource.self is too many pointers or driver.Valuers inside one another: hand over what they hold"},
		"pointer loops": {endless, "a rowsource.loop is too many pointers or driver.Valuers inside one another: hand over what they hold"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := readAll(Rows("panel", []string{"a", "b"}, [][]any{{1, 2}, {3, test.cell}}))
			if diff := cmp.Diff(`panel row 2, column "b": `+test.want, message(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if cell := mustBeCellError(t, err); cell.Line != 2 || cell.Column != "b" {
				t.Errorf("found at %d, %q", cell.Line, cell.Column)
			}
		})
	}
}

func TestRowsShape(t *testing.T) {
	tests := map[string]struct {
		source Source
		want   string
	}{
		"no columns":       {Rows("t", nil, nil), "open t: there are no columns: name at least one"},
		"duplicate column": {Rows("t", []string{"a", "a "}, nil), `open t: the source has the column "a" twice, at 1 and at 2: rename one of them`},
		"short row":        {Rows("t", []string{"a", "b"}, [][]any{{1}}), "t row 1: the row has 1 value for 2 columns: hand over one value for each, nil for NULL"},
		"no records":       {Records("t", nil), "open t: there are no columns: name at least one"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := readAll(test.source)
			if diff := cmp.Diff(test.want, message(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRecords(t *testing.T) {
	records := Records("t", []map[string]any{{"b": 1, "a": "x"}, {}, {"c": nil, "b": 2.5}})
	got, err := readAll(records)
	if err != nil {
		t.Fatal(err)
	}
	want := contents{[]string{"a", "b", "c"}, [][]Value{
		{Text("x"), Integer(1), Null()}, {Null(), Null(), Null()}, {Null(), Real(2.5), Null()},
	}, []int{1, 2, 3}}
	if diff := cmp.Diff(want, got, sameValue); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	rows := Rows("t", []string{"a", "b", "c"}, [][]any{{"x", 1, nil}, {nil, nil, nil}, {nil, 2.5, nil}})
	if a, b := sum(t, records), sum(t, rows); a != b {
		t.Errorf("the same values as maps and as slices have the hashes %s and %s", a, b)
	}
}

func sum(t *testing.T, s Source) string {
	t.Helper()
	m, err := Measure(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return m.SHA256
}

// The hashes of these sources must differ, and the first must never change, because the
// history compares hashes of different runs and releases.
func TestRowsHash(t *testing.T) {
	ab := []string{"a", "b"}
	sources := []Source{
		Rows("t", ab, [][]any{{"x", 1}, {nil, 0.5}}),
		Rows("t", ab, [][]any{{"x", 1}}),
		Rows("t", ab, nil),
		Rows("t", []string{"ab"}, nil),
		Rows("t", []string{"b", "a"}, nil),
		Rows("t", ab, [][]any{{"x", "1"}}),
		Rows("t", ab, [][]any{{"x", 1.0}}),
		Rows("t", ab, [][]any{{"x", []byte("1")}}),
		Rows("t", ab, [][]any{{"x1", ""}}),
		Rows("t", ab, [][]any{{"", "x1"}}),
		Rows("t", ab, [][]any{{nil, "x1"}}),
		Rows("t", ab, [][]any{{1, "x"}}),
	}
	const first = "6ac4e34181b498fc8e66c755b4845cedc1c8ea50919beaa603d2fc621fb1210d"
	if got := sum(t, sources[0]); got != first {
		t.Errorf("the hash of the same rows has become %s", got)
	}
	seen := make(map[string]int)
	for i, s := range sources {
		h := sum(t, s)
		if j, taken := seen[h]; taken {
			t.Errorf("sources %d and %d have the same hash", j, i)
		}
		seen[h] = i
	}
}
