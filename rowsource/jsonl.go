package rowsource

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// jsonlReader is the Reader of JSON Lines: an object a line, all with the same
// members, in any order. The first line names the columns; a file without any line
// has no rows, and no columns either.
//
// A string is text and null is NULL; true and false are 1 and 0. A whole number of
// 64 bits is an integer, the shortest text of a float64 is a real, and every other
// number is the text that it is written as. An object whose one member is "$base64" is bytes; other objects and arrays are kept
// as the JSON text that they are. In a column that holds JSON, text, true and false
// are kept so as well, and no object is bytes.
type jsonlReader struct {
	metered
	lines   *bufio.Reader // of JSON Lines
	objects *jsonObjects  // of other JSON
	limit   int
	missing Missing

	columns []string
	keys    []string       // as they stand in the file: columns before they were trimmed
	places  map[string]int // of the keys
	values  []Value
	given   []bool
	keep    []bool // the columns that hold JSON
	buffer  []byte // a line that is longer than the reader's own
	first   []byte // the first object, until it has been given as a row
	line    int
}

// openJSONL reads the first line. The caller closes raw if that fails.
func openJSONL(f file, raw io.ReadCloser) (Reader, error) {
	m, err := f.metered(raw)
	if err != nil {
		return nil, err
	}
	r := &jsonlReader{metered: m, limit: f.recordLimit, missing: f.options.Missing}
	r.lines = bufio.NewReaderSize(m.content, chunkSize)
	return orClosed(r, m, r.start(f))
}

// start reads the first object, which names the columns, or all of them if members may be
// missing.
func (r *jsonlReader) start(f file) error {
	object, err := r.nextObject()
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return err
	}
	r.first = bytes.Clone(object)
	if r.missing != MissingIsNull {
		return r.readColumns()
	}
	if r.keys, err = allMembers(f); err != nil {
		return err
	}
	return r.setColumns()
}

// nextObject is the next row. It is valid until the next call.
func (r *jsonlReader) nextObject() (object []byte, err error) {
	switch {
	case r.first != nil:
		object, r.first = r.first, nil
		return object, nil
	case r.objects == nil:
		return r.nextLine()
	}
	object, line, err := r.objects.next()
	if line > 0 {
		r.line = line
	}
	return object, err
}

func (r *jsonlReader) readColumns() error {
	err := r.members(r.first, func(key string, _ []byte) error {
		r.keys = append(r.keys, key)
		return nil
	})
	if err != nil {
		return r.at(err)
	}
	return r.setColumns()
}

func (r *jsonlReader) setColumns() (err error) {
	if r.columns, err = columnNames(r.keys, inObject); err != nil {
		return r.at(err)
	}
	r.values, r.given, r.keep = make([]Value, len(r.columns)), make([]bool, len(r.columns)), make([]bool, len(r.columns))
	r.places = make(map[string]int, len(r.keys))
	for i, k := range r.keys {
		r.places[k] = i
	}
	return nil
}

func (r *jsonlReader) Columns() []string { return r.columns }

func (r *jsonlReader) KeepJSON(columns []int) {
	clear(r.keep)
	for _, c := range columns {
		r.keep[c] = true
	}
}

// Unterminated asks only JSON Lines: other JSON has an end of its own.
func (r *jsonlReader) Unterminated() bool { return r.objects == nil && r.metered.Unterminated() }

func (r *jsonlReader) Next() (Row, error) {
	if r.err != nil {
		return Row{}, r.err
	}
	row, err := r.next()
	r.err = lasting(err)
	return row, err
}

func (r *jsonlReader) next() (row Row, err error) {
	object, err := r.nextObject()
	if err != nil {
		return Row{}, err
	}
	if err := r.fill(object); err != nil {
		return Row{}, &RowError{Cells: []*CellError{r.at(err)}, Fields: []string{string(object)}}
	}
	return Row{Values: r.values, Line: r.line}, nil
}

func (r *jsonlReader) at(err error) *CellError {
	if cell, ok := errors.AsType[*CellError](err); ok {
		cell.Source, cell.Line = r.source, r.line
		return cell
	}
	return &CellError{Source: r.source, Line: r.line, Err: err}
}

// nextLine is the next line that is not blank, without its end. It is valid until
// the next call.
func (r *jsonlReader) nextLine() ([]byte, error) {
	for {
		line, err := r.readLine()
		if err != nil && (err != io.EOF || len(line) == 0) {
			if _, ok := errors.AsType[*CellError](err); !ok && err != io.EOF {
				err = fmt.Errorf("read %s: %w", r.source, err)
			}
			return nil, err
		}
		r.line++
		if line = bytes.Trim(line, blanksOfJSON); len(line) > 0 {
			return line, nil
		}
	}
}

// blanksOfJSON are the only characters that may stand around a value of JSON.
const blanksOfJSON = " \t\r\n"

func (r *jsonlReader) readLine() ([]byte, error) {
	line, err := r.lines.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	r.buffer = append(r.buffer[:0], line...)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = r.lines.ReadSlice('\n')
		r.buffer = append(r.buffer, line...)
		if len(r.buffer) > r.limit {
			return nil, &CellError{Source: r.source, Line: r.line + 1, Err: fmt.Errorf("the line is longer than %d bytes: each row must have a line of its own", r.limit)}
		}
	}
	return r.buffer, err
}

