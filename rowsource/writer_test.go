package rowsource

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func write(format Format, null string, columns []string, rows ...[]Value) (string, error) {
	var b bytes.Buffer
	w, err := NewWriter(&b, format, null)
	if err != nil {
		return "", err
	}
	if err := w.Begin(columns); err != nil {
		return "", err
	}
	for _, r := range rows {
		if err := w.Write(r); err != nil {
			return "", err
		}
	}
	err = w.Flush()
	return b.String(), err
}

func TestWrite(t *testing.T) {
	rows := [][]Value{{Text("a"), Null(), Integer(-7)}, {Text(""), Text(`say "hi", you`), Real(1)}, {Text("NA"), Text("x\r\ny"), Real(1e300)}}
	tests := map[string]struct {
		format     Format
		null, want string
	}{
		"csv":                  {FormatCSV, "", "a,b,c\na,,-7\n\"\",\"say \"\"hi\"\", you\",1.0\nNA,\"x\r\ny\",1e+300\n"},
		"csv, a text for NULL": {FormatCSV, "NA", "a,b,c\na,NA,-7\n\"\",\"say \"\"hi\"\", you\",1.0\n\"NA\",\"x\r\ny\",1e+300\n"},
		"tsv":                  {FormatTSV, "", "a\tb\tc\na\t\t-7\n\"\"\t\"say \"\"hi\"\", you\"\t1.0\nNA\t\"x\r\ny\"\t1e+300\n"},
		"jsonl":                {FormatJSONL, "", `{"a":"a","b":null,"c":-7}` + "\n" + `{"a":"","b":"say \"hi\", you","c":1.0}` + "\n" + `{"a":"NA","b":"x\r\ny","c":1e+300}` + "\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := write(tt.format, tt.null, []string{"a", "b", "c"}, rows...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestWriteRefused(t *testing.T) {
	one, two := []string{"a"}, []string{"a", "b"}
	tests := map[string]struct {
		format  Format
		columns []string
		value   Value
		want    string
	}{
		"a lone NULL":        {FormatCSV, one, Null(), "choose a text for NULL, or write JSON Lines"},
		"bytes":              {FormatCSV, two, Blob([]byte("x")), "JSON Lines"},
		"no UTF-8":           {FormatCSV, two, Text("\xff"), `column "a": value "\xff": the text is not UTF-8`},
		"no UTF-8, in JSON":  {FormatJSONL, two, Text("\xff"), `column "a": value "\xff": the text is not UTF-8`},
		"infinite":           {FormatCSV, two, Real(math.Inf(1)), "no number"},
		"no number, in JSON": {FormatJSONL, two, Real(math.NaN()), "no number"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			row := []Value{tt.value, Text("x")}[:len(tt.columns)]
			_, err := write(tt.format, "", tt.columns, row)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error that says %q", err, tt.want)
			}
		})
	}
	if _, err := NewWriter(nil, FormatGo, ""); err == nil {
		t.Error("a writer of Go values was made")
	}
	if _, err := NewWriter(nil, FormatCSV, ","); err == nil {
		t.Error("a comma was taken for NULL")
	}
}

// FuzzWrite reads what was written.
func FuzzWrite(f *testing.F) {
	for _, s := range []string{"", " ", "NA", "a,b", "\"", "\r", "\n", "\r\n", "a\r", "\ufeff", "\x00", "\\ud800", "😀", "\u2028", "\t", "#"} {
		f.Add(s, "x", []byte(s))
		f.Add("x", s, []byte{0xff})
	}
	f.Fuzz(func(t *testing.T, a, b string, c []byte) {
		rows := [][]Value{{Text(a), Text(b)}, {Null(), Text(a)}, {Text(b), Null()}, {Null(), Null()}}
		for _, format := range []Format{FormatCSV, FormatTSV, FormatJSONL} {
			null, options := "NA", Options{Name: "x", Format: format, Null: []string{"NA"}}
			if format == FormatJSONL {
				null, options.Null = "", nil
				rows = append(rows, []Value{Blob(c), Integer(int64(len(c)))})
			}
			text, err := write(format, null, []string{"a", "b"}, rows...)
			if err != nil {
				return // the value may be refused
			}
			got, err := readAll(Bytes([]byte(text), options))
			if err != nil {
				t.Fatalf("%s: %v\n%q", format, err, text)
			}
			if diff := cmp.Diff(rows, got.Rows, sameValue); diff != "" {
				t.Errorf("%s: -want +got:\n%s\n%q", format, diff, text)
			}
		}
	})
}
