package rowsource

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// csvReader is the Reader of text with delimiters.
type csvReader struct {
	source  string
	closer  io.Closer
	content *content
	options Options
	records records

	columns []string
	nulls   []string
	next1   int // of one-column files, the line after the last record
	last    lastRows
	err     error
}

// records gives the records of a text with delimiters.
type records interface {
	// read gives the texts of the next record, which may be changed. It is valid until the next call. A record of another
	// width than the first is a *widthError, after which reading can go on.
	read() ([]Value, error)
	// line is where the record that was read last starts.
	line() int
	// isQuoted reports whether a value of it, whose text is one for NULL, has quotes.
	isQuoted(value int) bool
	// lines is the number of the text's last line so far.
	lines() int
}

// widthError is a record that has more or fewer values than the first one.
type widthError struct {
	got, want int
	fields    []string
}

func (e *widthError) Error() string {
	return countError(e.got, e.want, "look for a missing or an extra delimiter, or a value that needs quotes").Error()
}

// checkWidth compares a record with the first one, whose width want keeps.
func checkWidth(record []Value, want *int) error {
	if *want == 0 {
		*want = len(record)
	}
	if len(record) != *want {
		return &widthError{len(record), *want, textsOf(record)}
	}
	return nil
}

func textsOf(values []Value) []string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = v.str
	}
	return texts
}

func openCSV(f file, raw io.ReadCloser) (Reader, error) {
	c, err := f.openContent(raw)
	if err != nil {
		return nil, err
	}
	r, err := newCSVReader(f, raw, c)
	if err != nil {
		c.close()
		return nil, err
	}
	return r, nil
}

// newCSVReader reads the header.
func newCSVReader(f file, closer io.Closer, c *content) (*csvReader, error) {
	r := &csvReader{source: f.name, closer: closer, content: c, options: f.options, nulls: f.options.nulls()}
	text, err := f.layout(c)
	if err != nil {
		return nil, err
	}
	if loose(f.format, f.options) {
		r.records = newLooseRecords(f, text)
	} else {
		r.records = newCSVRecords(f, text)
	}
	r.next1 = text.skipped + 1
	r.last.keep = f.options.SkipLast
	return r, r.readHeader(text)
}

// loose reports whether quotes are read in another way than RFC 4180 has it.
func loose(f Format, o Options) bool {
	return o.Quote == QuoteNone || f == FormatTSV && o.Quote == QuoteByFormat
}

func (r *csvReader) readHeader(text body) error {
	if r.options.NoHeader {
		return r.nameColumns(r.options.Columns, text.skipped+1)
	}
	header, err := r.records.read()
	if err == io.EOF {
		return fmt.Errorf("read %s: it is empty: its first line must name the columns", r.source)
	}
	if err != nil {
		return r.explain(err)
	}
	line := r.records.line()
	r.next1 = line + lineCount(header[0].str)
	return r.nameColumns(textsOf(header), line)
}

func (r *csvReader) nameColumns(header []string, line int) (err error) {
	r.columns, err = columnNames(header, inHeader)
	if errors.Is(err, errNoName) {
		err = &RemedyError{Remedies: []Remedy{RemedyHeader}, Err: fmt.Errorf("%w, or remove the delimiter that makes it; if the names stand in another row, choose that", err)}
	}
	if err != nil {
		return &CellError{Source: r.source, Line: line, Err: err}
	}
	return nil
}

func (r *csvReader) Columns() []string  { return r.columns }
func (r *csvReader) Offset() int64      { return r.content.meter.size.Load() }
func (r *csvReader) KeepJSON([]int)     {} // its texts are JSON already
func (r *csvReader) Unterminated() bool { return r.content.text.unterminated() }

func (r *csvReader) Close() error {
	r.content.close()
	return r.closer.Close()
}

func (r *csvReader) SHA256() string {
	if r.err != io.EOF {
		return ""
	}
	return r.content.meter.sum()
}

func (r *csvReader) Next() (Row, error) {
	if r.err != nil {
		return Row{}, r.err
	}
	var row Row
	var err error
	if r.last.keep > 0 {
		row, err = r.last.next(r.next)
	} else {
		row, err = r.next()
	}
	r.err = lasting(err)
	return row, err
}

