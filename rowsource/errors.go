package rowsource

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNoSource is the error for a [Source] that is nil.
var ErrNoSource = errors.New("read the rows of an upload: its Source is nil; make one with rowsource.File, rowsource.Rows and the like")

// CellError says where in a source a value can't be used, or, with an empty
// Column, a whole row.
type CellError struct {
	Source string
	Format Format // of the source; "" reads like that of a file
	Line   int    // the row's Line
	Column string // its name in the header
	Value  string // as [Value.String] shows it, since files hold secrets and megabytes
	Err    error
}

func (e *CellError) Error() string {
	var b strings.Builder
	unit := "line"
	if e.Format.hasRowNumbers() {
		unit = "row"
	}
	fmt.Fprintf(&b, "%s %s %d", e.Source, unit, e.Line)
	if e.Column != "" {
		fmt.Fprintf(&b, ", column %q", e.Column)
	}
	if e.Value != "" {
		fmt.Fprintf(&b, ": value %s", e.Value)
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	switch {
	case !e.EmptyInQuotes():
	case e.Format.delimiter() != 0:
		b.WriteString(`: "" in quotes is a text, and NULL only if you say so`)
	default:
		b.WriteString(`: the empty text is NULL only if you say so`)
	}
	return b.String()
}

// EmptyInQuotes reports whether the value that can't be used is the empty text. In a
// column that is no text, [Options].NullQuoted reads it as NULL.
func (e *CellError) EmptyInQuotes() bool {
	return e.Column != "" && e.Value == `""` && e.Format != FormatGo
}

func (e *CellError) Unwrap() error { return e.Err }

// countError is the refusal of a row that is not as wide as the header.
func countError(got, want int, advice string) error {
	return fmt.Errorf("the row has %s for %s: %s", plural(got, "value"), plural(want, "column"), advice)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
