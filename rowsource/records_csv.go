package rowsource

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// chunkSize is how much is read at once.
const chunkSize = 64 << 10

// blockSize is how much text becomes one string. Who keeps a value keeps its block.
const blockSize = 8 << 10

// csvRecords are records as RFC 4180 has them. Their values are parts of a block of text, so
// that a row takes no memory of its own.
type csvRecords struct {
	source    string
	src       io.Reader
	limit     int // of a record, in bytes
	delimiter string
	// delimiters is their number in the first line, or 0 if a quoted value may hold lines
	// that look like rows.
	delimiters int

	block []byte
	text  string // what was read, from the next record on
	err   error  // what follows text
	at    int    // the number of lines before text

	values []Value
	quoted []bool // which values have quotes; none if it is empty
	inner  innerLines
	start  int // the line of the record that was read last
	want   int // the number of values
}

func newCSVRecords(f file, t body) *csvRecords {
	s := &csvRecords{source: f.name, src: t, limit: f.recordLimit, delimiter: string(t.delimiter), at: t.skipped}
	if f.options.Quote == QuoteByFormat {
		s.delimiters = t.delimiters
	}
	return s
}

func (s *csvRecords) line() int           { return s.start }
func (s *csvRecords) lines() int          { return s.at }
func (s *csvRecords) isQuoted(i int) bool { return i < len(s.quoted) && s.quoted[i] }

func (s *csvRecords) read() ([]Value, error) {
	for {
		size, err := s.record()
		switch {
		case err == errCutOff: //nolint:errorlint // nobody wraps it
			if err := s.fill(); err != nil {
				return nil, err
			}
			continue
		case err != nil:
			return nil, err
		case size > s.limit:
			return nil, s.tooLong()
		case s.text[size-1] == '\r': // only the last line of a file has no line feed at its end
			return nil, s.refuse(size, errors.New("the file ends in a carriage return without a line feed: it may be cut off, or have line ends that are not LF or CRLF"))
		}
		s.start = s.at + 1
		s.at += strings.Count(s.text[:size], "\n")
		s.text = s.text[size:]
		if len(s.values) > 0 {
			return s.values, checkWidth(s.values, &s.want)
		}
	}
}

// errCutOff says that the text ends inside the record.
var errCutOff = errors.New("the record goes on")

// fill reads more text: as much again as a record has already, since it is split anew.
func (s *csvRecords) fill() error {
	if len(s.text) > s.limit {
		return s.tooLong()
	}
	size := min(2*len(s.text), s.limit) + blockSize
	if len(s.block) < size {
		s.block = append(s.block, make([]byte, size-len(s.block))...)
	}
	begun := copy(s.block, s.text)
	n, err := readFull(s.src, s.block[begun:size])
	s.text, s.err = string(s.block[:begun+n]), err
	return nil
}

// record splits the record at the start of the text into values, and returns its size. A
// blank line has none.
func (s *csvRecords) record() (size int, err error) {
	s.values, s.quoted = s.values[:0], s.quoted[:0]
	end, next, err := s.endOfLine(0)
	if err != nil || end == 0 {
		return next, err
	}
	if quote := s.nextQuote(0, end); quote < end {
		return s.recordWithQuotes(quote, end, next)
	}
	for at, more := 0, true; more; at += len(s.delimiter) {
		at, more = s.plainValue(at, end)
	}
	return next, nil
}

// nextQuote is the place of the first quote in a part of the text; it is after all text if
// there is none.
func (s *csvRecords) nextQuote(at, end int) int {
	if i := strings.IndexByte(s.text[at:end], '"'); i >= 0 {
		return at + i
	}
	return len(s.text) + 1
}

// plainValue takes a value without quotes. It returns where the value ends, and whether
// another one follows in the line.
func (s *csvRecords) plainValue(at, end int) (after int, more bool) {
	i := 0
	if line := s.text[at:end]; len(s.delimiter) == 1 {
		i = strings.IndexByte(line, s.delimiter[0])
	} else {
		i = strings.Index(line, s.delimiter)
	}
	if i >= 0 {
		end = at + i
	}
	s.values = append(s.values, Text(s.text[at:end]))
	return end, i >= 0
}

// endOfLine is where the line of a place outside quotes ends, and where the next one begins.
func (s *csvRecords) endOfLine(place int) (end, next int, err error) {
	i := strings.IndexByte(s.text[place:], '\n')
	if i < 0 {
		return s.endOfText()
	}
	end = place + i
	if i > 0 && s.text[end-1] == '\r' {
		end--
	}
	return end, place + i + 1, nil
}