// fill reads the members of an object into the values.
func (r *jsonlReader) fill(object []byte) error {
	clear(r.given)
	next := 0
	err := r.members(object, func(key string, raw []byte) (err error) {
		i := next
		if i >= len(r.keys) || r.keys[i] != key {
			var known bool
			if i, known = r.places[key]; !known {
				return remedied(fmt.Sprintf("the row has a member %s that the first row has not: all rows must have the same", Text(key)), RemedyMissing)
			}
		}
		if r.given[i] {
			return fmt.Errorf("the row has the member %s twice", Text(key))
		}
		read := jsonValue
		if r.keep[i] {
			read = keptJSON
		}
		if r.values[i], err = read(raw); err != nil {
			return &CellError{Column: r.columns[i], Err: err}
		}
		r.given[i], next = true, i+1
		return nil
	})
	if err != nil {
		return err
	}
	return r.fillMissing()
}

func (r *jsonlReader) fillMissing() error {
	for i, ok := range r.given {
		switch {
		case ok:
		case r.missing == MissingIsNull:
			r.values[i] = Null()
		default:
			return remedied(fmt.Sprintf("the row lacks the member %s that the first row has: write null for no value", Text(r.columns[i])), RemedyMissing)
		}
	}
	return nil
}

// members calls each for the members of a line's object. The line is checked as a
// whole first, so that what follows need not look for errors.
func (r *jsonlReader) members(line []byte, each func(key string, raw []byte) error) error {
	if !json.Valid(line) {
		var any json.RawMessage
		err := fmt.Errorf("the line is no JSON (%w): each line must be one whole object", json.Unmarshal(line, &any))
		if rest := line[1:]; line[0] == '[' || line[0] == '{' && len(skipBlanks(rest)) == 0 {
			return &RemedyError{Remedies: []Remedy{RemedyJSON}, Err: fmt.Errorf("%w; if the file is one array, or has objects of several lines, read it as JSON", err)}
		}
		return err
	}
	if line[0] == '[' {
		return remedied("the line is no JSON object but an array: read the file as JSON", RemedyJSON)
	}
	if line[0] != '{' {
		return errors.New("the line is no JSON object: each line must be one, such as {\"name\": \"Ada\"}, and nothing may stand around them")
	}
	for rest := skipBlanks(line[1:]); rest[0] != '}'; rest = skipBlanks(rest) {
		if rest[0] == ',' {
			rest = skipBlanks(rest[1:])
		}
		end := endOfJSON(rest)
		key, err := jsonString(rest[:end])
		if err != nil {
			return err
		}
		rest = skipBlanks(skipBlanks(rest[end:])[1:]) // past the colon
		end = endOfJSON(rest)
		if err := each(key, rest[:end]); err != nil {
			return err
		}
		rest = rest[end:]
	}
	return nil
}

func skipBlanks(b []byte) []byte { return bytes.TrimLeft(b, " \t\r\n") }

// endOfJSON is where the value ends with which valid JSON begins.
func endOfJSON(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			for i++; b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return i
			}
			if depth == 0 {
				return i + 1
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
	}
	return len(b)
}

// keptJSON is a value of a column that holds JSON.
func keptJSON(raw []byte) (Value, error) {
	switch raw[0] {
	case 'n':
		return Null(), nil
	case '"', 't', 'f', '{', '[':
		return Text(string(raw)), nil
	default:
		return jsonNumber(raw)
	}
}

func jsonValue(raw []byte) (Value, error) {
	switch raw[0] {
	case '"':
		s, err := jsonString(raw)
		return Text(s), err
	case 'n':
		return Null(), nil
	case 't', 'f':
		return truth(raw[0] == 't'), nil
	case '{':
		return jsonObject(raw)
	case '[':
		return Text(string(raw)), nil
	default:
		return jsonNumber(raw)
	}
}

// jsonNumber is a real where its text is the one by which a float64 is known, since
// a database may not make the same number of the text; else number says it.
func jsonNumber(raw []byte) (Value, error) {
	s := string(raw)
	if f, err := strconv.ParseFloat(s, 64); err == nil && strings.ContainsAny(s, ".e") && Real(f).String() == s {
		return Real(f), nil
	}
	return number(json.Number(s))
}

// jsonString decodes a string. Half of a surrogate pair is no character, and Go
// would put another in its place.
func jsonString(raw []byte) (string, error) {
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", err
	}
	const replacement = string(utf8.RuneError)
	written := strings.Count(string(inner), replacement) + strings.Count(strings.ToLower(string(inner)), `\ufffd`)
	if strings.Count(s, replacement) > written {
		return "", errors.New(`a string holds half of a surrogate pair (\uD800 to \uDFFF alone), which is no character`)
	}
	return s, nil
}

// jsonObject is bytes, or the text of an object.
func jsonObject(raw []byte) (Value, error) {
	if !bytes.Contains(raw, []byte(base64Key)) {
		return Text(string(raw)), nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return Value{}, err
	}
	encoded, ok := members[base64Key]
	if !ok || len(members) != 1 {
		return Text(string(raw)), nil
	}
	var s string
	if err := json.Unmarshal(encoded, &s); err != nil {
		return Value{}, fmt.Errorf("%q must be a string", base64Key)
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return Value{}, fmt.Errorf("%q: %w", base64Key, err)
	}
	return Blob(b), nil
}
