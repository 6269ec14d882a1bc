package rowsource

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

// repeater returns a header and then the same row again and again.
type repeater struct {
	rest  string
	row   string
	rows  int
	given int64
}

func (r *repeater) Read(p []byte) (int, error) {
	if r.rest == "" {
		if r.rows == 0 {
			return 0, io.EOF
		}
		r.rows--
		r.rest = r.row
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	r.given += int64(n)
	return n, nil
}

func (r *repeater) Close() error { return nil }

func streamed(r io.ReadCloser) file {
	return newFile("big.csv", Options{}, func() (io.ReadCloser, error) { return r, nil })
}

func TestMemoryDoesNotGrow(t *testing.T) {
	row := strings.Repeat("1,\"two\r\n\",,\"\"\n", 1000)
	r, err := streamed(&repeater{rest: "a,b,c,d\n", row: row, rows: 1000}).Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var stats runtime.MemStats
	for n := 0; ; n++ {
		if _, err := r.Next(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if n%100_000 != 0 {
			continue
		}
		runtime.ReadMemStats(&stats)
		if stats.HeapInuse > 16<<20 {
			t.Fatalf("after %d rows %d bytes are in use", n, stats.HeapInuse)
		}
	}
}

func TestNextAllocatesOneString(t *testing.T) {
	r, err := streamed(&repeater{rest: "a,b,c,d\n", row: "1,two,,\"\"\r\n", rows: 20_000}).Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	allocs := testing.AllocsPerRun(10_000, func() {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 1 {
		t.Errorf("Next allocates %v times for a row", allocs)
	}
}

func TestRecordsAreBounded(t *testing.T) {
	endless := &repeater{rest: "a,b\n1,2\n", row: "1,\"never closed\n", rows: 1 << 30}
	// A second such row would have the quote that closes the first one.
	endless.rest += endless.row
	endless.row = "more, of it\n"
	source := streamed(endless)
	source.recordLimit = 1 << 20
	_, err := readAll(source)
	const want = "big.csv line 3: the record that starts here is longer than 1048576 bytes: look for a quote that is not closed, or for line ends that are not LF or CRLF"
	if message(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if limit := int64(1<<20 + 2*chunkSize); endless.given > limit {
		t.Errorf("%d bytes were read before the record was refused", endless.given)
	}
}

// The record limit is exact and does not depend on the chunks.
func TestRecordLimitIsExact(t *testing.T) {
	const limit = 100
	for name, chunking := range chunkings() {
		for size, fits := range map[int]error{limit: nil, limit + 1: errors.New("refused")} {
			row := strings.Repeat("x", size-len(",\"\n\"\n")) + ",\"\n\"\n"
			source := chunked([]byte("a,b\n1,2\n"+row+row+"3,4\n"), Options{Name: "t.csv"}, chunking)
			source.recordLimit = limit
			if _, err := readAll(source); (err == nil) != (fits == nil) {
				t.Errorf("%s: a record of %d bytes: got %v", name, size, err)
			}
		}
	}
}

type closer struct {
	io.Reader
	closed int
}

func (c *closer) Close() error { c.closed++; return nil }

func TestFilesAreClosed(t *testing.T) {
	for name, content := range map[string]string{"good": "a,b\n1,2\n", "bad header": "a,a\n", "UTF-16": "\xFF\xFE"} {
		c := &closer{Reader: strings.NewReader(content)}
		goroutines := runtime.NumGoroutine()
		if r, err := streamed(c).Open(); err == nil {
			r.Close()
		}
		if c.closed != 1 {
			t.Errorf("%s: closed %d times", name, c.closed)
		}
		if n := runtime.NumGoroutine(); n > goroutines {
			t.Errorf("%s: %d goroutines were left", name, n-goroutines)
		}
	}
}

func TestFaultOfTheDiskIsNotOfTheFile(t *testing.T) {
	broken := errors.New("input/output error")
	for _, content := range []string{"", "a,", "a,b\n1,2\n\"x", "a,b\n1,\xE4", "a,b\n1,2\r"} {
		source := streamed(io.NopCloser(io.MultiReader(strings.NewReader(content), iotest.ErrReader(broken))))
		_, err := readAll(source)
		if !errors.Is(err, broken) || message(err) != fmt.Sprintf("read big.csv: %v", broken) {
			t.Errorf("%q: got %v, want the disk's error", content, err)
		}
	}
}
