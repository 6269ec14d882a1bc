package rowsource

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
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

// BenchmarkUnpack decompresses a file as its library does, and then again into UTF-8 that was
// checked, which is what the readers of rows are given. The ratio is the median of such pairs.
func BenchmarkUnpack(b *testing.B) {
	name, size := benchFile(b)
	for _, p := range []struct {
		extension string
		pack      func(io.Writer) (io.WriteCloser, error)
		library   func(io.Reader) (io.Reader, func(), error)
	}{
		{".gz", func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }, openGzip},
		{".zst", func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }, openZstd},
	} {
		packed := packedFile(b, name, p.extension, p.pack)
		asText := func(r io.Reader) (io.Reader, func(), error) {
			c, err := newFile(packed, Options{}, nil).openContent(r)
			if err != nil {
				return nil, nil, err
			}
			return c, c.close, nil
		}
		b.Run(p.extension[1:], func(b *testing.B) {
			var library, text, ratios []float64
			for b.Loop() {
				l, t := secondsToRead(b, packed, size, p.library), secondsToRead(b, packed, size, asText)
				library, text, ratios = append(library, l), append(text, t), append(ratios, t/l)
			}
			b.ReportMetric(float64(size)/1e6/median(library), "library-MB/s")
			b.ReportMetric(float64(size)/1e6/median(text), "text-MB/s")
			b.ReportMetric(median(ratios), "ratio")
		})
	}
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

// packedFile is a copy of a file that is compressed.
func packedFile(b *testing.B, name, extension string, pack func(io.Writer) (io.WriteCloser, error)) string {
	b.Helper()
	from, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	defer from.Close()
	to, err := os.Create(name + extension)
	if err != nil {
		b.Fatal(err)
	}
	w, err := pack(to)
	if err != nil {
		b.Fatal(err)
	}
	_, err = io.Copy(w, from)
	if err := errors.Join(err, w.Close(), to.Close()); err != nil {
		b.Fatal(err)
	}
	return to.Name()
}

// secondsToRead reads a packed file to its end, in which there are size bytes.
func secondsToRead(b *testing.B, name string, size int64, open func(io.Reader) (io.Reader, func(), error)) float64 {
	b.Helper()
	f, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	start := time.Now()
	r, done, err := open(f)
	if err != nil {
		b.Fatal(err)
	}
	defer done()
	if n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{r}, make([]byte, chunkSize)); err != nil || n != size {
		b.Fatal(n, err)
	}
	return time.Since(start).Seconds()
}
