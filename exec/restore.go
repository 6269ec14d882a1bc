package exec

import (
	"context"
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// RestoreRequest asks for an earlier version of a table's contents.
type RestoreRequest struct {
	Table string
	// Version is the version to restore. If it is nil, the newest version of DocID other
	// than the present one is restored.
	Version     *int64
	DocID       string
	LostColumns plan.LostColumns
	Actor       string
	// Goose and Undoes are for the audit: the goose migration that restores, and the run
	// that it undoes. Otherwise they are nil and 0.
	Goose   *plan.GooseMigration
	Undoes  int64
	Options plan.Options
	Events  func(Event)
}

// PlanRestore finds the snapshot and plans the restore. It writes nothing.
//
// Errors: *plan.RefusedError if there is no such version, if the table already holds it,
// or if its rows are gone.
func (c *Client) PlanRestore(ctx context.Context, req RestoreRequest) (p plan.Plan, err error) {
	err = c.reading(ctx, func(c *Client) error {
		p, err = c.planRestore(ctx, req)
		return err
	})
	return p, err
}

func (c *Client) planRestore(ctx context.Context, req RestoreRequest) (plan.Plan, error) {
	in, err := c.restoreInput(ctx, req)
	if err != nil {
		return plan.Plan{}, err
	}
	return plan.BuildRestore(c.backend, in)
}

// restoreInput finds the snapshot, and looks at the table.
func (c *Client) restoreInput(ctx context.Context, req RestoreRequest) (plan.RestoreInput, error) {
	target, err := c.awaitIdle(ctx, c.Inspect, req.Table, req.Options.LockTimeout)
	if err == nil {
		target.Making, err = c.making(ctx, target, req.Options.Backup)
	}
	if err != nil {
		return plan.RestoreInput{}, err
	}
	refuse := func(why error) (plan.RestoreInput, error) {
		return plan.RestoreInput{}, &plan.RefusedError{Table: target.Ident, Operation: plan.OpRestore, Reasons: []string{why.Error()}}
	}
	versions, err := ledger.Versions(ctx, c.conn, c.backend, target, ledger.AllVersions)
	if err != nil {
		return plan.RestoreInput{}, err
	}
	wanted, err := chooseVersion(target, versions, req)
	if err != nil {
		return refuse(err)
	}
	snapshot, err := ledger.Reader{Conn: c.conn, Dialect: c.backend, Target: target}.Snapshot(ctx, wanted)
	if err != nil {
		return refuse(err)
	}
	in := plan.RestoreInput{
		Target: target, Snapshot: snapshot, LostColumns: req.LostColumns, Actor: req.Actor, Goose: req.Goose, Undoes: req.Undoes, Tool: c.who.Tool, Options: req.Options,
	}
	if in.Sample, err = c.sample(ctx, target, plan.LackingOfSnapshot(c.backend, in)); err != nil {
		return in, err
	}
	in.Counted, err = c.counted(ctx, target, plan.CountToForSnapshot(in))
	return in, err
}

// Restore backs up the present rows and restores a version as a new one, all or nothing.
// Its errors are those of [Client.Upload] and [Client.PlanRestore].
func (c *Client) Restore(ctx context.Context, req RestoreRequest) (Result, error) {
	p, err := c.PlanRestore(ctx, req)
	if err != nil {
		return Result{}, err
	}
	return c.Run(ctx, p, nil, req.Events)
}

// chooseVersion finds the requested version. The error says in a sentence why it cannot
// be restored.
func chooseVersion(t dialect.Target, versions []ledger.Version, req RestoreRequest) (ledger.Version, error) {
	for _, v := range versions {
		if req.Version != nil && (v.Number == nil || *v.Number != *req.Version) || req.Version == nil && deref(v.DocID) != req.DocID {
			continue
		}
		called := fmt.Sprintf("the snapshot of doc_id %q", deref(v.DocID))
		if v.Number != nil {
			called = fmt.Sprintf("version %d", *v.Number)
		}
		switch {
		case v.Present(t) && req.Version == nil:
			continue // an older one may have the same doc_id
		case v.Present(t):
			return v, fmt.Errorf("%s is what the table holds now", called)
		case v.Pruned != "":
			return v, fmt.Errorf("the rows of %s were pruned at %s", called, v.Pruned)
		case v.Where == "":
			return v, fmt.Errorf("the rows of %s are in no table that you may see: they were deleted, or you lack SELECT on the table that keeps them", called)
		}
		return v, nil
	}
	if req.Version == nil {
		return ledger.Version{}, fmt.Errorf("no version but the present one has the doc_id %q; tablesnap history lists them", req.DocID)
	}
	return ledger.Version{}, fmt.Errorf("there is no version %d; tablesnap history lists them", *req.Version)
}

// BackupRequest asks for a snapshot without an upload.
type BackupRequest struct {
	Table string
	// DocID and UploadTimestamp name the contents from now on. If they are empty, those
	// of the last upload stay.
	DocID, UploadTimestamp string
	Actor                  string
	Options                plan.Options
	Events                 func(Event)
}

// PlanBackup plans a snapshot. It writes nothing.
func (c *Client) PlanBackup(ctx context.Context, req BackupRequest) (plan.Plan, error) {
	var target dialect.Target
	err := c.reading(ctx, func(c *Client) (err error) {
		target, err = c.awaitIdle(ctx, c.Inspect, req.Table, req.Options.LockTimeout)
		return err
	})
	if err != nil {
		return plan.Plan{}, err
	}
	return plan.BuildBackup(c.backend, plan.BackupInput{
		Target: target, DocID: req.DocID, Timestamp: req.UploadTimestamp, Actor: req.Actor, Tool: c.who.Tool, Options: req.Options,
	})
}

// Backup copies the present rows to the backup table. It also makes a new version with
// the same rows, so that the next upload backs up that new version.
func (c *Client) Backup(ctx context.Context, req BackupRequest) (Result, error) {
	p, err := c.PlanBackup(ctx, req)
	if err != nil {
		return Result{}, err
	}
	return c.Run(ctx, p, nil, req.Events)
}
