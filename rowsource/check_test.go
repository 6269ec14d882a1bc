package rowsource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// isNumber is a check that values have digits only.
func isNumber(v Value) error {
	if v.IsNull() {
		return errors.New("it may not be NULL")
	}
	if strings.Trim(v.Str(), "0123456789") != "" {
		return errors.New("it is no number")
	}
	return nil
}

// numbersIn checks the first column for numbers, and has keys.
func numbersIn(keys ...Key) func([]string) Checks {
	return func(columns []string) Checks {
		return Checks{Values: append([]func(Value) error{isNumber}, make([]func(Value) error, len(columns)-1)...), Keys: keys}
	}
}

func TestCheckFindsAllThatIsWrong(t *testing.T) {
	first, both := Key{Columns: []int{0}, Numbers: []bool{true}}, Key{Columns: []int{1, 0}, Numbers: []bool{false, false}}
	for _, c := range []struct {
		name, file string
		read       Options
		keys       []Key
		says       string
		good       int64
		left       string
	}{
		{name: "nothing", file: "a,b\n1,x\n2,y\n", keys: []Key{first}, good: 2},
		{name: "no rows", file: "a,b\n", keys: []Key{first}},
		{name: "one value", file: "a,b\n1,x\nx,y\n", says: `f.csv line 3, column "a": value "x": it is no number`, good: 1, left: "2"},
		{name: "several rows", file: "a,b\n1,x\nx,y\n,z\n4,z\n", good: 2, left: "2-3",
			says: "f.csv has 2 faults in 2 rows:\n  line 3, column \"a\": value \"x\": it is no number\n  line 4, column \"a\": value NULL: it may not be NULL"},
		{name: "rows of other widths", file: "a,b\n1\n2,y\n3,z,z\n", good: 1, left: "1,3",
			says: "f.csv has 2 faults in 2 rows:\n  line 2: the row has 1 value for 2 columns: look for a missing or an extra delimiter, or a value that needs quotes\n  line 4: the row has 3 values for 2 columns: look for a missing or an extra delimiter, or a value that needs quotes"},
		{name: "values of another form", file: "a,b\n1,31/12/2024\n2,31/02/2024\n", read: Options{Forms: map[string]Form{"b": {Dates: "DD/MM/YYYY"}}}, good: 1, left: "2",
			says: `f.csv line 3, column "b": value "31/02/2024": it is no date that is written as DD/MM/YYYY`},
		{name: "a value that a form has changed", file: "a,b\n\"1.234,5\",x\n\"7\",x\n", read: Options{Forms: map[string]Form{"a": {Decimal: ","}}}, good: 1, left: "1",
			says: `f.csv line 2, column "a": value "1.234,5": it is no number`},
		{name: "the same key in another form", file: "a,b\n1.000,x\n1000,x\n1000,x\n", read: Options{Forms: map[string]Form{"a": {Decimal: ","}}}, keys: []Key{first}, good: 1, left: "2-3",
			says: "f.csv has 2 faults in 2 rows:\n  line 3, column \"a\": value \"1000\": line 2 has the same key\n  line 4, column \"a\": value \"1000\": line 2 has the same key"},
		{name: "the same key", file: "a,b\n1,x\n2,y\n01,z\n", keys: []Key{first}, says: `f.csv line 4, column "a": value "01": line 2 has the same key`, good: 2, left: "3"},
		{name: "the same key of two columns", file: "a,b\n1,x\n1,y\n1,x\n", keys: []Key{both}, says: `f.csv line 4, column "b, a": value "x", "1": line 2 has the same key`, good: 2, left: "3"},
		{name: "two columns that are the same together", file: "a,b\n1,11\n11,1\n", keys: []Key{both}, good: 2},
		{name: "a key without a value", file: "a,b\n1,\n1,\n", keys: []Key{both}, good: 2},
		{name: "the same key as a bad row", file: "a,b\nx,1\n1,1\n", keys: []Key{{Columns: []int{1}, Numbers: []bool{false}}}, good: 1, left: "1",
			says: `f.csv line 2, column "a": value "x": it is no number`},
		{name: "the same key as a row that is left out", file: "a,b\n1,x\n1,y\n3,y\n", keys: []Key{first, {Columns: []int{1}, Numbers: []bool{false}}}, good: 2, left: "2",
			says: `f.csv line 3, column "a": value "1": line 2 has the same key`},
		{name: "a fault after which nothing is read", file: "a,b\nx,1\n2,\"\n", left: "1",
			says: "f.csv has 1 fault in 1 row:\n  line 2, column \"a\": value \"x\": it is no number\n  the rest was not read: f.csv line 3: the record that starts here has a quote that is not closed before the end of the file (line 4): close it, or double it if it belongs to the value"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.read.Name = "f.csv"
			good, found, err := Check(context.Background(), Bytes([]byte(c.file), c.read), numbersIn(c.keys...))
			if err != nil {
				t.Fatal(err)
			}
			says := ""
			if err := found.Err(); err != nil {
				says = err.Error()
			}
			if diff := cmp.Diff([]any{c.says, c.left}, []any{says, found.LeaveOut().String()}); diff != "" {
				t.Error(diff)
			}
			if found.Ended == nil && good.Rows != c.good {
				t.Errorf("got %d good rows, want %d", good.Rows, c.good)
			}
		})
	}
}

