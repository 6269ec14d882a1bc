package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Load sends the rows with one COPY. A second goroutine reads, checks and formats them.
func (d Dialect) Load(ctx context.Context, c dialect.Conn, l dialect.Load, next func() (rowsource.Row, error)) (loaded int64, err error) {
	failed := withPgx(ctx, c, func(conn *pgx.Conn) error {
		loaded, err = d.copyRows(ctx, conn.PgConn(), l, next)
		return err
	})
	if err != nil {
		return loaded, err
	}
	return loaded, failed
}

// withPgx runs work with the driver's own connection.
func withPgx(ctx context.Context, c dialect.Conn, work func(*pgx.Conn) error) error {
	if tx, ok := c.(*sql.Tx); ok { // a Tx does not expose its connection, but the driver passes it to a rewriter
		if _, err := tx.ExecContext(ctx, "SELECT 1", rewriter(work)); err != nil {
			return fmt.Errorf("load with COPY in a transaction, which must be one of the driver github.com/jackc/pgx/v5/stdlib: %w", err)
		}
		return nil
	}
	return c.(dialect.RawConn).Raw(func(raw any) error {
		conn, err := pgxConn(raw)
		if err != nil {
			return fmt.Errorf("load with COPY: %w", err)
		}
		return work(conn)
	})
}

// rewriter is called by the driver before a query, with the query's connection (see
// [pgx.QueryRewriter]).
type rewriter func(*pgx.Conn) error

// RewriteQuery leaves the query as it is.
func (r rewriter) RewriteQuery(_ context.Context, conn *pgx.Conn, query string, args []any) (string, []any, error) {
	return query, args, r(conn)
}

func (d Dialect) copyRows(ctx context.Context, conn *pgconn.PgConn, l dialect.Load, next func() (rowsource.Row, error)) (int64, error) {
	reading, cancel := context.WithCancel(ctx)
	rows := newRowText(d, l, next)
	go rows.readAhead(reading)
	defer rows.stop(cancel) // the reading goroutine must not outlive the call
	tag, err := conn.CopyFrom(ctx, rows, d.LoadShape(l))
	if err == nil {
		return tag.RowsAffected(), ctx.Err() // if ctx ended the reading, it looks like the end of the rows
	}
	rows.stop(cancel)
	var said *pgconn.PgError
	switch {
	case ctx.Err() != nil:
		return 0, errors.Join(err, ctx.Err())
	case errors.As(err, &said) && said.Code != queryCanceled: // about a row before the one at which the reading stopped
		return 0, badRow{d, l, rows}.of(said, err)
	case rows.failed() != nil: // the server's error says only that the COPY was cancelled
		return 0, rows.failed()
	}
	return 0, err
}

// queryCanceled is the server's error for a COPY that the client has cancelled.
const queryCanceled = "57014"

// pgxConn finds the driver's own connection, also inside the connection of a wrapping
// driver (for tracing, for example) that returns it from Raw.
func pgxConn(raw any) (*pgx.Conn, error) {
	for range maxWrappers {
		switch conn := raw.(type) {
		case interface{ Conn() *pgx.Conn }:
			return conn.Conn(), nil
		case interface{ Raw() driver.Conn }:
			raw = conn.Raw()
		default:
			return nil, fmt.Errorf("a %T is no connection of the driver github.com/jackc/pgx/v5/stdlib", raw)
		}
	}
	return nil, fmt.Errorf("a %T is too many connections inside one another", raw)
}

// maxWrappers stops the search in connections that wrap themselves.
const maxWrappers = 8

// Read returns the rows in COPY's format.
func (r *rowText) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.reading != nil {
			r.used <- r.reading
			r.reading = nil
		}
		c, more := <-r.chunks
		if !more {
			return 0, io.EOF
		}
		if c.err != nil {
			r.broken.Store(c)
			return 0, c.err
		}
		r.reading, r.rest = c, c.text
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
