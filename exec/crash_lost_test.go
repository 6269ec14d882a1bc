package exec_test

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance"
	"github.com/tablesnap/tablesnap/internal/wait"
)

// cutter is a proxy between client and server that cuts the connection at the n-th
// statement that matches.
type cutter struct {
	listener net.Listener
	server   string // its address
	query    func(packet []byte) string
	at       *regexp.Regexp

	mu      sync.Mutex
	n       int
	when    moment
	down    bool // after the cut, all connections are cut, and new ones rejected
	cut     bool
	matched string
	// stalled, if not nil, keeps a connection open at the cut, and silent, until the test
	// ends.
	stalled chan struct{}
	// vanish, if not nil, ends connections to the server without a word to it. Vanished
	// is what it returned.
	vanish   func(net.Conn) error
	vanished error
}

func (w *crashWorld) newCutter(at *regexp.Regexp) *cutter {
	w.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	c := &cutter{listener: l, server: w.address(w.dsn), query: w.query, at: at}
	w.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer client.Close()
				if c.serve(client) == atTheCut && c.stalled != nil {
					<-c.stalled
				}
			}()
		}
	}()
	return c
}

// newStaller is a cutter that falls silent instead.
func (w *crashWorld) newStaller(at *regexp.Regexp) *cutter {
	w.Helper()
	c := w.newCutter(at)
	c.stalled = make(chan struct{})
	w.Cleanup(func() { close(c.stalled) })
	return c
}

// served says how the service of a connection ended.
type served string

const (
	atTheCut served = "at the cut"
	byAPeer  served = "by client or server"
)

// set chooses the statement at which to cut next.
func (c *cutter) set(n int, when moment, down bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n, c.when, c.down, c.cut = n, when, down, false
}

func (c *cutter) serve(client net.Conn) served {
	if c.isDown() {
		return atTheCut
	}
	server, err := net.Dial("tcp", c.server)
	if err != nil {
		return byAPeer
	}
	hangUp := server.Close
	defer func() { hangUp() }()
	answers := make(chan []byte)
	go pump(server, answers)
	requests := make(chan []byte)
	go pump(client, requests)
	for {
		select {
		case b, ok := <-answers:
			if _, err := client.Write(b); err != nil || !ok {
				return byAPeer
			}
		case b, ok := <-requests:
			if !ok {
				return byAPeer
			}
			if c.isDown() {
				hangUp = c.leaves(server)
				return atTheCut
			}
			when := c.look(b)
			if when == before {
				hangUp = c.leaves(server)
				return atTheCut
			}
			if _, err := server.Write(b); err != nil {
				return byAPeer
			}
			if when == sent {
				<-answers // the server has run the statement; drop its answer
				hangUp = c.leaves(server)
				return atTheCut
			}
		}
	}
}

// isDown reports whether the cut has ended all connections.
func (c *cutter) isDown() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.down && c.cut
}

// leaves is what becomes of the connection to the server at the cut.
func (c *cutter) leaves(server net.Conn) (hangUp func() error) {
	if c.vanish != nil {
		return func() error {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.vanished = errors.Join(c.vanished, c.vanish(server))
			return nil
		}
	}
	if c.stalled == nil {
		return server.Close
	}
	go func() { <-c.stalled; server.Close() }()
	return func() error { return nil }
}

// look returns when to cut the connection at a packet. It is empty to not cut.
func (c *cutter) look(packet []byte) moment {
	c.mu.Lock()
	defer c.mu.Unlock()
	statement := strings.TrimSpace(c.query(packet))
	if !c.at.MatchString(statement) {
		return ""
	}
	if c.n--; c.n != 0 {
		return ""
	}
	c.cut, c.matched = true, statement
	return c.when
}

func pump(from net.Conn, to chan<- []byte) {
	defer close(to)
	for {
		b := make([]byte, 64<<10)
		n, err := from.Read(b)
		if n > 0 {
			to <- b[:n]
		}
		if err != nil {
			return
		}
	}
}

