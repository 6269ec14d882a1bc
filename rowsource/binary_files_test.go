package rowsource

import (
	goflag "flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
)

var update = goflag.Bool("update", false, "write the files that programs other than editors make")

// TestBinaryFiles reads the files that it writes with -update.
func TestBinaryFiles(t *testing.T) {
	header := inline(1, "sku", "price", "since")
	row := cells(2, `<c r="A2" t="s"><v>0</v></c>`, `<c r="B2" s="1"><v>1.4999999999999999E-2</v></c>`, `<c r="C2" s="2"><v>45321</v></c>`)
	sheet := func(rows ...string) []byte {
		b := oneSheet(rows...)
		b.strings, b.styles = `<si><t>007</t></si>`, `<xf numFmtId="9"/><xf numFmtId="14"/>`
		return b.bytes(t)
	}
	two := book{sheets: []bookSheet{{"Prices", "", header}, {"Notes", "", inline(1, "a")}}}
	want := [][]Value{{Text("007"), Real(0.015), Text("2024-01-30")}}
	for _, test := range []struct {
		file    string
		content []byte
		options Options
		want    [][]Value
		says    string
	}{
		{file: "xlsx_percent_date_leading_zeros.xlsx", content: sheet(header, row), want: want},
		{file: "xlsx_title_above.xlsx", content: sheet(inline(1, "Prices of May"), strings.ReplaceAll(strings.ReplaceAll(header, `1"`, `3"`), `"1`, `"3`)), says: "cell B3: there is a value"},
		{file: "xlsx_error_in_cell.xlsx", content: sheet(header, cells(2, `<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>`)), says: `row 2, column "price": cell B2: it has the error #DIV/0!`},
		{file: "xlsx_formula_not_computed.xlsx", content: sheet(header, cells(2, `<c r="B2"><f>1+1</f></c>`)), says: "cell B2: its formula has no computed value"},
		{file: "xlsx_two_sheets.xlsx", content: two.bytes(t), says: `it has 2 sheets with values: "Prices", "Notes"`},
		{file: "ods_date_and_percent.ods", content: odsBytes(t, odsSheet("S", "ta1", odsHeader, `<table:table-row><table:table-cell office:value-type="date" office:date-value="2024-01-30"><text:p>30.01.24</text:p></table:table-cell></table:table-row>`, odsEmpty)), want: [][]Value{texts("2024-01-30")}},
		{file: "parquet_decimal.parquet", content: parquetFile(t, parquet.Optional(parquet.Decimal(2, 18, parquet.Int64Type)), parquet.Int64Value(150), parquet.NullValue()), want: [][]Value{texts("1.50"), {Null()}}},
		{file: "parquet_list.parquet", content: parquetFile(t, parquet.Repeated(parquet.String())), says: `the column "v" has a list in each row`},
	} {
		name := filepath.Join("..", "testfixtures", "files", test.file)
		if *update {
			if err := os.WriteFile(name, test.content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := readAll(File(name, test.options))
		if !strings.Contains(message(err), test.says) || (err == nil) != (test.says == "") {
			t.Errorf("%s: got %v, want %q", test.file, err, test.says)
			continue
		}
		if diff := cmp.Diff(test.want, got.Rows, sameValue); err == nil && diff != "" {
			t.Errorf("%s:\n%s", test.file, diff)
		}
	}
}
