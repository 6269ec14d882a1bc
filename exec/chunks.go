package exec

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// copyInChunks copies piece by piece, each in a transaction of its own. The last
// one is left open, for its end to commit with what proves it.
func (r *run) copyInChunks(ctx context.Context, c dialect.Chunks) (int64, error) {
	if err := r.exec(ctx, c.Start...); err != nil {
		return 0, err
	}
	for total := int64(0); ; {
		n, err := r.execRows(ctx, c.Copy)
		if total += n; err == nil && n < int64(c.Rows) {
			return total, nil
		}
		if err == nil {
			err = r.moveOn(ctx, c)
		}
		if err != nil && total > 0 {
			err = fmt.Errorf("behind %s: %w", dialect.Rows(total), err)
		}
		if err != nil {
			return total, err
		}
	}
}

// moveOn commits a piece and goes on with the next one.
func (r *run) moveOn(ctx context.Context, c dialect.Chunks) error {
	if err := r.exec(ctx, c.Find...); err != nil {
		return err
	}
	if c.Found != "" {
		var found bool
		if err := r.conn.QueryRowContext(ctx, "SELECT "+c.Found).Scan(&found); err != nil {
			return err
		}
		if !found {
			return errors.New("the server does not find where the next piece begins")
		}
	}
	if err := r.exec(ctx, c.Next...); err != nil {
		return err
	}
	return r.nextChunk(ctx, c.Begin)
}

// nextChunk commits what a step has done so far, and begins the next piece: with a
// transaction, where begin is empty. A commit whose answer was an error makes no
// difference: what a run has committed of a step that failed goes, or is done
// again from the start.
func (r *run) nextChunk(ctx context.Context, begin []dialect.Stmt) error {
	r.chunks++ // whatever the answer is: what follows a failure does not rely on it
	if err := r.commit(ctx, never); err != nil {
		return err
	}
	if len(begin) == 0 {
		begin = r.backend.Begin(dialect.Table{}, dialect.Replaces).Stmts
	}
	return r.exec(ctx, begin...)
}

// loadInChunks loads the rows of next, in transactions of at most so many rows;
// zero stands for the one transaction that is open.
func (r *run) loadInChunks(ctx context.Context, l dialect.Load, rows int, next func() (rowsource.Row, error)) (int64, error) {
	if rows == 0 {
		return r.backend.Load(ctx, r.conn, l, next)
	}
	total, ended := int64(0), false
	for {
		left := rows
		n, err := r.backend.Load(ctx, r.conn, l, func() (rowsource.Row, error) {
			if left == 0 || ended {
				return rowsource.Row{}, io.EOF
			}
			left--
			row, err := next()
			ended = errors.Is(err, io.EOF)
			return row, err
		})
		if total += n; err != nil || ended {
			return total, err
		}
		if err := r.nextChunk(ctx, nil); err != nil {
			return total, err
		}
	}
}

// removeSnapshot deletes what was committed of a snapshot that will not be
// completed.
func (r *run) removeSnapshot(ctx context.Context, target dialect.Target, version int64) error {
	names, ok := ledger.SnapshotColumns(r.backend, target)
	if !ok || names.Version == "" {
		return nil
	}
	return r.repeat(ctx, r.backend.DeleteSnapshot(*target.Backup, names.Version, version, plan.DeletedAtOnce), plan.DeletedAtOnce)
}

// repeat runs a statement, each time in a transaction of its own, until it
// touches less than limit rows.
func (r *run) repeat(ctx context.Context, s dialect.Stmt, limit int) error {
	for {
		n, err := r.execRows(ctx, s)
		if err != nil || n < int64(limit) {
			return err
		}
	}
}
