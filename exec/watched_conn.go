package exec

import (
	"context"
	"database/sql"

	"github.com/tablesnap/tablesnap/dialect"
)

// watchedConn is a connection whose session can be observed, and whose statements are
// cancelled if they stall.
type watchedConn struct {
	*sql.Conn
	watch *stallWatch // nil if they may stall for ever
	own   *ownSession
}

// ExecContext is that of [sql.Conn].
func (c watchedConn) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx, done := c.watch.statement(ctx)
	defer done()
	return c.Conn.ExecContext(ctx, query, args...)
}

// QueryContext is that of [sql.Conn]. Only the time up to the first row counts: later the
// server waits for the reader of the rows.
func (c watchedConn) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx, answered := c.watch.query(ctx)
	defer answered()
	return c.Conn.QueryContext(ctx, query, args...) //nolint:sqlclosecheck // the caller closes them
}

// QueryRowContext is that of [sql.Conn].
func (c watchedConn) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	ctx, answered := c.watch.query(ctx)
	defer answered()
	return c.Conn.QueryRowContext(ctx, query, args...)
}

// stalled returns the error of a run whose connection was given up, or nil.
func (r *run) stalled(err error) error {
	if c, ok := r.conn.(watchedConn); ok {
		return c.watch.stalled(err)
	}
	return nil
}

// watched returns a context for work with a connection's driver, during which a statement
// is running until done is called.
func watched(ctx context.Context, conn dialect.Conn) (_ context.Context, done context.CancelFunc) {
	if c, ok := conn.(watchedConn); ok {
		return c.watch.statement(ctx)
	}
	return ctx, func() {}
}

// waitsForUs says that the statement on a connection waits for work of ours, until worked
// is called.
func waitsForUs(conn dialect.Conn) (worked func()) {
	if c, ok := conn.(watchedConn); ok {
		return c.watch.waitsForUs()
	}
	return func() {}
}
