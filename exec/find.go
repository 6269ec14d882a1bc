package exec

import (
	"context"
	"fmt"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// find inspects the table of a request. If there is none, it looks for tables that the user
// may have meant. It inspects again if the table was made in between: one that is there
// all the time and that an inspection does not find is left to the planner.
func (c *Client) find(ctx context.Context, req Request) (target dialect.Target, meant dialect.Namesakes, err error) {
	inspect := c.Inspect
	switch {
	case req.Options.Retention != (plan.Retention{}):
		inspect = c.Schema
	case len(req.Kind.DropColumns) == 0:
		inspect = c.inspectWithoutDrops
	}
	for range 3 {
		target, err = c.awaitIdle(ctx, inspect, req.Table, req.Options.LockTimeout)
		if err == nil && target.Table != nil {
			target.Making, err = c.making(ctx, target, req.Options.Backup)
		}
		if err != nil || target.Table != nil {
			return target, dialect.Namesakes{}, err
		}
		meant, err = c.namesakes(ctx, target.Ident, req.Table)
		made := slices.ContainsFunc(meant.Here, func(i dialect.Ident) bool { return i.Name == target.Ident.Name })
		if err != nil || !made {
			break
		}
	}
	return target, meant, err
}

// namesakes looks for tables that the user may have meant. A quoted name is meant as it
// is.
func (c *Client) namesakes(ctx context.Context, missing dialect.Ident, written string) (dialect.Namesakes, error) {
	ref, err := dialect.ParseReference(written)
	if err != nil {
		return dialect.Namesakes{}, err
	}
	meant, err := c.backend.Namesakes(ctx, c.conn, missing)
	if err != nil {
		return meant, fmt.Errorf("look for tables that are called like %q: %w", missing.Name, err)
	}
	if ref.Name.Quoted {
		meant.Here, meant.Beside = nil, nil
	}
	meant.Chosen = meant.Chosen || ref.Schema.Text != ""
	return meant, nil
}
