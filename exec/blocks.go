package exec

import (
	"context"
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// The parts of an upload, each on its own and in a transaction of its own. An
// upload does more than their sum: only [Client.Upload] proves that what was
// cleared was copied, and writes the audit.

// CreateBackupTable makes the backup table of a table, or widens it to what the
// table has become, and returns its name. Where nothing is missing it does
// nothing.
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

// BackUpExistingData copies the rows of a table to its backup table, which it
// makes where it is missing, and returns how many rows it copied. The doc_id
// and the upload_timestamp are those of the upload whose rows they are (see
// [Client.PreviousUpload]). The history shows the snapshot without a version.
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

// ClearTable deletes all rows of a table and returns how many there were. It
// makes no backup.
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

// BackupHistory returns the versions of a table's contents, newest first, and
// says which table holds the rows of each. A limit of zero means
// [DefaultLimit].
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

// PreviousUpload returns the newest upload of a table other than the one that
// the doc_id and upload_timestamp name, nil where there is none.
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

// SetAside takes a table out of the way whole, under the name of a preserved one,
// which it returns. It undoes an upload that has made its table: no row is lost,
// and the history says where the rows are.
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

// block runs work in a transaction on one connection, with the table as it is
// inside that transaction.
func (c *Client) block(ctx context.Context, table string, work func(*run, dialect.Target) error) error {
	before, err := c.Inspect(ctx, table)
	if err != nil {
		return err
	}
	session := c.backend.Session(plan.DefaultSession())
	return c.sessions.session(ctx, session, func(conn dialect.Conn) error {
		r := &run{conn: conn, backend: c.backend, plan: plan.Plan{Upload: plan.Upload{Table: before.Ident}}}
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

// runAll runs steps without an audit, and returns the rows that the last one
// touched.
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