func (s *csvRecords) endOfText() (end, next int, err error) {
	switch {
	case s.err == nil:
		return 0, 0, errCutOff
	case s.err != io.EOF || s.text == "":
		return 0, 0, s.err
	default:
		return len(s.text), len(s.text), nil
	}
}

// recordWithQuotes is record for one whose first line ends at end and has quotes, of which
// the first is at quote.
func (s *csvRecords) recordWithQuotes(quote, end, next int) (size int, err error) {
	s.inner = innerLines{want: s.delimiters}
	for at, more := 0, true; more; at += len(s.delimiter) {
		isQuoted := at == quote
		s.quoted = append(s.quoted, isQuoted)
		if !isQuoted {
			if at, more = s.plainValue(at, end); at > quote {
				return 0, s.bareQuote(quote)
			}
			continue
		}
		if at, err = s.quotedValue(at); err == nil && at > end { // it ends on another line
			end, next, err = s.endOfLine(at)
		}
		if err != nil {
			return 0, err
		}
		if more = at < end; more && !strings.HasPrefix(s.text[at:end], s.delimiter) {
			return 0, s.textAfterQuote(at - 1)
		}
		quote = s.nextQuote(at, end)
	}
	if s.inner.likeRows() {
		return 0, s.refuse(0, s.inner.merged(s.lineOf(end)))
	}
	return next, nil
}

// quotedValue takes a value in quotes, and returns where the quote that closes it ends.
func (s *csvRecords) quotedValue(at int) (after int, err error) {
	doubled := false
	for after = at + 1; ; after++ {
		i := strings.IndexByte(s.text[after:], '"')
		if i < 0 {
			return 0, s.unclosed()
		}
		after += i + 1
		if after == len(s.text) || s.text[after] != '"' {
			break
		}
		doubled = true
	}
	value := s.text[at+1 : after-1]
	s.lookInside(value)
	if doubled {
		value = strings.ReplaceAll(value, `""`, `"`)
	}
	s.values = append(s.values, Text(value))
	return after, nil
}

// lookInside looks at the lines that lie in a quoted value as a whole.
func (s *csvRecords) lookInside(value string) {
	first, last := strings.IndexByte(value, '\n'), strings.LastIndexByte(value, '\n')
	if s.delimiters == 0 || first == last {
		return
	}
	for line := range strings.Lines(value[first+1 : last+1]) {
		s.inner.add(strings.Count(line, s.delimiter), strings.Contains(line, `"`))
	}
}

// lineOf is the line of a place in the text.
func (s *csvRecords) lineOf(place int) int { return s.at + 1 + strings.Count(s.text[:place], "\n") }

// columnOf is the column of a place in its line, in bytes.
func (s *csvRecords) columnOf(place int) int {
	return place - strings.LastIndexByte(s.text[:place], '\n')
}

// refuse refuses the record because of what stands at a place in it.
func (s *csvRecords) refuse(place int, err error) error {
	return &CellError{Source: s.source, Line: s.lineOf(place), Err: err}
}

func (s *csvRecords) tooLong() error {
	return s.refuse(0, fmt.Errorf("the record that starts here is longer than %d bytes: look for a quote that is not closed, or for line ends that are not LF or CRLF", s.limit))
}

func (s *csvRecords) unclosed() error {
	switch s.err {
	case nil:
		return errCutOff
	case io.EOF: //nolint:errorlint // a reader gives it itself
		return s.refuse(0, quotesMisread(
			"the record that starts here has a quote that is not closed before the end of the file (line %d): close it, or double it if it belongs to the value", s.lineOf(len(s.text))))
	default:
		return s.err
	}
}

func (s *csvRecords) bareQuote(place int) error {
	return s.refuse(place, quotesMisread(
		"column %d (counted in bytes): a quote inside a value that has no quote before it: put the value in quotes and double the quotes in it, or read quotes as text", s.columnOf(place)))
}

func (s *csvRecords) textAfterQuote(place int) error {
	if s.lineOf(place) > s.lineOf(0) {
		return s.refuse(place, fmt.Errorf(
			"column %d (counted in bytes): a quote ends a value here that began on line %d or later, and more text follows: close the quote where the value ends, or double the quotes that belong to the value", s.columnOf(place), s.lineOf(0)))
	}
	return s.refuse(place, fmt.Errorf(
		"column %d (counted in bytes): a quote ends the value here, and more text follows: double the quotes that belong to the value", s.columnOf(place)))
}

// quotesMisread is an error of a file whose quotes may be part of its values.
func quotesMisread(format string, args ...any) error {
	return &RemedyError{Remedies: []Remedy{Suggest("quote", string(QuoteNone))}, Err: fmt.Errorf(format, args...)}
}
