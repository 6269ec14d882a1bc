package mysql

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

const (
	// loadDataBytes is the size of a LOAD DATA batch. Each batch takes five round trips.
	// Larger batches are hardly faster, and up to three of them are in memory.
	loadDataBytes = 2 << 20
	// insertBytes is the size of an INSERT statement. Longer ones are hardly faster.
	insertBytes = 256 << 10
	// maxBatchRows limits the memory for line numbers if the rows are short.
	maxBatchRows = 1 << 16
	// smallFile is the size up to which a batch grows as needed. A larger batch gets
	// memory for a full one. Most files are smaller.
	smallFile = 64 << 10
	// batchesAhead is the number of batches that the reader and the uploader share.
	batchesAhead = 3
	// statementRoom is the room for the beginning of an INSERT, which has the names of up
	// to 4096 columns of up to 64 characters.
	statementRoom = 1 << 20
)

// batchLimits are sizes in bytes. A batch that reaches one of them is full.
type batchLimits struct {
	text   int
	tuples int // 0 if the rows are not sent by INSERT
	row    int // the maximum for one row of an INSERT
}

func (f loadFacts) limits() batchLimits {
	if f.localInfile {
		return batchLimits{text: loadDataBytes}
	}
	return f.insertLimits()
}

func (f loadFacts) insertLimits() batchLimits {
	return batchLimits{text: insertBytes, tuples: min(insertBytes, f.maxPacket/2), row: f.maxPacket - min(statementRoom, f.maxPacket/4)}
}

// batch has the rows of one statement, or the error that ended the reading.
type batch struct {
	text   []byte // the rows as LOAD DATA reads them
	tuples []byte // the rows as INSERT reads them, if they are sent by INSERT
	lines  []int
	err    error
}

func (b *batch) rows() int { return len(b.lines) }

// batchReader reads and checks rows, and puts them into batches. It reuses the batches
// that the uploader has sent, so memory does not depend on the number of rows.
type batchReader struct {
	load    dialect.Load
	text    *rowText
	limits  batchLimits
	next    func() (rowsource.Row, error)
	batches chan *batch
	used    chan *batch
	ended   chan struct{}

	// The last row read. If it does not fit into the batch, waiting is set, and it begins
	// the next batch.
	waiting    bool
	row, tuple []byte
	line       int
}

func newBatchReader(l dialect.Load, text *rowText, limits batchLimits, next func() (rowsource.Row, error)) *batchReader {
	r := &batchReader{load: l, text: text, limits: limits, next: next,
		batches: make(chan *batch), used: make(chan *batch, batchesAhead), ended: make(chan struct{})}
	for range batchesAhead {
		r.used <- &batch{}
	}
	return r
}

// stop ends the reading and waits for it, so that nothing reads from the source once the
// load has returned. If the source itself hangs, it waits no longer than a second.
func (r *batchReader) stop(cancel context.CancelFunc) {
	cancel()
	select {
	case <-r.ended:
	case <-time.After(time.Second):
	}
}

// readAhead reads until there are no more rows, an error occurs, or ctx is done.
func (r *batchReader) readAhead(ctx context.Context) {
	defer close(r.ended)
	defer close(r.batches)
	for end := false; !end; {
		var b *batch
		select {
		case b = <-r.used:
		case <-ctx.Done():
			return
		}
		end = r.fill(ctx, b)
		if b.rows() == 0 && b.err == nil {
			continue
		}
		select {
		case r.batches <- b:
		case <-ctx.Done():
			return
		}
	}
}

func (r *batchReader) fill(ctx context.Context, b *batch) (end bool) {
	b.empty(r.limits)
	for b.rows() < maxBatchRows && ctx.Err() == nil {
		if !r.waiting {
			err := r.read()
			if errors.Is(err, io.EOF) {
				return true
			}
			if err != nil {
				*b = batch{err: err}
				return true
			}
		}
		if r.waiting = b.rows() > 0 && b.isFull(r); r.waiting {
			return false
		}
		b.add(r)
	}
	return false
}

func (r *batchReader) read() error {
	row, err := r.next()
	if err != nil {
		return err
	}
	r.line = row.Line
	r.row, r.tuple = r.row[:0], r.tuple[:0]
	for i, v := range row.Values {
		sent, err := r.text.fields[i].prepare(v)
		if err != nil {
			return cellError(r.load, row.Line, r.load.Columns[i].Name, row.Written(i), err)
		}
		r.row = r.text.appendField(r.row, i, sent)
		if r.limits.tuples > 0 {
			r.tuple = r.text.appendLiteral(r.tuple, i, sent)
		}
	}
	r.row = append(r.row, '\n')
	if r.limits.tuples > 0 {
		r.tuple = r.text.endTuple(r.tuple)
	}
	if r.limits.tuples > 0 && len(r.tuple) > r.limits.row {
		return &rowsource.CellError{Source: r.load.Source, Format: r.load.Format, Line: row.Line, Err: fmt.Errorf(
			"the row takes %d bytes in an INSERT, and the server's max_allowed_packet leaves room for %d: raise it, or allow LOAD DATA LOCAL with local_infile", len(r.tuple), r.limits.row)}
	}
	return nil
}

func (b *batch) isFull(r *batchReader) bool {
	return len(b.text)+len(r.row) > r.limits.text ||
		r.limits.tuples > 0 && len(b.tuples)+1+len(r.tuple) > r.limits.tuples
}

// add appends the row read last. Once the rows exceed smallFile, it allocates memory for
// a full batch.
func (b *batch) add(r *batchReader) {
	if len(b.text) > smallFile {
		b.text = slices.Grow(b.text, max(0, r.limits.text-len(b.text)))
	}
	b.text = append(b.text, r.row...)
	if r.limits.tuples > 0 {
		if b.rows() > 0 {
			b.tuples = append(b.tuples, ',')
		}
		b.tuples = append(b.tuples, r.tuple...)
	}
	b.lines = append(b.lines, r.line)
}

// empty keeps the batch's memory for the next rows, unless a single huge row has made it
// much larger than the limit.
func (b *batch) empty(limits batchLimits) {
	keep := func(buf []byte, limit int) []byte {
		if cap(buf) > 2*limit {
			return nil
		}
		return buf[:0]
	}
	b.text, b.tuples = keep(b.text, limits.text), keep(b.tuples, limits.tuples)
	b.lines = b.lines[:0]
}
