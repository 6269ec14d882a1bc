package exec

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
)

// sessions is where a client writes.
type sessions interface {
	// session gives work one connection, known from the first statement on, and
	// puts it back as it was.
	session(ctx context.Context, stmts []dialect.Stmt, work func(dialect.Conn) error) error
	// migrate brings tablesnap's own tables up to date.
	migrate(ctx context.Context) ([]int64, error)
	owner() transactionOwner
}

// reading gives work a client with a prepared connection: settings of the server, the
// user or the DSN could truncate results or change how values are shown. Within work
// nothing else may take a connection, since there may be only one.
func (c *Client) reading(ctx context.Context, work func(*Client) error) error {
	if err := c.ready(); err != nil {
		return err
	}
	if c.conn != nil {
		return work(c)
	}
	return c.sessions.session(ctx, c.backend.Session(dialect.SessionOptions{}), func(conn dialect.Conn) error {
		known := *c
		known.conn = conn
		return work(&known)
	})
}

// transactionOwner says who ends the transactions of a run.
type transactionOwner string

const (
	ownedByRun    transactionOwner = ""
	ownedByCaller transactionOwner = "caller"
)

// pool lends connections of a database.
type pool struct {
	db      *sql.DB
	backend dialect.Backend
}

func (p pool) session(ctx context.Context, stmts []dialect.Stmt, work func(dialect.Conn) error) (err error) {
	conn, err := p.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close()
	leave, err := p.backend.Enter(ctx, conn, stmts)
	if leave != nil {
		defer func() { putBack(conn, leave, err) }()
	}
	if err != nil {
		return fmt.Errorf("prepare the session: %w", err)
	}
	return work(conn)
}

// putBack puts a session back as it was after work, whose error is given. A
// connection that cannot be put back is thrown away, which says nothing about the
// work; and so is one in which a transaction may still be open.
func putBack(conn *sql.Conn, leave func() error, work error) {
	if isUnknownCommit(work) || leave() != nil {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}

func (p pool) migrate(ctx context.Context) ([]int64, error) {
	return ledger.Migrate(ctx, p.db, p.backend)
}

func (pool) owner() transactionOwner { return ownedByRun }

// InTx returns a client for a transaction that the caller has begun and will
// end. Whatever it writes is in that transaction, rows of the audit and
// tablesnap's own tables among it: other sessions see a run when it is
// committed, and nothing of one that was rolled back. Where a method fails, roll
// back. The transaction must be new: nothing has been read or written in it.
//
// Errors: where the database commits by itself what an upload has to do, no
// transaction can hold it; use [New] there.
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

// transaction is the caller's own: what a session is set to ends with it.
type transaction struct {
	tx      *sql.Tx
	backend dialect.Backend
}

func (t transaction) session(ctx context.Context, stmts []dialect.Stmt, work func(dialect.Conn) error) error {
	for _, s := range stmts {
		if _, err := t.tx.ExecContext(ctx, s.SQL); err != nil {
			return fmt.Errorf("prepare the session: %s: %w", s.SQL, err)
		}
	}
	return work(t.tx)
}

func (t transaction) migrate(ctx context.Context) ([]int64, error) {
	return ledger.MigrateIn(ctx, t.tx, t.backend)
}

func (transaction) owner() transactionOwner { return ownedByCaller }
