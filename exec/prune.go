package exec

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// PruneRequest says which snapshots to delete. Set exactly one of Keep, Before and
// Versions. The newest snapshot and pinned ones are never deleted. Rows that came from no
// file are deleted only if Versions names them.
type PruneRequest struct {
	Table string
	// Keep is how many of the newest snapshots to keep. It is 0 if another field decides.
	Keep int
	// Before deletes the snapshots that were taken before it.
	Before time.Time
	// Versions are the snapshots to delete.
	Versions []int64
	Actor    string
	Options  plan.Options
	Events   func(Event)
}

// PlanPrune plans the deletion of old snapshots, and returns those that it keeps for a
// reason. It writes nothing. A *plan.RefusedError says that there is nothing to delete,
// or why a version in Versions cannot be deleted.
func (c *Client) PlanPrune(ctx context.Context, req PruneRequest) (plan.Plan, []plan.Kept, error) {
	var target dialect.Target
	var versions []ledger.Version
	err := c.reading(ctx, func(c *Client) (err error) {
		if target, err = c.awaitIdle(ctx, c.Inspect, req.Table, req.Options.LockTimeout); err != nil {
			return err
		}
		versions, err = ledger.Versions(ctx, c.conn, c.backend, target, ledger.AllVersions)
		return err
	})
	if err != nil {
		return plan.Plan{}, nil, err
	}
	pruned, kept, err := choosePruned(target, versions, req)
	if err == nil && len(pruned) == 0 {
		err = fmt.Errorf("there is no snapshot to delete%s", reasons(kept))
	}
	if err != nil {
		refused := &plan.RefusedError{Table: target.Ident, Operation: plan.OpPrune, Reasons: []string{err.Error()}}
		return plan.Plan{}, kept, withRemedies(refused, kept)
	}
	p, err := plan.BuildPrune(c.backend, plan.PruneInput{Target: target, Versions: pruned, Actor: req.Actor, Tool: c.who.Tool, Options: req.Options})
	return p, kept, err
}

// Prune deletes old snapshots. This cannot be undone.
func (c *Client) Prune(ctx context.Context, req PruneRequest) (Result, []plan.Kept, error) {
	p, kept, err := c.PlanPrune(ctx, req)
	if err != nil {
		return Result{}, kept, err
	}
	res, err := c.Run(ctx, p, nil, req.Events)
	return res, kept, err
}

func reasons(kept []plan.Kept) string {
	says := ""
	for _, k := range kept {
		says += fmt.Sprintf("; version %d stays: %s", k.Version, k.Why)
	}
	return says
}

// withRemedies adds the remedies that would delete the kept versions.
func withRemedies(refused error, kept []plan.Kept) error {
	var remedies []plan.Remedy
	for _, k := range kept {
		if k.Remedy != "" && !slices.Contains(remedies, k.Remedy) {
			remedies = append(remedies, k.Remedy)
		}
	}
	if len(remedies) == 0 {
		return refused
	}
	return &plan.RemedyError{Remedies: remedies, Err: refused}
}

// choosePruned divides the snapshots into those to delete and those to keep for a reason.
func choosePruned(t dialect.Target, versions []ledger.Version, req PruneRequest) (pruned []plan.Pruned, kept []plan.Kept, err error) {
	if err := req.check(versions); err != nil {
		return nil, nil, err
	}
	snapshots := ledger.Snapshots(t, versions)
	if len(req.Versions) == 0 {
		pruned, kept = plan.Retention{Keep: req.Keep, Before: req.Before}.Choose(snapshots, 0)
		return pruned, kept, nil
	}
	pruned, kept = plan.ChooseNamed(snapshots, req.Versions)
	if len(kept) > 0 {
		return nil, kept, fmt.Errorf("version %d stays: %s", kept[0].Version, kept[0].Why)
	}
	return pruned, nil, nil
}

// check returns an error for versions that do not exist or have no snapshot.
func (req PruneRequest) check(versions []ledger.Version) error {
	for _, n := range req.Versions {
		i := slices.IndexFunc(versions, func(v ledger.Version) bool { return v.Number != nil && *v.Number == n })
		switch {
		case i < 0:
			return fmt.Errorf("there is no version %d", n)
		case versions[i].Pruned != "":
			return fmt.Errorf("the rows of version %d were pruned at %s", n, versions[i].Pruned)
		case versions[i].Where == "":
			return fmt.Errorf("version %d has no snapshot", n)
		}
	}
	return nil
}

