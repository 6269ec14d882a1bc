package sqlite

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
)

// TestDropBreaksTries limits the number of tries: a try reads the schema several times,
// which would take minutes for 2,000 columns.
func TestDropBreaksTries(t *testing.T) {
	columns := make([]dialect.Column, 2000)
	for i := range columns {
		columns[i].Name = fmt.Sprintf("column_%d", i)
	}
	named := func(column string) bool { return column == "column_1" || column == "column_1999" }
	for _, c := range []struct {
		name, refused string // refused is the prefix of the columns that SQLite refuses to drop
		tries, breaks int
	}{
		{"a key is named", "column_1999", 3, 1}, // the first column, and the two named ones
		{"the first columns cannot be dropped", "column_0", 4, 1},
		{"a broken view refuses all", "column_", 2000, 2000},
	} {
		tries := 0
		breaks := dropBreaks(columns, named, func(column string) string {
			tries++
			if strings.HasPrefix(column, c.refused) {
				return "it breaks"
			}
			return ""
		})
		broken := len(slices.DeleteFunc(breaks, func(s string) bool { return s == "" }))
		if tries != c.tries || broken != c.breaks {
			t.Errorf("%s: %d tries found %d columns, want %d and %d", c.name, tries, broken, c.tries, c.breaks)
		}
	}
}
