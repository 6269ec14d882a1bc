package exec

import (
	"context"
	"fmt"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/compare"
	"github.com/tablesnap/tablesnap/plan"
)

// sampleRows is the number of rows that planning looks at. If an upload would lose
// values, the first rows usually show it; the run looks at all rows.
const sampleRows = 1000

// sample reads what the first rows hold in columns that a source lacks.
func (c *Client) sample(ctx context.Context, t dialect.Target, lacking []dialect.Column) (*plan.Sample, error) {
	if len(lacking) == 0 || !c.mayLook(t) {
		return nil, nil
	}
	s := plan.Sample{Reset: map[string]int64{}}
	rows, into := make([]int64, len(lacking)), []any{&s.Rows}
	for i := range rows {
		into = append(into, &rows[i])
	}
	if seen, err := c.look(ctx, t.Ident, compare.SampleReset(c.backend, t.Ident, lacking, sampleRows), into...); !seen {
		return nil, err
	}
	for i, column := range lacking {
		s.Reset[column.Name] = rows[i]
	}
	return &s, nil
}

// counted counts the rows of a table up to limit. It is nil if limit is 0.
func (c *Client) counted(ctx context.Context, t dialect.Target, limit int64) (*int64, error) {
	if limit == 0 || !c.mayLook(t) {
		return nil, nil
	}
	var rows int64
	seen, err := c.look(ctx, t.Ident, compare.CountUpTo(c.backend, t.Ident, limit), &rows)
	if !seen {
		return nil, err
	}
	return &rows, nil
}

// mayLook reports whether any strategy can upload to the table. If none can, its rows may
// be unreadable, such as those of a foreign partition.
func (c *Client) mayLook(t dialect.Target) bool {
	return t.Table != nil && t.Table.Kind == dialect.BaseTable && slices.ContainsFunc(c.backend.Facts().Strategies, func(s dialect.Strategy) bool {
		return len(c.backend.Unsupported(t, s)) == 0
	})
}

// look reads the one row of a query on a table's first rows. If the user may not read the
// table, it reports false without an error: the plan is then refused for the missing
// privilege, or the run looks at all rows.
func (c *Client) look(ctx context.Context, table dialect.Ident, query string, into ...any) (seen bool, err error) {
	err = c.reading(ctx, func(c *Client) error {
		return c.conn.QueryRowContext(ctx, query).Scan(into...)
	})
	keeper, ok := dialect.As[dialect.RightsKeeper](c.backend)
	switch {
	case err == nil:
		return true, nil
	case ok && keeper.Denied(err):
		return false, nil
	case c.backend.Classify(err) == dialect.FailureBusy:
		return false, &LockedError{Table: table, Err: err}
	default:
		return false, fmt.Errorf("look at the first rows of %q: %w", table.Name, err)
	}
}

// empty reports whether a table that the ledger does not know has no rows. If the user
// may not read the table, it is assumed to have some.
func (c *Client) empty(ctx context.Context, t dialect.Target) (empty bool, err error) {
	if t.Ledger.Last != nil || !c.mayLook(t) {
		return false, nil
	}
	seen, err := c.look(ctx, t.Ident, "SELECT "+dialect.IsEmpty(c.backend, t.Ident), &empty)
	return seen && empty, err
}
