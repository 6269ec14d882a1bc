package rowsource

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Writer writes rows as a file that reads back as the same values. Where a value
// has no form in the file that does, Write refuses it.
type Writer struct {
	out       *bufio.Writer
	format    Format
	null      string
	columns   []string
	keys      []string // of JSON Lines: the columns' names as JSON
	keep      places   // the columns that hold JSON
	delimiter string
	special   string // characters for which a text has quotes
	row       int
	line      []byte
	add       func(column int, v Value) error
	whole     whole // of a format without lines
}

// NewWriter returns a Writer of one of [WritableFormats] to w, with the text that stands
// for NULL in CSV, TSV and XLSX. Call Begin first and Flush last: some formats are written
// only then.
func NewWriter(w io.Writer, format Format, null string) (*Writer, error) {
	out := &Writer{out: bufio.NewWriterSize(w, chunkSize), format: format, null: null, delimiter: string(format.delimiter())}
	out.special = "\"\r\n" + out.delimiter
	if w == nil {
		return nil, errors.New("write rows: the io.Writer is nil")
	}
	var file whole
	switch format {
	case FormatXLSX:
		file = &xlsxWriter{out: out.out, null: null}
	case FormatParquet:
		file = &parquetWriter{out: out.out}
	default:
	}
	return out, out.setFormat(file)
}

// KeepJSON names the columns that hold JSON, by their places. JSON Lines has their
// texts as the JSON that they are, which a [Reader] with the same columns reads.
func (w *Writer) KeepJSON(columns []int) { w.keep = placesOf(columns) }

// KeepKinds names the columns in which a number differs from the same number of another
// kind: 1 from 1.0.
func (w *Writer) KeepKinds(columns []int) {
	if p, ok := w.whole.(*parquetWriter); ok {
		p.byValue = placesOf(columns)
	}
}

// keeps reports whether the text of a column is written as it is.
func (w *Writer) keeps(column int, v Value) bool {
	return v.Kind() == KindText && w.format == FormatJSONL && w.keep.has(column)
}

// Reads is the value that is read where v was written in the column.
func (w *Writer) Reads(column int, v Value) Value {
	switch {
	case w.whole != nil:
		return w.whole.reads(column, v)
	case w.keeps(column, v):
		if checkKept(v.Str()) != nil {
			return v // Write refuses it
		}
		if again, err := keptJSON([]byte(v.Str())); err == nil {
			return again
		}
		return v
	case v.Kind() == KindReal && !isFinite(v):
		return v // Write refuses it
	case v.Kind() == KindReal && w.format == FormatJSONL:
		if again, err := jsonNumber([]byte(realText(v.Float()))); err == nil {
			return again
		}
		return v
	case v.Kind() == KindReal:
		return Text(realText(v.Float()))
	case v.Kind() == KindInteger && w.format != FormatJSONL:
		return Text(strconv.FormatInt(v.Int(), 10))
	}
	return v
}

// Begin names the columns, in a header where the format has one.
func (w *Writer) Begin(columns []string) error {
	w.columns = slices.Clone(columns)
	if i := slices.IndexFunc(columns, func(n string) bool { return strings.TrimSpace(n) == "" }); i >= 0 {
		return fmt.Errorf("write the name of column %d: it is empty or blank, and a file's names are not; rename the column", i+1)
	}
	if names, err := columnNames(columns, inRows); err != nil {
		return fmt.Errorf("write the names of the columns: %w", err)
	} else if i := slices.IndexFunc(names, func(n string) bool { return !slices.Contains(columns, n) }); i >= 0 {
		return fmt.Errorf("write the name of the column %s: a file's names are read without the blanks around them; rename the column", Text(columns[i]))
	}
	for _, c := range columns {
		key, err := appendJSON(nil, c)
		if err != nil {
			return fmt.Errorf("write the name of the column %s: %w", Text(c), err)
		}
		w.keys = append(w.keys, string(key)+":")
	}
	if w.whole != nil {
		if err := w.whole.begin(w.columns, w.keep); err != nil {
			return err
		}
	}
	if w.format == FormatJSONL || w.format == FormatParquet {
		return nil
	}
	header := make([]Value, len(columns))
	for i, c := range columns {
		header[i] = Text(c)
	}
	return w.write(header)
}

// Write writes a row.
func (w *Writer) Write(values []Value) error {
	w.row++
	return w.write(values)
}

func (w *Writer) write(values []Value) error {
	w.line = w.line[:0]
	for i, v := range values {
		if err := w.add(i, v); err != nil {
			return &CellError{Source: "the export", Format: FormatGo, Line: w.row, Column: w.columns[i], Value: v.String(), Err: err}
		}
	}
	if w.whole != nil {
		if err := w.whole.endRow(); err != nil {
			return &CellError{Source: "the export", Format: FormatGo, Line: w.row, Err: err}
		}
		return nil
	}
	if w.format == FormatJSONL {
		w.line = append(w.line, '}')
	}
	w.line = append(w.line, '\n')
	_, err := w.out.Write(w.line)
	return err
}

