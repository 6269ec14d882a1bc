package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

const (
	// rowsPerStatement is the number of rows of one INSERT. More rows are hardly faster.
	rowsPerStatement = 500
	// maxParameters is SQLite's default limit on the parameters of a statement
	// (https://www.sqlite.org/limits.html#max_variable_number).
	maxParameters = 32766
)

// Load inserts many rows with each run of a prepared statement. A second goroutine reads
// and checks them.
func (d Dialect) Load(ctx context.Context, c dialect.Conn, l dialect.Load, next func() (rowsource.Row, error)) (int64, error) {
	ctx, cancel := context.WithCancel(ctx)
	rows := rowsPerStatement
	if l.Table.HasTrait(traitOnConflict) {
		rows = 1
	}
	rows = max(1, min(rows, maxParameters/max(1, len(l.Columns))))
	reader := d.newReader(l, rows, next)
	go reader.readAhead(ctx)
	defer func() { // the reading goroutine must not outlive the call
		cancel()
		for range reader.batches {
		}
	}()
	var loaded int64
	err := withDriver(c, func(conn driver.Conn) error {
		in := &inserter{ctx: ctx, conn: conn, load: l, insert: d.insertInto(l.Table.Ident, dialect.ColumnNames(l.Columns))}
		defer in.close()
		for b := range reader.batches {
			if b.err != nil {
				return b.err
			}
			n, err := in.run(b)
			if err != nil {
				return err
			}
			loaded += n
			reader.used <- b
		}
		return ctx.Err()
	})
	return loaded, err
}

// batch has the rows of one statement, or the error that ended the reading.
type batch struct {
	args  []driver.NamedValue
	lines []int
	err   error
}

// reader reads and checks rows into batches. It reuses batches: otherwise a load of a
// million rows would create half a gigabyte of garbage.
type reader struct {
	load    dialect.Load
	checks  []func(rowsource.Value) error
	size    int // rows of a batch
	next    func() (rowsource.Row, error)
	batches chan batch
	used    chan batch
}

// batchesAhead is the number of batches between reader and inserter.
const batchesAhead = 3

func (d Dialect) newReader(l dialect.Load, size int, next func() (rowsource.Row, error)) *reader {
	r := &reader{load: l, size: size, next: next, batches: make(chan batch), used: make(chan batch, batchesAhead)}
	for _, c := range l.Columns {
		r.checks = append(r.checks, d.Checker(l.Server, l.Table, c))
	}
	for range batchesAhead {
		r.used <- batch{}
	}
	return r
}

// readAhead reads until there are no more rows, an error occurs, or ctx is done.
func (r *reader) readAhead(ctx context.Context) {
	defer close(r.batches)
	for end := false; !end; {
		var b batch
		select {
		case b = <-r.used:
		case <-ctx.Done():
			return
		}
		b, end = r.fill(b)
		if len(b.lines) == 0 && b.err == nil {
			continue
		}
		select {
		case r.batches <- b:
		case <-ctx.Done():
			return
		}
	}
}

func (r *reader) fill(b batch) (_ batch, end bool) {
	b.args, b.lines = b.args[:0], b.lines[:0]
	for range r.size {
		row, err := r.next()
		if errors.Is(err, io.EOF) {
			return b, true
		}
		if err != nil {
			return batch{err: err}, true
		}
		for i, v := range row.Values {
			if check := r.checks[i]; check != nil {
				if err := check(v); err != nil {
					return batch{err: cellError(r.load, row.Line, r.load.Columns[i].Name, row.Written(i), err)}, true
				}
			}
			b.args = append(b.args, driver.NamedValue{Ordinal: len(b.args) + 1, Value: bound(v)})
		}
		b.lines = append(b.lines, row.Line)
	}
	return b, false
}

func bound(v rowsource.Value) driver.Value {
	switch v.Kind() {
	case rowsource.KindText:
		return v.Str()
	case rowsource.KindInteger:
		return v.Int()
	case rowsource.KindReal:
		return v.Float()
	case rowsource.KindBlob:
		return []byte(v.Str())
	default:
		return nil
	}
}

// inserter runs the statements of one load. It uses the driver's connection directly,
// since database/sql would convert each value again.
type inserter struct {
	ctx    context.Context //nolint:containedctx // it lives as long as one load
	conn   driver.Conn
	load   dialect.Load
	insert string
	stmt   driver.Stmt
	rows   int // of stmt
}

