package rowsource

import (
	"archive/zip"
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// TestXLSXMemory reads a million rows of 8 cells, of which half are texts that no two
// cells share. Set TABLESNAP_MEASURE to run it: it takes a minute or two.
func TestXLSXMemory(t *testing.T) {
	if os.Getenv("TABLESNAP_MEASURE") == "" {
		t.Skip("TABLESNAP_MEASURE is not set")
	}
	const rows, limit = 1_000_000, 64 << 20
	name := filepath.Join(t.TempDir(), "large.xlsx")
	writeLargeBook(t, name, rows)
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	r, err := File(name, Options{}).Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	opened, peak := time.Since(start), uint64(0)
	n := 0
	for ; ; n++ {
		if n%10_000 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.Sys-m.HeapReleased)
		}
		if _, err := r.Next(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d rows, a file of %d MB: %v, of which %v to open it; at most %d MB of memory", n, info.Size()>>20, time.Since(start), opened, peak>>20)
	if n != rows || peak > limit {
		t.Errorf("%d rows and %d MB; want %d and at most %d", n, peak>>20, rows, limit>>20)
	}
}

// writeLargeBook takes the small parts from a small book.
func writeLargeBook(t *testing.T, name string, rows int) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	small := oneSheet()
	small.strings = "<si/>"
	content := small.bytes(t)
	parts, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	large := map[string]func(io.Writer){"xl/worksheets/sheet1.xml": func(w io.Writer) { writeLargeSheet(w, rows) }, "xl/sharedStrings.xml": func(w io.Writer) { writeLargeStrings(w, rows*4) }}
	for _, p := range parts.File {
		write, ok := large[p.Name]
		if !ok {
			if err := z.Copy(p); err != nil {
				t.Fatal(err)
			}
			continue
		}
		w, err := z.Create(p.Name)
		if err != nil {
			t.Fatal(err)
		}
		b := bufio.NewWriter(w)
		write(b)
		if err := b.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
}

func writeLargeSheet(w io.Writer, rows int) {
	fmt.Fprint(w, "<worksheet><sheetData>", inline(1, "a", "b", "c", "d", "e", "f", "g", "h"))
	for i := range rows {
		n := i + 2
		fmt.Fprintf(w, `<row r="%d">`, n)
		for c := range 4 {
			fmt.Fprintf(w, `<c r="%c%d" t="s"><v>%d</v></c><c r="%c%d"><v>%d.25</v></c>`, 'A'+2*c, n, i*4+c, 'B'+2*c, n, i)
		}
		fmt.Fprint(w, "</row>")
	}
	fmt.Fprint(w, "</sheetData></worksheet>")
}

func writeLargeStrings(w io.Writer, n int) {
	fmt.Fprint(w, "<sst>")
	for i := range n {
		fmt.Fprintf(w, "<si><t>the text number %d</t></si>", i)
	}
	fmt.Fprint(w, "</sst>")
}
