package rowsource

import (
	"errors"
	"testing"
)

// TestEmptyInQuotes: every format of a file follows NullQuoted, so that each says so.
func TestEmptyInQuotes(t *testing.T) {
	for _, f := range append(Formats(), FormatGo) {
		e := &CellError{Source: "a", Format: f, Line: 2, Column: "n", Value: `""`, Err: errors.New("it is no number")}
		if got, want := e.EmptyInQuotes(), f != FormatGo; got != want {
			t.Errorf("%s: got %v, want %v", f, got, want)
		}
		if e.Value = `"x"`; e.EmptyInQuotes() {
			t.Errorf("%s: a text is taken for the empty one", f)
		}
	}
}
