package rowsource

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// escapedReader is the Reader of the text formats that databases write: fields between
// tabs, without quotes, and backslashes before what would end a field.
type escapedReader struct {
	metered
	dialect  escapes
	lines    *bufio.Reader
	limit    int
	nulls    []string // the texts that mean NULL beside \N, if they have no backslash
	columns  []string
	values   []Value
	record   []byte
	fields   []escapedField
	line     int // of the last record
	next     int // the line behind it
	carriage lineEnds
	ended    bool // the end was marked by \.
	seen     nullMarks
}

// escapes is what one database's text format does.
type escapes struct {
	delimiter byte
	// named are the escapes with a meaning. All other characters stand for themselves.
	named map[byte]byte
	// codes states that \101 and \x41 are characters by their number.
	codes bool
	// marksEnd states that \. alone on a line ends the rows.
	marksEnd bool
	// escapesCR states that a carriage return in a value is always escaped.
	escapesCR bool
	// nullWord is NULL where one program writes the word for it and another does not.
	nullWord string
}

func escapesOf(f Format) escapes {
	if f == FormatPGText {
		return escapes{delimiter: '\t', codes: true, marksEnd: true, escapesCR: true,
			named: map[byte]byte{'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v'}}
	}
	return escapes{delimiter: '\t', nullWord: "NULL",
		named: map[byte]byte{'0': 0, 'b': '\b', 'n': '\n', 'r': '\r', 't': '\t', 'Z': 0x1a}}
}

// lineEnds says how lines end. The first line decides.
type lineEnds int

const (
	unknownEnds lineEnds = iota
	feeds
	carriageAndFeeds
)

// checkEscaped refuses values of options that the formats with backslashes cannot follow.
func checkEscaped(o Options) error {
	if err := o.checkRows(); err != nil {
		return err
	}
	for _, null := range o.Null {
		if strings.ContainsAny(null, "\r\n\t") || null != `\N` && strings.Contains(null, `\`) {
			return fmt.Errorf(`no value can read %q, so it can't stand for NULL: choose \N, or a text without backslashes, tabs and line ends`, null)
		}
	}
	return nil
}

// openEscaped reads the header. The caller closes content if that fails.
func openEscaped(f file, raw io.ReadCloser) (Reader, error) {
	m, err := f.metered(raw)
	if err != nil {
		return nil, err
	}
	r := &escapedReader{metered: m, dialect: escapesOf(f.format), limit: f.recordLimit, nulls: f.options.Null, next: 1}
	if r.nulls == nil && r.dialect.nullWord != "" {
		r.nulls = []string{r.dialect.nullWord}
	} else {
		r.dialect.nullWord = ""
	}
	r.lines = bufio.NewReaderSize(m.content, chunkSize)
	return orClosed(r, m, r.readHeader(f.options))
}

// readHeader takes the names from the options, if no row has them: few programs that write
// such text have a header.
func (r *escapedReader) readHeader(o Options) (err error) {
	if o.NoHeader {
		if r.columns, err = columnNames(o.Columns, inOptions); err != nil {
			return fmt.Errorf("read %s: %w", r.source, err)
		}
		r.values = make([]Value, len(r.columns))
		return nil
	}
	err = r.readRecord()
	if err == io.EOF {
		return fmt.Errorf("read %s: it is empty: its first line must name the columns", r.source)
	}
	if err != nil {
		return err
	}
	var names []string
	for _, f := range r.fields {
		names = append(names, string(f.text))
	}
	if r.columns, err = columnNames(names, inHeader); err != nil {
		return r.refuse(err)
	}
	r.values = make([]Value, len(names))
	return nil
}

type escapedField struct {
	text    []byte
	escaped bool // it had a backslash
	null    bool // it is \N
}

// nullMarks are the lines that had \N, and the word NULL.
type nullMarks struct{ mark, word int }

