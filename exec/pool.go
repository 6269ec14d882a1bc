package exec

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
)

// pool lends connections of a database.
type pool struct {
	db      *sql.DB
	backend dialect.Backend
	stall   time.Duration // see [Client.WithStallTimeout]
	kept    *KeptSession  // see [Client.WithKeptSession]
}

// entered is a connection whose session is set up.
type entered struct {
	way   setUp
	conn  *sql.Conn
	own   *ownSession
	leave func() error
}

// setUp is the way in which a session is set up.
type setUp struct {
	purpose dialect.Purpose
	stmts   []dialect.Stmt
}

func (w setUp) equal(other setUp) bool {
	return w.purpose == other.purpose && slices.Equal(w.stmts, other.stmts)
}

func (p pool) session(ctx context.Context, purpose dialect.Purpose, stmts []dialect.Stmt, work func(dialect.Conn) error) (err error) {
	way := setUp{purpose, stmts}
	s := p.kept.take(ctx, p, way)
	if s == nil {
		p.kept.makeWay(purpose)
		s, err = p.enter(ctx, way)
	}
	if err != nil && p.kept.letGo() { // the server may allow this user only so many connections
		s, err = p.enter(ctx, way)
	}
	if err != nil {
		return err
	}
	defer func() { p.kept.keep(s, err) }()
	return p.on(s, work)
}

func (p pool) look(ctx context.Context, work func(dialect.Conn) error) error {
	return p.session(ctx, dialect.ForReading, p.backend.Session(dialect.SessionOptions{}), work)
}

// enter sets up the session of a connection.
func (p pool) enter(ctx context.Context, way setUp) (*entered, error) {
	s := &entered{way: way}
	err := p.inTime(ctx, func(ctx context.Context) (err error) {
		s.conn, err = p.db.Conn(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	stmts := way.stmts
	if limiter, ok := dialect.As[dialect.NetworkLimiter](p.backend); ok {
		stmts = slices.Concat(stmts, limiter.NetworkTimeouts(way.purpose))
	}
	err = p.inTime(ctx, func(ctx context.Context) (err error) {
		if s.leave, err = p.backend.Enter(ctx, s.conn, stmts); err == nil {
			s.own, err = p.observed(ctx, s.conn)
		}
		return err
	})
	if err != nil {
		s.putBack(err)
		return nil, fmt.Errorf("prepare the session: %w", err)
	}
	return s, nil
}

// on runs work in a session, and watches its statements.
func (p pool) on(s *entered, work func(dialect.Conn) error) error {
	if s.own == nil {
		return work(s.conn)
	}
	watch := p.watch(s.own)
	defer watch.close()
	err := work(watchedConn{s.conn, watch, s.own})
	return cmp.Or(watch.stalled(err), err)
}

// putBack restores the session's settings after work, whose error is given. It closes a
// connection that it cannot restore, or that may have an open transaction. This does not
// change the result of the work.
func (s *entered) putBack(work error) {
	if s.leave != nil && (isUnknownCommit(work) || as[*StalledError](work) || s.leave() != nil) {
		_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	_ = s.conn.Close()
}

func (p pool) migrate(ctx context.Context) ([]int64, error) {
	p.kept.letGo() // it takes connections of its own
	return ledger.Migrate(ctx, p.db, p.backend)
}

func (pool) owner() transactionOwner { return ownedByRun }

func (p pool) more() bool { return p.db.Stats().MaxOpenConnections != 1 }
