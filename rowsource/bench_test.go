package rowsource

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
)

const benchRows = 1_000_000

// benchFile writes a file with 1,000,000 rows of 8 columns, about 85 MB.
func benchFile(b *testing.B) (name string, size int64) {
	b.Helper()
	name = filepath.Join(b.TempDir(), "bench.csv")
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(w, "id,sku,name,price,currency,valid_from,remark,active")
	for i := range benchRows {
		fmt.Fprintf(w, "%d,SKU-%08d,\"Widget, size %d\",%d.%02d,EUR,2024-%02d-%02d 12:00:00,,some longer remark é %d\n",
			i, i*7919%100_000_000, i%50, i%1000, i%100, i%12+1, i%28+1, i%10)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	size, err = f.Seek(0, io.SeekCurrent)
	if err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return name, size
}

func BenchmarkMeasure(b *testing.B) {
	name, size := benchFile(b)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		m, err := Measure(context.Background(), File(name, Options{}))
		if err != nil || m.Rows != benchRows || m.Bytes != size {
			b.Fatal(m, err)
		}
	}
}

// BenchmarkRead/encoding-csv is for comparison: it reads the same file with encoding/csv
// only.
func BenchmarkRead(b *testing.B) {
	name, size := benchFile(b)
	b.Run("rowsource", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			readAllRows(b, File(name, Options{}))
		}
	})
	b.Run("encoding-csv", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			f, err := os.Open(name)
			if err != nil {
				b.Fatal(err)
			}
			r := csv.NewReader(bufio.NewReaderSize(f, chunkSize))
			r.ReuseRecord = true
			for err == nil {
				_, err = r.Read()
			}
			if err != io.EOF {
				b.Fatal(err)
			}
			f.Close()
		}
	})
}

func readAllRows(b *testing.B, s Source) {
	b.Helper()
	r, err := s.Open()
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	for err == nil {
		_, err = r.Next()
	}
	if err != io.EOF {
		b.Fatal(err)
	}
}

func BenchmarkMeasureGo(b *testing.B) {
	rows := make([][]any, 10_000)
	for i := range rows {
		rows[i] = []any{i, "some text", 1.5, nil, true, bytes.Repeat([]byte{'x'}, 8)}
	}
	s := Rows("bench", []string{"a", "b", "c", "d", "e", "f"}, rows)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Measure(context.Background(), s); err != nil {
			b.Fatal(err)
		}
	}
}
