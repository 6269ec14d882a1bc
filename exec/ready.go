package exec

import (
	"errors"

	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// ready returns an error if the client has no database or no backend.
func (c *Client) ready() error {
	switch {
	case c == nil || c.sessions == nil:
		return errors.New("use a client: it has no database; make it with exec.New and a *sql.DB that is not nil, or with exec.InTx")
	case c.backend == nil:
		return errors.New("use a client: it has no backend; give exec.New the one of the database, such as postgres.New()")
	}
	return nil
}

// runnable returns an error if the client cannot run the plan.
func (c *Client) runnable(p plan.Plan, src rowsource.Source) error {
	if err := c.ready(); err != nil {
		return err
	}
	if p.Upload.Table.Name == "" || len(p.Groups) == 0 {
		return errors.New("run a plan: it has no steps; make it with Client.Plan, or read it with plan.Decode")
	}
	if p.Binding == plan.BoundToNone {
		return &plan.RefusedError{Table: p.Upload.Table, Operation: p.Operation, Reasons: []string{"the plan is for any version, and so only to be compared; plan the upload for the version that the table has"}}
	}
	if p.Operation == plan.OpUpload && src == nil {
		return &SourceError{Err: rowsource.ErrNoSource}
	}
	return nil
}
