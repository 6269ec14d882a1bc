package bench

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The rows that differ in the file of changes.
const changed, gone = 1000, 100

// changes is a file of the old rows with 1,000 of them changed, 100 left out, and 100 new
// ones.
func changes(b *testing.B) string {
	b.Helper()
	in, err := os.Open(oldRows(b, million))
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	return written(b, filepath.Join(shared, "changes.csv"), func(w *bufio.Writer) {
		lines := bufio.NewScanner(in)
		for n := -1; lines.Scan(); n++ {
			switch {
			case n >= 0 && n%(million/gone) == 7: // left out
			case n >= 0 && n%(million/changed) == 11:
				fmt.Fprintln(w, lines.Text()+" changed")
			default:
				fmt.Fprintln(w, lines.Text())
			}
		}
		for i := range gone {
			fmt.Fprintf(w, "new%d@example.com,New,dept-00,c000,1,2024-01-01,n%07d,new\n", i, i)
		}
		if err := lines.Err(); err != nil {
			b.Fatal(err)
		}
	})
}

// syncedByHand brings the table t up to date with the stage s, after a copy to the backup:
// a DELETE, an UPDATE and an INSERT, as differ and set are written for the database.
func syncedByHand(remove, update string) string {
	return copied() + fmt.Sprintf("%[2]s;\n%[3]s;\nINSERT INTO t (%[1]s) SELECT s.%[4]s FROM s LEFT JOIN t ON t.badge = s.badge WHERE t.badge IS NULL;\nCOMMIT;\n",
		columns, remove, update, strings.ReplaceAll(columns, ", ", ", s."))
}

// each joins what is written of each column.
func each(format, separator string) string {
	var parts []string
	for _, c := range strings.Split(columns, ", ") {
		parts = append(parts, fmt.Sprintf(format, c))
	}
	return strings.Join(parts, separator)
}
