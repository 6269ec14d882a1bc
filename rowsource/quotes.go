package rowsource

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// chunkSize is how much is read at once, and the size of the bufio.Reader in
// encoding/csv, which bounds how far that reads ahead.
const chunkSize = 64 << 10

// quoteReader feeds encoding/csv. In strict RFC 4180 a place lies inside a quoted
// value exactly when an odd number of quotes stands before it; text that breaks
// this makes encoding/csv fail at the quote that does so, before what follows it
// matters. With that it
//
//   - doubles the CR of a CRLF in a quoted value, since encoding/csv removes
//     one;
//   - refuses a record that grows past limit, a quote that is not closed, and a
//     carriage return that ends the file;
//   - remembers the last bytes it gave, so that one can ask whether a record's
//     last value was quoted.
type quoteReader struct {
	src    io.Reader
	source string
	limit  int

	chunk  []byte
	ready  []byte // of fed, what has not been given yet
	fed    []byte
	err    error // what follows ready
	window window

	quoted     bool // the next byte lies inside quotes
	last       byte
	lines      int // line feeds so far
	recordLine int // the line on which the record at hand starts
	recordSize int

	// delimiter is nil if a quoted value may hold lines that look like rows.
	delimiter  []byte
	delimiters int // in the first line
	inner      innerLines
	began      bool // the line at hand began inside quotes
	inLine     int  // delimiters in it so far
	quotesIn   bool // there were quotes in it
}

func newQuoteReader(src io.Reader, source string, limit int) *quoteReader {
	return &quoteReader{src: src, source: source, limit: limit, chunk: make([]byte, chunkSize), recordLine: 1}
}

func (q *quoteReader) Read(p []byte) (int, error) {
	for len(q.ready) == 0 {
		if q.err != nil {
			return 0, q.err
		}
		q.fill()
	}
	n := copy(p, q.ready)
	q.ready = q.ready[n:]
	q.window.write(p[:n])
	return n, nil
}

func (q *quoteReader) fill() {
	n, err := q.src.Read(q.chunk)
	q.fed = q.fed[:0]
	for rest := q.chunk[:n]; len(rest) > 0 && q.err == nil; {
		var line []byte
		line, rest = cutLine(rest)
		q.follow(line)
	}
	q.ready = q.fed
	switch {
	case q.err != nil:
	case err == io.EOF:
		q.err = q.end()
	default:
		q.err = err
	}
}

// cutLine splits b behind its first line feed.
func cutLine(b []byte) (line, rest []byte) {
	i := bytes.IndexByte(b, '\n') + 1
	if i == 0 {
		i = len(b)
	}
	return b[:i], b[i:]
}

// follow takes a line, or the part of one that the chunk holds.
func (q *quoteReader) follow(line []byte) {
	if q.recordSize += len(line); q.recordSize > q.limit {
		q.err = q.refuse(q.recordLine, fmt.Errorf("the record that starts here is longer than %d bytes: look for a quote that is not closed, or for line ends that are not LF or CRLF", q.limit))
		return
	}
	quotes := bytes.Count(line, []byte{'"'})
	if q.quoted {
		q.inLine += bytes.Count(line, q.delimiter)
		q.quotesIn = q.quotesIn || quotes > 0
	}
	if quotes%2 == 1 {
		q.quoted = !q.quoted
	}
	text, ended := bytes.CutSuffix(line, []byte{'\n'})
	q.fed = append(q.fed, text...)
	if len(text) > 0 {
		q.last = text[len(text)-1]
	}
	if ended {
		q.endLine()
	}
}

func (q *quoteReader) endLine() {
	if q.quoted && q.last == '\r' {
		q.fed = append(q.fed, '\r')
	}
	q.fed = append(q.fed, '\n')
	q.last = '\n'
	q.lines++
	if q.began && q.quoted && q.delimiter != nil {
		q.inner.add(q.inLine, q.quotesIn)
	}
	if !q.quoted {
		q.endRecord()
	}
	q.began, q.inLine, q.quotesIn = q.quoted, 0, false
}

func (q *quoteReader) endRecord() {
	if q.inner.likeRows() {
		q.err = q.refuse(q.recordLine, q.inner.merged(q.lines))
	}
	q.inner = innerLines{want: q.delimiters}
	q.recordLine, q.recordSize = q.lines+1, 0
}

// end is what follows the last byte: io.EOF, if the file may end there.
func (q *quoteReader) end() error {
	switch {
	case q.quoted:
		return q.refuse(q.recordLine, &RemedyError{Remedies: []Remedy{Suggest("quote", string(QuoteNone))}, Err: fmt.Errorf(
			"the record that starts here has a quote that is not closed before the end of the file (line %d): close it, or double it if it belongs to the value", q.lines+1)})
	case q.last == '\r':
		return q.refuse(q.lines+1, errors.New("the file ends in a carriage return without a line feed: it may be cut off, or have line ends that are not LF or CRLF"))
	default:
		return io.EOF
	}
}

func (q *quoteReader) refuse(line int, err error) error {
	return &CellError{Source: q.source, Line: line, Err: err}
}

// closesQuoted reports whether the record that ends at offset closes a quote at
// its end. It is asked of the record that encoding/csv read last.
func (q *quoteReader) closesQuoted(offset int64) bool {
	at := offset - 1
	if q.window.at(at) == '\n' {
		at--
		if q.window.at(at) == '\r' {
			at--
		}
	}
	return q.window.at(at) == '"'
}

// window holds the last bytes of a stream: all that encoding/csv may have read
// ahead, and as many before them.
type window struct {
	bytes [2 * chunkSize]byte
	end   int64
}

func (w *window) write(b []byte) {
	for len(b) > 0 {
		n := copy(w.bytes[w.end%int64(len(w.bytes)):], b)
		w.end += int64(n)
		b = b[n:]
	}
}

func (w *window) at(offset int64) byte { return w.bytes[offset%int64(len(w.bytes))] }
