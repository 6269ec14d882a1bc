package exec

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// SetRestoreRequest asks for the contents that the tables of a set had after its runs, or
// before them.
type SetRestoreRequest struct {
	// SetRun is the id that the runs of the set share.
	SetRun int64
	// Moment says which contents. The default is AfterRuns.
	Moment Moment
	// Set is the name that the set must have, or empty for any.
	Set string
	// Tables are restored instead, if there are any, as a set of that name. Their Events are
	// not called.
	Tables      []RestoreRequest
	LostColumns plan.LostColumns
	Actor       string
	// Options are those of each table.
	Options plan.Options
	Events  func(Event)
}

// Moment is one of the two at which the tables of a set stood still.
type Moment string

// The moments. BeforeRuns takes an upload back.
const (
	AfterRuns  Moment = ""
	BeforeRuns Moment = "before"
)

// PlanSetRestore finds the snapshots and plans their restore as one. It leaves out a table that
// holds its version already. It writes nothing. Its errors are those of [Client.PlanRestore] and
// [Client.PlanSet].
func (c *Client) PlanSetRestore(ctx context.Context, req SetRestoreRequest) (set plan.Set, err error) {
	err = c.reading(ctx, func(c *Client) error {
		set, err = c.planSetRestore(ctx, req)
		return err
	})
	return set, err
}

func (c *Client) planSetRestore(ctx context.Context, req SetRestoreRequest) (plan.Set, error) {
	name, tables := req.Set, req.Tables
	if len(tables) == 0 {
		var err error
		if name, tables, err = c.restoresOfSet(ctx, req); err != nil {
			return plan.Set{}, err
		}
	}
	restores := make([]plan.RestoreInput, len(tables))
	for i, table := range tables {
		var err error
		if restores[i], err = c.restoreInput(ctx, table); err != nil {
			return plan.Set{}, err
		}
	}
	return plan.BuildSetRestore(c.backend, name, restores)
}

// restoresOfSet leaves out a table that holds its version already.
func (c *Client) restoresOfSet(ctx context.Context, req SetRestoreRequest) (name string, tables []RestoreRequest, err error) {
	name, versions, err := c.versionsOfSet(ctx, req)
	if err != nil {
		return "", nil, err
	}
	for _, v := range versions {
		now, err := ledger.Newest(ctx, c.conn, c.backend, v.table)
		if err != nil {
			return "", nil, err
		}
		if now != v.version {
			tables = append(tables, RestoreRequest{Table: dialect.Quoted(v.table), Version: &v.version, LostColumns: req.LostColumns, Actor: req.Actor, Options: req.Options})
		}
	}
	if len(tables) == 0 {
		return "", nil, c.noSet(name, "its tables hold the versions %s run %d already", cmp.Or(req.Moment, "of"), req.SetRun)
	}
	return name, tables, nil
}

// RestoreSet backs up the present rows of all tables and restores their versions as new ones,
// all or nothing. Its errors are those of [Client.Restore] and [Client.PlanSetRestore].
func (c *Client) RestoreSet(ctx context.Context, req SetRestoreRequest) (SetResult, error) {
	set, err := c.PlanSetRestore(ctx, req)
	if err != nil {
		return SetResult{}, err
	}
	return c.RunSet(ctx, set, nil, req.Events)
}

// versionOf is a version of a table.
type versionOf struct {
	table   string
	version int64
}

// SetRunOf is the id that the runs of the set share with which a version of a table was made.
// The error is a *plan.RefusedError if no set has made it.
func (c *Client) SetRunOf(ctx context.Context, table string, version int64) (int64, error) {
	t, err := c.Inspect(ctx, table)
	if err != nil {
		return 0, err
	}
	runs, err := c.Runs(ctx, RunFilter{Table: dialect.Quoted(t.Ident.Name), State: Done, Made: MadeVersion})
	if err != nil {
		return 0, err
	}
	for _, r := range runs {
		if r.VersionMade == version && r.SetRun != 0 {
			return r.SetRun, nil
		}
	}
	return 0, &plan.RefusedError{Table: t.Ident, Operation: plan.OpRestore, Reasons: []string{fmt.Sprintf("no set has made version %d; tablesnap history lists them", version)}}
}

// versionsOfSet are the versions that the tables had after the runs of a set, or before them. A
// sync that found no differences has made none: the one that stood counts.
func (c *Client) versionsOfSet(ctx context.Context, req SetRestoreRequest) (name string, versions []versionOf, err error) {
	runs, err := ledger.RunsOfSet(ctx, c.conn, c.backend, req.SetRun)
	if err != nil {
		return "", nil, err
	}
	runs = slices.DeleteFunc(runs, func(r Run) bool { return r.State != string(ledger.Done) })
	if len(runs) == 0 {
		return "", nil, c.noSet(req.Set, "no finished run %d of a set is in the audit", req.SetRun)
	}
	if name = runs[0].Set; req.Set != "" && req.Set != name {
		return "", nil, c.noSet(req.Set, "run %d is one of the set %q", req.SetRun, name)
	}
	for _, r := range runs {
		made := r.VersionMade
		switch {
		case req.Moment == BeforeRuns && made != 0:
			if r.VersionReplaced == nil {
				return "", nil, c.noSet(name, "its run %d created %q, which has no version before that", r.ID, r.Table)
			}
			made = *r.VersionReplaced
		case made == 0:
			if made, err = ledger.NewestBefore(ctx, c.conn, c.backend, r.Table, r.ID); err != nil {
				return "", nil, err
			}
		}
		versions = append(versions, versionOf{r.Table, made})
	}
	return name, versions, nil
}

func (c *Client) noSet(name, why string, args ...any) error {
	return &plan.SetError{Set: name, Operation: plan.OpRestore, Reasons: []error{fmt.Errorf(why, args...)}}
}
