package rowsource

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMeasure(t *testing.T) {
	content := "id,name\n1,Größe\n22,\"line\r\none\"\n,\"\"\n"
	got, err := Measure(t.Context(), Bytes([]byte(content), Options{Name: "up.csv"}))
	if err != nil {
		t.Fatal(err)
	}
	want := Manifest{
		Name: "up.csv", Format: FormatCSV, Bytes: int64(len(content)), Rows: 3,
		SHA256:  "ad7411a9cab0ee035f871aeaae185affb0f289f635046c6590986f3bb72e943a",
		Columns: []Column{{Name: "id", MaxChars: 2, Nulls: 1}, {Name: "name", MaxChars: 9}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"id", "name"}, got.ColumnNames()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMeasureGoValues(t *testing.T) {
	got, err := Measure(t.Context(), Rows("t", []string{"i", "r", "b", "n"}, [][]any{{-1000, 0.25, []byte("äö"), nil}, {7, 1, nil, nil}}))
	if err != nil {
		t.Fatal(err)
	}
	want := []Column{{Name: "i", MaxChars: 5}, {Name: "r", MaxChars: 4}, {Name: "b", MaxChars: 4, Nulls: 1}, {Name: "n", MaxChars: 0, Nulls: 2}}
	if diff := cmp.Diff(want, got.Columns); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.Rows != 2 || got.Bytes != 0 || got.Format != FormatGo {
		t.Errorf("got %+v", got)
	}
}

func TestMeasureOfNoRows(t *testing.T) {
	got, err := Measure(t.Context(), Bytes([]byte("a"), Options{Name: "t.csv"}))
	if err != nil || got.Rows != 0 || got.SHA256 == "" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestMeasureRefuses(t *testing.T) {
	_, err := Measure(t.Context(), Bytes([]byte("a,b\n1,2\n3\n"), Options{Name: "t.csv"}))
	if cell := mustBeCellError(t, err); cell.Line != 3 {
		t.Errorf("got line %d", cell.Line)
	}
}

func TestMeasureCanBeStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	content := "a,b\n" + strings.Repeat("1,2\n", 5000)
	_, err := Measure(ctx, Bytes([]byte(content), Options{Name: "t.csv"}))
	if !errors.Is(err, context.Canceled) || message(err) != "measure t.csv: context canceled" {
		t.Errorf("got %v", err)
	}
}

func TestManifestJSON(t *testing.T) {
	m := Manifest{Name: "up.csv", Format: FormatCSV, SHA256: "ab", Bytes: 5, Columns: []Column{{Name: "id", MaxChars: 2, Nulls: 1}}, Rows: 3}
	got, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"source_name":"up.csv","source_format":"csv","source_sha256":"ab","source_bytes":5,"columns":[{"name":"id","max_chars":2,"nulls":1}],"source_rows":3}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
