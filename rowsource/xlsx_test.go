package rowsource

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// book makes XLSX files part by part, so that a test can have what no library writes.
type book struct {
	properties string // of the workbook
	sheets     []bookSheet
	strings    string
	styles     string // xf elements
	formats    string // numFmt elements
}

type bookSheet struct{ name, state, rows string }

const bookRelations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

func (b book) bytes(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	add := func(name, content string) {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" + content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	relation := func(id, kind, target string) string {
		return fmt.Sprintf(`<Relationship Id=%q Type="%s/%s" Target=%q/>`, id, bookRelations, kind, target)
	}
	relations := func(rs ...string) string {
		return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + strings.Join(rs, "") + `</Relationships>`
	}
	const space = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	var sheets, rs []string
	for i, s := range b.sheets {
		id, state := fmt.Sprintf("rId%d", i+1), ""
		if s.state != "" {
			state = fmt.Sprintf(" state=%q", s.state)
		}
		sheets = append(sheets, fmt.Sprintf(`<sheet name=%q sheetId="%d"%s r:id=%q/>`, s.name, i+1, state, id))
		rs = append(rs, relation(id, "worksheet", fmt.Sprintf("worksheets/sheet%d.xml", i+1)))
		add(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), "<worksheet "+space+"><dimension ref=\"A1\"/><sheetData>"+s.rows+"</sheetData><pageMargins left=\"1\"/></worksheet>")
	}
	rs = append(rs, relation("rId90", "styles", "/xl/styles.xml"))
	add("xl/styles.xml", "<styleSheet "+space+"><numFmts>"+b.formats+"</numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/>"+b.styles+"</cellXfs></styleSheet>")
	if b.strings != "" {
		rs = append(rs, relation("rId91", "sharedStrings", "sharedStrings.xml"))
		add("xl/sharedStrings.xml", "<sst "+space+">"+b.strings+"</sst>")
	}
	add("xl/workbook.xml", "<workbook "+space+" xmlns:r=\""+bookRelations+"\">"+b.properties+"<sheets>"+strings.Join(sheets, "")+"</sheets></workbook>")
	add("xl/_rels/workbook.xml.rels", relations(rs...))
	add("_rels/.rels", relations(relation("rId1", "officeDocument", "xl/workbook.xml")))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// oneSheet is a book with the rows.
func oneSheet(rows ...string) book {
	return book{sheets: []bookSheet{{name: "Sheet1", rows: strings.Join(rows, "")}}}
}

// inline is a row of texts.
func inline(number int, texts ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<row r="%d">`, number)
	for i, text := range texts {
		fmt.Fprintf(&b, `<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, cellAddress(i, number), text)
	}
	return b.String() + "</row>"
}

func cells(number int, cs ...string) string {
	return fmt.Sprintf(`<row r="%d">%s</row>`, number, strings.Join(cs, ""))
}

