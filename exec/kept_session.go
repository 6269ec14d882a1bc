package exec

import (
	"context"
	"database/sql/driver"
	"sync"
)

// KeptSession is the session in which a client looks at tables, kept for the next look. It
// is for programs that look at many tables, and have a connection to spare. Close it before
// the database.
type KeptSession struct {
	mu   sync.Mutex
	free *entered // nil if there is none, or somebody uses it
}

// WithKeptSession returns a client that looks at all tables in one session, and sets it up
// once. Several clients of one database may share it. If the number of connections is
// limited ([sql.DB.SetMaxOpenConns]), or if the client is in a transaction, each look has a
// session of its own.
func (c *Client) WithKeptSession(k *KeptSession) *Client {
	keeping := *c
	if p, ok := c.sessions.(pool); ok && p.db.Stats().MaxOpenConnections == 0 {
		p.kept = k
		keeping.sessions = p
	}
	return &keeping
}

// Close ends the session.
func (k *KeptSession) Close() { k.letGo() }

// letGo ends the session if nobody uses it, and reports whether it did.
func (k *KeptSession) letGo() bool {
	s := k.out()
	if s != nil {
		s.putBack(nil)
	}
	return s != nil
}

// take returns the session if it is free and still alive. Otherwise it is nil.
func (k *KeptSession) take(ctx context.Context, p pool) *entered {
	s := k.out()
	if s != nil && p.inTime(ctx, s.conn.PingContext) != nil {
		s.putBack(driver.ErrBadConn)
		return nil
	}
	return s
}

// keep keeps a session after work, whose error is given, or puts it back.
func (k *KeptSession) keep(s *entered, work error) {
	if k == nil || work != nil || !k.in(s) {
		s.putBack(work)
	}
}

func (k *KeptSession) out() *entered {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.free
	k.free = nil
	return s
}

func (k *KeptSession) in(s *entered) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.free != nil {
		return false
	}
	k.free = s
	return true
}
