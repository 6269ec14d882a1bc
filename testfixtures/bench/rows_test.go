package bench

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

const rows = 1_000_000

// writeRows writes a file of 1,000,000 rows of 8 columns, about 85 MB; files of
// different seeds have no row in common.
func writeRows(b *testing.B, dir string, seed int) string {
	b.Helper()
	name := filepath.Join(dir, fmt.Sprintf("rows-%d.csv", seed))
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(w, "email,name,department,country,salary,started,badge,note")
	for i := range rows {
		fmt.Fprintf(w, "user%06d@example.com,\"Name %d, %d\",dept-%02d,c%03d,%d,20%02d-%02d-%02d,b%07d,note %d\n",
			(i*7919+seed)%rows, i%5000, seed, i%97, i%195, 30000+i%70000, i%24, 1+i%12, 1+i%28, i, uint32(i)*2654435761)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return name
}
