package rowsource

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// optionSample sets one field of Options.
type optionSample struct {
	option   string // its name in a refusal
	set      Options
	formats  []Format // that follow it; nil for all
	byUpload bool     // an upload follows it, by Forms
}

func optionSamples() map[string]optionSample {
	delimited, escaped := []Format{FormatCSV, FormatTSV}, []Format{FormatMySQL, FormatPGText}
	json, sheets := []Format{FormatJSONL, FormatJSON}, []Format{FormatXLSX, FormatODS}
	none := Options{NoHeader: true, Columns: []string{"p", "q"}}
	return map[string]optionSample{
		"Encoding":         {option: "encoding", set: Options{Encoding: "windows-1252"}, formats: slices.Concat(delimited, json, escaped)},
		"Delimiter":        {option: "delimiter", set: Options{Delimiter: ";"}, formats: delimited},
		"Quote":            {option: "quote", set: Options{Quote: QuoteNone}, formats: delimited},
		"Null":             {option: "null", set: Options{Null: []string{"x"}}, formats: slices.Concat(delimited, escaped, sheets)},
		"NullQuoted":       {set: Options{NullQuoted: true}, byUpload: true},
		"Decimal":          {option: "decimal", set: Options{Decimal: ","}, formats: slices.Concat(delimited, escaped, sheets), byUpload: true},
		"Skip":             {option: "skip", set: Options{Skip: 1}, formats: delimited},
		"NoHeader":         {option: "no-header", set: none, formats: slices.Concat(delimited, escaped)},
		"Columns":          {option: "columns", set: none, formats: slices.Concat(delimited, escaped)},
		"SkipLast":         {option: "skip-last", set: Options{SkipLast: 1}, formats: delimited},
		"SkipEmptyRows":    {option: "skip-empty-rows", set: Options{SkipEmptyRows: true}, formats: delimited},
		"NormalizeHeaders": {set: Options{NormalizeHeaders: true}},
		"Renames":          {set: Options{Renames: map[string]string{"b": "c"}}},
		"Sheet":            {option: "sheet", set: Options{Sheet: "another"}, formats: sheets},
		"Range":            {option: "range", set: Options{Range: "A:A"}, formats: sheets},
		"HeaderRow":        {option: "header-row", set: Options{HeaderRow: 2}, formats: slices.Concat(delimited, sheets)},
		"Missing":          {option: "missing", set: Options{Missing: MissingIsNull}, formats: json},
		"Ignore":           {set: Options{Ignore: []string{"b"}}},
		"Const":            {set: Options{Const: map[string]string{"c": "1"}}},
		"Forms":            {set: Options{Forms: map[string]Form{"b": {Booleans: []string{"x", "y"}}}}},
		"LeaveOut":         {set: Options{LeaveOut: RowSet{[]rowRange{{1, 1}}}}},
	}
}

// optionFile is a file in which each option that the format follows makes a difference.
func optionFile(t *testing.T, f Format) []byte {
	t.Helper()
	if f == FormatODS {
		row := func(a, b string) string {
			return `<table:table-row><table:table-cell office:value-type="string"><text:p>` + a + `</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>` + b + `</text:p></table:table-cell></table:table-row>`
		}
		return odsBytes(t, odsSheet("S", "ta1", row("Né", "b"), row("é", "x"), row("q", "x")))
	}
	written := f
	if f == FormatJSON {
		written = FormatJSONL
	}
	var out bytes.Buffer
	w, err := NewWriter(&out, written, "")
	if err == nil {
		err = w.Begin([]string{"Né", "b"})
	}
	for _, row := range [][]Value{texts("é", "x"), texts("", "x")} {
		if err == nil {
			err = w.Write(row)
		}
	}
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case f.isJSON():
		out.WriteString("{\"b\": \"x\"}\n")
	case f.delimiter() != 0:
		out.WriteString(string(f.delimiter()) + "\n")
	}
	return out.Bytes()
}

// An option that a format ignores reads other rows than the user expects. So each format
// follows each option, or refuses it by its name.
func TestEachFormatFollowsOrRefusesEachOption(t *testing.T) {
	samples, fields := optionSamples(), reflect.TypeFor[Options]()
	for i := range fields.NumField() {
		field := fields.Field(i).Name
		sample, ok := samples[field]
		switch {
		case field == "Name" || field == "Format":
			continue
		case !ok || reflect.ValueOf(sample.set).Field(i).IsZero():
			t.Errorf("the option %s has no sample: add one, and to limitedOptions the formats that follow the option, if not all do", field)
			continue
		}
		for _, f := range Formats() {
			t.Run(field+"/"+string(f), func(t *testing.T) {
				if sample.formats == nil || slices.Contains(sample.formats, f) {
					testFollowed(t, f, sample)
					return
				}
				o := Options{Format: f}
				reflect.ValueOf(&o).Elem().Field(i).Set(reflect.ValueOf(sample.set).Field(i))
				_, err := readAll(Bytes(optionFile(t, f), o))
				if says := string(f) + " can't follow the option " + sample.option + ", "; !strings.Contains(message(err), says) {
					t.Errorf("got %v, want %q", err, says)
				}
			})
		}
	}
}

func testFollowed(t *testing.T, f Format, sample optionSample) {
	content, o := optionFile(t, f), sample.set
	o.Format = f
	without, errWithout := readAll(Bytes(content, Options{Format: f}))
	with, err := readAll(Bytes(content, o))
	switch {
	case strings.Contains(message(err), "can't follow the option"):
		t.Errorf("the option is refused: %v", err)
	case !sample.byUpload && cmp.Equal(with, without, sameValue) && message(err) == message(errWithout):
		t.Errorf("the option is ignored: got the same rows and %v", err)
	}
}

// A decimal character would read the number 1.230 of JSON as 1230.
func TestNoDecimalCharacterForNumbersWithTypes(t *testing.T) {
	o := Options{Name: "x.json", Forms: map[string]Form{"a": {Decimal: ","}}}
	if got, err := readAll(Bytes([]byte(`[{"a": 1.230}]`), o)); !strings.Contains(message(err), "can't follow the option decimal") {
		t.Errorf("got %v, %v", got.Rows, err)
	}
}
