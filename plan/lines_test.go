package plan_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// longestLine is the most characters of a script's line.
const longestLine = 200

// TestNoLongLines checks each script that is kept. Rows of the file and a query of the user's
// own may be longer. A line with a name that is longer could not be broken either; the hostile
// names here are not.
func TestNoLongLines(t *testing.T) {
	ownQuery := []string{"testdata/checks_of_sync.sql"} // whose line has the table that {old} stands for
	scripts := 0
	for _, folder := range []string{"testdata", "../examples"} {
		err := filepath.WalkDir(folder, func(name string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(name) != ".sql" {
				return err
			}
			scripts++
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			for i, line := range strings.Split(string(text), "\n") {
				if utf8.RuneCountInString(line) <= longestLine || isRow(line) || slices.Contains(ownQuery, filepath.ToSlash(name)) && strings.HasPrefix(line, "SELECT o.email ") {
					continue
				}
				t.Errorf("%s:%d has %d characters: %.60s", name, i+1, utf8.RuneCountInString(line), line)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if scripts < 80 {
		t.Errorf("there are only %d scripts", scripts)
	}
}

// isRow reports whether a line of a script is a row of an INSERT.
func isRow(line string) bool {
	return strings.HasPrefix(line, "  (") && strings.HasSuffix(strings.TrimRight(line, ",;"), ")")
}
