package rowsource

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// looseRecords are records whose quotes count only where the whole field is in them, or
// nowhere.
type looseRecords struct {
	source     string
	src        *bufio.Reader
	limit      int
	delimiter  string
	delimiters int // in the first line
	noQuotes   bool

	long   []byte // a line that is longer than the reader's own
	ended  string // how the line that was read last ends
	values []Value
	quoted []bool
	want   int
	at     int // lines read so far
	start  int // where the record that was read last starts
	err    error
}

func newLooseRecords(f file, t body) *looseRecords {
	return &looseRecords{source: f.name, src: bufio.NewReaderSize(t, chunkSize), limit: f.recordLimit, delimiter: string(t.delimiter),
		delimiters: t.delimiters, noQuotes: f.options.Quote == QuoteNone, at: t.skipped}
}

func (l *looseRecords) line() int           { return l.start }
func (l *looseRecords) lines() int          { return l.at }
func (l *looseRecords) isQuoted(i int) bool { return l.quoted[i] }

func (l *looseRecords) read() ([]Value, error) {
	if l.err != nil {
		return nil, l.err
	}
	for {
		line, err := l.readLine()
		if err != nil {
			l.err = err
			return nil, err
		}
		if line == "" {
			continue // blank lines are skipped in all formats with delimiters
		}
		l.start = l.at
		if err := l.split(line); err != nil {
			l.err = err
			return nil, err
		}
		return l.values, checkWidth(l.values, &l.want)
	}
}

// readLine gives a line without its end.
func (l *looseRecords) readLine() (string, error) {
	l.long = l.long[:0]
	for {
		part, err := l.src.ReadSlice('\n')
		if len(l.long)+len(part) > l.limit {
			return "", &CellError{Source: l.source, Line: l.at + 1, Err: fmt.Errorf("the line is longer than %d bytes: look for line ends that are not LF or CRLF", l.limit)}
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			l.long = append(l.long, part...)
			continue
		}
		if len(l.long) > 0 {
			part = append(l.long, part...)
			l.long = part
		}
		if err == io.EOF && bytes.HasSuffix(part, []byte("\r")) {
			return "", &CellError{Source: l.source, Line: l.at + 1, Err: errors.New("the file ends in a carriage return without a line feed: it may be cut off, or have line ends that are not LF or CRLF")}
		}
		if err != nil && (err != io.EOF || len(part) == 0) {
			return "", err
		}
		l.at++
		line := bytes.TrimSuffix(bytes.TrimSuffix(part, []byte("\n")), []byte("\r"))
		l.ended = string(part[len(line):])
		return string(line), nil
	}
}

// split takes the values from a line, and from those that follow it if a quoted value goes
// on there.
func (l *looseRecords) split(line string) error {
	l.values, l.quoted = l.values[:0], l.quoted[:0]
	quotes := !l.noQuotes && strings.Contains(line, `"`)
	for {
		if quotes && strings.HasPrefix(line, `"`) {
			field, rest, whole, err := l.quotedField(line)
			if err != nil {
				return err
			}
			if whole {
				l.values, l.quoted = append(l.values, Text(field)), append(l.quoted, true)
				if rest == "" {
					return nil
				}
				line = rest[len(l.delimiter):]
				continue
			}
		}
		field, rest, more := strings.Cut(line, l.delimiter)
		l.values, l.quoted = append(l.values, Text(field)), append(l.quoted, false)
		if !more {
			return nil
		}
		line = rest
	}
}

// quotedField reads a field that begins with a quote. It is not whole if text follows the
// quote that should end it: then its quotes are text.
func (l *looseRecords) quotedField(line string) (field, rest string, whole bool, err error) {
	opened, size := l.at, 0
	inner := innerLines{want: l.delimiters}
	var b strings.Builder
	text := line[1:]
	for {
		i := strings.IndexByte(text, '"')
		switch {
		case i < 0:
			b.WriteString(text)
			b.WriteString(l.ended)
			if text, err = l.readLine(); err == io.EOF {
				return "", "", false, l.refuse(opened, fmt.Errorf("a quote opens a value here and is not closed before the end of the file (line %d): close it, or read quotes as text", l.at))
			}
			if err != nil {
				return "", "", false, err
			}
			if size += len(text); size > l.limit {
				return "", "", false, l.refuse(opened, fmt.Errorf("the record that starts here is longer than %d bytes: look for a quote that is not closed", l.limit))
			}
			inner.add(strings.Count(text, l.delimiter), strings.Contains(text, `"`))
		case strings.HasPrefix(text[i+1:], `"`):
			b.WriteString(text[:i+1])
			text = text[i+2:]
		case len(text) == i+1 || strings.HasPrefix(text[i+1:], l.delimiter):
			b.WriteString(text[:i])
			if inner.likeRows() {
				return "", "", false, l.refuse(opened, inner.merged(l.at))
			}
			return b.String(), text[i+1:], true, nil
		case l.at == opened:
			return "", "", false, nil
		default:
			return "", "", false, l.refuse(opened, fmt.Errorf("a quote opens a value here, and the next one, on line %d, does not end it: double the quotes that belong to the value, or read quotes as text", l.at))
		}
	}
}

func (l *looseRecords) refuse(line int, err error) error {
	return &CellError{Source: l.source, Line: line, Err: &RemedyError{Remedies: []Remedy{Suggest("quote", string(QuoteNone))}, Err: err}}
}

// innerLines are the lines inside a quoted value.
type innerLines struct {
	want int // delimiters of a row
	rows int // lines that have as many
	not  int // lines that have not, or have quotes
}

func (i *innerLines) add(delimiters int, quotes bool) {
	if delimiters == i.want && !quotes {
		i.rows++
	} else if !quotes {
		i.not++
	}
}

// enoughRows are the lines in a quoted value that are taken for rows, not for text that
// happens to have as many delimiters.
const enoughRows = 3

func (i *innerLines) likeRows() bool { return i.want > 0 && i.rows >= enoughRows && i.not == 0 }

func (i *innerLines) merged(closes int) error {
	return &RemedyError{Remedies: []Remedy{Suggest("quote", string(QuoteRFC4180))}, Err: fmt.Errorf(
		"a quote opens here and closes on line %d, and the %d lines between look like rows: close the quote where its value ends; if they are one value, read quotes as RFC 4180 has them", closes, i.rows)}
}