// TestCheckedSourceReadsTheGoodRows: whoever reads the source as the manifest says gets the
// good rows, with the same manifest, and the hash of the whole file.
func TestCheckedSourceReadsTheGoodRows(t *testing.T) {
	src := Bytes([]byte("a,b\n1,x\nnot a number,a long text\n2,\n1,z\n3\n4,w\n"), Options{Name: "f.csv"})
	good, found, err := Check(t.Context(), src, numbersIn(Key{Columns: []int{0}, Numbers: []bool{true}}))
	if err != nil || found.Bad != 3 {
		t.Fatal(found, err)
	}
	again, err := Measure(t.Context(), good.AsRead(src))
	if err != nil {
		t.Fatal(err)
	}
	whole, err := Measure(t.Context(), Bytes([]byte("a,b\n1,x\n2,\n4,w\n"), Options{Name: "f.csv"}))
	if err != nil {
		t.Fatal(err)
	}
	again.Bad = good.Bad
	if diff := cmp.Diff(good, again); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(whole.Columns, good.Columns); diff != "" || good.Rows != 3 {
		t.Error(good.Rows, diff)
	}
	if got := good.Bad.String(); got != "lines 3, 5, 6" {
		t.Error(got)
	}
}

func TestFaultsAreCounted(t *testing.T) {
	var file strings.Builder
	file.WriteString("a,b\n")
	for i := range 100 {
		fmt.Fprintf(&file, "%d,x\nword %d,x\n", i/2, i)
	}
	src := Bytes([]byte(file.String()), Options{Name: "f.csv"})
	checks := func(most int) func([]string) Checks {
		return func(columns []string) Checks {
			c := numbersIn(Key{Columns: []int{0}, Numbers: []bool{true}})(columns)
			c.Faults = most
			return c
		}
	}
	for most, want := range map[int]int{0: 10, 3: 3, AllFaults: 150} {
		_, found, err := Check(t.Context(), src, checks(most))
		if err != nil {
			t.Fatal(err)
		}
		counts := []FaultCount{{"a", "it is no number", 100}, {"a", "another row has the same key", 50}}
		if diff := cmp.Diff([]any{want, int64(150), int64(150), int64(200), counts}, []any{len(found.First), found.Total, found.Bad, found.Rows, found.Counts}); diff != "" {
			t.Errorf("%d: %s", most, diff)
		}
		for i := 1; i < len(found.First); i++ {
			if found.First[i].Line <= found.First[i-1].Line {
				t.Errorf("%d: line %d follows line %d", most, found.First[i].Line, found.First[i-1].Line)
			}
		}
	}
	_, found, _ := Check(t.Context(), src, checks(1))
	want := "f.csv has 150 faults in 150 rows:\n  line 3, column \"a\": value \"word 0\": it is no number\n  and 149 more; all of them by column and reason:\n" +
		"  100 in column \"a\": it is no number\n  50 in column \"a\": another row has the same key"
	if diff := cmp.Diff(want, found.Err().Error()); diff != "" {
		t.Error(diff)
	}
}

// TestEachFormatGoesOnAfterABadRow, so that all that is wrong is told at once.
func TestEachFormatGoesOnAfterABadRow(t *testing.T) {
	for _, c := range []struct {
		format Format
		read   Options
		file   string
		says   string
	}{
		{format: FormatTSV, file: "a\tb\n1\n2\ty\n3\n", says: "1,3"},
		{format: FormatCSV, read: Options{SkipLast: 1}, file: "a,b\n1\n2,y\n3\ntotal\n", says: "1,3"},
		{format: FormatCSV, file: "a\n1\n2,2\n3\n4,4\n", says: "2,4"},
		{format: FormatMySQL, file: "a\tb\n1\n2\ty\n3\n", says: "1,3"},
		{format: FormatJSONL, file: "{\"a\":1}\n{\"b\":1}\n{\"a\":2}\n{\"a\":1,\"b\":2}\nno JSON\n", says: "2,4-5"},
		{format: FormatJSON, file: `[{"a":1},{"b":1},{"a":2},{"a":1,"b":2}]`, says: "2,4"},
	} {
		c.read.Format = c.format
		_, found, err := Check(t.Context(), Bytes([]byte(c.file), c.read), func([]string) Checks { return Checks{} })
		if err != nil || found.Ended != nil || found.LeaveOut().String() != c.says {
			t.Errorf("%s: got the rows %s, %v, %v, want %s", c.format, found.LeaveOut(), found.Ended, err, c.says)
		}
	}
}

