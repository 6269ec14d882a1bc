package exec

import (
	"context"
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// The methods below are the parts of an upload, each in a transaction of its own.
// [Client.Upload] does more than their sum: it alone proves that the cleared rows were
// backed up, and writes the audit.

// CreateBackupTable creates the backup table or widens it to fit the table, if needed,
// and returns its name.
func (c *Client) CreateBackupTable(ctx context.Context, table string) (string, error) {
	var name string
	err := c.block(ctx, table, func(r *run, t dialect.Target) error {
		steps, err := plan.BackupSteps(c.backend, t)
		if err != nil {
			return err
		}
		name = t.Ident.InSchemaOf(dialect.SuffixedName(c.backend, t.Ident.Name, dialect.BackupSuffix)).Name
		_, err = r.runAll(ctx, steps)
		return err
	})
	return name, err
}

// BackUpExistingData copies the rows of a table to its backup table and returns their
// number. It creates the backup table if needed. Pass the doc_id and upload_timestamp of
// the upload that the rows came from (see [Client.PreviousUpload]). The history shows the
// snapshot without a version.
func (c *Client) BackUpExistingData(ctx context.Context, table, docID, uploadTimestamp string) (int64, error) {
	var rows int64
	err := c.block(ctx, table, func(r *run, t dialect.Target) error {
		steps, err := plan.SnapshotSteps(c.backend, t, docID, uploadTimestamp)
		if err != nil {
			return err
		}
		rows, err = r.runAll(ctx, steps)
		return err
	})
	return rows, err
}

// ClearTable deletes all rows of a table and returns their number. It makes no backup.
func (c *Client) ClearTable(ctx context.Context, table string) (int64, error) {
	var rows int64
	err := c.block(ctx, table, func(r *run, t dialect.Target) error {
		if err := mustExist(t); err != nil {
			return err
		}
		var err error
		rows, err = r.runAll(ctx, []plan.Step{{Kind: plan.Clear, ID: "clear", Table: t.Ident, SQL: dialect.Clear(c.backend, t.Ident).SQL}})
		return err
	})
	return rows, err
}

// RemoveColumnIfExists drops a column, and reports whether the table had it.
func (c *Client) RemoveColumnIfExists(ctx context.Context, table, column string) (bool, error) {
	var removed bool
	err := c.block(ctx, table, func(r *run, t dialect.Target) error {
		if err := mustExist(t); err != nil {
			return err
		}
		have, found := t.Table.Column(column, c.backend.SameName)
		if !found {
			return nil
		}
		removed = true
		_, err := r.runAll(ctx, []plan.Step{{Kind: plan.DropColumn, ID: "drop-column", Table: t.Ident, SQL: dialect.DropColumn(c.backend, t.Ident, have.Name).SQL}})
		return err
	})
	return removed && err == nil, err
}

// BackupHistory returns the versions of a table's contents, newest first, with the table
// that holds the rows of each. If limit is zero, it is [DefaultLimit].
func (c *Client) BackupHistory(ctx context.Context, table string, limit int) (versions []Version, err error) {
	if limit <= 0 {
		limit = DefaultLimit
	}
	err = c.reading(ctx, func(c *Client) error {
		t, err := c.Inspect(ctx, table)
		if err != nil {
			return err
		}
		versions, err = ledger.Versions(ctx, c.conn, c.backend, t, limit)
		return err
	})
	return versions, err
}

// PreviousUpload returns the table's newest upload that has another doc_id or
// upload_timestamp than the given ones, or nil.
func (c *Client) PreviousUpload(ctx context.Context, table, currentDocID, currentUploadTimestamp string) (*Run, error) {
	runs, err := c.Runs(ctx, RunFilter{Table: table, State: Done, Made: MadeVersion})
	if err != nil {
		return nil, err
	}
	for _, r := range runs {
		if r.DocID != currentDocID || r.UploadTimestamp != currentUploadTimestamp {
			return &r, nil
		}
	}
	return nil, nil
}

// SetAside renames a whole table to a preserved table and returns the new name. It undoes
// an upload that has created its table: no row is lost, and the history says where the
// rows are.
func (c *Client) SetAside(ctx context.Context, table string) (name string, err error) {
	err = c.block(ctx, table, func(r *run, t dialect.Target) error {
		if err := mustExist(t); err != nil {
			return err
		}
		version := int64(0)
		if last := t.Ledger.Last; last != nil {
			version = last.Number
		}
		name = ledger.FreePreservedName(c.backend, t, version)
		if err := r.exec(ctx, c.backend.RenameTable(t.Ident, t.Ident.InSchemaOf(name))); err != nil {
			return fmt.Errorf("rename %q to %q: %w", t.Ident.Name, name, err)
		}
		return nil
	})
	return name, err
}

// block runs work in one transaction, with the table inspected inside that transaction.
func (c *Client) block(ctx context.Context, table string, work func(*run, dialect.Target) error) error {
	before, err := c.Inspect(ctx, table)
	if err != nil {
		return err
	}
	session := c.backend.Session(plan.DefaultSession())
	return c.sessions.session(ctx, dialect.ForWriting, session, func(conn dialect.Conn) error {
		r := &run{link: &link{conn: conn}, backend: c.backend, plan: plan.Plan{Upload: plan.Upload{Table: before.Ident}}}
		t := dialect.Table{}
		if before.Table != nil {
			t = *before.Table
		}
		return r.transaction(ctx, c.backend.Begin(t, dialect.Replaces).Stmts, never, func() error {
			now, err := c.backend.Inspect(ctx, conn, dialect.Named(before.Ident.Name))
			if err != nil {
				return err
			}
			return work(r, now)
		})
	})
}

// runAll runs steps without an audit and returns the row count of the last one.
func (r *run) runAll(ctx context.Context, steps []plan.Step) (rows int64, err error) {
	for _, s := range steps {
		if rows, err = r.runSQL(ctx, s); err != nil {
			return 0, &StepError{Step: s, Err: err}
		}
	}
	return rows, nil
}

func mustExist(t dialect.Target) error {
	if t.Table == nil {
		return fmt.Errorf("there is no table %q", t.Ident.Name)
	}
	return nil
}
