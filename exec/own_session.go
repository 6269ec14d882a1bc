package exec

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/pause"
)

// ownSession is a session of this client, as another connection sees it.
type ownSession struct {
	db       *sql.DB
	observer dialect.SessionObserver
	id       string
}

// observed returns the session of a connection. It is nil if the family's sessions cannot
// be observed, or there is no second connection to do it.
func (p pool) observed(ctx context.Context, conn *sql.Conn) (*ownSession, error) {
	observer, ok := dialect.As[dialect.SessionObserver](p.backend)
	if !ok || !p.more() {
		return nil, nil
	}
	s := &ownSession{db: p.db, observer: observer}
	if err := conn.QueryRowContext(ctx, "SELECT "+observer.ThisSession()).Scan(&s.id); err != nil {
		return nil, fmt.Errorf("ask which session this is: %w", err)
	}
	return s, nil
}

// unseen reports whether no connection is free to look at the session.
func (s *ownSession) unseen() bool {
	stats := s.db.Stats()
	return stats.MaxOpenConnections > 0 && stats.InUse >= stats.MaxOpenConnections
}

func (s *ownSession) state(ctx context.Context) (dialect.SessionState, error) {
	return s.observer.Observe(ctx, s.db, s.id)
}

// works reports whether the server is at work for the session, as far as can be seen.
func (s *ownSession) works(ctx context.Context) (bool, error) {
	if s.unseen() {
		return true, nil
	}
	state, err := s.state(ctx)
	return state == dialect.SessionWorks || state == dialect.SessionElsewhere, err
}

// endIdle ends the session on the server if it waits for its client.
func (s *ownSession) endIdle(ctx context.Context) error {
	state, err := s.state(ctx)
	if err != nil || state != dialect.SessionWaits {
		return err
	}
	return s.end(ctx)
}

// end ends the session if it is still there.
func (s *ownSession) end(ctx context.Context) error {
	state, err := s.state(ctx)
	if err != nil || state == dialect.SessionGone || state == dialect.SessionElsewhere {
		return err
	}
	_, err = s.db.ExecContext(ctx, s.observer.EndSession(s.id).SQL)
	return err
}

// idleGrace is how long a session may wait for a client that is gone before the others
// are asked about it.
const idleGrace = 5 * time.Second

// awaitEnd waits until the server has ended the session, and rolled back what it had not
// committed. That may take as long as the run did. It gives up if the server shows no
// work for the session, or cannot be asked: the run's lock tells the rest.
func (s *ownSession) awaitEnd(ctx context.Context) {
	for idleSince := time.Now(); time.Since(idleSince) < idleGrace; {
		switch state, err := s.state(ctx); {
		case err != nil, state == dialect.SessionGone, state == dialect.SessionElsewhere:
			return
		case state == dialect.SessionWorks:
			idleSince = time.Now()
		}
		if pause.For(ctx, lookAgain) != nil {
			return
		}
	}
}

// sessionOf is the session of a connection, or nil if it is not known.
func sessionOf(conn dialect.Conn) *ownSession {
	if c, ok := conn.(watchedConn); ok {
		return c.own
	}
	return nil
}