func TestRejects(t *testing.T) {
	const file = "E-Mail,n,ignored\nada,1,i\n\"\",,\"a,b\"\nbob,2\nada,3,k\nN/A,4,l\n"
	src := Bytes([]byte(file), Options{Name: "f.csv", Renames: map[string]string{"E-Mail": "email"}, Ignore: []string{"ignored"},
		Const: map[string]string{"source": "x"}, Null: []string{"N/A", ""}})
	var out strings.Builder
	r, err := NewRejects(&out, src)
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := Check(t.Context(), src, func([]string) Checks {
		return Checks{Values: []func(Value) error{nil, isNumber, nil}, Keys: []Key{{Columns: []int{0}, Numbers: []bool{false}}}, Reject: r.Add}
	})
	if err := errors.Join(err, r.End(t.Context(), m), r.Close()); err != nil {
		t.Fatal(err)
	}
	want := `tablesnap_reason,E-Mail,n,ignored
"line 3, column ""n"": value NULL: it may not be NULL","",,"a,b"
"line 4: the row has 2 values for 3 columns: look for a missing or an extra delimiter, or a value that needs quotes",bob,2
"line 5, column ""email"": value ""ada"": line 2 has the same key",ada,3,k
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestRowSet(t *testing.T) {
	var s RowSet
	for _, row := range []int64{1, 3, 4, 5, 9} {
		s.add(row)
	}
	if s.String() != "1,3-5,9" {
		t.Error(s)
	}
	var read RowSet
	if err := read.UnmarshalText([]byte("1,3-5,9")); err != nil || !read.Equal(s) {
		t.Error(read, err)
	}
	var o RowSet
	for _, row := range []int64{2, 4, 10, 12} {
		o.add(row)
	}
	if got := s.with(o).String(); got != "1-5,9-10,12" {
		t.Error(got)
	}
	cursor := s.cursor()
	var has []int64
	for row := range int64(12) {
		if cursor.has(row) {
			has = append(has, row)
		}
	}
	if diff := cmp.Diff([]int64{1, 3, 4, 5, 9}, has); diff != "" {
		t.Error(diff)
	}
	for _, wrong := range []string{"x", "1,", "3,2", "5-4", "0", "-1", "1-2,2", "99999999999999999999"} {
		if err := read.UnmarshalText([]byte(wrong)); err == nil {
			t.Errorf("%q was read", wrong)
		}
	}
}

// TestKeySorter looks at more hashes than are kept in memory.
func TestKeySorter(t *testing.T) {
	const hash = 0x9E3779B97F4A7C15 // spreads numbers
	for _, most := range []int{0, 1000, 1 << 20} {
		s := newKeySorter(most)
		var want []uint64
		for i := range uint64(10_000) {
			if err := s.add((i % 9_900) * hash); err != nil {
				t.Fatal(err)
			}
			if i >= 9_900 {
				want = append(want, (i-9_900)*hash)
			}
		}
		if err := s.add(0); err != nil { // a third time
			t.Fatal(err)
		}
		got, err := s.twice()
		s.close()
		slices.Sort(want)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Error(err, diff)
		}
	}
}

func TestNumbersAreTheSameKey(t *testing.T) {
	key := func(v Value) string { return numberKey(&v) }
	for _, c := range [][2]string{{"1", "01"}, {"1", "+1"}, {"1", " 1.0 "}, {"0", "-0.00"}, {"-1.5", "-01.50"}, {".5", "0.5"}, {"7 ", "7"}} {
		if a, b := key(Text(c[0])), key(Text(c[1])); a != b {
			t.Errorf("%q is %q, and %q is %q", c[0], a, c[1], b)
		}
	}
	for _, c := range [][2]string{{"1", "-1"}, {"1", "10"}, {"100", "1"}, {"1.5", "15"}, {"1e3", "1e4"}, {"", "x"}} {
		if a, b := key(Text(c[0])), key(Text(c[1])); a == b {
			t.Errorf("%q and %q are %q", c[0], c[1], a)
		}
	}
	if key(Integer(7)) != key(Text("7")) {
		t.Error("an integer is not its text")
	}
}
