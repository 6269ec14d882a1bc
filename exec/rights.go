package exec

import (
	"context"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// MayRun finds out whether the client's user has the rights that a run of the plan
// takes. The error is a *plan.RefusedError that names each missing right, with the
// statement that gives it. Who plans does not need them.
func (c *Client) MayRun(ctx context.Context, p plan.Plan) error {
	if err := c.ready(); err != nil {
		return err
	}
	return c.may(ctx, p.Upload.Table, p.Operation, p.Needs(c.backend))
}

func (c *Client) may(ctx context.Context, table dialect.Ident, op plan.Operation, needs []dialect.Need) error {
	backend := c.backend
	if joined, ok := backend.(dialect.ExternalTx); ok {
		backend = joined.Backend
	}
	keeper, ok := backend.(dialect.RightsKeeper)
	if !ok {
		return nil
	}
	return c.reading(ctx, func(c *Client) error {
		missing, err := keeper.Lacks(ctx, c.conn, dialect.DistinctNeeds(needs))
		if err != nil || len(missing) == 0 {
			return err
		}
		return &plan.RefusedError{Table: table, Operation: op, Reasons: missing}
	})
}

func (c *Client) mayMigrate(ctx context.Context) error {
	var migration int64
	err := c.reading(ctx, func(c *Client) (err error) {
		migration, err = c.backend.LedgerVersion(ctx, c.conn)
		return err
	})
	if err != nil || len(dialect.PendingMigrations(c.backend, migration)) == 0 {
		return err
	}
	return c.may(ctx, dialect.Ident{Name: dialect.RunTable}, plan.OpMigrate, dialect.LedgerNeeds(c.backend, migration))
}
