package exec

import (
	"context"
	"database/sql/driver"
	"slices"
	"sync"

	"github.com/tablesnap/tablesnap/dialect"
)

// KeptSession are the sessions in which a client looks at tables and writes, kept for the
// next look and the next run. It is for programs that work on many tables, and have a
// connection to spare for each kind of session: to look, to write, and to read rows. Close it
// before the database.
type KeptSession struct {
	mu sync.Mutex
	// free are sessions that nobody uses, each set up in another way.
	free []*entered
}

// WithKeptSession returns a client that looks at all tables in one session, and runs all
// plans that need the same settings in another one. Each is set up once, but for the session
// of the looks before the first run: that takes over its connection. Several clients of one
// database may share them. If the number of connections is limited
// ([sql.DB.SetMaxOpenConns]), or if the client is in a transaction, each look and each run
// has a session of its own.
func (c *Client) WithKeptSession(k *KeptSession) *Client {
	keeping := *c
	if p, ok := c.sessions.(pool); ok && p.db.Stats().MaxOpenConnections == 0 {
		p.kept = k
		keeping.sessions = p
	}
	return &keeping
}

// Close ends the sessions.
func (k *KeptSession) Close() { k.letGo() }

// letGo ends the sessions that nobody uses, and reports whether there were any.
func (k *KeptSession) letGo() bool {
	return k.letGoOf(func(*entered) bool { return true })
}

// makeWay ends the session of the looks before a session to write is entered, which has its
// connection then. A new one would take longer, and the server would not know the tables yet.
func (k *KeptSession) makeWay(purpose dialect.Purpose) {
	if purpose == dialect.ForWriting {
		k.letGoOf(func(s *entered) bool { return s.way.purpose == dialect.ForReading })
	}
}

// letGoOf ends some of the sessions that nobody uses, and reports whether there were any.
func (k *KeptSession) letGoOf(which func(*entered) bool) bool {
	if k == nil {
		return false
	}
	var ended []*entered
	k.mu.Lock()
	k.free = slices.DeleteFunc(k.free, func(s *entered) bool {
		if which(s) {
			ended = append(ended, s)
			return true
		}
		return false
	})
	k.mu.Unlock()
	for _, s := range ended {
		s.putBack(nil)
	}
	return len(ended) > 0
}

// take returns a session that was set up in this way, if one is free and still alive.
// Otherwise it is nil.
func (k *KeptSession) take(ctx context.Context, p pool, way setUp) *entered {
	s := k.out(way)
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

func (k *KeptSession) out(way setUp) *entered {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	i := k.index(way)
	if i < 0 {
		return nil
	}
	s := k.free[i]
	k.free = slices.Delete(k.free, i, i+1)
	return s
}

func (k *KeptSession) in(s *entered) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.index(s.way) >= 0 {
		return false
	}
	k.free = append(k.free, s)
	return true
}

func (k *KeptSession) index(way setUp) int {
	return slices.IndexFunc(k.free, func(s *entered) bool { return s.way.equal(way) })
}
