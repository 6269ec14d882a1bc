package exec

import (
	"context"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// Inspect reads what planning needs to know about a table. The table is a name, a display
// name or schema.name, each with or without quotes; see [dialect.ParseReference]. If
// there is no such table name, the error is a *dialect.NameError.
func (c *Client) Inspect(ctx context.Context, table string) (dialect.Target, error) {
	ref, err := dialect.ParseReference(table)
	if err != nil {
		return dialect.Target{}, err
	}
	return c.inspect(ctx, ref, dropsColumns)
}

// inspectWithoutDrops is Inspect for plans that drop no column.
func (c *Client) inspectWithoutDrops(ctx context.Context, table string) (dialect.Target, error) {
	ref, err := dialect.ParseReference(table)
	if err != nil {
		return dialect.Target{}, err
	}
	return c.inspect(ctx, ref, dropsNone)
}

// drops says whether a plan drops columns, so that it matters what that would break.
type drops string

const (
	dropsColumns drops = "drops columns"
	dropsNone    drops = "drops none"
)

func (c *Client) inspect(ctx context.Context, table dialect.Reference, d drops) (t dialect.Target, err error) {
	if err := c.ready(); err != nil {
		return t, err
	}
	inspect := c.backend.Inspect
	if quick, ok := dialect.As[dialect.QuickInspector](c.backend); ok && d == dropsNone {
		inspect = quick.InspectWithoutDrops
	}
	err = c.reading(ctx, func(c *Client) error {
		if t, err = inspect(ctx, c.conn, table); err != nil {
			return err
		}
		t.Empty, err = c.empty(ctx, t)
		return err
	})
	if err != nil && c.backend.Classify(err) == dialect.FailureBusy {
		err = &LockedError{Table: dialect.Ident{Name: table.Name.Text}, Err: err}
	}
	return t, err
}

// Schema is the result of Inspect with the table's snapshots, for planning without a
// database. [dialect.DecodeTarget] reads it back from JSON.
func (c *Client) Schema(ctx context.Context, table string) (t dialect.Target, err error) {
	err = c.reading(ctx, func(c *Client) error {
		if t, err = c.Inspect(ctx, table); err != nil {
			return err
		}
		if t.Making, err = c.making(ctx, t, plan.BackupTable); err != nil {
			return err
		}
		versions, err := ledger.Versions(ctx, c.conn, c.backend, t, ledger.AllVersions)
		t.Snapshots = ledger.Snapshots(t, versions)
		return err
	})
	return t, err
}

// making reads how the table is made, if a run that keeps it must make it anew. Otherwise it
// is nil.
func (c *Client) making(ctx context.Context, t dialect.Target, keeps plan.BackupMode) (*dialect.Making, error) {
	remaker, ok := dialect.As[dialect.Remaker](c.backend)
	if !ok || keeps != plan.BackupTable || t.Table == nil || t.Table.Kind != dialect.BaseTable {
		return nil, nil
	}
	m, err := remaker.ReadMaking(ctx, c.conn, *t.Table)
	return &m, err
}

// Migrate creates or updates the ledger's tables, as an upload does by itself. It returns
// the migrations that it applied.
func (c *Client) Migrate(ctx context.Context) ([]int64, error) {
	if err := c.mayMigrate(ctx); err != nil {
		return nil, err
	}
	return c.sessions.migrate(ctx)
}

// Audit returns the runs that the filter selects with their steps, newest first, or none
// if the database has no ledger yet.
func (c *Client) Audit(ctx context.Context, f RunFilter) (runs []Run, err error) {
	err = c.reading(ctx, func(c *Client) error {
		if runs, err = c.Runs(ctx, f); err != nil {
			return err
		}
		for i := range runs {
			if runs[i].Steps, err = ledger.Steps(ctx, c.conn, c.backend, runs[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	return runs, err
}

// Runs returns the same runs as Audit without their steps.
func (c *Client) Runs(ctx context.Context, f RunFilter) ([]Run, error) {
	runs := []Run{}
	err := c.reading(ctx, func(c *Client) error {
		migration, err := c.backend.LedgerVersion(ctx, c.conn)
		if err != nil || migration == 0 {
			return err
		}
		if f.Table != "" {
			t, err := c.Inspect(ctx, f.Table)
			if err != nil {
				return err
			}
			f.Table = t.Ident.Name
		}
		if runs, err = ledger.Runs(ctx, c.conn, c.backend, f); err != nil {
			return err
		}
		return ledger.AddSets(ctx, c.conn, c.backend, migration, runs)
	})
	return runs, err
}