func (in *inserter) close() {
	if in.stmt != nil {
		in.stmt.Close()
	}
}

func (in *inserter) run(b batch) (int64, error) {
	n, err := in.exec(b.args, len(b.lines))
	if err == nil || in.ctx.Err() != nil || !in.inTransaction() {
		return n, err
	}
	// SQLite has undone the statement. The bad row is the first one that fails alone.
	width := len(in.load.Columns)
	for i, line := range b.lines {
		args := renumber(b.args[i*width : (i+1)*width])
		if _, one := in.exec(args, 1); one != nil {
			return 0, in.blame(line, args, one)
		}
	}
	return 0, err
}

func (in *inserter) exec(args []driver.NamedValue, rows int) (int64, error) {
	if in.stmt == nil || in.rows != rows {
		in.close()
		in.stmt = nil
		one := "(?" + strings.Repeat(", ?", len(in.load.Columns)-1) + ")"
		stmt, err := in.conn.(driver.ConnPrepareContext).PrepareContext(in.ctx, in.insert+" VALUES "+one+strings.Repeat(", "+one, rows-1))
		if err != nil {
			return 0, err
		}
		in.stmt, in.rows = stmt, rows
	}
	res, err := in.stmt.(driver.StmtExecContext).ExecContext(in.ctx, args)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// inTransaction reports whether the transaction is still open. ON CONFLICT ROLLBACK ends
// it, and the next statement would commit by itself.
func (in *inserter) inTransaction() bool {
	exec := in.conn.(driver.ExecerContext)
	if _, err := exec.ExecContext(in.ctx, "BEGIN", nil); err != nil {
		return true // "cannot start a transaction within a transaction"
	}
	_, _ = exec.ExecContext(in.ctx, "ROLLBACK", nil)
	return false
}

// blame names the line and, if SQLite's message has it, the column.
func (in *inserter) blame(line int, args []driver.NamedValue, err error) error {
	named := reason(err)
	if at := strings.LastIndex(named, "constraint failed: "); at >= 0 {
		named = strings.TrimPrefix(named[at+len("constraint failed: "):], in.load.Table.Ident.Name+".")
	}
	for i, c := range in.load.Columns {
		if named == c.Name {
			return cellError(in.load, line, c.Name, unbound(args[i].Value), err)
		}
	}
	return &rowsource.CellError{Source: in.load.Source, Format: in.load.Format, Line: line, Err: err}
}

func cellError(l dialect.Load, line int, column string, v rowsource.Value, err error) error {
	return &rowsource.CellError{Source: l.Source, Format: l.Format, Line: line, Column: column, Value: v.String(), Err: err}
}

func unbound(v driver.Value) rowsource.Value {
	switch v := v.(type) {
	case string:
		return rowsource.Text(v)
	case int64:
		return rowsource.Integer(v)
	case float64:
		return rowsource.Real(v)
	case []byte:
		return rowsource.Blob(v)
	default:
		return rowsource.Null()
	}
}

func renumber(args []driver.NamedValue) []driver.NamedValue {
	for i := range args {
		args[i].Ordinal = i + 1
	}
	return args
}

// Classify recognizes locks. A database in the same process cannot lose its connection.
func (Dialect) Classify(err error) dialect.Failure {
	var e *sqlitedriver.Error
	if errors.As(err, &e) {
		switch e.Code() & 0xff { // the low byte is the primary result code
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
			return dialect.FailureBusy
		}
	}
	return dialect.FailureRefused
}

// WroteMessage reports whether it is an error of SQLite.
func (Dialect) WroteMessage(err error) bool {
	var e *sqlitedriver.Error
	return errors.As(err, &e)
}

// AssertionFailed reads the message, since SQLite has one code for all errors in a
// statement (https://www.sqlite.org/rescode.html#error).
func (Dialect) AssertionFailed(err error) bool {
	var e *sqlitedriver.Error
	return errors.As(err, &e) && strings.Contains(e.Error(), notAsserted)
}

// LoadShape is the statement that a load runs, without data.
func (d Dialect) LoadShape(l dialect.Load) string {
	columns := dialect.ColumnNames(l.Columns)
	return fmt.Sprintf("%s VALUES (?%s)", d.insertInto(l.Table.Ident, columns), strings.Repeat(", ?", len(columns)-1))
}
