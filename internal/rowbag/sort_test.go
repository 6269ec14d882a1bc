package rowbag_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/internal/rowbag"
)

// TestSorter sorts in memory, in one run, in several, and in so many that they are merged more
// than once. Rows of the same key stay in their order.
func TestSorter(t *testing.T) {
	for _, memory := range []int{0, 100, 10_000, 1 << 20} {
		for _, rows := range []int{0, 1, 64, 5000} {
			t.Run(fmt.Sprintf("%d rows in %d bytes", rows, memory), func(t *testing.T) { testSorter(t, memory, rows) })
		}
	}
}

func testSorter(t *testing.T, memory, rows int) {
	type row struct{ key, value string }
	s, random := rowbag.Sorter{Memory: memory}, rand.New(rand.NewPCG(uint64(rows), 0))
	defer s.Close()
	var got, want []row
	for n := range rows {
		r := row{strings.Repeat("k", random.IntN(5)) + fmt.Sprint(random.IntN(rows)), fmt.Sprint(n)}
		want = append(want, r)
		if err := s.Add([]byte(r.key), []byte(r.value)); err != nil {
			t.Fatal(err)
		}
	}
	err := s.Each(func(key, value []byte) error {
		got = append(got, row{string(key), string(value)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(want, func(a, b row) int { return strings.Compare(a.key, b.key) })
	if !slices.Equal(got, want) {
		t.Error(cmp.Diff(want, got, cmp.AllowUnexported(row{})))
	}
}
