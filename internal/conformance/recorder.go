package conformance

import (
	"context"
	"database/sql/driver"
	"slices"
	"sync"
)

// Recorder records every statement that its connections send, in order. The real driver
// executes them.
type Recorder struct {
	mu   sync.Mutex
	sent []string
	hook func(statement string)
	// answer, if set, can replace the result of a statement.
	answer func(statement string, send func() error) error
}

// Connector returns a connector that records.
func (r *Recorder) Connector(c driver.Connector) driver.Connector { return recordingConnector{c, r} }

// Sent returns the statements so far.
func (r *Recorder) Sent() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.sent)
}

// Reset forgets the statements so far.
func (r *Recorder) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent = nil
}

// BeforeEach calls hook before each statement is sent, so that another program can act
// between two statements of a run.
func (r *Recorder) BeforeEach(hook func(statement string)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hook = hook
}

// AnswerBy lets answer replace the error of each statement. Its argument send sends the
// statement to the real database.
func (r *Recorder) AnswerBy(answer func(statement string, send func() error) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// answered sends a statement and returns its result.
func (r *Recorder) answered(statement string, send func() (driver.Result, error)) (res driver.Result, err error) {
	r.mu.Lock()
	answer := r.answer
	r.mu.Unlock()
	if answer == nil {
		return send()
	}
	err = answer(statement, func() error {
		var failed error
		res, failed = send()
		return failed
	})
	return res, err
}

// Record records a statement that a dialect sends without database/sql.
func (r *Recorder) Record(statement string) {
	r.mu.Lock()
	r.sent = append(r.sent, statement)
	hook := r.hook
	r.mu.Unlock()
	if hook != nil {
		hook(statement)
	}
}

type recordingConnector struct {
	driver.Connector
	recorder *Recorder
}

func (c recordingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &recordingConn{conn, c.recorder}, nil
}

// recordingConn implements every interface that database/sql and the dialects look for in
// a connection. It uses what the wrapped connection supports.
type recordingConn struct {
	driver.Conn
	recorder *Recorder
}

// Raw returns the driver's own connection, which a dialect may need.
func (c *recordingConn) Raw() driver.Conn { return c.Conn }

func (c *recordingConn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

func (c *recordingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	s, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return &recordingStmt{s, query, c.recorder}, nil
}

func (c *recordingConn) prepare(ctx context.Context, query string) (driver.Stmt, error) {
	if p, ok := c.Conn.(driver.ConnPrepareContext); ok {
		return p.PrepareContext(ctx, query)
	}
	return c.Conn.Prepare(query)
}

func (c *recordingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	e, ok := c.Conn.(driver.ExecerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	c.recorder.Record(query)
	return c.recorder.answered(query, func() (driver.Result, error) { return e.ExecContext(ctx, query, args) })
}

func (c *recordingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	q, ok := c.Conn.(driver.QueryerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	c.recorder.Record(query)
	return q.QueryContext(ctx, query, args)
}

func (c *recordingConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if b, ok := c.Conn.(driver.ConnBeginTx); ok {
		return b.BeginTx(ctx, opts)
	}
	return c.Conn.Begin() //nolint:staticcheck // the driver has no BeginTx
}

func (c *recordingConn) Ping(ctx context.Context) error {
	if p, ok := c.Conn.(driver.Pinger); ok {
		return p.Ping(ctx)
	}
	return nil
}

func (c *recordingConn) ResetSession(ctx context.Context) error {
	if r, ok := c.Conn.(driver.SessionResetter); ok {
		return r.ResetSession(ctx)
	}
	return nil
}

func (c *recordingConn) IsValid() bool {
	v, ok := c.Conn.(driver.Validator)
	return !ok || v.IsValid()
}

func (c *recordingConn) CheckNamedValue(v *driver.NamedValue) error {
	if n, ok := c.Conn.(driver.NamedValueChecker); ok {
		return n.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

type recordingStmt struct {
	driver.Stmt
	query    string
	recorder *Recorder
}

func (s *recordingStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	s.recorder.Record(s.query)
	if e, ok := s.Stmt.(driver.StmtExecContext); ok {
		return e.ExecContext(ctx, args)
	}
	return s.Stmt.Exec(plain(args)) //nolint:staticcheck // the driver has no ExecContext
}

func (s *recordingStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	s.recorder.Record(s.query)
	if q, ok := s.Stmt.(driver.StmtQueryContext); ok {
		return q.QueryContext(ctx, args)
	}
	return s.Stmt.Query(plain(args)) //nolint:staticcheck // the driver has no QueryContext
}

func plain(args []driver.NamedValue) []driver.Value {
	values := make([]driver.Value, len(args))
	for i, a := range args {
		values[i] = a.Value
	}
	return values
}
