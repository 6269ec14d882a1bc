package rowsource

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// writeRows writes rows with the writer, and returns the file and what a reader is to read.
func writeRows(format Format, null string, byValue []int, rows ...[]Value) (content []byte, want [][]Value, err error) {
	var b bytes.Buffer
	w, err := NewWriter(&b, format, null)
	if err != nil {
		return nil, nil, err
	}
	w.KeepKinds(byValue)
	names := []string{"a", "b\t\"c\"", "_x0041_"}[:len(rows[0])]
	if err := w.Begin(names); err != nil {
		return nil, nil, err
	}
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			return nil, nil, err
		}
		read := make([]Value, len(row))
		for i, v := range row {
			read[i] = w.Reads(i, v)
		}
		want = append(want, read)
	}
	err = w.Flush()
	return b.Bytes(), want, err
}

func TestWrittenFormatsReadBack(t *testing.T) {
	hostile := []string{"", " ", "a", "007", "NULL", `\N`, `\`, `\\`, "\t", "\r\n", "\n", "\r", "é\U0001F600", "\uFEFFa", "_x000D_", "_x0041_x0042_", "_x005F_", "_x005F_x0041_", "a\x01\x00b", "\uFFFE", "<&\">'", strings.Repeat("x", 32767), "=1+1", "1e5", "true", "\\."}
	for _, format := range []Format{FormatXLSX, FormatParquet, FormatMySQL, FormatPGText} {
		var rows [][]Value
		for i, s := range hostile {
			rows = append(rows, []Value{Text(s), Integer(int64(i)), Real(float64(i) + 0.5)})
		}
		for _, n := range []int64{0, -1, 999_999_999_999_999, math.MaxInt64, math.MinInt64} {
			rows = append(rows, []Value{Null(), Integer(n), Null()})
		}
		for _, f := range []float64{1e300, 5e-324, -math.MaxFloat64, 0.1, 1234567.1234567891, 1e21, 123456789012345680, 1e-7} {
			rows = append(rows, []Value{Text("x"), Null(), Real(f)})
		}
		content, want, err := writeRows(format, "", nil, rows...)
		if err != nil {
			t.Fatal(format, err)
		}
		got, err := readEachWay(t, content, Options{Name: "x", Format: format})
		if err != nil {
			t.Fatal(format, err)
		}
		if diff := cmp.Diff(want, got.Rows, sameValue); diff != "" {
			t.Errorf("%s:\n%.3000s", format, diff)
		}
		if diff := cmp.Diff([]string{"a", "b\t\"c\"", "_x0041_"}, got.Columns); diff != "" {
			t.Errorf("%s: %s", format, diff)
		}
	}
}

func TestWrittenFormatsRefuse(t *testing.T) {
	for _, test := range []struct {
		name    string
		format  Format
		null    string
		byValue []int
		rows    [][]Value
		says    string
		remedy  Remedy
	}{
		{name: "bytes", format: FormatXLSX, rows: [][]Value{{Blob([]byte("a"))}}, says: `row 1, column "a"`, remedy: RemedyJSONLines},
		{name: "bytes", format: FormatMySQL, rows: [][]Value{{Blob([]byte("a"))}}, says: "no form for bytes", remedy: RemedyJSONLines},
		{name: "a row of NULL", format: FormatXLSX, rows: [][]Value{{Text("a")}, {Null()}}, says: "the export row 2: all values of the row are NULL", remedy: RemedyNull},
		{name: "the text for NULL", format: FormatXLSX, null: "-", rows: [][]Value{{Text("-")}}, says: "it is the text for NULL", remedy: RemedyNull},
		{name: "a long text", format: FormatXLSX, rows: [][]Value{{Text(strings.Repeat("\U0001F600", 16384))}}, says: "32,767 characters", remedy: RemedyCSV},
		{name: "no UTF-8", format: FormatXLSX, rows: [][]Value{{Text("\xff")}}, says: "not UTF-8"},
		{name: "no UTF-8", format: FormatParquet, rows: [][]Value{{Text("\xff")}}, says: "not UTF-8"},
		{name: "-0.0", format: FormatXLSX, rows: [][]Value{{Real(math.Copysign(0, -1))}}, says: "no sign of a 0", remedy: RemedyJSONLines},
		{name: "no number", format: FormatParquet, rows: [][]Value{{Real(math.NaN())}}, says: "no number"},
		{name: "text and number", format: FormatParquet, rows: [][]Value{{Text("a")}, {Null()}, {Integer(1)}}, says: `the export row 3, column "a": value 1: the values before it are of another type`, remedy: RemedyJSONLines},
		{name: "whole and floating point, by value", format: FormatParquet, byValue: []int{0}, rows: [][]Value{{Integer(1)}, {Real(1)}}, says: "of another type"},
		{name: "large and floating point", format: FormatParquet, rows: [][]Value{{Integer(1<<53 + 1)}, {Real(1)}}, says: "more than 53 bits"},
		{name: "a text for NULL", format: FormatParquet, null: "x", rows: [][]Value{{Null()}}, says: "has NULL itself"},
	} {
		_, _, err := writeRows(test.format, test.null, test.byValue, test.rows...)
		if !strings.Contains(message(err), test.says) || err == nil {
			t.Errorf("%s as %s: got %v, want %q", test.name, test.format, err, test.says)
		}
		if remedy, ok := errors.AsType[*RemedyError](err); test.remedy != "" && (!ok || remedy.Remedies[0] != test.remedy) {
			t.Errorf("%s as %s: the remedies of %v", test.name, test.format, err)
		}
	}
}

func TestXLSXNullText(t *testing.T) {
	content, _, err := writeRows(FormatXLSX, "N/A", nil, []Value{Null()}, []Value{Text("")})
	if err != nil {
		t.Fatal(err)
	}
	got, err := readAll(Bytes(content, Options{Name: "x.xlsx", Null: []string{"N/A"}}))
	if diff := cmp.Diff([][]Value{{Null()}, texts("")}, got.Rows, sameValue); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestParquetNumbersTogether(t *testing.T) {
	content, _, err := writeRows(FormatParquet, "", nil, []Value{Integer(1)}, []Value{Real(1.5)})
	if err != nil {
		t.Fatal(err)
	}
	got, err := readAll(Bytes(content, Options{Name: "x.parquet"}))
	if diff := cmp.Diff([][]Value{{Real(1)}, {Real(1.5)}}, got.Rows, sameValue); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestWriterWithoutColumns(t *testing.T) {
	for _, format := range []Format{FormatXLSX, FormatParquet} {
		w, err := NewWriter(io.Discard, format, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err == nil {
			t.Errorf("%s: no error", format)
		}
	}
}

// FuzzWrittenFormats writes a text in each format, and reads it back.
func FuzzWrittenFormats(f *testing.F) {
	f.Add("a", "NULL", int64(7), 0.5)
	f.Add("_x0041_x0042_", "\\\r\n\t\x00", int64(math.MinInt64), 1e300)
	f.Fuzz(func(t *testing.T, a, b string, n int64, x float64) {
		rows := [][]Value{{Text(a), Integer(n), Real(x)}, {Text(b), Null(), Null()}, {Null(), Integer(-n), Real(-x)}}
		for _, format := range WritableFormats() {
			content, want, err := writeRows(format, "", nil, rows...)
			if _, refused := errors.AsType[*CellError](err); refused {
				continue
			}
			if err != nil {
				t.Fatal(format, err)
			}
			got, err := readAll(Bytes(content, Options{Name: "x", Format: format}))
			if err != nil {
				t.Fatal(format, err)
			}
			if diff := cmp.Diff(want, got.Rows, sameValue); diff != "" {
				t.Fatalf("%s: %s", format, diff)
			}
		}
	})
}
