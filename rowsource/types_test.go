package rowsource

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestInfer(t *testing.T) {
	integer := func(digits int) Type { return Type{Kind: TypeInteger, Digits: digits} }
	decimal := func(digits, scale int) Type { return Type{Kind: TypeDecimal, Digits: digits, Scale: scale} }
	boolean, date, text := Type{Kind: TypeBoolean}, Type{Kind: TypeDate}, Type{}
	timestamp := func(scale int) Type { return Type{Kind: TypeTimestamp, Scale: scale} }
	for _, c := range []struct {
		values string // of one column, with blanks in between; - is NULL
		want   Type
	}{
		{"1 -2 0 30", integer(2)},
		{"1 - 2", integer(1)},
		{"9223372036854775807 -9223372036854775808", integer(19)},
		{"9223372036854775808 1", decimal(19, 0)},
		{"1 9223372036854775808", decimal(19, 0)},
		{strings.Repeat("9", 38), decimal(38, 0)},
		{strings.Repeat("9", 39), text},
		{"1.50 -20.25 0.00", decimal(2, 2)},
		{"1.5 1.25", text},
		{"10 9.99", text},
		{"1.50 2", text},
		{"0." + strings.Repeat("1", 38), text},
		{"007 8", text},
		{"1 +1", text},
		{"1e5", text},
		{"-0", text},
		{"-0.0", text},
		{".5", text},
		{"5.", text},
		{"1,000", text},
		{"0x10", text},
		{"NaN", text},
		{"Infinity", text},
		{"2024-02-29 1999-12-31", date},
		{"2023-02-29", text},
		{"2024-2-9", text},
		{"0999-01-01", text},
		{"2024-01-30 x", text},
		{"30/01/2024", text},
		{"2024-01-30T12:34:56", text},
		{"2024-01-30_12:34:56", timestamp(0)},
		{"2024-01-30_12:34:56.25 2024-01-30_00:00:00.00", timestamp(2)},
		{"2024-01-30_12:34:56.25 2024-01-30_00:00:00", text},
		{"2024-01-30_12:34:56.1234567", text},
		{"2024-01-30_24:00:00", text},
		{"2024-01-30_1:02:03", text},
		{"2024-01-30_12:34:56Z", text},
		{"2024-01-30_12:34:56,5", text},
		{"2024-01-30 2024-01-30_00:00:00", text},
		{"true false - true", boolean},
		{"True False", boolean},
		{"TRUE", boolean},
		{"true False", text},
		{"yes no", text},
		{"t f", text},
		{"0 1", integer(1)},
		{"true 1", text},
		{"-", text},
		{`""`, text},
		{`1 ""`, text},
	} {
		content := "a\tb\n"
		for v := range strings.FieldsSeq(c.values) {
			if v == "-" {
				v = ""
			}
			content += "x\t" + strings.ReplaceAll(v, "_", " ") + "\n"
		}
		got := inferred(t, content, Options{Name: "a.tsv"})
		if diff := cmp.Diff(c.want, got.Columns[1].Type); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.values, diff)
		}
	}
}

func inferred(t *testing.T, content string, o Options) Manifest {
	t.Helper()
	m, err := Infer(t.Context(), Bytes([]byte(content), o))
	if err != nil {
		t.Fatalf("%q: %v", content, err)
	}
	return m
}

// TestInferForms: what the options say of the values is said of a column by its type, and
// the manifest is that of the file as it is read then.
func TestInferForms(t *testing.T) {
	src := Bytes([]byte("n;price;active;name;note\n\"\";1.234,50;True;\"\";a\n7;0,00;;x;\"\"\n"),
		Options{Name: "a.csv", Delimiter: ";", Decimal: ",", NullQuoted: true})
	got, err := Infer(t.Context(), src)
	if err != nil {
		t.Fatal(err)
	}
	want := []Column{
		{Name: "n", MaxChars: 1, Nulls: 1, Type: Type{Kind: TypeInteger, Digits: 1}},
		{Name: "price", MaxChars: 7, Type: Type{Kind: TypeDecimal, Digits: 4, Scale: 2}},
		{Name: "active", MaxChars: 1, Nulls: 1, Type: Type{Kind: TypeBoolean}},
		{Name: "name", MaxChars: 1}, {Name: "note", MaxChars: 1},
	}
	if diff := cmp.Diff(want, got.Columns); diff != "" {
		t.Errorf("columns: (-want +got)\n%s", diff)
	}
	forms := map[string]Form{"n": {EmptyIsNull: true, Decimal: ","}, "price": {Decimal: ","}, "active": {Booleans: []string{"True", "False"}}}
	if diff := cmp.Diff(forms, got.Read.Forms); diff != "" {
		t.Errorf("forms: (-want +got)\n%s", diff)
	}
}

// TestInferTyped: in a format that tells numbers from texts, a text of digits is text.
func TestInferTyped(t *testing.T) {
	got := inferred(t, `{"n": 1, "digits": "1", "real": 1.5, "mixed": 1, "price": "1.50", "flag": true, "word": "true", "large": 9007199254740993, "bytes": {"$base64": "AP8="}}
{"n": null, "digits": "2", "real": 2, "mixed": "1", "price": "2.00", "flag": false, "word": "false", "large": 0.5, "bytes": null}
`, Options{Name: "a.jsonl"})
	want := map[string]TypeKind{"n": TypeInteger, "digits": TypeText, "real": TypeReal, "mixed": TypeText, "price": TypeDecimal, "flag": TypeInteger, "word": TypeText, "large": TypeText, "bytes": TypeBytes}
	kinds := make(map[string]TypeKind)
	for _, c := range got.Columns {
		kinds[c.Name] = c.Type.Kind
	}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
