package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
)

// Pins returns a table's pinned versions.
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

// pruning is what the audit says about the deletion of a version's rows.
type pruning struct {
	// done is when the rows were deleted. begun is when a step ended that may have
	// deleted some of them. Either is empty if it did not happen.
	done, begun string
}

// prunings are the deletions by prunes and uploads, by version.
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

// Snapshots are the earlier versions whose rows are kept, newest first.
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

// onlyHere says in a sentence why the rows of a version exist nowhere else. It is empty
// if the audit says that they came from a file.
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

// taken is the time of the version's snapshot. It is empty if it has none.
func (v Version) taken() string {
	if v.replacedBy == nil {
		return ""
	}
	return deref(v.replacedBy.FinishedAt)
}
