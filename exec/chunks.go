package exec

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/rowsource"
)

// copyInChunks copies chunk by chunk, each in a transaction of its own. It leaves the
// last transaction open, so that the last chunk commits together with its proof. It tells
// how many rows it has copied after each chunk.
func (r *run) copyInChunks(ctx context.Context, c dialect.Chunks, tell func(rows int64)) (int64, error) {
	if err := r.exec(ctx, c.Start...); err != nil {
		return 0, err
	}
	for total := int64(0); ; {
		n, err := r.execRows(ctx, c.Copy)
		if total += n; err == nil && n < int64(c.Rows) {
			return total, nil
		}
		if err == nil {
			tell(total)
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

// moveOn commits a chunk and begins the next one.
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

// nextChunk commits the step's rows so far, and begins the next chunk. If begin is empty,
// it begins a plain transaction. A commit with an unknown result does no harm: if the
// step fails, its committed rows are deleted, or copied again from the start.
func (r *run) nextChunk(ctx context.Context, begin []dialect.Stmt) error {
	r.chunks++ // counted before the commit, whose result may stay unknown
	if err := r.holdLease(ctx); err != nil {
		return err
	}
	if err := r.commit(ctx, never); err != nil {
		return err
	}
	if len(begin) == 0 {
		begin = r.backend.Begin(dialect.Table{}, dialect.Replaces).Stmts
	}
	return r.exec(ctx, begin...)
}

// loadInChunks loads the rows from next in transactions of up to the given number of
// rows. If rows is zero, it loads all of them in the open transaction.
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

// removeSnapshot deletes the committed rows of a snapshot that will not be completed.
func (r *run) removeSnapshot(ctx context.Context, target dialect.Target, version int64) error {
	names, ok := ledger.SnapshotColumns(r.backend, target)
	if !ok || names.Version == "" {
		return nil
	}
	limit := deletedAtOnce(target)
	return r.repeat(ctx, r.backend.DeleteSnapshot(*target.Backup, names.Version, version, limit), limit)
}

// repeat runs a statement in one transaction after another until it changes fewer than
// limit rows.
func (r *run) repeat(ctx context.Context, s dialect.Stmt, limit int) error {
	for {
		if err := r.holdLease(ctx); err != nil {
			return err
		}
		n, err := r.execRows(ctx, s)
		if err != nil || n < int64(limit) {
			return err
		}
	}
}
