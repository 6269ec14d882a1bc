package plan

import (
	"fmt"
	"math"

	"github.com/tablesnap/tablesnap/dialect"
)

// CountTo is the limit to which the table's rows must be counted, for [Input.Counted]. It
// is 0 unless the known row count (of the last upload, or the server's estimate) would
// cause the hazard [Shrinks].
func CountTo(in Input) int64 {
	least := leastTooMany(in.Source.Rows, in.Options)
	if rows, known := knownRows(in.Target); in.Source.Rows == 0 || !known || rows < least {
		return 0
	}
	return least
}

// CountToForSnapshot is CountTo for a restore.
func CountToForSnapshot(r RestoreInput) int64 {
	if r.Snapshot.Count == CountedByRun {
		return 0
	}
	in := Input{Target: r.Target, Options: r.Options}
	in.Source.Rows = r.Snapshot.Rows
	return CountTo(in)
}

// leastTooMany is the smallest row count of a table for which a source of this size is
// too small.
func leastTooMany(source int64, o Options) int64 {
	percent := int64(defaultMaxShrink)
	if o.MaxShrink != nil {
		percent = int64(*o.MaxShrink)
	}
	if percent <= 0 {
		return math.MaxInt64
	}
	return source*100/percent + 1
}

// knownRows is the table's row count without counting: what the last upload left, or else
// the server's estimate. Either may be wrong by now.
func knownRows(t dialect.Target) (int64, bool) {
	switch {
	case t.Table == nil:
	case t.Ledger.Last != nil:
		return t.Ledger.Last.Rows, true
	case t.EstimatedRows != nil:
		return *t.EstimatedRows, true
	}
	return 0, false
}

// tooFew reports whether the source seems too small, and for how many rows.
func (b builder) tooFew() (rows int64, tooFew bool) {
	if b.uncounted() || !b.op.replacesRows() || b.in.Source.Rows == 0 {
		return 0, false
	}
	rows, known := knownRows(b.in.Target)
	return rows, known && rows >= leastTooMany(b.in.Source.Rows, b.opts)
}

// shrinks says that the source is too small. It is empty if the source is large enough,
// or if only an estimate says otherwise, since the run counts. The message gives the last
// version's row count rather than the counted one, so that a plan made without a database
// is the same.
func (b builder) shrinks() string {
	rows, tooFew := b.tooFew()
	if !tooFew {
		return ""
	}
	least, last, has := leastTooMany(b.in.Source.Rows, b.opts), b.in.Target.Ledger.Last, ""
	switch counted := b.in.Counted; {
	case counted != nil && *counted < least:
		return ""
	case last != nil:
		has = fmt.Sprintf("version %d left %d", last.Number, rows)
	case counted != nil:
		has = fmt.Sprintf("it has at least %d", *counted)
	default:
		return ""
	}
	return fmt.Sprintf("%s has %s, less than %d%% of the rows of %q: %s", b.in.Source.Name, dialect.Rows(b.in.Source.Rows), *b.opts.MaxShrink, b.ident().Name, has)
}

// mayShrink says that the source is too small according to the server's estimate, if the
// rows could not be counted.
func (b builder) mayShrink() string {
	rows, tooFew := b.tooFew()
	if !tooFew || b.in.Counted != nil || b.in.Target.Ledger.Last != nil || b.allows(Shrinks) {
		return ""
	}
	return fmt.Sprintf("the server estimates that %q has about %s, and %s has %d: the run counts them, and stops if the file has less than %d%% of them",
		b.ident().Name, dialect.Rows(rows), b.in.Source.Name, b.in.Source.Rows, *b.opts.MaxShrink)
}
