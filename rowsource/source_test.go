package rowsource

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestSources(t *testing.T) {
	content := []byte("\uFEFFa,b\r\n1,\r\n")
	dir := t.TempDir()
	onDisk := filepath.Join(dir, "prices.CSV")
	if err := os.WriteFile(onDisk, content, 0o600); err != nil {
		t.Fatal(err)
	}
	inFS := fstest.MapFS{"up/prices.csv": {Data: content}}
	tests := map[string]struct {
		source Source
		name   string
	}{
		"File":                {File(onDisk, Options{}), "prices.CSV"},
		"File, named":         {File(onDisk, Options{Name: "list.txt"}), "list.txt"},
		"FS":                  {FS(inFS, "up/prices.csv", Options{}), "prices.csv"},
		"Bytes":               {Bytes(content, Options{Name: "up.csv"}), "up.csv"},
		"Bytes with a format": {Bytes(content, Options{Name: "stdin", Format: FormatCSV}), "stdin"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.source.Name(); got != test.name {
				t.Errorf("name %q, want %q", got, test.name)
			}
			if got := test.source.Format(); got != FormatCSV {
				t.Errorf("format %q", got)
			}
			for range 2 { // a source can be opened more than once
				checkReader(t, test.source, content)
			}
		})
	}
}

func checkReader(t *testing.T, s Source, content []byte) {
	t.Helper()
	r, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.SHA256() != "" {
		t.Error("SHA256 speaks before the end")
	}
	row, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Value{Text("1"), Null()}, row.Values, sameValue); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("got %v, want io.EOF", err)
	}
	if got, want := r.SHA256(), fmt.Sprintf("%x", sha256.Sum256(content)); got != want {
		t.Errorf("SHA-256 %s, want %s", got, want)
	}
	if r.Offset() != int64(len(content)) {
		t.Errorf("offset %d, want %d", r.Offset(), len(content))
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	null := func(s string) []string { return []string{s} }
	known := knownFormats()
	tests := map[string]struct {
		source Source
		want   string
	}{
		"unknown extension": {
			Bytes(nil, Options{Name: "prices.xls"}),
			`open prices.xls: the extension ".xls" names no format that can be read; ` + known + ": rename the file or give its format",
		},
		"no extension": {
			FS(fstest.MapFS{"a/prices": {}}, "a/prices", Options{Name: "x.csv"}),
			`open x.csv: the extension "" names no format that can be read; ` + known + ": rename the file or give its format",
		},
		"unknown format": {
			Bytes(nil, Options{Name: "prices.csv", Format: "xml"}),
			`open prices.csv: files of the format "xml" can't be read; ` + known,
		},
		"format of no file": {
			Bytes(nil, Options{Name: "prices.csv", Format: FormatGo}),
			`open prices.csv: files of the format "go" can't be read; ` + known,
		},
		"NULL that nothing can read": {
			Bytes(nil, Options{Name: "prices.csv", Null: null(`"NULL"`)}),
			`open prices.csv: no value without quotes can read "\"NULL\"", so it can't stand for NULL: choose a text without quotes, delimiters and line ends`,
		},
		"directory": {
			File(dir, Options{Format: FormatCSV}),
			"open " + dir + ": it is a directory, and an upload is read more than once: save the rows in a regular file",
		},
		"device": {
			File(os.DevNull, Options{Format: FormatCSV}),
			"open " + os.DevNull + ": it is a pipe or a device, and an upload is read more than once: save the rows in a regular file",
		},
		"directory in a file system": {
			FS(fstest.MapFS{"d.csv/x": {}}, "d.csv", Options{}),
			"open d.csv: it is a directory, and an upload is read more than once: save the rows in a regular file",
		},
		"no file and no extension": {
			File(filepath.Join(dir, "none"), Options{}),
			"stat " + filepath.Join(dir, "none") + ": no such file or directory",
		},
		"no file": {
			File(filepath.Join(dir, "none.csv"), Options{}),
			"stat " + filepath.Join(dir, "none.csv") + ": no such file or directory",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := test.source.Open()
			if diff := cmp.Diff(test.want, message(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestBytesWithoutFormat checks that the error for bytes without a format names the field
// Options.Format, not a file extension, because bytes have no file name.
func TestBytesWithoutFormat(t *testing.T) {
	for what, src := range map[string]Source{
		"Bytes": Bytes([]byte("a\n1\n"), Options{}),
		"At":    At(strings.NewReader("a\n1\n"), 4, Options{}),
	} {
		_, err := Measure(context.Background(), src)
		if err == nil || !strings.Contains(err.Error(), "Options.Format") || strings.Contains(err.Error(), "extension \"") {
			t.Errorf("%s: %v", what, err)
		}
	}
	m, err := Measure(context.Background(), Bytes([]byte("a\n1\n"), Options{Format: FormatCSV}))
	if err != nil || m.Rows != 1 || m.Name == "" {
		t.Errorf("with a format: %+v, %v", m, err)
	}
}
