package rowsource

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// contents are all rows of a source.
type contents struct {
	Columns []string
	Rows    [][]Value
	Lines   []int
}

var sameValue = cmp.Comparer(func(a, b Value) bool { return a == b })

// readAll reads the rows up to the first error. The error is nil at io.EOF.
func readAll(s Source) (contents, error) {
	r, err := s.Open()
	if err != nil {
		return contents{}, err
	}
	defer r.Close()
	c := contents{Columns: r.Columns()}
	for {
		row, err := r.Next()
		if err == io.EOF {
			return c, nil
		}
		if err != nil {
			return c, err
		}
		c.Rows = append(c.Rows, append([]Value(nil), row.Values...))
		c.Lines = append(c.Lines, row.Line)
	}
}

// chunkings are readers that return the same bytes in chunks of different sizes.
func chunkings() map[string]func(io.Reader) io.Reader {
	return map[string]func(io.Reader) io.Reader{
		"whole":         func(r io.Reader) io.Reader { return r },
		"byte by byte":  iotest.OneByteReader,
		"halves":        iotest.HalfReader,
		"data with EOF": iotest.DataErrReader,
	}
}

func chunked(content []byte, o Options, chunking func(io.Reader) io.Reader) file {
	return newFile(o.Name, o, func() (io.ReadCloser, error) {
		return io.NopCloser(chunking(bytes.NewReader(content))), nil
	})
}

// readEachWay reads the content with each of the chunkings, and checks that the result is
// the same.
func readEachWay(t *testing.T, content []byte, o Options) (contents, error) {
	t.Helper()
	want, wantErr := readAll(Bytes(content, o))
	for name, chunking := range chunkings() {
		got, err := readAll(chunked(content, o, chunking))
		if diff := cmp.Diff(want, got, sameValue); diff != "" {
			t.Errorf("read %s, the rows differ (-at once +so):\n%s", name, diff)
		}
		if message(err) != message(wantErr) {
			t.Errorf("read %s, the error is %q; at once it is %q", name, message(err), message(wantErr))
		}
	}
	return want, wantErr
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func mustBeCellError(t *testing.T, err error) *CellError {
	t.Helper()
	cell, ok := errors.AsType[*CellError](err)
	if !ok {
		t.Fatalf("got %T (%v), want a *CellError", err, err)
	}
	return cell
}

func texts(ss ...string) []Value {
	row := make([]Value, len(ss))
	for i, s := range ss {
		row[i] = Text(s)
	}
	return row
}
