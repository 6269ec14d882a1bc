package number_test

import (
	"math/big"
	"testing"

	"github.com/tablesnap/tablesnap/dialect/internal/number"
)

func TestParse(t *testing.T) {
	for s, want := range map[string]struct {
		magnitude, places, significant int
	}{
		"0": {}, "-0.00": {}, "0e999": {}, "7": {1, 0, 1}, "-12.50": {2, 1, 3}, "100": {3, -2, 1}, "0.05": {-1, 2, 1}, ".5": {0, 1, 1}, "5.": {1, 0, 1},
		"1e2": {3, -2, 1}, "10e-1": {1, 0, 1}, "12.5e1": {3, 0, 3}, "1E-400": {-399, 400, 1}, "+1.25e+2": {3, 0, 3}, "00120": {3, -1, 2},
		"1e99999999999999999999": {1_000_000_001, -1_000_000_000, 1},
	} {
		n, ok := number.Parse(s)
		if got := (struct{ magnitude, places, significant int }{n.Magnitude(), n.Places(), n.Significant()}); !ok || got != want {
			t.Errorf("%q: got %+v (%t), want %+v", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "-", ".", "e1", "1e", "1e+", "1 ", " 1", "x", "1x", "0x1", "1_0", "--1", "1.2.3", "NaN"} {
		if n, ok := number.Parse(s); ok {
			t.Errorf("%q is taken for the number %+v", s, n)
		}
	}
}

func TestRange(t *testing.T) {
	tiny := number.Between("-128", "127")
	for s, want := range map[string]bool{"-128": true, "-128.0": true, "-128.5": false, "-129": false, "127": true, "1.27e2": true, "127.01": false, "128": false, "0": true, "-0": true, "1e9": false, "-1e9": false} {
		if n, _ := number.Parse(s); tiny.Has(n) != want {
			t.Errorf("%s is in the range: %t", s, !want)
		}
	}
	for _, bytes := range []int{1, 2, 3, 4, 8} {
		number.Between(number.Signed(bytes))
		number.Between(number.Unsigned(bytes))
	}
}

func FuzzCompare(f *testing.F) {
	for _, pair := range [][2]string{{"1", "1.0"}, {"-1", "1"}, {"0", "-0"}, {"0.5", "5e-1"}, {"99", "100"}, {"-99", "-100"}, {"1e-3", "0"}, {"123.456", "123.4560001"}} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		n, okA := number.Parse(a)
		o, okB := number.Parse(b)
		if !okA || !okB || max(n.Magnitude(), o.Magnitude(), n.Places(), o.Places()) > 1000 || min(n.Magnitude(), o.Magnitude(), n.Places(), o.Places()) < -1000 {
			return
		}
		x, okX := new(big.Rat).SetString(a)
		y, okY := new(big.Rat).SetString(b)
		if !okX || !okY {
			t.Skip("big does not read it")
		}
		if got, want := n.Compare(o), x.Cmp(y); got != want {
			t.Errorf("%q and %q: got %d, want %d", a, b, got, want)
		}
	})
}
