package postgres

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tablesnap/tablesnap/dialect"
)

// preparedFrom is how often a session must send a catalog query before it is prepared. The
// server takes longer to parse and plan such a query than to run it. A query that is sent
// few times, as in one upload, is not worth preparing.
const preparedFrom = 5

// prepared counts the catalog queries of a session. Only the sessions of a [Connector] have
// it: in other pools the program's own settings say what is prepared.
type prepared struct {
	seen map[string]int
	off  bool // a statement was lost
}

// preparedKey is the place of prepared in the driver's connection.
const preparedKey = "tablesnap.prepared"

// prepareOften lets a new connection prepare catalog queries, unless the DSN says
// statement_cache_capacity=0.
func prepareOften(conn *pgx.Conn) {
	if conn.Config().StatementCacheCapacity > 0 {
		conn.PgConn().CustomData()[preparedKey] = &prepared{seen: map[string]int{}}
	}
}

// preparing returns a connection for catalog queries, which prepares those that are sent
// often. It prepares nothing in a transaction, since a lost statement would abort it.
func preparing(c dialect.Conn) dialect.Conn {
	raw, ok := c.(dialect.RawConn)
	if !ok {
		return c
	}
	var p *prepared
	_ = raw.Raw(func(driverConn any) error {
		if conn, err := pgxConn(driverConn); err == nil && conn.PgConn().TxStatus() == idle {
			p, _ = conn.PgConn().CustomData()[preparedKey].(*prepared)
		}
		return nil
	})
	if p == nil || p.off {
		return c
	}
	return preparingConn{c, p}
}

type preparingConn struct {
	dialect.Conn
	prepared *prepared
}

// QueryContext is that of [sql.Conn]. A query without parameters is not prepared: it is
// simple, or its text names a table, so that each table has another.
func (c preparingConn) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if c.prepared.off || len(args) == 0 || !c.prepared.isOften(query) {
		return c.Conn.QueryContext(ctx, query, args...)
	}
	rows, err := c.Conn.QueryContext(ctx, query, append([]any{pgx.QueryExecModeCacheStatement}, args...)...)
	if lostStatement(err) {
		c.prepared.off = true
		return c.Conn.QueryContext(ctx, query, args...)
	}
	return rows, err
}

func (p *prepared) isOften(query string) bool {
	p.seen[query]++
	return p.seen[query] >= preparedFrom
}

// lostStatement reports whether a prepared statement is not in the session: a pooler has
// switched to another session, or somebody has removed all statements
// (https://www.postgresql.org/docs/current/sql-discard.html,
// https://www.pgbouncer.org/features.html).
func lostStatement(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && slices.Contains([]string{
		"26000", "42P05", // no such statement, or another one of that name
		"08P01", // the pooler does not know the protocol's message
		"0A000", // the statement has another result now
	}, e.Code)
}
