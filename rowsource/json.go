package rowsource

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
)

// Missing says what it means if a JSON object lacks a member that others have.
type Missing string

// By default, an object that lacks a member is refused.
const (
	MissingRefused Missing = "refuse"
	MissingIsNull  Missing = "null"
)

// jsonObjects gives the objects of a JSON file one after the other: the elements of one
// array, or objects that follow each other, however they are laid out. It holds one of
// them in memory at a time.
type jsonObjects struct {
	source  string
	limit   int
	bytes   *boundedReader
	lines   *lineFinder
	decoder *json.Decoder
	inArray bool
	started bool
}

func newJSONObjects(text io.Reader, source string, limit int) *jsonObjects {
	o := &jsonObjects{source: source, limit: limit, bytes: &boundedReader{src: text, limit: limit}}
	o.lines = &lineFinder{src: o.bytes}
	return o
}

// next gives the next object and the line on which it begins, and io.EOF after the last.
func (o *jsonObjects) next() (object []byte, line int, err error) {
	if !o.started {
		if err := o.start(); err != nil {
			return nil, 1, err
		}
	}
	if o.decoder == nil {
		return nil, 0, io.EOF
	}
	o.bytes.read = 0
	if o.inArray && !o.decoder.More() {
		return nil, 0, o.end()
	}
	var raw json.RawMessage
	if err := o.decoder.Decode(&raw); err != nil {
		return nil, 0, o.explain(err)
	}
	line = o.lines.at(o.decoder.InputOffset() - int64(len(raw)))
	if raw[0] != '{' {
		return nil, line, o.refuse(line, errors.New(`there is a value that is no JSON object: each row must be one, such as {"name": "Ada"}`))
	}
	return raw, line, nil
}

// start sees whether the file is an array.
func (o *jsonObjects) start() error {
	o.started = true
	text := bufio.NewReaderSize(o.lines, chunkSize)
	blanks := 0
	for {
		ahead, err := text.Peek(blanks + 1)
		if len(ahead) == blanks {
			if errors.Is(err, bufio.ErrBufferFull) {
				break // nothing but blanks so far, which the decoder skips
			}
			if err != io.EOF {
				return o.explain(err)
			}
			return io.EOF
		}
		if c := ahead[blanks]; c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			o.inArray = c == '['
			break
		}
		blanks++
	}
	o.decoder = json.NewDecoder(text)
	if !o.inArray {
		return nil
	}
	_, err := o.decoder.Token()
	return err
}

// end is what follows the last element: io.EOF, if the array is closed and nothing
// stands after it.
func (o *jsonObjects) end() error {
	if _, err := o.decoder.Token(); err != nil {
		return o.explain(unexpected(err))
	}
	o.inArray = false
	switch _, err := o.decoder.Token(); {
	case err == io.EOF:
		return io.EOF
	case err != nil:
		return o.explain(err)
	default:
		line := o.lines.at(o.decoder.InputOffset())
		return o.refuse(line, errors.New("more text follows the array's end: a file has one array, or objects without one"))
	}
}

// unexpected is the error of an end where none may be.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (o *jsonObjects) explain(err error) error {
	if _, ok := errors.AsType[*CellError](err); ok {
		return err
	}
	syntax, isSyntax := errors.AsType[*json.SyntaxError](err)
	switch {
	case err == io.EOF && !o.inArray:
		return io.EOF
	case errors.Is(err, errTooLong):
		return o.refuse(o.lines.at(o.decoder.InputOffset()), fmt.Errorf("the row that begins here is longer than %d bytes", o.limit))
	case isSyntax:
		return o.refuse(o.lines.at(syntax.Offset), fmt.Errorf("the file is no JSON (%w)", err))
	case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
		return o.refuse(o.lines.last(), errors.New("the file ends before its JSON does: it may be cut off"))
	default:
		return fmt.Errorf("read %s: %w", o.source, err)
	}
}

func (o *jsonObjects) refuse(line int, err error) error {
	return &CellError{Source: o.source, Line: line, Err: err}
}

var errTooLong = errors.New("too many bytes without an end")

// boundedReader bounds what a parser draws into memory for one row. Set read to 0 at each
// row.
type boundedReader struct {
	src         io.Reader
	limit, read int
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.read > b.limit {
		return 0, errTooLong
	}
	n, err := b.src.Read(p)
	b.read += n
	return n, err
}

// lineFinder tells the line of an offset, if it is asked in rising order.
type lineFinder struct {
	src    io.Reader
	size   int64
	passed int     // line feeds before the last offset that was asked for
	feeds  []int64 // the offsets of those after it
}

func (l *lineFinder) Read(p []byte) (int, error) {
	n, err := l.src.Read(p)
	for i := 0; ; {
		j := bytes.IndexByte(p[i:n], '\n')
		if j < 0 {
			break
		}
		i += j + 1
		l.feeds = append(l.feeds, l.size+int64(i-1))
	}
	l.size += int64(n)
	return n, err
}

func (l *lineFinder) at(offset int64) int {
	n := sort.Search(len(l.feeds), func(i int) bool { return l.feeds[i] >= offset })
	l.passed += n
	l.feeds = append(l.feeds[:0], l.feeds[n:]...)
	return l.passed + 1
}

func (l *lineFinder) last() int { return l.passed + len(l.feeds) + 1 }

// openJSON reads up to the first object.
func openJSON(f file, raw io.ReadCloser) (Reader, error) {
	m, err := f.metered(raw)
	if err != nil {
		return nil, err
	}
	r := &jsonlReader{metered: m, limit: f.recordLimit, missing: f.options.Missing}
	r.objects = newJSONObjects(m.content, f.name, f.recordLimit)
	return orClosed(r, m, r.start(f))
}

// allMembers are the members that any object of the file has, in the order in which they
// come.
func allMembers(f file) (keys []string, err error) {
	f.options.Missing = ""
	content, err := f.open()
	if err != nil {
		return nil, err
	}
	defer content.Close()
	known := make(map[string]struct{})
	r, err := f.reader(content)
	if err != nil {
		return nil, err
	}
	jr, ok := r.(*jsonlReader)
	for ok && err == nil {
		var object []byte
		if object, err = jr.nextObject(); err != nil {
			break
		}
		err = jr.members(object, func(key string, _ []byte) error {
			if _, old := known[key]; !old {
				known[key] = struct{}{}
				keys = append(keys, key)
			}
			return nil
		})
		if err != nil {
			return nil, jr.at(err)
		}
	}
	if err != io.EOF {
		return nil, err
	}
	return slices.Clip(keys), nil
}
