package exec

import (
	"context"
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// sampleRows is how many rows planning looks at. Most tables whose values would be
// lost show it in the first of them; the run looks at all.
const sampleRows = 1000

// sample looks what the first rows hold in columns that a source lacks.
func (c *Client) sample(ctx context.Context, t dialect.Target, lacking []dialect.Column) (*plan.Sample, error) {
	if len(lacking) == 0 || t.Table == nil || t.Table.Kind != dialect.BaseTable {
		return nil, nil
	}
	s := plan.Sample{Reset: map[string]int64{}}
	rows, into := make([]int64, len(lacking)), []any{&s.Rows}
	for i := range rows {
		into = append(into, &rows[i])
	}
	err := c.reading(ctx, func(c *Client) error {
		return c.conn.QueryRowContext(ctx, dialect.SampleReset(c.backend, t.Ident, lacking, sampleRows)).Scan(into...)
	})
	if keeper, ok := c.backend.(dialect.RightsKeeper); ok && keeper.Denied(err) {
		return nil, nil // the plan is refused for what is missing, or the run looks at all rows
	}
	if err != nil && c.backend.Classify(err) == dialect.FailureBusy {
		return nil, &LockedError{Table: t.Ident, Err: err}
	}
	if err != nil {
		return nil, fmt.Errorf("look at the first rows of %q: %w", t.Ident.Name, err)
	}
	for i, column := range lacking {
		s.Reset[column.Name] = rows[i]
	}
	return &s, nil
}
