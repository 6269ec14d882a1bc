package rowsource

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// csvReader is the Reader of CSV and TSV files.
type csvReader struct {
	source  string
	content io.Closer
	meter   *meter
	quotes  *quoteReader
	csv     *csv.Reader

	columns []string
	nulls   []string
	values  []Value
	line    int // of one-column files, the line behind the last record
	err     error
}

func openCSV(f file, content io.ReadCloser) (Reader, error) { return newCSVReader(f, content) }

// newCSVReader reads the header. The caller closes content if that fails.
func newCSVReader(f file, content io.ReadCloser) (*csvReader, error) {
	r := &csvReader{source: f.name, content: content, nulls: f.options.nulls(), meter: newMeter(content)}
	text, err := skipByteOrderMark(r.meter)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.name, err)
	}
	r.quotes = newQuoteReader(newTextReader(text, f.name), f.name, f.recordLimit)
	r.csv = csv.NewReader(bufio.NewReaderSize(r.quotes, chunkSize))
	r.csv.Comma = f.format.delimiter()
	r.csv.ReuseRecord = true
	return r, r.readHeader()
}

func (r *csvReader) readHeader() error {
	header, err := r.csv.Read()
	if err == io.EOF {
		return fmt.Errorf("read %s: it is empty: its first line must name the columns", r.source)
	}
	if err != nil {
		return r.explain(header, err)
	}
	line, _ := r.csv.FieldPos(0)
	if r.columns, err = columnNames(header); err != nil {
		return &CellError{Source: r.source, Line: line, Err: err}
	}
	r.line = line + lineCount(header[0])
	r.values = make([]Value, len(header))
	return nil
}

func (r *csvReader) Columns() []string  { return r.columns }
func (r *csvReader) Offset() int64      { return r.meter.size }
func (r *csvReader) Close() error       { return r.content.Close() }
func (r *csvReader) KeepJSON([]int)     {} // its texts are JSON already
func (r *csvReader) Unterminated() bool { return r.meter.unterminated() }

func (r *csvReader) SHA256() string {
	if r.err != io.EOF {
		return ""
	}
	return r.meter.sum()
}

func (r *csvReader) Next() (Row, error) {
	if r.err != nil {
		return Row{}, r.err
	}
	row, err := r.next()
	r.err = err
	return row, err
}

func (r *csvReader) next() (Row, error) {
	record, err := r.csv.Read()
	if err == io.EOF {
		return Row{}, r.end()
	}
	if err != nil {
		return Row{}, r.explain(record, err)
	}
	line, _ := r.csv.FieldPos(0)
	if len(record) == 1 {
		if line != r.line {
			return Row{}, r.blankLine()
		}
		r.line += lineCount(record[0])
	}
	for i, field := range record {
		if r.isNull(field) && !r.isQuoted(record, i) {
			r.values[i] = Null()
		} else {
			r.values[i] = Text(field)
		}
	}
	return Row{Values: r.values, Line: line}, nil
}

// isNull reports whether a field means NULL if it has no quotes.
func (r *csvReader) isNull(field string) bool {
	for _, null := range r.nulls {
		if field == null {
			return true
		}
	}
	return false
}

// end looks for blank lines behind the last record of a one-column file. By then
// quotes has seen the whole file.
func (r *csvReader) end() error {
	if len(r.columns) == 1 && r.quotes.lines >= r.line {
		return r.blankLine()
	}
	return io.EOF
}

// blankLine is the refusal of what encoding/csv skips, and what in a file of one
// column may be a row.
func (r *csvReader) blankLine() error {
	return &CellError{Source: r.source, Line: r.line, Err: remedied(
		`the line is blank, which in a file of one column could mean NULL or nothing: remove it, write "" for an empty string, or choose a text for NULL and write that`, RemedyNull)}
}

// isQuoted reports whether the i-th field of the record that was read last, whose
// text is that for NULL, has quotes around it. encoding/csv does not say, but it
// says where fields start: with quotes, one takes more room than its text. (The
// next starts on the same line, since file.check lets no line end into the text.)
// Behind the last field there is only the line end.
func (r *csvReader) isQuoted(record []string, i int) bool {
	if i == len(record)-1 {
		return r.quotes.closesQuoted(r.csv.InputOffset())
	}
	_, start := r.csv.FieldPos(i)
	_, next := r.csv.FieldPos(i + 1)
	return next-start > len(record[i])+len(string(r.csv.Comma))
}

// explain says where and what in place of encoding/csv's own errors; those of
// the readers before it say so themselves.
func (r *csvReader) explain(record []string, err error) error {
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		if errors.Is(err, csv.ErrFieldCount) {
			return &CellError{Source: r.source, Line: parse.StartLine, Err: countError(len(record), len(r.columns),
				"look for a missing or an extra delimiter, or a value that needs quotes")}
		}
		return &CellError{Source: r.source, Line: parse.Line, Err: plainCSVError(parse)}
	}
	if _, ok := errors.AsType[*CellError](err); ok {
		return err
	}
	return fmt.Errorf("read %s: %w", r.source, err)
}

// lineCount is the number of lines that a field takes, if it has a record to itself.
func lineCount(field string) int { return 1 + strings.Count(field, "\n") }
