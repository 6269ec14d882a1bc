package bench

import (
	"bufio"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

const (
	wideColumns = 1000
	wideRows    = 10_000
)

// BenchmarkWide uploads 10,000 rows of 1,000 columns in place, and does the steps by hand: a
// backup table, the copy, DELETE and the load in one transaction.
func BenchmarkWide(b *testing.B) {
	onAllOf(b, few, func(b *testing.B, d database) {
		w := newWide(b)
		d.reset(b)
		apply(b, d) // makes tablesnap's own tables
		pair(b, func() { w.reset(b, d) },
			func() usage {
				return d.tablesnap(b, "apply", w.after, "--table", "w", "--doc-id", "doc_1", "--yes", "--strategy", "in-place")
			},
			func() usage { return w.byHand(b, d) })
	})
}

// wide are files of 1,000 columns. The first one is the key.
type wide struct{ before, after string }

func newWide(b *testing.B) wide {
	b.Helper()
	dir := b.TempDir()
	return wide{wideFile(b, filepath.Join(dir, "before.csv"), 1), wideFile(b, filepath.Join(dir, "after.csv"), 2)}
}

func wideFile(b *testing.B, name string, seed int) string {
	b.Helper()
	return written(b, name, func(w *bufio.Writer) {
		fmt.Fprintln(w, strings.Join(wideNames(), ","))
		for row := range wideRows {
			fmt.Fprint(w, row)
			for column := 1; column < wideColumns; column++ {
				fmt.Fprintf(w, ",%d", row*column%9973+seed)
			}
			fmt.Fprintln(w)
		}
	})
}

func wideNames() []string {
	names := make([]string, wideColumns)
	for i := range names {
		names[i] = fmt.Sprintf("c%03d", i)
	}
	return names
}

// definitions are the table's columns, which follow others in the backup table.
func (wide) definitions() string { return strings.Join(wideNames(), " INTEGER, ") + " INTEGER" }

func (w wide) reset(b *testing.B, d database) {
	b.Helper()
	d.sql(b, "DROP TABLE IF EXISTS w;\nDROP TABLE IF EXISTS w_backup;\nCREATE TABLE w ("+w.definitions()+", PRIMARY KEY (c000));\n"+d.loading("w", w.before, wideNames()))
	d.rest(b)
}

func (w wide) byHand(b *testing.B, d database) usage {
	b.Helper()
	names := strings.Join(wideNames(), ", ")
	return d.sql(b, "CREATE TABLE w_backup (doc_id VARCHAR(255), snapshot_version BIGINT, "+w.definitions()+");\nBEGIN;\n"+
		"INSERT INTO w_backup (doc_id, snapshot_version, "+names+") SELECT 'doc_1', 0, "+names+" FROM w;\nDELETE FROM w;\n"+d.loading("w", w.after, wideNames())+"COMMIT;\n")
}
