package rowsource

import (
	"archive/zip"
	"bytes"
	"io"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
)

// writeTyped writes a column of a declared type.
func writeTyped(t testing.TB, format Format, of DeclaredType, values ...Value) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, format, "")
	if err != nil {
		t.Fatal(err)
	}
	w.KeepTypes([]DeclaredType{of})
	if err := w.Begin([]string{"v"}); err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		if err := w.Write([]Value{v}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var (
	aDate      = DeclaredType{Type: Type{Kind: TypeDate}}
	aTimestamp = DeclaredType{Type: Type{Kind: TypeTimestamp}}
	aBoolean   = DeclaredType{Type: Type{Kind: TypeBoolean}}
	aDecimal   = DeclaredType{Type: Type{Kind: TypeDecimal}}
	twoPlaces  = DeclaredType{Type: Type{Kind: TypeDecimal, Digits: 8, Scale: 2}}
)

func verbatim(of DeclaredType) DeclaredType {
	of.Verbatim = true
	return of
}

// TestParquetDeclaredTypes checks which type the file has, and what is read from it.
func TestParquetDeclaredTypes(t *testing.T) {
	for _, test := range []struct {
		of    DeclaredType
		write []Value
		is    string
		read  []Value // nil: the same
	}{
		{of: aDate, write: texts("2024-02-29", "1000-01-01", "9999-12-31", "1969-12-31"), is: "DATE"},
		{of: aDate, write: nil, is: "DATE"},
		{of: aDate, write: texts("2024-02-29", "infinity"), is: "STRING"},
		{of: aDate, write: texts("0000-00-00"), is: "STRING"},
		{of: aDate, write: texts("2024-02-29", "2023-02-29"), is: "STRING"},
		{of: aDate, write: texts("0044-03-15 BC"), is: "STRING"},
		{of: aTimestamp, write: texts("2024-02-29 24:00:00"), is: "STRING"},
		{of: aTimestamp, write: texts("2024-02-29 12:34:56", "1000-01-01 00:00:00", "1969-12-31 23:59:59.999999"), is: "TIMESTAMP(isAdjustedToUTC=false,unit=MICROS)"},
		{of: aTimestamp, write: texts("2024-02-29 12:34:56.120"), is: "TIMESTAMP(isAdjustedToUTC=false,unit=MICROS)", read: texts("2024-02-29 12:34:56.12")},
		{of: verbatim(aTimestamp), write: texts("2024-02-29 12:34:56.120"), is: "STRING"},
		{of: verbatim(aTimestamp), write: texts("2024-02-29T12:34:56"), is: "STRING"},
		{of: aTimestamp, write: texts("2024-02-29 12:34:56+00"), is: "STRING"},
		{of: aTimestamp, write: texts("2024-02-29 12:34:56.1234567"), is: "STRING"},
		{of: twoPlaces, write: texts("1.50", "-99999999.99", "0.00"), is: "DECIMAL(10,2)"},
		{of: twoPlaces, write: texts("1.5"), is: "STRING"},
		{of: twoPlaces, write: texts("123456789.00"), is: "STRING"},
		{of: twoPlaces, write: texts("NaN"), is: "STRING"},
		{of: twoPlaces, write: texts("-0.00"), is: "STRING"},
		{of: aDecimal, write: texts("1.5", "-12345678901234567890123456789012345.5"), is: "DECIMAL(38,1)"},
		{of: aDecimal, write: texts("1.5", "1.25"), is: "STRING"},
		{of: aDecimal, write: texts(strings.Repeat("9", 39)), is: "STRING"},
		{of: aDecimal, write: []Value{Integer(1)}, is: "INT(64,true)"},
		{of: aBoolean, write: []Value{Integer(1), Integer(0)}, is: "BOOLEAN"},
		{of: aBoolean, write: []Value{Integer(1), Integer(2)}, is: "INT(64,true)"},
		{of: aBoolean, write: texts("true", "false"), is: "BOOLEAN", read: []Value{Integer(1), Integer(0)}},
		{of: verbatim(aBoolean), write: texts("true"), is: "STRING"},
		{of: DeclaredType{}, write: texts("2024-02-29"), is: "STRING"},
	} {
		content := writeTyped(t, FormatParquet, test.of, append(test.write, Null())...)
		f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Schema().Fields()[0].Type().String(); got != test.is {
			t.Errorf("%v of %v is %s, want %s", test.of, test.write, got, test.is)
		}
		want := test.read
		if want == nil {
			want = test.write
		}
		readsBack(t, content, FormatParquet, append(want, Null()))
	}
}

// TestXLSXDeclaredTypes checks which cells the file has, and what is read from them.
func TestXLSXDeclaredTypes(t *testing.T) {
	for _, test := range []struct {
		of   DeclaredType
		v    Value
		text bool  // the cell is one
		read Value // NULL: the same
	}{
		{of: aDate, v: Text("2024-02-29")},
		{of: aDate, v: Text("1900-03-01")},
		{of: aDate, v: Text("9999-12-31")},
		{of: aDate, v: Text("1900-02-28"), text: true},
		{of: aDate, v: Text("infinity"), text: true},
		{of: aDate, v: Text("0000-00-00"), text: true},
		{of: aTimestamp, v: Text("2024-02-29 12:34:56")},
		{of: aTimestamp, v: Text("2024-02-29 12:34:56.789")},
		{of: aTimestamp, v: Text("2024-02-29 12:34:56.120"), read: Text("2024-02-29 12:34:56.12")},
		{of: aTimestamp, v: Text("2024-02-29 00:00:00"), read: Text("2024-02-29")},
		{of: aTimestamp, v: Text("9999-12-31 23:59:59.999")},
		{of: aTimestamp, v: Text("2024-02-29 12:34:56.1234"), text: true},
		{of: verbatim(aTimestamp), v: Text("2024-02-29 00:00:00"), text: true},
		{of: verbatim(aTimestamp), v: Text("2024-02-29 12:34:56")},
		{of: verbatim(aDate), v: Text("2024-02-29")},
		{of: twoPlaces, v: Text("1.25"), read: Real(1.25)},
		{of: twoPlaces, v: Text("1.50"), read: Real(1.5)},
		{of: twoPlaces, v: Text("12.00"), read: Integer(12)},
		{of: twoPlaces, v: Text("-0.00"), text: true},
		{of: twoPlaces, v: Text("0.00"), read: Integer(0)},
		{of: twoPlaces, v: Text("007.50"), text: true},
		{of: DeclaredType{Type: Type{Kind: TypeDecimal, Digits: 20, Scale: 2}}, v: Text("1234567890123.45")},
		{of: DeclaredType{Type: Type{Kind: TypeDecimal, Digits: 20, Scale: 2}}, v: Text("12345678901234.56"), text: true},
		{of: aDecimal, v: Text("1.5"), read: Real(1.5)},
		{of: aDecimal, v: Text("1.50"), text: true},
		{of: verbatim(twoPlaces), v: Text("1.50"), text: true},
		{of: aBoolean, v: Integer(1)},
		{of: aBoolean, v: Integer(0)},
		{of: aBoolean, v: Integer(2)},
		{of: DeclaredType{}, v: Text("2024-02-29"), text: true},
	} {
		content := writeTyped(t, FormatXLSX, test.of, test.v)
		if got := bytes.Count(sheetOf(t, content), []byte("inlineStr")) == 2; got != test.text {
			t.Errorf("%v %v is text: %v", test.of, test.v, got)
		}
		want := test.read
		if want.IsNull() {
			want = test.v
		}
		readsBack(t, content, FormatXLSX, []Value{want})
	}
}

// sheetOf is the sheet of a workbook.
func sheetOf(t *testing.T, content []byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sheet, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return sheet
}

func readsBack(t *testing.T, content []byte, format Format, want []Value) {
	t.Helper()
	got, err := readAll(Bytes(content, Options{Name: "x", Format: format}))
	if err != nil {
		t.Fatal(err)
	}
	var read []Value
	for _, row := range got.Rows {
		read = append(read, row[0])
	}
	if diff := cmp.Diff(want, read, sameValue); diff != "" {
		t.Errorf("%s: %s", format, diff)
	}
}

func TestTwosComplement(t *testing.T) {
	for _, s := range []string{"0", "1", "-1", "127", "-128", "128", strings.Repeat("9", 38), "-" + strings.Repeat("9", 38)} {
		n, _ := new(big.Int).SetString(s, 10)
		if got := signedInteger(twosComplement(n, decimalBytes(38))); got.Cmp(n) != 0 {
			t.Errorf("%s became %s", n, got)
		}
	}
	for precision, want := range map[int]int{1: 1, 2: 1, 3: 2, 9: 4, 18: 8, 38: 16} {
		if got := decimalBytes(precision); got != want {
			t.Errorf("%d digits take %d bytes, want %d", precision, got, want)
		}
	}
}

// FuzzTypedFormats writes two texts as each declared type, and asks for values that are the
// same in a column that keeps texts to the character.
func FuzzTypedFormats(f *testing.F) {
	f.Add("2024-02-29", "2024-02-29 12:34:56.789")
	f.Add("1.50", "-0.1")
	f.Add("true", "0")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, of := range []DeclaredType{aDate, aTimestamp, aBoolean, aDecimal, twoPlaces} {
			for _, format := range []Format{FormatXLSX, FormatParquet} {
				var out bytes.Buffer
				w, err := NewWriter(&out, format, "")
				if err != nil {
					t.Fatal(err)
				}
				w.KeepTypes([]DeclaredType{verbatim(of)})
				if err := w.Begin([]string{"v"}); err != nil {
					t.Fatal(err)
				}
				if w.Write(texts(a)) != nil || w.Write(texts(b)) != nil {
					return // it is refused
				}
				if err := w.Flush(); err != nil {
					t.Fatal(err)
				}
				readsBack(t, out.Bytes(), format, texts(a, b))
			}
		}
	})
}
