package rowsource

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// odsBytes makes an ODS file with the sheets.
func odsBytes(t testing.TB, sheets string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, part := range [][2]string{{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}, {"content.xml", `<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="` + odfOffice + `" xmlns:table="` + odfTable + `" xmlns:style="` + odfStyle + `" xmlns:text="` + odfText + `" xmlns:calcext="` + odfCalcExt + `">
<office:automatic-styles><style:style style:name="ta1" style:family="table"><style:table-properties table:display="true"/></style:style>
<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style></office:automatic-styles>
<office:body><office:spreadsheet><table:calculation-settings/>` + sheets + `</office:spreadsheet></office:body></office:document-content>`}} {
		w, err := z.Create(part[0])
		if err == nil {
			_, err = w.Write([]byte(part[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func odsSheet(name, style string, rows ...string) string {
	return `<table:table table:name="` + name + `" table:style-name="` + style + `"><table:table-column table:number-columns-repeated="3"/>` + strings.Join(rows, "") + `</table:table>`
}

const (
	odsHeader = `<table:table-header-rows><table:table-row><table:table-cell office:value-type="string"><text:p>v</text:p></table:table-cell></table:table-row></table:table-header-rows>`
	odsEmpty  = `<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>`
)

func TestODSValues(t *testing.T) {
	for _, test := range []struct {
		name, cell string
		want       Value
		refused    string
	}{
		{name: "number", cell: `<table:table-cell office:value-type="float" office:value="7.0"><text:p>7,00</text:p></table:table-cell>`, want: Integer(7)},
		{name: "percentage", cell: `<table:table-cell office:value-type="percentage" office:value="0.15"><text:p>15 %</text:p></table:table-cell>`, want: Real(0.15)},
		{name: "currency", cell: `<table:table-cell office:value-type="currency" office:value="1234.5"/>`, want: Real(1234.5)},
		{name: "date", cell: `<table:table-cell office:value-type="date" office:date-value="2024-01-30"><text:p>30.01.24</text:p></table:table-cell>`, want: Text("2024-01-30")},
		{name: "date and time", cell: `<table:table-cell office:value-type="date" office:date-value="2024-01-30T12:34:56.5"/>`, want: Text("2024-01-30 12:34:56.5")},
		{name: "time", cell: `<table:table-cell office:value-type="time" office:time-value="PT12H34M56.005S"/>`, want: Text("12:34:56.005")},
		{name: "hours past 24", cell: `<table:table-cell office:value-type="time" office:time-value="PT25H30M00S"/>`, want: Text("25:30:00")},
		{name: "boolean", cell: `<table:table-cell office:value-type="boolean" office:boolean-value="true"/>`, want: Integer(1)},
		{name: "leading zeros", cell: `<table:table-cell office:value-type="string"><text:p>007</text:p></table:table-cell>`, want: Text("007")},
		{name: "blanks, tabs, line ends", cell: `<table:table-cell office:value-type="string"><office:annotation><text:p>a comment</text:p></office:annotation><text:p> a
 b<text:s text:c="2"/>c<text:tab/><text:span>d<text:a>e</text:a></text:span><text:line-break/>f</text:p><text:p/><text:p>g</text:p></table:table-cell>`, want: Text("a b  c\tde\nf\n\ng")},
		{name: "empty text", cell: `<table:table-cell office:value-type="string" office:string-value=""/>`, want: Text("")},
		{name: "error", cell: `<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>`, refused: `cell A2: it has the error "#DIV/0!"`},
		{name: "formula without a value", cell: `<table:table-cell table:formula="of:=1"/>`, refused: "no computed value"},
		{name: "formula", cell: `<table:table-cell table:formula="of:=1" office:value-type="float" office:value="1"/>`, want: Integer(1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := readAll(Bytes(odsBytes(t, odsSheet("S", "ta1", odsHeader, `<table:table-row>`+test.cell+`</table:table-row>`, odsEmpty)), Options{Name: "x.ods"}))
			if !strings.Contains(message(err), test.refused) || (err == nil) != (test.refused == "") {
				t.Fatalf("got %v, want %q", err, test.refused)
			}
			if diff := cmp.Diff([][]Value{{test.want}}, got.Rows, sameValue); err == nil && diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestODSRowsAndSheets(t *testing.T) {
	row := func(repeated, value string) string {
		return `<table:table-row table:number-rows-repeated="` + repeated + `"><table:table-cell office:value-type="string" table:number-columns-repeated="2"><text:p>` + value + `</text:p></table:table-cell><table:covered-table-cell/></table:table-row>`
	}
	header := `<table:table-row><table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>b</text:p></table:table-cell></table:table-row>`
	data := []string{header, `<table:table-row-group>` + row("2", "x") + `</table:table-row-group>`, `<table:table-row table:number-rows-repeated="3"/>`, row("1", "y"), odsEmpty}
	want := contents{[]string{"a", "b"}, [][]Value{texts("x", "x"), texts("x", "x"), texts("y", "y")}, []int{2, 3, 7}}
	for _, test := range []struct{ name, sheets, sheet, says string }{
		{name: "one with values", sheets: odsSheet("A", "ta1", odsEmpty) + odsSheet("B", "ta1", data...) + odsSheet("C", "ta2", data...)},
		{name: "two", sheets: odsSheet("A", "ta1", data...) + odsSheet("B", "ta1", data...), says: `it has 2 sheets with values: "A", "B"`},
		{name: "one is chosen", sheets: odsSheet("A", "ta1", odsHeader) + odsSheet("B", "ta2", data...) + odsSheet("C", "ta1", odsHeader), sheet: "B"},
		{name: "none", sheets: odsSheet("A", "ta2", data...), says: "no visible sheet of it has a value"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := readAll(Bytes(odsBytes(t, test.sheets), Options{Name: "x.ods", Sheet: test.sheet}))
			if !strings.Contains(message(err), test.says) || (err == nil) != (test.says == "") {
				t.Fatalf("got %v, want %q", err, test.says)
			}
			if diff := cmp.Diff(want, got, sameValue); err == nil && diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzODS(f *testing.F) {
	f.Add(odsSheet("A", "ta1", odsHeader, odsEmpty))
	f.Add(odsSheet("A", "ta1", odsHeader, `<table:table-row><table:table-cell office:value-type="float" office:value="1"/></table:table-row>`))
	f.Fuzz(func(t *testing.T, sheets string) {
		if strings.Contains(sheets, "repeated") && len(sheets) > 2000 {
			return // rows that come again and again take their time
		}
		_, _ = readAll(Bytes(odsBytes(t, sheets), Options{Name: "x.ods"}))
	})
}
