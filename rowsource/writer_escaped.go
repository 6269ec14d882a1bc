package rowsource

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// addEscaped appends a field of a text format with backslashes.
func (w *Writer) addEscaped(column int, v Value) error {
	if column > 0 {
		w.line = append(w.line, '\t')
	}
	switch v.Kind() {
	case KindNull:
		w.line = append(w.line, `\N`...)
		return nil
	case KindBlob:
		return errEscapedBytes
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
		return w.addEscapedText(v.Str())
	}
}

func (w *Writer) addEscapedText(s string) error {
	if !utf8.ValidString(s) {
		return errNotUTF8
	}
	if s == escapesOf(w.format).nullWord && s != "" { // a backslash before a letter without a meaning changes nothing
		last := len(s) - 1
		w.line = append(append(append(w.line, s[:last]...), '\\'), s[last:]...)
		return nil
	}
	if strings.HasPrefix(s, "\uFEFF") { // at the start of a file it would be a byte-order mark
		w.line = append(w.line, '\\')
	}
	for {
		i := strings.IndexAny(s, "\\\t\n\r\x00")
		if i < 0 {
			w.line = append(w.line, s...)
			return nil
		}
		w.line = append(append(w.line, s[:i]...), escapeFor(s[i], w.format)...)
		s = s[i+1:]
	}
}

func escapeFor(c byte, f Format) string {
	switch c {
	case '\t':
		return `\t`
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	case 0:
		if f == FormatPGText {
			return `\000`
		}
		return `\0`
	default:
		return `\\`
	}
}

// WritableFormats are the formats that a [Writer] writes.
func WritableFormats() []Format {
	return []Format{FormatCSV, FormatTSV, FormatJSONL, FormatXLSX, FormatParquet, FormatMySQL, FormatPGText}
}

// setFormat chooses how a row is written.
func (w *Writer) setFormat(out whole) error {
	switch {
	case !slices.Contains(WritableFormats(), w.format):
		var names []string
		for _, f := range WritableFormats() {
			names = append(names, strconv.Quote(string(f)))
		}
		return fmt.Errorf("files of the format %q can't be written; known are %s", string(w.format), strings.Join(names, ", "))
	case w.format == FormatJSONL:
		w.add = w.addMember
	case w.format == FormatXLSX, w.format == FormatParquet:
		w.whole, w.add = out, out.add
	case w.format == FormatMySQL, w.format == FormatPGText:
		w.add = w.addEscaped
	default:
		w.add = w.addField
		if strings.ContainsAny(w.null, "\"\r\n"+string(w.format.delimiter())) {
			return fmt.Errorf("no value without quotes can read %q, so it can't stand for NULL: choose a text without quotes, delimiters and line ends", w.null)
		}
		return nil
	}
	if w.null != "" && w.format != FormatXLSX {
		return fmt.Errorf("a text for NULL (%q) is for CSV, TSV and XLSX; the format %q has NULL itself", w.null, string(w.format))
	}
	return nil
}

// whole writes rows to a file that is not made line by line.
type whole interface {
	begin(columns []string, json places) error
	// add is called for each value of a row.
	add(column int, v Value) error
	endRow() error
	// reads is the value that is read where v was added.
	reads(column int, v Value) Value
	end() error
}
