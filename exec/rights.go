package exec

import (
	"context"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// MayRun checks whether the client's user has the privileges to run the plan. Otherwise
// the error is a *plan.RefusedError that names each missing privilege with its GRANT
// statement. Planning does not need these privileges.
func (c *Client) MayRun(ctx context.Context, p plan.Plan) error {
	if err := c.ready(); err != nil {
		return err
	}
	return c.may(ctx, p.Upload.Table, p.Operation, p.Needs(c.backend))
}

func (c *Client) may(ctx context.Context, table dialect.Ident, op plan.Operation, needs []dialect.Need) error {
	if _, ok := dialect.As[dialect.RightsKeeper](c.backend); !ok {
		return nil
	}
	return c.reading(ctx, func(c *Client) error { return mayOn(ctx, c.conn, c.backend, table, op, needs) })
}

// mayOn checks privileges on an open connection.
func mayOn(ctx context.Context, conn dialect.Conn, backend dialect.Backend, table dialect.Ident, op plan.Operation, needs []dialect.Need) error {
	keeper, ok := dialect.As[dialect.RightsKeeper](backend)
	if !ok {
		return nil
	}
	missing, err := keeper.Lacks(ctx, conn, dialect.DistinctNeeds(needs))
	if err != nil || len(missing) == 0 {
		return err
	}
	return &plan.RefusedError{Table: table, Operation: op, Reasons: missing}
}

// namingRights adds the missing privileges to a permission error. The user had them when
// the run began.
func (r *run) namingRights(ctx context.Context, err error) error {
	keeper, ok := dialect.As[dialect.RightsKeeper](r.backend)
	if !ok || !keeper.Denied(err) || r.owner == ownedByCaller {
		return err
	}
	missing, failed := keeper.Lacks(ctx, r.conn, r.plan.Needs(r.backend))
	if failed != nil || len(missing) == 0 {
		return err
	}
	return fmt.Errorf("%w; %s", err, strings.Join(missing, "; "))
}

func (c *Client) mayMigrate(ctx context.Context) error {
	var migration int64
	err := c.reading(ctx, func(c *Client) (err error) {
		migration, err = c.backend.LedgerVersion(ctx, c.conn)
		return err
	})
	if err != nil || len(ledger.Pending(c.backend, migration)) == 0 {
		return err
	}
	return c.may(ctx, dialect.Ident{Name: dialect.RunTable}, plan.OpMigrate, ledger.UpdateNeeds(c.backend, migration))
}
