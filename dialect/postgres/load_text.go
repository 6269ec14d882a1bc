package postgres

import (
	"context"
	"errors"
	"io"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

const (
	// chunkBytes is the size of a chunk. Larger chunks are hardly faster.
	chunkBytes = 256 << 10
	// chunksAhead is the number of chunks that the reader and the sender share.
	chunksAhead = 4
)

// chunk has some rows as COPY reads them. If an error ended the reading, it has the error.
type chunk struct {
	text []byte
	err  error
}

// rowText reads and checks rows and writes them in COPY's text format, one row on each
// line (https://www.postgresql.org/docs/current/sql-copy.html). It reuses chunks, so that
// memory does not depend on the number of rows.
type rowText struct {
	load   dialect.Load
	checks []func(rowsource.Value) error
	whole  []bool // the columns whose texts are written as whole numbers
	fixed  []byte // the fields that are the same in every row
	next   func() (rowsource.Row, error)
	lines  lineNumbers

	chunks chan *chunk
	used   chan *chunk
	ended  chan struct{}

	reading *chunk
	rest    []byte                // of the chunk that is being read
	broken  atomic.Pointer[chunk] // the one with the error that ended the reading
}

// failed is the client-side error that ended the COPY.
func (r *rowText) failed() error {
	if c := r.broken.Load(); c != nil {
		return c.err
	}
	return nil
}

func newRowText(d Dialect, l dialect.Load, next func() (rowsource.Row, error)) *rowText {
	r := &rowText{load: l, next: next,
		chunks: make(chan *chunk), used: make(chan *chunk, chunksAhead), ended: make(chan struct{})}
	for _, c := range l.Columns {
		r.checks = append(r.checks, d.Checker(l.Server, l.Table, c))
		r.whole = append(r.whole, readsWholeNumbers(c))
	}
	for _, f := range l.Fixed {
		r.fixed = appendField(append(r.fixed, '\t'), f.Value)
	}
	for range chunksAhead {
		r.used <- &chunk{}
	}
	return r
}

// stop ends the reading and waits for it, so that nothing reads from the source once the
// load has returned. If the source itself hangs, it waits no longer than a second.
func (r *rowText) stop(cancel context.CancelFunc) {
	cancel()
	select {
	case <-r.ended:
	case <-time.After(time.Second):
	}
}

// readAhead reads until there are no more rows, an error occurs, or ctx is done.
func (r *rowText) readAhead(ctx context.Context) {
	defer close(r.ended)
	defer close(r.chunks)
	for end := false; !end; {
		var c *chunk
		select {
		case c = <-r.used:
		case <-ctx.Done():
			return
		}
		end = r.fill(ctx, c)
		select {
		case r.chunks <- c:
		case <-ctx.Done():
			return
		}
	}
}

// fill stops at 7/8 of chunkBytes, so that the last row seldom makes the chunk grow.
func (r *rowText) fill(ctx context.Context, c *chunk) (end bool) {
	if cap(c.text) > 4*chunkBytes { // free the memory of a single huge row
		c.text = nil
	}
	c.text = c.text[:0]
	for len(c.text) < chunkBytes*7/8 {
		row, err := r.next()
		switch {
		case errors.Is(err, io.EOF):
			return true
		case err == nil:
			c.text, err = r.appendRow(c.text, row)
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			c.err = err
			return true
		}
	}
	return false
}

func (r *rowText) appendRow(b []byte, row rowsource.Row) ([]byte, error) {
	for i, v := range row.Values {
		if check := r.checks[i]; check != nil {
			if err := check(v); err != nil {
				return b, cellError(r.load, row.Line, r.load.Columns[i].Name, row.Written(i).String(), err)
			}
		}
		if i > 0 {
			b = append(b, '\t')
		}
		if r.whole[i] {
			v = asWholeNumber(v)
		}
		b = appendField(b, v)
	}
	r.lines.add(row.Line)
	return append(append(b, r.fixed...), '\n'), nil
}

func appendField(b []byte, v rowsource.Value) []byte {
	switch v.Kind() {
	case rowsource.KindNull:
		return append(b, `\N`...)
	case rowsource.KindInteger:
		return strconv.AppendInt(b, v.Int(), 10)
	case rowsource.KindReal:
		return strconv.AppendFloat(b, v.Float(), 'g', -1, 64)
	case rowsource.KindBlob:
		b = append(b, `\\x`...)
		for i := range len(v.Str()) {
			const digits = "0123456789abcdef"
			b = append(b, digits[v.Str()[i]>>4], digits[v.Str()[i]&15])
		}
		return b
	default:
		return appendEscaped(b, v.Str())
	}
}

// appendEscaped escapes characters that would end a field or a row, and backslashes.
func appendEscaped(b []byte, s string) []byte {
	from := 0
	for i := range len(s) {
		var escape byte
		switch s[i] {
		case '\\':
			escape = '\\'
		case '\n':
			escape = 'n'
		case '\r':
			escape = 'r'
		case '\t':
			escape = 't'
		default:
			continue
		}
		b = append(append(b, s[from:i]...), '\\', escape)
		from = i + 1
	}
	return append(b, s[from:]...)
}

// lineNumbers are the source's line numbers of the rows. Rows usually have the same number
// of lines, so only changes are stored.
type lineNumbers struct {
	rows int
	last int
	runs []lineRun
}

type lineRun struct{ row, line, stride int }

func (n *lineNumbers) add(line int) {
	if len(n.runs) == 0 {
		n.runs = append(n.runs, lineRun{row: 0, line: line, stride: 1})
	} else if run := &n.runs[len(n.runs)-1]; line-n.last != run.stride {
		if n.rows-run.row == 1 { // the run's second row sets its distance
			run.stride = line - n.last
		} else {
			n.runs = append(n.runs, lineRun{row: n.rows, line: line, stride: 1})
		}
	}
	n.rows++
	n.last = line
}

// of returns the line of a row, counted from 0. It is 0 if there is no such row.
func (n *lineNumbers) of(row int) int {
	if row < 0 || row >= n.rows {
		return 0
	}
	run := n.runs[0]
	for _, r := range n.runs {
		if r.row > row {
			break
		}
		run = r
	}
	return run.line + (row-run.row)*run.stride
}
