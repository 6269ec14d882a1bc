package bench

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

const columns = "email, name, department, country, salary, started, badge, note"

// million is the number of rows of the benchmarks that have one size.
const million = 1_000_000

// sizes are the numbers of rows of those that show how the cost grows.
var sizes = []int{10_000, 100_000, million, 10 * million}

// oldRows and newRows are files without a row in common.
func oldRows(b *testing.B, rows int) string { b.Helper(); return file(b, rows, 1) }
func newRows(b *testing.B, rows int) string { b.Helper(); return file(b, rows, 2) }

// file writes a file of 8 columns, 93 bytes a row, unless it is there.
func file(b *testing.B, rows, seed int) string {
	b.Helper()
	name := filepath.Join(shared, fmt.Sprintf("rows-%d-%d.csv", rows, seed))
	if _, err := os.Stat(name); err == nil {
		return name
	}
	return written(b, name, func(w *bufio.Writer) {
		fmt.Fprintln(w, "email,name,department,country,salary,started,badge,note")
		for i := range rows {
			fmt.Fprintf(w, "user%06d@example.com,\"Name %d, %d\",dept-%02d,c%03d,%d,20%02d-%02d-%02d,b%07d,note %d\n",
				(i*7919+seed)%rows, i%5000, seed, i%97, i%195, 30000+i%70000, i%24, 1+i%12, 1+i%28, i, uint32(i)*2654435761)
		}
	})
}

// written writes a file, and returns its name.
func written(b *testing.B, name string, write func(*bufio.Writer)) string {
	b.Helper()
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	write(w)
	if err := w.Flush(); err != nil { // it has the error of each write before
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return name
}

func size(b *testing.B, file string) int64 {
	b.Helper()
	found, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	return found.Size()
}