// shortStall is the stall timeout of the tests.
const shortStall = 500 * time.Millisecond

// uploadThrough uploads through the cutter.
func (w *crashWorld) uploadThrough(c *cutter) error {
	_, err := w.requestThrough(c, crashRequest(w.way, "doc_1", newEmails))
	return err
}

func (w *crashWorld) requestThrough(c *cutter, r exec.Request) (exec.Result, error) {
	db := sql.OpenDB(w.connector(w.through(w.dsn, c.listener.Addr().String()), &fuse{}))
	defer db.Close()
	client := exec.New(db, w.backend, exec.Identity{Actor: "cut"})
	if c.stalled != nil { // else a look could leave a connection that survives the cut
		client = client.WithStallTimeout(shortStall)
	}
	return client.Upload(context.Background(), r)
}

// decisive matches the statements that commit. If their answer is lost, the client does
// not know the outcome.
var decisive = regexp.MustCompile(`^(COMMIT|RENAME|DROP|ALTER|EXECUTE)`)

// TestLostAnswer cuts the connection at every decisive statement, after the server has run
// it. With everyVariable it cuts at every statement that writes, also before the statement
// reaches the server. The run must look up the outcome and report it correctly.
func TestLostAnswer(t *testing.T) {
	onEach(t, quick(withServers), func(w *crashWorld) {
		w.reset()
		w.upload("doc_0", oldEmails)
		at, moments := decisive, []moment{sent}
		if os.Getenv(everyVariable) != "" {
			at, moments = writes, []moment{sent, before}
		}
		c := w.newCutter(at)
		for _, when := range moments {
			for n := 1; ; n++ {
				w.reset()
				c.set(n, when, false)
				err := w.uploadThrough(c)
				if !c.cut {
					break
				}
				w.tried("connection cut", 1)
				w.toldTheTruth(c, err)
				if w.Failed() {
					w.Fatalf("cut %s %q, the %d. of its kind; the error: %v", when, c.matched, n, err)
				}
			}
		}
	})
}

// toldTheTruth checks that the table has the new rows after a success and the old rows
// after an error, and that in both cases no run is open and no table left over.
func (w *crashWorld) toldTheTruth(c *cutter, err error) {
	w.Helper()
	want := newEmails
	if err != nil {
		want = oldEmails
		says := strings.Contains(err.Error(), "is as it was") || !decisive.MatchString(c.matched)
		if cut := new(exec.CutOffError); errors.As(err, &cut) || !says {
			w.Errorf("the error does not say that the table is as it was: %v", err)
		}
	}
	if got := w.emails(panel, ""); !slices.Equal(got, want) {
		w.Errorf("the upload said %v, and the table holds %q", err, got)
	}
	if !w.isNew(w.fingerprint()) {
		return
	}
	if w.cutOff() {
		w.Errorf("after %v, plan says that a run was cut off", err)
	}
	w.nothingIsLost()
	w.sound()
	w.nextUpload()
}

// TestLostServer: if the run cannot look up the outcome, the error says so, and recover
// completes or undoes the run.
func TestLostServer(t *testing.T) {
	onEach(t, quick(withServers), func(w *crashWorld) {
		w.reset()
		w.upload("doc_0", oldEmails)
		c := w.newCutter(regexp.MustCompile(`^COMMIT`))
		for n := 1; ; n++ {
			w.reset()
			c.set(n, sent, true)
			err := w.uploadThrough(c)
			if !c.cut {
				return
			}
			w.tried("connection cut for good", 1)
			if cut := new(exec.CutOffError); !errors.As(err, &cut) || !strings.Contains(err.Error(), "cannot be looked up") {
				w.Fatalf("COMMIT %d: %v", n, err)
			}
			w.untilFree()
			w.nothingIsLost()
			if w.isNew(w.fingerprint()) {
				w.recoverTwice()
				w.afterTheDeath()
			}
		}
	})
}

