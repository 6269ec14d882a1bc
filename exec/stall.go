package exec

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultStallTimeout is how long a statement may show no sign of life, if the caller set
// no other time.
const DefaultStallTimeout = 2 * time.Minute

// WithStallTimeout returns a client that gives up a connection whose statement shows no
// sign of life for that long: the server or the network has stopped. A statement that
// only takes long goes on: a second connection shows that the server is at work on it. If
// the pool has only one connection, or d is zero, the client waits for ever.
func (c *Client) WithStallTimeout(d time.Duration) *Client {
	patient := *c
	if p, ok := c.sessions.(pool); ok {
		p.stall = d
		patient.sessions = p
	}
	return &patient
}

// StalledError says that a connection was given up because a statement on it showed no
// sign of life. The outcome of a run is looked up on another connection.
type StalledError struct {
	// For is how long there was no sign of life.
	For time.Duration
	Err error // what the driver said when it was told to stop waiting
}

func (e *StalledError) Error() string {
	return fmt.Sprintf("no sign of life from the database for %s, so the connection was given up: the server or the network has stopped (%v)", e.For, e.Err)
}

func (e *StalledError) Unwrap() error { return e.Err }

// lookTimeout is how long the second connection may take to show what the first one does.
const lookTimeout = 5 * time.Second

// looksInTimeout is how often a watch looks in the time of a stall timeout.
const looksInTimeout = 4

// looksBeforeStall is how many looks in a row must show no life, since an answer may be on
// its way during the first.
const looksBeforeStall = 2

// stallWatch watches the statements of one session. A nil watch lets them stall for ever.
type stallWatch struct {
	timeout time.Duration
	// look reports on another connection whether the server is at work for the session.
	look func(context.Context) (lives bool, err error)
	// end ends the session on the server.
	end func(context.Context) error

	// alive is when the statement began or last showed a sign of life, in nanoseconds of
	// the Unix time. It is never if no statement is running, or if it waits for us.
	alive atomic.Int64

	mu      sync.Mutex
	running int // nested: a load has a statement of its own
	begun   int64
	cancels map[int64]context.CancelCauseFunc
	err     *StalledError
	stop    context.CancelFunc
	stopped chan struct{}
}

const never64 = math.MaxInt64

// start watches until close is called.
func (w *stallWatch) start() {
	w.cancels, w.stopped = map[int64]context.CancelCauseFunc{}, make(chan struct{})
	w.alive.Store(never64)
	var ctx context.Context
	ctx, w.stop = context.WithCancel(context.Background())
	go w.watch(ctx)
}

func (w *stallWatch) close() {
	if w == nil {
		return
	}
	w.stop()
	<-w.stopped
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, cancel := range w.cancels {
		cancel(nil)
	}
}

// statement returns a context for a statement that is running until done is called.
func (w *stallWatch) statement(ctx context.Context) (context.Context, context.CancelFunc) {
	if w == nil {
		return ctx, func() {}
	}
	ctx, n := w.begin(ctx)
	return ctx, func() {
		w.answered()
		w.mu.Lock()
		defer w.mu.Unlock()
		w.cancels[n](nil)
		delete(w.cancels, n)
	}
}

// query returns a context for a query that is running until answered is called. The
// context lasts as long as the watch, for the rows.
func (w *stallWatch) query(ctx context.Context) (_ context.Context, answered func()) {
	if w == nil {
		return ctx, func() {}
	}
	ctx, _ = w.begin(ctx)
	return ctx, w.answered
}

func (w *stallWatch) begin(ctx context.Context) (context.Context, int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	if w.err != nil {
		cancel(w.err)
	}
	w.begun++
	w.cancels[w.begun] = cancel
	w.running++
	w.sign()
	return ctx, w.begun
}

func (w *stallWatch) answered() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running--; w.running == 0 {
		w.alive.Store(never64)
	} else {
		w.sign()
	}
}

func (w *stallWatch) sign() { w.alive.Store(time.Now().UnixNano()) }

// waitsForUs says that the statement waits for work of ours, until worked is called.
func (w *stallWatch) waitsForUs() (worked func()) {
	if w == nil {
		return func() {}
	}
	w.alive.Store(never64)
	return w.sign
}

func (w *stallWatch) watch(ctx context.Context) {
	defer close(w.stopped)
	tick := time.NewTicker(w.timeout / looksInTimeout)
	defer tick.Stop()
	for lifeless := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		since := w.alive.Load()
		if !w.quiet(since) {
			lifeless = 0
			continue
		}
		seen := w.looks(ctx)
		switch {
		case w.alive.Load() != since: // it was answered meanwhile
			lifeless = 0
		case seen == alive:
			lifeless = 0
			w.alive.CompareAndSwap(since, time.Now().UnixNano())
		default:
			if lifeless++; lifeless == looksBeforeStall {
				w.stall(ctx, seen)
				return
			}
		}
	}
}

// quiet reports whether a statement is running that last showed life a timeout ago.
func (w *stallWatch) quiet(since int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.running > 0 && since != never64 && time.Since(time.Unix(0, since)) >= w.timeout
}

// sight is what the second connection has shown.
type sight string

const (
	alive    sight = "alive"
	dead     sight = "dead"
	noAnswer sight = "no answer"
)

func (w *stallWatch) looks(ctx context.Context) sight {
	ctx, done := context.WithTimeout(ctx, lookTimeout)
	defer done()
	lives, err := w.look(ctx)
	switch {
	case err != nil:
		return noAnswer
	case lives:
		return alive
	default:
		return dead
	}
}

// stall ends the session, if the server can be reached, and gives the connection up.
func (w *stallWatch) stall(ctx context.Context, seen sight) {
	if seen == dead {
		limited, done := context.WithTimeout(ctx, lookTimeout)
		_ = w.end(limited) // else it ends when the server notices that nobody is there
		done()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = &StalledError{For: w.timeout, Err: context.Canceled}
	for _, cancel := range w.cancels {
		cancel(w.err)
	}
}

// stalled returns the error of a connection that was given up, or nil.
func (w *stallWatch) stalled(err error) error {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil || err == nil || as[*StalledError](err) {
		return nil
	}
	return &StalledError{For: w.err.For, Err: err}
}

// watch begins to watch a session. It returns nil if the session cannot be observed, or
// may stall for ever.
func (p pool) watch(own *ownSession) *stallWatch {
	if own == nil || p.stall <= 0 {
		return nil
	}
	w := &stallWatch{timeout: p.stall, look: own.works, end: own.endIdle}
	w.start()
	return w
}

// inTime runs work that the server must do within the stall timeout.
func (p pool) inTime(ctx context.Context, work func(context.Context) error) error {
	if p.stall <= 0 {
		return work(ctx)
	}
	limited, done := context.WithTimeout(ctx, p.stall)
	defer done()
	err := work(limited)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return &StalledError{For: p.stall, Err: err}
	}
	return err
}
