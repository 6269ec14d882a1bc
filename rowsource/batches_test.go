package rowsource

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// other is a source that is no file.
type other struct{ Source }

func (o other) With(options Options) Source { return other{o.Source.With(options)} }

// manyRows is a file of several batches, with rows that are larger than one. Each way of
// being bad is in it again and again.
func manyRows() Source {
	var f strings.Builder
	f.WriteString("a,b,c\n")
	for i := range 20_000 {
		switch {
		case i%997 == 0:
			fmt.Fprintf(&f, "word %d,x,yes\n", i)
		case i%1009 == 0:
			f.WriteString("1\n")
		case i%1013 == 0:
			fmt.Fprintf(&f, "%d,y,neither\n", i)
		case i%1019 == 0:
			fmt.Fprintf(&f, "%d,the same key,no\n", i-1)
		case i%5003 == 0:
			fmt.Fprintf(&f, "%d,%s,yes\n", i, strings.Repeat("z", 2*batchSize))
		default:
			fmt.Fprintf(&f, "%d,,no\n", i)
		}
	}
	return Bytes([]byte(f.String()), Options{Name: "f.csv", Forms: map[string]Form{"c": {Booleans: []string{"yes", "no"}}}})
}

// TestCheckFileAsOtherSource: what is found in a file, whose rows are read while others are
// checked, is what is found if one row is read after the other.
func TestCheckFileAsOtherSource(t *testing.T) {
	check := func(s Source) (m Manifest, f Faults, rejected []string) {
		checks := func(columns []string) Checks {
			c := numbersIn(Key{Columns: []int{0}, Numbers: []bool{true}})(columns)
			c.Faults = AllFaults
			c.Reject = func(row int64, bad *RowError) error {
				rejected = append(rejected, fmt.Sprint(row, " ", bad))
				return nil
			}
			return c
		}
		m, f, err := Check(t.Context(), s, checks)
		if err != nil {
			t.Fatal(err)
		}
		return m, f, rejected
	}
	want, wantFaults, wantRejected := check(other{manyRows()})
	got, faults, rejected := check(manyRows())
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(wantRejected, rejected); diff != "" || len(rejected) < 70 {
		t.Error(len(rejected), diff)
	}
	if got, want := fmt.Sprint(faults.Err(), faults.LeaveOut()), fmt.Sprint(wantFaults.Err(), wantFaults.LeaveOut()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestCheckStopsReading: a check that ends before the file does leaves no goroutine behind.
func TestCheckStopsReading(t *testing.T) {
	full := errors.New("the disk is full")
	for name, c := range map[string]struct{ reject, want error }{
		"a row cannot be rejected": {full, full},
		"canceled":                 {nil, context.Canceled},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		if c.reject == nil {
			cancel()
		}
		goroutines := runtime.NumGoroutine()
		_, _, err := Check(ctx, manyRows(), func(columns []string) Checks {
			checks := numbersIn()(columns)
			checks.Reject = func(int64, *RowError) error { return c.reject }
			return checks
		})
		cancel()
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		if n := runtime.NumGoroutine(); n > goroutines {
			t.Errorf("%s: %d goroutines were left", name, n-goroutines)
		}
	}
}