// TestNetworkTimeouts: the session of a run and that of its plan have limits of their own
// for a client that does not answer.
func TestNetworkTimeouts(t *testing.T) {
	onEach(t, quick(withServers), func(w *crashWorld) {
		w.reset()
		var sent conformance.Recorder
		db := sql.OpenDB(sent.Connector(w.connector(w.dsn, nil)))
		defer db.Close()
		if _, err := exec.New(db, w.backend, exec.Identity{Actor: "recorded"}).Upload(context.Background(), crashRequest(w.way, "doc_1", newEmails)); err != nil {
			w.Fatal(err)
		}
		limiter, _ := dialect.As[dialect.NetworkLimiter](w.backend)
		for _, purpose := range []dialect.Purpose{dialect.ForReading, dialect.ForWriting} {
			for _, s := range limiter.NetworkTimeouts(purpose) {
				if !slices.Contains(sent.Sent(), s.SQL) {
					w.Errorf("no session to %s has: %s", purpose, s.SQL)
				}
			}
		}
	})
}

// TestStalledConnection has the network fall silent at every decisive statement, before it
// reaches the server and behind it. The run gives the connection up, looks up the outcome
// on another one, and reports it correctly.
func TestStalledConnection(t *testing.T) {
	onEach(t, quick(withServers), func(w *crashWorld) {
		w.reset()
		w.upload("doc_0", oldEmails)
		at := regexp.MustCompile(`^(COMMIT|RENAME)`)
		if everyOne() {
			at = decisive
		}
		c := w.newStaller(at)
		for _, when := range []moment{before, sent} {
			for n := 1; ; n++ {
				w.reset()
				c.set(n, when, false)
				err := w.uploadThrough(c)
				if !c.cut {
					if err != nil {
						w.Error(err)
					}
					break
				}
				w.tried("connection silent", 1)
				w.toldTheTruth(c, err)
				if w.Failed() {
					w.Fatalf("silent %s %q, the %d. of its kind; the error: %v", when, c.matched, n, err)
				}
			}
		}
	})
}

// TestStalledServer has the whole network fall silent at each COMMIT. The run ends with an
// error that says that its outcome cannot be looked up.
func TestStalledServer(t *testing.T) {
	onEach(t, quick(withServers), func(w *crashWorld) {
		w.reset()
		w.upload("doc_0", oldEmails)
		w.reset()
		c := w.newStaller(regexp.MustCompile(`^COMMIT`))
		c.set(1, sent, true)
		err := w.uploadThrough(c)
		w.tried("network silent for good", 1)
		if cut := new(exec.CutOffError); !errors.As(err, &cut) || !strings.Contains(err.Error(), "no sign of life") || !strings.Contains(err.Error(), "cannot be looked up") {
			w.Fatal(err)
		}
		w.nothingIsLost()
	})
}

// TestLongStatementIsNoStall has a run wait for a lock until the watch has looked several
// times.
func TestLongStatementIsNoStall(t *testing.T) {
	onEach(t, quick(withServers), func(w *crashWorld) {
		w.reset()
		w.upload("doc_0", oldEmails)
		w.reset()
		tx, err := w.db.Begin()
		if err != nil {
			w.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := tx.Exec("UPDATE " + panel + " SET email = email"); err != nil {
			w.Fatal(err)
		}
		var sent conformance.Recorder
		db := sql.OpenDB(sent.Connector(w.connector(w.dsn, nil)))
		defer db.Close()
		done := make(chan error, 1)
		go func() {
			_, err := exec.New(db, w.backend, exec.Identity{Actor: "patient"}).WithStallTimeout(4*shortStall).Upload(context.Background(), crashRequest(w.way, "doc_1", newEmails))
			done <- err
		}()
		wait.Until(w, "the watch has looked several times", func() bool {
			looks := 0
			for _, s := range sent.Sent() {
				if strings.Contains(s, "PROCESSLIST") || strings.Contains(s, "pg_stat_activity") {
					looks++
				}
			}
			return looks > 1
		})
		if err := tx.Rollback(); err != nil {
			w.Fatal(err)
		}
		if err := <-done; err != nil {
			w.Error(err)
		}
	})
}
