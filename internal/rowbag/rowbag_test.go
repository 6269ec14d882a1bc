package rowbag_test

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/internal/rowbag"
)

func newBags(t *testing.T) *rowbag.Bags {
	b, err := rowbag.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func add(t *testing.T, b *rowbag.Bags, side rowbag.Side, row string) {
	t.Helper()
	if err := b.Add(side, []byte(row), []byte("kept "+row)); err != nil {
		t.Fatal(err)
	}
}

// read reads the rows of a side that were not ruled out.
func read(t *testing.T, b *rowbag.Bags, side rowbag.Side) []string {
	t.Helper()
	rows, err := b.Read(side)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for {
		kept, err := rows.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(kept))
	}
}

// differences are how often more each row is in To. Rows that are as often in both may
// remain on both sides.
func differences(t *testing.T, b *rowbag.Bags) map[string]int64 {
	t.Helper()
	differ, err := b.Narrow()
	if err != nil {
		t.Fatal(err)
	}
	more := make(map[string]int64)
	for side, step := range map[rowbag.Side]int64{rowbag.From: -1, rowbag.To: 1} {
		for _, row := range read(t, b, side) {
			more[row] += step
		}
	}
	maps.DeleteFunc(more, func(_ string, n int64) bool { return n == 0 })
	if differ != (len(more) > 0) {
		t.Errorf("reported %v, but these differ: %v", differ, more)
	}
	return more
}

func TestRandomBags(t *testing.T) {
	for seed := range uint64(50) {
		random, b, want := rand.New(rand.NewPCG(seed, 0)), newBags(t), make(map[string]int64)
		kinds := 1 + random.IntN(200)
		for side, step := range map[rowbag.Side]int64{rowbag.From: -1, rowbag.To: 1} {
			for range random.IntN(300) {
				row := fmt.Sprint(random.IntN(kinds))
				add(t, b, side, row)
				want["kept "+row] += step
			}
		}
		maps.DeleteFunc(want, func(_ string, n int64) bool { return n == 0 })
		if diff := cmp.Diff(want, differences(t, b)); diff != "" {
			t.Errorf("seed %d (-want +got):\n%s", seed, diff)
		}
	}
}

// TestNarrow has so many rows that each bucket holds several. Only the rows that differ are
// left, and few others.
func TestNarrow(t *testing.T) {
	b := newBags(t)
	const rows, changed = 600_000, 500
	for n := range rows {
		add(t, b, rowbag.From, fmt.Sprint(n))
		to := rows - 1 - n // the other way round
		if to < changed {
			to += rows
		}
		add(t, b, rowbag.To, fmt.Sprint(to))
	}
	more := differences(t, b)
	if len(more) != 2*changed || more["kept 0"] != -1 || more[fmt.Sprintf("kept %d", rows)] != 1 {
		t.Errorf("%d rows differ", len(more))
	}
	if left := len(read(t, b, rowbag.From)); left > 2*changed {
		t.Errorf("%d rows of one side are left, of which %d differ", left, changed)
	}
}

// TestAllDiffer has no row that could be ruled out.
func TestAllDiffer(t *testing.T) {
	b := newBags(t)
	for n := range 100 {
		add(t, b, rowbag.From, fmt.Sprint(n))
	}
	if more := differences(t, b); len(more) != 100 || b.Rows(rowbag.From) != 100 || b.Rows(rowbag.To) != 0 {
		t.Errorf("these differ: %v", more)
	}
	for n, kept := range read(t, b, rowbag.From) { // once more, in order
		if kept != fmt.Sprintf("kept %d", n) {
			t.Errorf("row %d is %q", n, kept)
		}
	}
}

// TestNothing has the same rows on both sides.
func TestNothing(t *testing.T) {
	b := newBags(t)
	for _, side := range []rowbag.Side{rowbag.From, rowbag.To} {
		for n := range 100 {
			add(t, b, side, fmt.Sprint(n%7))
		}
	}
	if more := differences(t, b); len(more) != 0 {
		t.Errorf("these differ: %v", more)
	}
	if left := read(t, b, rowbag.From); left != nil {
		t.Errorf("these are left: %v", left)
	}
}
