package exec

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
)

// sessions lends connections to write on.
type sessions interface {
	// session runs work on one connection, after stmts have set it up, and restores its
	// settings.
	session(ctx context.Context, purpose dialect.Purpose, stmts []dialect.Stmt, work func(dialect.Conn) error) error
	// look runs work that only reads on one connection.
	look(ctx context.Context, work func(dialect.Conn) error) error
	// migrate updates the ledger's tables.
	migrate(ctx context.Context) ([]int64, error)
	owner() transactionOwner
	// more reports whether there can be a second connection.
	more() bool
}

// beside returns a function that runs a statement on a second connection, in a session
// of its own. It is nil where there is no second one.
func (c *Client) beside(session []dialect.Stmt) func(context.Context, dialect.Stmt) error {
	if !c.sessions.more() {
		return nil
	}
	return func(ctx context.Context, s dialect.Stmt) error {
		return c.sessions.session(ctx, dialect.ForWriting, session, func(conn dialect.Conn) error {
			_, err := conn.ExecContext(ctx, s.SQL)
			return err
		})
	}
}

// readTries is how often work that only reads is tried if the database aborts it.
const readTries = 10

// tryReading runs work that only reads. If the database aborts it as in a deadlock, it runs
// it again, unless the transaction is the caller's. A node of a cluster aborts queries when
// DDL runs on another node.
func tryReading(backend dialect.Backend, owner transactionOwner, work func() error) error {
	for try := 1; ; try++ {
		err := work()
		if err == nil || try == readTries || owner == ownedByCaller || backend.Classify(err) != dialect.FailureDeadlock {
			return err
		}
	}
}

// inspect is for runs. Their connection is no [Client]'s, so that reading cannot try again.
func inspect(ctx context.Context, conn dialect.Conn, backend dialect.Backend, table dialect.Reference, owner transactionOwner) (t dialect.Target, err error) {
	err = tryReading(backend, owner, func() error {
		t, err = backend.Inspect(ctx, conn, table)
		return err
	})
	return t, err
}

// reading runs work with a client that has a prepared connection. Settings of the server,
// the user or the DSN could truncate results or change how values are shown. Work must
// not take another connection, since the pool may have only one. It must bear to be run
// again, which it is if the database aborts it.
func (c *Client) reading(ctx context.Context, work func(*Client) error) error {
	if err := c.ready(); err != nil {
		return err
	}
	if c.conn != nil {
		return work(c)
	}
	return c.sessions.look(ctx, func(conn dialect.Conn) error {
		known := *c
		known.conn = conn
		return tryReading(c.backend, c.sessions.owner(), func() error { return work(&known) })
	})
}

// transactionOwner says who ends the transactions of a run.
type transactionOwner string

const (
	ownedByRun    transactionOwner = ""
	ownedByCaller transactionOwner = "caller"
)

// InTx returns a client for a transaction that the caller has begun and will end.
// Everything that it writes is part of that transaction, including the audit and the
// ledger's tables. Other sessions see a run once it is committed, and nothing of a run
// that is rolled back. If a method fails, roll back. The transaction must be new: nothing
// may have been read or written in it.
//
// Errors: if the database commits DDL by itself, no transaction can hold an upload; use
// [New].
func InTx(ctx context.Context, tx *sql.Tx, backend dialect.Backend, who Identity) (*Client, error) {
	if tx == nil || backend == nil {
		return nil, errors.New("join a transaction: the *sql.Tx or the backend is nil; give the transaction that was begun, and the backend of its database, such as postgres.New()")
	}
	if backend.Facts().CommitsDefinitions {
		return nil, fmt.Errorf("join a transaction: %s commits by itself whenever a table is made or altered, so that no transaction holds an upload; use a client of the database", backend.Facts().Name)
	}
	joined := dialect.InExternalTx(backend)
	c := &Client{conn: tx, sessions: transaction{tx, joined}, backend: joined, who: who.withDefaults()}
	for _, s := range joined.Begin(dialect.Table{}, dialect.Replaces).Stmts {
		if _, err := tx.ExecContext(ctx, s.SQL); err != nil {
			return nil, fmt.Errorf("join the transaction: %s: %w", s.SQL, err)
		}
	}
	return c, nil
}

// transaction is the caller's own. Session settings end with it.
type transaction struct {
	tx      *sql.Tx
	backend dialect.Backend
}

func (t transaction) session(ctx context.Context, _ dialect.Purpose, stmts []dialect.Stmt, work func(dialect.Conn) error) error {
	for _, s := range stmts {
		if _, err := t.tx.ExecContext(ctx, s.SQL); err != nil {
			return fmt.Errorf("prepare the session: %s: %w", s.SQL, err)
		}
	}
	return work(t.tx)
}

func (t transaction) look(ctx context.Context, work func(dialect.Conn) error) error {
	return t.session(ctx, dialect.ForReading, t.backend.Session(dialect.SessionOptions{}), work)
}

func (t transaction) migrate(ctx context.Context) ([]int64, error) {
	return ledger.MigrateIn(ctx, t.tx, t.backend)
}

func (transaction) owner() transactionOwner { return ownedByCaller }

func (transaction) more() bool { return false }