// readRecord reads the next line with all that backslashes escape in it. It returns
// io.EOF at the end.
func (r *escapedReader) readRecord() error {
	if r.ended {
		return io.EOF
	}
	r.record, r.line = r.record[:0], r.next
	for {
		part, err := r.lines.ReadSlice('\n')
		r.record = append(r.record, part...)
		switch {
		case len(r.record) > r.limit:
			return r.refuse(fmt.Errorf("the record that starts here is longer than %d bytes", r.limit))
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == io.EOF && len(r.record) == 0:
			return io.EOF
		case err != nil && err != io.EOF:
			return r.explain(err)
		}
		r.next++
		if err == io.EOF || !r.escapesEnd() {
			return r.split()
		}
	}
}

// escapesEnd reports whether the line feed at the record's end is escaped, and so a part
// of the value.
func (r *escapedReader) escapesEnd() bool {
	before := bytes.TrimSuffix(r.record, []byte{'\n'})
	slashes := len(before) - len(bytes.TrimRight(before, `\`))
	return slashes%2 == 1
}

// split cuts the record into fields.
func (r *escapedReader) split() error {
	if err := r.cutEnd(); err != nil {
		return err
	}
	if r.dialect.marksEnd && string(r.record) == `\.` {
		return r.endMark()
	}
	r.fields = r.fields[:0]
	for start := 0; ; {
		end := start
		for end < len(r.record) && r.record[end] != r.dialect.delimiter {
			if r.record[end] == '\\' {
				end++
			}
			end++
		}
		if end > len(r.record) {
			return r.refuse(errors.New("the line ends in a backslash, which escapes nothing: the file may be cut off"))
		}
		field, err := r.unescape(r.record[start:end])
		if err != nil {
			return err
		}
		r.fields = append(r.fields, field)
		if end == len(r.record) {
			return nil
		}
		start = end + 1
	}
}

// cutEnd takes the line end off. Whether a carriage return belongs to it, the first line
// says.
func (r *escapedReader) cutEnd() error {
	text, ended := bytes.CutSuffix(r.record, []byte{'\n'})
	if ended && len(text) > 0 && text[len(text)-1] == '\r' && r.carriage != feeds {
		r.carriage = carriageAndFeeds
		text = text[:len(text)-1]
	} else if ended && r.carriage == carriageAndFeeds {
		return r.refuse(errors.New("the line ends in LF, and the lines before it in CRLF: the carriage returns of the others may belong to their values; write the file with one kind of line end"))
	} else if ended {
		r.carriage = feeds
	}
	if r.dialect.escapesCR && bytes.IndexByte(text, '\r') >= 0 {
		return r.refuse(errors.New(`there is a carriage return in a value, which this format writes as \r: convert the line ends to LF`))
	}
	r.record = text
	return nil
}

// endMark takes \. for the end, and refuses what may follow it.
func (r *escapedReader) endMark() error {
	r.ended = true
	if _, err := r.lines.Peek(1); err == nil {
		return &CellError{Source: r.source, Line: r.next, Err: errors.New(`more text follows the end of the data (\. on a line of its own): the file must hold the rows of one table`)}
	} else if err != io.EOF {
		return r.explain(err)
	}
	return io.EOF
}

// unescape gives the value of a field. Without backslashes it is the bytes that stand in
// the record.
func (r *escapedReader) unescape(raw []byte) (escapedField, error) {
	first := bytes.IndexByte(raw, '\\')
	if first < 0 {
		return escapedField{text: raw}, nil
	}
	if string(raw) == `\N` {
		return escapedField{null: true}, nil
	}
	text := bytes.Clone(raw[:first])
	for rest := raw[first:]; len(rest) > 0; {
		if rest[0] != '\\' {
			text, rest = append(text, rest[0]), rest[1:]
			continue
		}
		if len(rest) == 1 {
			return escapedField{}, r.refuse(errors.New("a value ends in a backslash, which escapes nothing: the file may be cut off"))
		}
		c, n := r.dialect.escape(rest[1:])
		text, rest = append(text, c), rest[1+n:]
	}
	if !utf8.Valid(text) {
		return escapedField{}, r.refuse(fmt.Errorf("the value %s has bytes that are no UTF-8 once its backslashes are read", Blob(text)))
	}
	return escapedField{text: text, escaped: true}, nil
}

// escape is the character that follows a backslash, and how many bytes it takes.
func (e escapes) escape(b []byte) (c byte, n int) {
	if named, ok := e.named[b[0]]; ok {
		return named, 1
	}
	digits, base, skip := 0, 8, 0
	switch {
	case !e.codes:
	case b[0] >= '0' && b[0] <= '7':
		digits = countDigits(b, 3, base)
	case b[0] == 'x':
		base, skip = 16, 1
		digits = countDigits(b[1:], 2, base)
	}
	if digits == 0 {
		return b[0], 1
	}
	code, err := strconv.ParseUint(string(b[skip:skip+digits]), base, 16)
	if err != nil { // countDigits has seen the digits
		return b[0], 1
	}
	return byte(code), skip + digits // as the database does, which takes the low eight bits
}

func countDigits(b []byte, most, base int) int {
	for i := range b {
		if _, err := strconv.ParseUint(string(b[i]), base, 8); err != nil || i == most {
			return i
		}
	}
	return min(len(b), most)
}

func (r *escapedReader) refuse(err error) error {
	return &CellError{Source: r.source, Line: r.line, Err: err}
}

func (r *escapedReader) explain(err error) error {
	if _, ok := errors.AsType[*CellError](err); ok {
		return err
	}
	return fmt.Errorf("read %s: %w", r.source, err)
}

func (r *escapedReader) Columns() []string { return r.columns }
func (r *escapedReader) KeepJSON([]int)    {} // its texts are JSON already

func (r *escapedReader) Next() (Row, error) {
	if r.err != nil {
		return Row{}, r.err
	}
	err := r.readRow()
	if r.err = lasting(err); err != nil {
		return Row{}, err
	}
	return Row{Values: r.values, Line: r.line}, nil
}

func (r *escapedReader) readRow() error {
	if err := r.readRecord(); err != nil {
		return err
	}
	if len(r.fields) != len(r.columns) {
		return r.wrongWidth()
	}
	for i, f := range r.fields {
		v, err := r.value(f)
		if err != nil {
			return err
		}
		r.values[i] = v
	}
	return nil
}

// wrongWidth is the refusal of a row that is not as wide as the header.
func (r *escapedReader) wrongWidth() error {
	bad := &RowError{Cells: []*CellError{{Source: r.source, Line: r.line, Err: countError(len(r.fields), len(r.columns),
		`look for a missing or an extra tab, or one in a value, which must be written \t`)}}}
	for _, f := range r.fields {
		bad.Fields = append(bad.Fields, string(f.text))
	}
	return bad
}

func (r *escapedReader) value(f escapedField) (Value, error) {
	switch {
	case f.null:
		r.seen.mark = r.line
	case f.escaped || !slices.Contains(r.nulls, string(f.text)):
		return Text(string(f.text)), nil
	case string(f.text) == r.dialect.nullWord:
		r.seen.word = r.line
	}
	return Null(), r.checkMarks()
}

// checkMarks refuses a file with \N and the word NULL, unless somebody has said what the
// word means: mysql -B writes the word for NULL, and SELECT … INTO OUTFILE for the text.
func (r *escapedReader) checkMarks() error {
	if r.dialect.nullWord == "" || r.seen.mark == 0 || r.seen.word == 0 {
		return nil
	}
	return r.refuse(remedied(fmt.Sprintf(`line %d has \N, and line %d has the word %s, which may be a text: choose the text for NULL: \N, if the word is a text, or %s, if both are NULL`,
		r.seen.mark, r.seen.word, r.dialect.nullWord, r.dialect.nullWord), RemedyNull))
}
