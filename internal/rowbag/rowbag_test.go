package rowbag_test

import (
	"errors"
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

// differences are how often more each row is in To.
func differences(t *testing.T, b *rowbag.Bags, limit int) map[string]int64 {
	t.Helper()
	found, err := b.Differences(limit)
	if err != nil {
		t.Fatal(err)
	}
	more := make(map[string]int64)
	for _, d := range found {
		more[string(d.Kept)] = d.More
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
		if diff := cmp.Diff(want, differences(t, b, 1<<20)); diff != "" {
			t.Errorf("seed %d (-want +got):\n%s", seed, diff)
		}
	}
}

// TestNarrow has so many rows that each bucket holds several, and too little memory for those
// in the buckets that differ.
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
	more := differences(t, b, 2*changed*150)
	if len(more) != 2*changed || more["kept 0"] != -1 || more[fmt.Sprintf("kept %d", rows)] != 1 {
		t.Errorf("%d rows differ", len(more))
	}
}

func TestTooMany(t *testing.T) {
	b := newBags(t)
	for n := range 100 {
		add(t, b, rowbag.From, fmt.Sprint(n))
	}
	if _, err := b.Differences(1000); !errors.As(err, new(rowbag.TooManyError)) {
		t.Errorf("got %v", err)
	}
	rows, err := b.Read(rowbag.From) // they can be read nevertheless
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; ; n++ {
		_, kept, err := rows.Next()
		if err == io.EOF {
			break
		}
		if err != nil || string(kept) != fmt.Sprintf("kept %d", n) {
			t.Fatalf("row %d is %q, %v", n, kept, err)
		}
	}
	if n != 100 || b.Rows(rowbag.From) != 100 || b.Rows(rowbag.To) != 0 {
		t.Errorf("%d rows were read", n)
	}
}

// TestNothing has the same rows on both sides, which takes no memory.
func TestNothing(t *testing.T) {
	b := newBags(t)
	for _, side := range []rowbag.Side{rowbag.From, rowbag.To} {
		for n := range 100 {
			add(t, b, side, fmt.Sprint(n%7))
		}
	}
	if more := differences(t, b, 0); len(more) != 0 {
		t.Errorf("these differ: %v", more)
	}
}