// Flush writes what is still held back.
func (w *Writer) Flush() error {
	if w.whole != nil {
		if err := w.whole.end(); err != nil {
			return err
		}
	}
	return w.out.Flush()
}

var (
	errNotUTF8      = errors.New("the text is not UTF-8, and a file can hold no other")
	errNoNumber     = errors.New("it is no number that a file can hold")
	errEscapedBytes = remedied("text with backslashes has no form for bytes that are no text; write JSON Lines", RemedyJSONLines)
	errCSVBytes     = remedied("CSV has no form for bytes that are no text; write JSON Lines", RemedyJSONLines)
	errNoJSON       = remedied("it is no JSON, and the column is read as JSON; write CSV", RemedyCSV)
	errBytesAsJSON  = errors.New("the column is read as JSON, which has no form for bytes; keep the value as JSON text")
	errJSONNull     = remedied("in JSON Lines, the null of JSON would be read as NULL; write CSV", RemedyCSV)
	errJSONBlanks   = remedied("JSON Lines keeps no line ends in a value and no blanks around it; write CSV", RemedyCSV)
	errBlankNull    = remedied("in a file of one column a blank line could mean NULL or nothing; choose a text for NULL, or write JSON Lines", RemedyNull, RemedyJSONLines)
)

// addField appends a field of CSV.
func (w *Writer) addField(column int, v Value) error {
	if column > 0 {
		w.line = append(w.line, w.delimiter...)
	}
	switch v.Kind() {
	case KindNull:
		if w.null == "" && len(w.columns) == 1 {
			return errBlankNull
		}
		w.line = append(w.line, w.null...)
		return nil
	case KindBlob:
		return errCSVBytes
	case KindReal:
		if !isFinite(v) {
			return errNoNumber
		}
		w.line = append(w.line, realText(v.Float())...)
		return nil
	case KindInteger:
		w.line = strconv.AppendInt(w.line, v.Int(), 10)
		return nil
	default:
		return w.addText(v.Str())
	}
}

// addText quotes a text that would be read as something else without quotes.
func (w *Writer) addText(s string) error {
	if !utf8.ValidString(s) {
		return errNotUTF8
	}
	if s != w.null && s != "" && !strings.ContainsAny(s, w.special) && !strings.Contains(s, "\ufeff") {
		w.line = append(w.line, s...)
		return nil
	}
	w.line = append(w.line, '"')
	w.line = append(w.line, strings.ReplaceAll(s, `"`, `""`)...)
	w.line = append(w.line, '"')
	return nil
}

// addMember appends a member of a JSON object.
func (w *Writer) addMember(column int, v Value) (err error) {
	begin := byte(',')
	if column == 0 {
		begin = '{'
	}
	w.line = append(append(w.line, begin), w.keys[column]...)
	switch {
	case w.keeps(column, v):
		w.line = append(w.line, v.Str()...)
		return checkKept(v.Str())
	case v.Kind() == KindBlob && w.keep.has(column):
		return errBytesAsJSON
	}
	w.line, err = AppendJSON(w.line, v)
	return err
}

// checkKept refuses JSON that would not be read as it is from a line of its own.
func checkKept(s string) error {
	switch {
	case !json.Valid([]byte(s)):
		return errNoJSON
	case !utf8.ValidString(s):
		return errNotUTF8
	case strings.Trim(s, " \t\r\n") == "null":
		return errJSONNull
	case strings.ContainsAny(s, "\r\n") || strings.Trim(s, " \t") != s:
		return errJSONBlanks
	}
	return nil
}

// AppendJSON appends a value as [FormatJSONL] has it: text as a string, a number
// as one, and bytes as {"$base64":"AP8="}.
func AppendJSON(b []byte, v Value) ([]byte, error) {
	switch v.Kind() {
	case KindNull:
		return append(b, "null"...), nil
	case KindInteger:
		return strconv.AppendInt(b, v.Int(), 10), nil
	case KindReal:
		if !isFinite(v) {
			return b, errNoNumber
		}
		return append(b, realText(v.Float())...), nil
	case KindBlob:
		b = append(b, `{"`+base64Key+`":"`...)
		return append(base64.StdEncoding.AppendEncode(b, []byte(v.Str())), `"}`...), nil
	default:
		return appendJSON(b, v.Str())
	}
}

// base64Key is the name of the one member of an object that stands for bytes.
const base64Key = "$base64"

func appendJSON(b []byte, s string) ([]byte, error) {
	if isPlainJSON(s) {
		return append(append(append(b, '"'), s...), '"'), nil
	}
	if !utf8.ValidString(s) {
		return b, errNotUTF8
	}
	text, err := json.Marshal(s)
	return append(b, text...), err
}

// isPlainJSON reports whether a text needs no escapes.
func isPlainJSON(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func isFinite(v Value) bool { return !math.IsNaN(v.Float()) && !math.IsInf(v.Float(), 0) }

// realText is the shortest text of a number that is read back as the same, and
// never looks like a whole number.
func realText(f float64) string {
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if strings.ContainsAny(s, ".e") {
		return s
	}
	return s + ".0"
}
