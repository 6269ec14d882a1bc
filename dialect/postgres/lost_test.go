package postgres_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tablesnap/tablesnap/dialect/postgres"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance"
	"github.com/tablesnap/tablesnap/plan"
)

// cable carries all connections of a client and can cut them.
type cable struct {
	mu    sync.Mutex
	conns []net.Conn
	// answerless is the number of COMMITs before the one whose answer is lost. If it is
	// negative, no answer is lost.
	answerless int
}

type cabled struct {
	net.Conn
	cable *cable
	lost  *atomic.Bool // the next answer will be lost
}

func (c *cable) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conns = append(c.conns, conn)
	return cabled{conn, c, &atomic.Bool{}}, nil
}

func (c *cable) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		conn.Close()
	}
	c.conns = nil
}

func (c cabled) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte("COMMIT\x00")) {
		c.cable.mu.Lock()
		c.cable.answerless--
		if c.cable.answerless == -1 {
			c.lost.Store(true)
		}
		c.cable.mu.Unlock()
	}
	return c.Conn.Write(b)
}

// Read waits for the answer, which shows that the server has committed, and drops it.
func (c cabled) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && c.lost.Load() {
		c.cable.cut()
		return 0, net.ErrClosed
	}
	return n, err
}

// through makes uploads connect through a cable, and records the statements that they
// send.
func (c *client) through(wire *cable) *conformance.Recorder {
	config := c.config.Copy()
	config.DialFunc = wire.dial
	recorder := &conformance.Recorder{}
	c.db = sql.OpenDB(recorder.Connector(stdlib.GetConnector(*config)))
	c.Cleanup(func() { c.db.Close() })
	c.exec = exec.New(c.db, postgres.New(), exec.Identity{Actor: "tester"})
	return recorder
}

// TestLostAnswerToTheCommit: after a lost answer, the run looks up on a new connection
// whether the server has committed.
func TestLostAnswerToTheCommit(t *testing.T) {
	onEach(t, func(c client) {
		wire := &cable{answerless: -10}
		c.run("CREATE TABLE t (v text)")
		c.upload(request("doc_0", "v", "old"))
		c.through(wire)
		wire.mu.Lock()
		wire.answerless = 1 // the first COMMIT is that of the run's row
		wire.mu.Unlock()
		res := c.upload(request("doc_1", "v", "new"))
		if res.RowsLoaded != 1 || res.RowsBackedUp != 1 || res.Version != 2 {
			c.Errorf("the result is %+v", res)
		}
		c.same("the table", c.lines("SELECT v FROM t"), "new")
		c.same("the runs", c.lines("SELECT doc_id || ' ' || state FROM tablesnap_run"), "doc_0 done", "doc_1 done")
		wire.mu.Lock()
		wire.answerless = 0
		wire.mu.Unlock()
		c.says(c.try(request("doc_2", "v", "newer")), "connection")
		c.same("the table", c.lines("SELECT v FROM t"), "new")
		c.upload(request("doc_3", "v", "newest"))
		c.same("no run is left open", c.lines("SELECT doc_id FROM tablesnap_run WHERE state = 'started' UNION SELECT step FROM tablesnap_audit WHERE state = 'started'"))
	})
}

// TestConnectionLostAtEachStatement: the table has either the old rows or the new ones,
// and the run's result says which.
func TestConnectionLostAtEachStatement(t *testing.T) {
	onEach(t, func(c client) {
		c.run("CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, v text, gone text)", "INSERT INTO t (v) VALUES ('old')")
		wire := &cable{answerless: -10}
		recorder := c.through(wire)
		c.upload(allowing(request("doc_0", "v", "old"), plan.KeysRenumbered))
		recorder.Reset()
		c.upload(dropping(request("doc", "id,v", "1,old"), "gone"))
		statements := recorder.Sent()
		begin := slices.IndexFunc(statements, func(s string) bool { return strings.HasPrefix(s, "BEGIN") })
		for at := begin; at < len(statements); at++ {
			if strings.Contains(statements[at], "tablesnap_audit") && at%3 > 0 {
				continue // there are many of them: one of three is enough
			}
			c.run("ALTER TABLE t ADD COLUMN IF NOT EXISTS gone text", "DELETE FROM t", "INSERT INTO t (v) VALUES ('old')")
			seen := 0
			recorder.BeforeEach(func(string) {
				if seen++; seen == at+1 {
					wire.cut()
				}
			})
			_, err := c.exec.Upload(context.Background(), dropping(request("doc", "id,v", "5,new"), "gone"))
			recorder.BeforeEach(nil)
			want := "old"
			if err == nil {
				want = "new"
			}
			c.same("the table, cut off before "+statements[at], c.lines("SELECT v FROM t"), want)
			if cut := new(exec.CutOffError); errors.As(err, &cut) {
				c.Errorf("cut off before %s: %v", statements[at], err)
			}
			c.upload(allowing(request("doc_next", "v", fmt.Sprint("next ", at)), plan.KeysRenumbered))
			c.same("open runs", c.lines("SELECT id::text FROM tablesnap_run WHERE state = 'started' UNION SELECT step FROM tablesnap_audit WHERE state = 'started'"))
			c.same("preserved", c.lines("SELECT relname FROM pg_class WHERE relname LIKE '%preserved%'"))
			if c.Failed() {
				return
			}
		}
	})
}
