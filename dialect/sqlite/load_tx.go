package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/tablesnap/tablesnap/dialect"
)

// withDriver runs work with the driver's own connection. A transaction does not expose
// it, so work then gets one that goes through database/sql.
func withDriver(c dialect.Conn, work func(driver.Conn) error) error {
	if tx, ok := c.(*sql.Tx); ok {
		return work(txConn{tx: tx})
	}
	return c.(dialect.RawConn).Raw(func(raw any) error { return work(raw.(driver.Conn)) })
}

// txConn has the methods of a driver's connection that a load needs.
type txConn struct {
	driver.Conn // nil: a load calls only the methods below
	tx          *sql.Tx
}

func (c txConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	s, err := c.tx.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return txStmt{stmt: s}, nil
}

func (c txConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.tx.ExecContext(ctx, query, values(args)...)
}

type txStmt struct {
	driver.Stmt // nil: a load calls only the methods below
	stmt        *sql.Stmt
}

func (s txStmt) Close() error { return s.stmt.Close() }

func (s txStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.stmt.ExecContext(ctx, values(args)...)
}

func values(args []driver.NamedValue) []any {
	vs := make([]any, len(args))
	for i, a := range args {
		vs[i] = a.Value
	}
	return vs
}