// Pin protects a version from prune.
func (c *Client) Pin(ctx context.Context, table string, version int64, actor string) error {
	return c.pin(ctx, table, version, func(c *Client, t dialect.Target, pinned []int64) (dialect.Stmt, error) {
		if slices.Contains(pinned, version) {
			return dialect.Stmt{}, nil
		}
		versions, err := ledger.Versions(ctx, c.conn, c.backend, t, ledger.AllVersions)
		if err != nil {
			return dialect.Stmt{}, err
		}
		i := slices.IndexFunc(versions, func(v ledger.Version) bool { return v.Number != nil && *v.Number == version })
		switch {
		case i < 0:
			return dialect.Stmt{}, fmt.Errorf("there is no version %d; tablesnap history lists them", version)
		case versions[i].Where == "":
			return dialect.Stmt{}, fmt.Errorf("the rows of version %d are gone", version)
		}
		return ledger.InsertPin(c.backend, t.Ident.Name, version, actor), nil
	})
}

// Unpin removes the pin of a version.
func (c *Client) Unpin(ctx context.Context, table string, version int64) error {
	return c.pin(ctx, table, version, func(_ *Client, t dialect.Target, pinned []int64) (dialect.Stmt, error) {
		if !slices.Contains(pinned, version) {
			return dialect.Stmt{}, fmt.Errorf("version %d is not pinned", version)
		}
		return ledger.DeletePin(c.backend, t.Ident.Name, version), nil
	})
}

// pinChange returns the statement that changes the table's pins, if any. Its error says
// in a sentence why they cannot be changed.
type pinChange func(c *Client, t dialect.Target, pinned []int64) (dialect.Stmt, error)

// pin runs the statement that change returns, if any.
func (c *Client) pin(ctx context.Context, table string, version int64, change pinChange) error {
	if err := c.ready(); err != nil {
		return err
	}
	if _, err := dialect.ParseReference(table); err != nil { // before anything is written
		return err
	}
	pins := dialect.Needs(dialect.LedgerTable(c.backend, dialect.PinTable), dialect.ToRead, dialect.ToInsert, dialect.ToDelete)
	if err := c.may(ctx, dialect.Ident{Name: table}, plan.OpPin, pins); err != nil {
		return err
	}
	if _, err := c.Migrate(ctx); err != nil {
		return err
	}
	t, pinned, stmt, err := c.planPin(ctx, table, version, change)
	if err != nil || stmt.SQL == "" {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, done := unstoppable(ctx) // the statement commits by itself
	defer done()
	failed := c.sessions.session(ctx, dialect.ForWriting, c.backend.Session(plan.DefaultSession()), func(conn dialect.Conn) error {
		_, err := conn.ExecContext(ctx, stmt.SQL)
		return err
	})
	if failed == nil {
		return nil
	}
	var now []int64
	err = c.reading(ctx, func(c *Client) (err error) { // the statement's answer may have been lost
		now, err = ledger.Pins(ctx, c.conn, c.backend, t)
		return err
	})
	if err == nil && slices.Contains(now, version) != slices.Contains(pinned, version) {
		return nil
	}
	return failed
}

func (c *Client) planPin(ctx context.Context, table string, version int64, change pinChange) (t dialect.Target, pinned []int64, stmt dialect.Stmt, err error) {
	err = c.reading(ctx, func(c *Client) error {
		if t, err = c.Inspect(ctx, table); err != nil {
			return err
		}
		if t.Ledger.Migration < dialect.PinMigration {
			return fmt.Errorf("pin version %d of %q: tablesnap keeps no pins in %s", version, t.Ident.Name, c.backend.Facts().Name)
		}
		if pinned, err = ledger.Pins(ctx, c.conn, c.backend, t); err != nil {
			return err
		}
		if stmt, err = change(c, t, pinned); err != nil {
			return &plan.RefusedError{Table: t.Ident, Operation: plan.OpPin, Reasons: []string{err.Error()}}
		}
		return nil
	})
	return t, pinned, stmt, err
}