func TestXLSXValues(t *testing.T) {
	const names = `<row r="1"><c r="A1" t="inlineStr"><is><t>v</t></is></c></row>`
	formats := []string{"yyyy\\-mm\\-dd", `[$-409]d/mmm/yy h:mm AM/PM;@`, "h:mm:ss.000", "[h]:mm", `0.00" days"`, "0.00E+00", `[Red]0;"yes"d`, "General", `mmm\ yy`, "mm:ss"}
	b := book{strings: `<si><t>007</t></si><si><r><t>rich </t></r><r><rPr/><t xml:space="preserve"> text</t></r><rPh><t>ignored</t></rPh></si><si><t>a_x000D_
_x005F_x000D_ _xD83D__xDE00_ _xZZZZ_</t></si><si><t></t></si>`}
	for i, f := range formats {
		b.formats += fmt.Sprintf(`<numFmt numFmtId="%d" formatCode="%s"/>`, 164+i, strings.ReplaceAll(f, `"`, "&quot;"))
		b.styles += fmt.Sprintf(`<xf numFmtId="%d"/>`, 164+i)
	}
	b.styles += `<xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="20"/><xf numFmtId="46"/><xf numFmtId="9"/>` // styles 11 to 15
	for _, test := range []struct {
		name, cell string
		want       Value
		json       Value // where it differs
		refused    string
	}{
		{name: "whole number", cell: `<c r="A2"><v>7</v></c>`, want: Integer(7)},
		{name: "whole number with a zero behind it", cell: `<c r="A2"><v>7.0</v></c>`, want: Integer(7)},
		{name: "whole number with an exponent", cell: `<c r="A2" t="n"><v>1.2345678901234E+13</v></c>`, want: Integer(12345678901234)},
		{name: "64 bits", cell: `<c r="A2"><v>9007199254740993</v></c>`, want: Integer(9007199254740993)},
		{name: "more than 64 bits", cell: `<c r="A2"><v>-98765432109876543210</v></c>`, want: Text("-98765432109876543210")},
		{name: "digits of floating point", cell: `<c r="A2"><v>4.3499999999999996</v></c>`, want: Real(4.35)},
		{name: "small", cell: `<c r="A2"><v>1.0E-5</v></c>`, want: Text("0.00001")},
		{name: "large", cell: `<c r="A2"><v>1E300</v></c>`, want: Real(1e300)},
		{name: "all digits of floating point", cell: `<c r="A2"><v>1234567.1234567891</v></c>`, want: Real(1234567.1234567891)},
		{name: "thousands", cell: `<c r="A2"><v>1234567.5</v></c>`, want: Text("1234567.5")},
		{name: "no number", cell: `<c r="A2"><v>0x10</v></c>`, refused: `cell A2: "0x10" is no number`},
		{name: "percent by its value", cell: `<c r="A2" s="15"><v>0.15</v></c>`, want: Real(0.15)},
		{name: "leading zeros of text", cell: `<c r="A2" t="s"><v>0</v></c>`, want: Text("007")},
		{name: "rich text", cell: `<c r="A2" t="s"><v>1</v></c>`, want: Text("rich  text")},
		{name: "escaped text", cell: `<c r="A2" t="s"><v>2</v></c>`, want: Text("a\r\n_x000D_ \U0001F600 _xZZZZ_")},
		{name: "empty text", cell: `<c r="A2" t="s"><v>3</v></c>`, want: Text("")},
		{name: "a text that is not there", cell: `<c r="A2" t="s"><v>4</v></c>`, refused: `cell A2: it refers to the text number "4"`},
		{name: "true", cell: `<c r="A2" t="b"><v>1</v></c>`, want: Integer(1), json: Text("true")},
		{name: "formula with a text", cell: `<c r="A2" t="str"><f>"a"</f><v>a</v></c>`, want: Text("a")},
		{name: "formula with an empty text", cell: `<c r="A2" t="str"><f>""</f><v></v></c>`, want: Text("")},
		{name: "formula with a number", cell: `<c r="A2"><f t="shared" si="0"/><v>3</v></c>`, want: Integer(3)},
		{name: "formula without a value", cell: `<c r="A2"><f>1+1</f><v></v></c>`, refused: "cell A2: its formula has no computed value"},
		{name: "error", cell: `<c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c>`, refused: "x.xlsx row 2, column \"v\": cell A2: it has the error #DIV/0!"},
		{name: "date", cell: `<c r="A2" s="1"><v>45321</v></c>`, want: Text("2024-01-30")},
		{name: "date and time", cell: `<c r="A2" s="2"><v>45321.524259259262</v></c>`, want: Text("2024-01-30 12:34:56")},
		{name: "date and time at midnight", cell: `<c r="A2" s="12"><v>45321</v></c>`, want: Text("2024-01-30")},
		{name: "date with a time that is not shown", cell: `<c r="A2" s="11"><v>45321.5</v></c>`, want: Text("2024-01-30 12:00:00")},
		{name: "time", cell: `<c r="A2" s="3"><v>0.52425931712962967</v></c>`, want: Text("12:34:56.005")},
		{name: "time that is almost a day", cell: `<c r="A2" s="13"><v>0.9999999999</v></c>`, want: Text("1900-01-01")},
		{name: "hours past 24", cell: `<c r="A2" s="4"><v>1.0625</v></c>`, want: Text("25:30:00")},
		{name: "hours past 24, built in", cell: `<c r="A2" s="14"><v>-0.5</v></c>`, want: Text("-12:00:00")},
		{name: "a word in quotes", cell: `<c r="A2" s="5"><v>45321</v></c>`, want: Integer(45321)},
		{name: "scientific", cell: `<c r="A2" s="6"><v>45321</v></c>`, want: Integer(45321)},
		{name: "colour and later sections", cell: `<c r="A2" s="7"><v>45321</v></c>`, want: Integer(45321)},
		{name: "general", cell: `<c r="A2" s="8"><v>45321</v></c>`, want: Integer(45321)},
		{name: "month", cell: `<c r="A2" s="9"><v>45292</v></c>`, want: Text("2024-01-01")},
		{name: "minutes", cell: `<c r="A2" s="10"><v>0.5</v></c>`, want: Text("12:00:00")},
		{name: "before March 1900", cell: `<c r="A2" s="1"><v>59</v></c>`, want: Text("1900-02-28")},
		{name: "a day that never was", cell: `<c r="A2" s="1"><v>60</v></c>`, refused: "1900-02-29"},
		{name: "after it", cell: `<c r="A2" s="1"><v>61</v></c>`, want: Text("1900-03-01")},
		{name: "day 0", cell: `<c r="A2" s="1"><v>0</v></c>`, refused: "is no date"},
		{name: "negative", cell: `<c r="A2" s="1"><v>-1</v></c>`, refused: "is no date"},
		{name: "far future", cell: `<c r="A2" s="1"><v>2958466</v></c>`, refused: "after the year 9999"},
		{name: "written out", cell: `<c r="A2" t="d"><v>2024-01-30T12:34:56Z</v></c>`, want: Text("2024-01-30 12:34:56")},
		{name: "no such style", cell: `<c r="A2" s="99"><v>1</v></c>`, refused: `the style "99"`},
		{name: "not UTF-8 by escapes", cell: `<c r="A2" t="str"><v>_xD83D_</v></c>`, want: Text("_xD83D_")},
	} {
		t.Run(test.name, func(t *testing.T) {
			b.sheets = []bookSheet{{name: "S", rows: names + cells(2, test.cell)}}
			src := Bytes(b.bytes(t), Options{Name: "x.xlsx"})
			got, err := readAll(src)
			if test.refused != "" {
				if !strings.Contains(message(err), test.refused) {
					t.Fatalf("got %v, want %s", err, test.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([][]Value{{test.want}}, got.Rows, sameValue); diff != "" {
				t.Error(diff)
			}
			if test.json.IsNull() {
				test.json = test.want
			}
			r, err := src.Open()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			r.KeepJSON([]int{0})
			if row, err := r.Next(); err != nil || row.Values[0] != test.json {
				t.Errorf("in JSON: %v, %v", row, err)
			}
		})
	}
}

func TestXLSXDatesFrom1904(t *testing.T) {
	b := oneSheet(inline(1, "v"), cells(2, `<c r="A2" s="1"><v>43859</v></c>`), cells(3, `<c r="A3" s="1"><v>0</v></c>`))
	b.properties, b.styles = `<workbookPr date1904="true"/>`, `<xf numFmtId="14"/>`
	got, err := readAll(Bytes(b.bytes(t), Options{Name: "x.xlsx"}))
	if diff := cmp.Diff([][]Value{texts("2024-01-30"), texts("1904-01-01")}, got.Rows, sameValue); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestXLSXSheets(t *testing.T) {
	data, empty := inline(1, "v")+inline(2, "x"), `<row r="1"><c r="A1" s="0"/></row>`
	for _, test := range []struct {
		name   string
		sheets []bookSheet
		sheet  string
		says   string
	}{
		{name: "one and empty ones", sheets: []bookSheet{{"A", "", empty}, {"B", "", data}, {"C", "", ""}}},
		{name: "one and hidden ones", sheets: []bookSheet{{"A", "hidden", data}, {"B", "visible", data}, {"C", "veryHidden", data}}},
		{name: "two", sheets: []bookSheet{{"A", "", data}, {"B", "", data}}, says: `it has 2 sheets with values: "A", "B"`},
		{name: "two, and one is chosen", sheets: []bookSheet{{"A", "", data}, {"B & C", "", data}}, sheet: "A"},
		{name: "a hidden one is chosen", sheets: []bookSheet{{"A", "hidden", data}, {"B", "", data}}, sheet: "A"},
		{name: "none of that name", sheets: []bookSheet{{"A", "", data}, {"B", "hidden", data}}, sheet: "a", says: `it has no sheet "a"; there are "A", "B" (hidden)`},
		{name: "hidden ones only", sheets: []bookSheet{{"A", "hidden", data}}, says: `no visible sheet of it has a value; there are "A" (hidden)`},
	} {
		t.Run(test.name, func(t *testing.T) {
			for i := range test.sheets {
				test.sheets[i].name = strings.ReplaceAll(test.sheets[i].name, "&", "&amp;")
			}
			got, err := readAll(Bytes(book{sheets: test.sheets}.bytes(t), Options{Name: "x.xlsx", Sheet: test.sheet}))
			if !strings.Contains(message(err), test.says) || (err == nil) != (test.says == "") {
				t.Fatalf("got %v, want %q", err, test.says)
			}
			if diff := cmp.Diff([][]Value{texts("x")}, got.Rows, sameValue); err == nil && diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestXLSXRows(t *testing.T) {
	title := inline(1, "Prices of May")
	table := cells(3, `<c r="B3" t="str"><v>sku</v></c>`, `<c r="C3" t="str"><v> price </v></c>`) +
		cells(4, `<c r="A4"/><c r="B4" t="str"><v>a</v></c>`, `<c r="C4"><v>1</v></c>`) +
		cells(5, `<c r="B5"/>`) +
		`<row><c/><c t="str"><v>b</v></c></row>` +
		cells(9, `<c r="B9" t="str"><v>Total</v></c>`, `<c r="C9"><v>1</v></c>`)
	whole := contents{[]string{"sku", "price"}, [][]Value{{Text("a"), Integer(1)}, {Text("b"), Null()}, {Text("Total"), Integer(1)}}, []int{4, 6, 9}}
	for _, test := range []struct {
		name    string
		rows    string
		options Options
		want    contents
		says    string
	}{
		{name: "the first row with values is the header", rows: table, want: whole},
		{name: "a title is not", rows: title + table, says: "cell B3: there is a value"},
		{name: "header row", rows: title + table, options: Options{HeaderRow: 3}, want: whole},
		{name: "header row without values", rows: title + table, options: Options{HeaderRow: 2}, says: "row 2 of the sheet has no values"},
		{name: "range", rows: title + table, options: Options{Range: "b3:C$8"}, want: contents{whole.Columns, whole.Rows[:2], whole.Lines[:2]}},
		{name: "range of columns", rows: table, options: Options{Range: "C:C"}, want: contents{[]string{"price"}, [][]Value{{Integer(1)}, {Integer(1)}}, []int{4, 9}}},
		{name: "range that begins before the table", rows: table, options: Options{Range: "A3:C4"}, says: "cell A3: the column has no name"},
		{name: "no range", rows: table, options: Options{Range: "C3"}, says: `the range "C3" is none`},
		{name: "a value beside the table", rows: table + cells(10, `<c r="B10" t="str"><v>c</v></c>`, `<c r="E10" t="str"><v>note</v></c>`), says: `cell E10: there is a value "note"`},
		{name: "a column without a name", rows: cells(1, `<c r="A1" t="str"><v>a</v></c>`, `<c r="C1" t="str"><v>c</v></c>`), says: "cell B1: the column has no name"},
		{name: "a name twice", rows: inline(1, "a", "a "), says: "the row of names has the column \"a\" twice"},
		{name: "rows out of order", rows: inline(2, "a") + inline(1, "b"), says: "is damaged"},
		{name: "cells out of order", rows: cells(1, `<c r="B1"/><c r="A1"/>`), says: "is damaged"},
		{name: "a cell of another row", rows: cells(1, `<c r="A2"/>`), says: "is damaged"},
		{name: "nothing", rows: "", says: "no visible sheet of it has a value"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.options.Name = "x.xlsx"
			got, err := readAll(Bytes(oneSheet(test.rows).bytes(t), test.options))
			if !strings.Contains(message(err), test.says) || (err == nil) != (test.says == "") {
				t.Fatalf("got %v, want %q", err, test.says)
			}
			if diff := cmp.Diff(test.want, got, sameValue); err == nil && diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestXLSXDamaged cuts files off, and changes bytes in them.
func TestXLSXDamaged(t *testing.T) {
	var rows []string
	for i := range 2000 {
		rows = append(rows, inline(i+1, fmt.Sprint("text ", i), "b"))
	}
	whole := oneSheet(rows...).bytes(t)
	want, err := readAll(Bytes(whole, Options{Name: "x.xlsx"}))
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 1, 100, len(whole) / 2, len(whole) - 1} {
		if _, err := readAll(Bytes(whole[:size], Options{Name: "x.xlsx"})); err == nil {
			t.Errorf("%d of %d bytes are accepted", size, len(whole))
		}
	}
	for at := 100; at < len(whole)-2000; at += len(whole) / 50 {
		damaged := bytes.Clone(whole)
		damaged[at] ^= 0x55
		got, err := readAll(Bytes(damaged, Options{Name: "x.xlsx"}))
		if err == nil && !cmp.Equal(got, want, sameValue) {
			t.Errorf("with another byte at %d, other rows are read", at)
		}
	}
}

func TestXLSXManyTexts(t *testing.T) {
	var b strings.Builder
	rows := []string{inline(1, "v")}
	var want [][]Value
	for i := range 3000 {
		s := strings.Repeat(fmt.Sprint(i, ","), i%50)
		fmt.Fprintf(&b, "<si><t>%s</t></si>", s)
		n := i * 7 % 3000
		rows = append(rows, cells(i+2, fmt.Sprintf(`<c r="A%d" t="s"><v>%d</v></c>`, i+2, n)))
		want = append(want, texts(strings.Repeat(fmt.Sprint(n, ","), n%50)))
	}
	f := oneSheet(rows...)
	f.strings = b.String()
	content := f.bytes(t)
	for _, limit := range []int{0, 5000, 1 << 30} {
		src, ok := Bytes(content, Options{Name: "x.xlsx"}).(file)
		if !ok {
			t.Fatal("Bytes is no file")
		}
		src.textLimit = limit
		got, err := readAll(src)
		if diff := cmp.Diff(want, got.Rows, sameValue); diff != "" || err != nil {
			t.Errorf("with %d bytes in memory: %v\n%.2000s", limit, err, diff)
		}
	}
}

func FuzzXLSX(f *testing.F) {
	f.Add(inline(1, "v")+cells(2, `<c r="A2"><v>1</v></c>`), "<si><t>a</t></si>")
	f.Add(inline(1, "v")+cells(3, `<c r="A3" t="s"><f>a</f><v>0</v></c>`), "<si><r><t>a_x0041_</t></r></si>")
	f.Add("<row><c/><c t=\"e\"><v>#REF!</v></c></row>", "")
	f.Fuzz(func(t *testing.T, rows, shared string) {
		b := oneSheet(rows)
		b.strings = shared
		content := b.bytes(t)
		got, err := readAll(Bytes(content, Options{Name: "x.xlsx"}))
		again, errAgain := readAll(Bytes(content, Options{Name: "x.xlsx"}))
		if message(err) != message(errAgain) || !cmp.Equal(got, again, sameValue) {
			t.Fatalf("read twice, it differs: %v, %v", err, errAgain)
		}
	})
}

func FuzzXLSXBytes(f *testing.F) {
	f.Add(oneSheet(inline(1, "v"), inline(2, "x")).bytes(f))
	f.Fuzz(func(_ *testing.T, content []byte) {
		_, _ = readAll(Bytes(content, Options{Name: "x.xlsx"}))
		_, _ = readAll(Bytes(content, Options{Name: "x.ods"}))
	})
}
