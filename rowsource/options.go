package rowsource

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Options say how a file is read. The zero Options take everything from its name;
// bytes that stand in no file have none, and need Format, or a Name with an extension.
//
// The [Manifest] records them, so that a saved plan has the file read again in the same
// way. Name and Format stand in the manifest by themselves.
type Options struct {
	Name   string `json:"-"` // in place of the file's base name
	Format Format `json:"-"` // "": by the extension of the file, or of Name where there is no file
	// Encoding is the name of a character encoding, such as windows-1252. Without one
	// the file is UTF-8. A byte-order mark takes precedence.
	Encoding string `json:"encoding,omitempty"`
	// Delimiter is one character, in place of the format's. Without one, a file that
	// shows another delimiter than its format's is refused.
	Delimiter string `json:"delimiter,omitempty"`
	// Quote says what quotes mean.
	Quote Quote `json:"quote,omitempty"`
	// Null are the unquoted texts that mean NULL. Without any, an empty field does.
	Null []string `json:"null,omitempty"`
	// NullQuoted takes an empty text in quotes for NULL in columns that are no text. The
	// types of the table's columns decide; an upload sets Forms by them.
	NullQuoted bool `json:"null_quoted,omitempty"`
	// Decimal is the character before the decimal places of numbers, in columns of
	// numbers; an upload sets Forms by it.
	Decimal string `json:"decimal,omitempty"`
	// Skip is the number of lines before the header, such as a title.
	Skip int `json:"skip,omitempty"`
	// NoHeader states that no row names the columns; Columns do.
	NoHeader bool     `json:"no_header,omitempty"`
	Columns  []string `json:"columns,omitempty"`
	// SkipLast is the number of rows to leave out at the end, such as totals.
	SkipLast int `json:"skip_last,omitempty"`
	// SkipEmptyRows leaves out rows of nothing but delimiters, and blank lines.
	SkipEmptyRows bool `json:"skip_empty_rows,omitempty"`
	// NormalizeHeaders gives columns names in lower case, with _ for what is no letter
	// or digit. Renames, Ignore and Const may use either name.
	NormalizeHeaders bool `json:"normalize_headers,omitempty"`
	// Renames are columns that have another name from here on: from the name in the
	// file. A name that the file has not, or a name that two columns would have, fails
	// when the source is opened.
	Renames map[string]string `json:"renames,omitempty"`
	// Sheet is the name of a spreadsheet's sheet. Without it, the only visible one that
	// has values is read.
	Sheet string `json:"sheet,omitempty"`
	// Range is the part of the sheet that has the table, such as B3:F200 or B:F.
	Range string `json:"range,omitempty"`
	// HeaderRow is the number of the sheet's row that names the columns. Without it, the
	// first one with values does.
	HeaderRow int `json:"header_row,omitempty"`
	// Missing says what a JSON object without one of the members means.
	Missing Missing `json:"missing,omitempty"`
	// Ignore are columns of the file that are left out.
	Ignore []string `json:"ignore,omitempty"`
	// Const are columns that the file has not, with the text that each row gets.
	Const map[string]string `json:"const,omitempty"`
	// Forms are how the values of columns are written, by the names from here on.
	Forms map[string]Form `json:"forms,omitempty"`
	// LeaveOut are rows that are left out, such as those that [Check] found to be bad. They
	// are counted before any is left out.
	LeaveOut RowSet `json:"leave_out,omitzero"`
}

// Quote says what quotes mean in a text with delimiters.
type Quote string

const (
	// QuoteByFormat reads CSV as RFC 4180. In TSV, a field is quoted only if the whole
	// field is; other quotes are text. A quoted value is refused if it holds lines
	// that look like rows.
	QuoteByFormat Quote = ""
	// QuoteRFC4180 reads quotes as RFC 4180 has them, whatever they hold.
	QuoteRFC4180 Quote = "rfc4180"
	// QuoteNone takes quotes for text.
	QuoteNone Quote = "none"
)

// nulls are the texts that mean NULL.
func (o Options) nulls() []string {
	if len(o.Null) == 0 {
		return []string{""}
	}
	return o.Null
}

// delimiters are the names that people write for characters that are hard to type.
func delimiterNamed(name string) string {
	switch strings.ToLower(name) {
	case "tab", `\t`:
		return "\t"
	case "comma":
		return ","
	case "semicolon":
		return ";"
	case "pipe":
		return "|"
	case "space":
		return " "
	default:
		return name
	}
}

// checkText refuses options that a file with delimiters cannot follow.
func checkText(delimiter rune) func(Options) error {
	return func(o Options) error {
		between := cmp.Or(delimiterNamed(o.Delimiter), string(delimiter))
		if r, size := utf8.DecodeRuneInString(between); size != len(between) || r == utf8.RuneError || strings.ContainsRune("\"\r\n\x00\uFEFF", r) {
			return fmt.Errorf("the delimiter %q can't be read: give one character that is no quote and no line end", o.Delimiter)
		}
		for _, null := range o.nulls() {
			if strings.ContainsAny(null, "\r\n"+between) || o.Quote != QuoteNone && strings.Contains(null, `"`) {
				return fmt.Errorf("no value without quotes can read %q, so it can't stand for NULL: choose a text without quotes, delimiters and line ends", null)
			}
		}
		if q := o.Quote; q != QuoteByFormat && q != QuoteNone && q != QuoteRFC4180 {
			return fmt.Errorf("quotes can't be read as %q; it may be %s or %s", string(q), QuoteNone, QuoteRFC4180)
		}
		return o.checkRows()
	}
}

func (o Options) checkRows() error {
	switch {
	case o.Skip < 0 || o.SkipLast < 0:
		return errors.New("a number of lines or rows to skip may not be negative")
	case o.NoHeader && len(o.Columns) == 0:
		return errors.New("no row names the columns, so you must: give their names in the order of the file")
	case len(o.Columns) > 0 && !o.NoHeader:
		return errors.New("the columns have names in the options and in the header: say that there is no header, or rename columns")
	default:
		return nil
	}
}
