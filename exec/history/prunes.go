package history

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// Pins returns the versions of a table that prune leaves alone.
func Pins(ctx context.Context, c dialect.Conn, d dialect.Dialect, t dialect.Target) ([]int64, error) {
	if t.Ledger.Migration < dialect.PinMigration {
		return nil, nil
	}
	pins, err := collect(ctx, c, dialect.SelectPins(d, t.Ident.Name), func(rows *sql.Rows, n *int64) error { return rows.Scan(n) })
	if err != nil {
		return nil, fmt.Errorf("read the pins: %w", err)
	}
	return pins, nil
}

// prunedVersions are the versions whose rows a prune has deleted, and when.
func prunedVersions(ctx context.Context, c dialect.Conn, d dialect.Dialect, table string) (map[int64]string, error) {
	runs, err := Runs(ctx, c, d, dialect.RunFilter{Table: table, State: dialect.Done, Operation: string(plan.OpPrune)})
	if err != nil {
		return nil, err
	}
	pruned := map[int64]string{}
	for _, r := range runs {
		for _, v := range plan.PrunedVersions(r.SourceName) {
			pruned[v] = deref(r.FinishedAt)
		}
	}
	return pruned, nil
}

// OnlyHere says why the rows of a version can be had from nowhere else, in a
// sentence: they are not those of a file. It is empty where they are, as far as
// the audit knows.
func (v Version) OnlyHere() string {
	switch {
	case v.Number == nil:
		return "another program put it into the backup"
	case deref(v.DocID) == "":
		return "no upload has brought its rows"
	case v.replacedBy != nil && slices.Contains(v.replacedBy.warnings(), string(plan.ChangedSince)):
		return "another program changed its rows after they were loaded"
	default:
		return ""
	}
}

// Taken is the time at which the version's snapshot was taken, empty where it has
// none.
func (v Version) Taken() string {
	if v.replacedBy == nil {
		return ""
	}
	return deref(v.replacedBy.FinishedAt)
}
