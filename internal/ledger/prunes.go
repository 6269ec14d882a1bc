package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
)

// Pins returns the versions of a table that prune leaves alone.
func Pins(ctx context.Context, c dialect.Conn, d dialect.Dialect, t dialect.Target) ([]int64, error) {
	if t.Ledger.Migration < dialect.PinMigration {
		return nil, nil
	}
	pins, err := collect(ctx, c, SelectPins(d, t.Ident.Name), func(rows *sql.Rows, n *int64) error { return rows.Scan(n) })
	if err != nil {
		return nil, fmt.Errorf("read the pins: %w", err)
	}
	return pins, nil
}

// pruning is what the audit says of the deletion of a version's rows.
type pruning struct {
	// done is when they were deleted, and begun when a step ended that may have
	// deleted some of them; empty where none did.
	done, begun string
}

// prunings are those of a prune or of an upload, by version.
func prunings(ctx context.Context, c dialect.Conn, d dialect.Dialect, t dialect.Target) (map[int64]pruning, error) {
	steps, err := collect(ctx, c, SelectLogged(d, t.Ident.Name, EventPrune, t.Ledger.Migration), scanStep)
	if err != nil {
		return nil, fmt.Errorf("read which versions were pruned: %w", err)
	}
	found := map[int64]pruning{}
	for _, s := range steps {
		s.understand(legacy{d: d, target: t})
		known, err := s.Known()
		if err != nil || known.Version == nil {
			continue
		}
		p, at := found[*known.Version], cmp.Or(deref(s.FinishedAt), s.StartedAt)
		switch {
		case State(s.State) == Done:
			p.done = at
		case State(s.State) != Skipped:
			p.begun = at
		}
		found[*known.Version] = p
	}
	return found, nil
}

// Snapshots are the versions whose rows are kept beside the table, newest first.
func Snapshots(t dialect.Target, versions []Version) []dialect.Snapshot {
	var kept []dialect.Snapshot
	for _, v := range versions {
		if v.Number == nil || v.Where == "" || v.Present(t) {
			continue
		}
		kept = append(kept, dialect.Snapshot{
			Version: *v.Number, Rows: deref(v.Rows), Table: t.Ident.InSchemaOf(v.Where), Taken: v.taken(), Pinned: v.Pinned, OnlyHere: v.onlyHere(), Rest: v.PartlyPruned != "",
		})
	}
	return kept
}

// onlyHere says why the rows of a version can be had from nowhere else, in a
// sentence: they are not those of a file. It is empty where they are, as far as
// the audit knows.
func (v Version) onlyHere() string {
	switch {
	case v.Number == nil:
		return "another program put it into the backup"
	case deref(v.DocID) == "":
		return "no upload has brought its rows"
	case v.replacedBy != nil && slices.Contains(v.replacedBy.warnings(), ChangedSince):
		return "another program changed its rows after they were loaded"
	default:
		return ""
	}
}

// taken is the time at which the version's snapshot was taken, empty where it has
// none.
func (v Version) taken() string {
	if v.replacedBy == nil {
		return ""
	}
	return deref(v.replacedBy.FinishedAt)
}