// next gives the next row. Where rows of nothing but delimiters are left out, it goes on
// to one that has a value.
func (r *csvReader) next() (Row, error) {
	for {
		row, err := r.row()
		if err != nil || !r.options.SkipEmptyRows || !isEmpty(row.Values) {
			return row, err
		}
	}
}

func (r *csvReader) row() (Row, error) {
	record, err := r.records.read()
	if err == io.EOF {
		return Row{}, r.end()
	}
	if err != nil {
		return Row{}, r.explain(err)
	}
	line := r.records.line()
	if len(record) != len(r.columns) { // without a header, the first record is compared with nothing
		return Row{}, &CellError{Source: r.source, Line: line, Err: &widthError{got: len(record), want: len(r.columns)}}
	}
	if len(record) == 1 {
		if line != r.next1 && !r.options.SkipEmptyRows {
			return Row{}, r.blankLine()
		}
		r.next1 = line + lineCount(record[0].str)
	}
	for i := range record {
		if r.isNull(record[i].str) && !r.records.isQuoted(i) {
			record[i] = Null()
		}
	}
	return Row{Values: record, Line: line}, nil
}

// isNull reports whether a text means NULL if it has no quotes.
func (r *csvReader) isNull(text string) bool {
	for _, null := range r.nulls {
		if text == null {
			return true
		}
	}
	return false
}

// isEmpty reports whether no value has any text.
func isEmpty(values []Value) bool {
	for i := range values {
		if values[i] != Null() && values[i] != Text("") {
			return false
		}
	}
	return true
}

// end looks for blank lines after the last record of a one-column file. By then the whole
// file was read.
func (r *csvReader) end() error {
	if len(r.columns) == 1 && !r.options.SkipEmptyRows && r.records.lines() >= r.next1 {
		return r.blankLine()
	}
	return io.EOF
}

// blankLine is the refusal of what is skipped otherwise, and what in a file of one
// column may be a row.
func (r *csvReader) blankLine() error {
	return &CellError{Source: r.source, Line: r.next1, Err: remedied(
		`the line is blank, which in a file of one column could mean NULL or nothing: remove it, write "" for an empty string, or choose a text for NULL and write that`, RemedyNull, Suggest("skip-empty-rows", ""))}
}

// explain says where an error is.
func (r *csvReader) explain(err error) error {
	if cell, ok := errors.AsType[*CellError](err); ok {
		return cell
	}
	if width, ok := errors.AsType[*widthError](err); ok {
		cell := &CellError{Source: r.source, Line: r.records.line(), Err: width}
		if len(r.columns) == 1 {
			r.next1 = cell.Line + lineCount(strings.Join(width.fields, ""))
		}
		return &RowError{Cells: []*CellError{cell}, Fields: width.fields}
	}
	return fmt.Errorf("read %s: %w", r.source, err)
}

// lineCount is the number of lines that a field takes, if it has a record to itself.
func lineCount(field string) int { return 1 + strings.Count(field, "\n") }

// delimiterOf is the delimiter of a file, if none of its lines says otherwise.
func (f file) delimiter() rune {
	r, _ := utf8.DecodeRuneInString(cmp.Or(delimiterNamed(f.options.Delimiter), string(f.format.delimiter())))
	return r
}

// lastRows leaves out the last rows: it gives a row when as many others have followed.
// Rows of another width may be among those that are left out.
type lastRows struct {
	keep  int
	ahead []aheadRow
	// given is the row that was given last, whose values are used again.
	given aheadRow
}

type aheadRow struct {
	row Row
	err error
}

func (l *lastRows) next(read func() (Row, error)) (Row, error) {
	for len(l.ahead) <= l.keep {
		row, err := read()
		if err != nil && !isWidth(err) {
			return Row{}, err
		}
		l.ahead = append(l.ahead, aheadRow{Row{Values: append(l.given.row.Values[:0], row.Values...), Line: row.Line}, err})
		l.given = aheadRow{}
	}
	l.given = l.ahead[0]
	l.ahead = append(l.ahead[:0], l.ahead[1:]...)
	return l.given.row, l.given.err
}

func isWidth(err error) bool {
	_, ok := errors.AsType[*widthError](err)
	return ok
}
