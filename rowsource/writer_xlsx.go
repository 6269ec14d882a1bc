package rowsource

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// xlsxWriter writes a workbook of one sheet, row by row. The library that makes such files
// rounds numbers to 15 digits and holds the file in memory.
type xlsxWriter struct {
	out   io.Writer
	null  string // the text for NULL; "" for cells that are not there
	zip   *zip.Writer
	sheet *bufio.Writer
	row   int
	line  []byte
	empty bool // the row has no cell yet
	declared
}

const (
	xlsxTypes = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`
	xlsxTop   = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	xlsxBook  = `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="rows" sheetId="1" r:id="rId1"/></sheets></workbook>`
	xlsxParts = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`
	xlsxStyle = `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="3"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/><numFmt numFmtId="165" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/><numFmt numFmtId="166" formatCode="yyyy\-mm\-dd\ hh:mm:ss.000"/></numFmts><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="166" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>`
	xlsxSheet = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
	xlsxEnd   = `</sheetData></worksheet>`
)

func (x *xlsxWriter) begin(columns []string, _ places) error {
	if len(columns) > maxSheetColumns {
		return remedied(fmt.Sprintf("write %d columns: a sheet has %d at most; write CSV", len(columns), maxSheetColumns), RemedyCSV)
	}
	x.zip = zip.NewWriter(x.out)
	for _, part := range [][2]string{{"[Content_Types].xml", xlsxTypes}, {"_rels/.rels", xlsxTop}, {"xl/workbook.xml", xlsxBook}, {"xl/_rels/workbook.xml.rels", xlsxParts}, {"xl/styles.xml", xlsxStyle}} {
		w, err := x.zip.Create(part[0])
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, xml.Header+part[1]); err != nil {
			return err
		}
	}
	w, err := x.zip.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return err
	}
	x.sheet = bufio.NewWriterSize(w, chunkSize)
	_, err = x.sheet.WriteString(xml.Header + xlsxSheet)
	x.startRow()
	return err
}

func (x *xlsxWriter) startRow() {
	x.row++
	x.line = fmt.Appendf(x.line[:0], `<row r="%d">`, x.row)
	x.empty = true
}

func (x *xlsxWriter) endRow() error {
	switch {
	case x.row > maxSheetRows:
		return remedied(fmt.Sprintf("a sheet has %d rows at most; write CSV", maxSheetRows), RemedyCSV)
	case x.empty:
		return errEmptyRow
	}
	x.line = append(x.line, `</row>`...)
	_, err := x.sheet.Write(x.line)
	x.startRow()
	return err
}

func (x *xlsxWriter) end() error {
	if x.zip == nil {
		return errors.New("write an XLSX file: no columns have been named")
	}
	if _, err := x.sheet.WriteString(xlsxEnd); err != nil {
		return err
	}
	if err := x.sheet.Flush(); err != nil {
		return err
	}
	return x.zip.Close()
}

var (
	errEmptyRow   = remedied("all values of the row are NULL, and spreadsheets have no rows without values; choose a text for NULL, or write CSV", RemedyNull, RemedyCSV)
	errLongCell   = remedied("a cell holds 32,767 characters at most; write CSV", RemedyCSV)
	errCellBytes  = remedied("a cell has no form for bytes that are no text; write JSON Lines", RemedyJSONLines)
	errSignedZero = remedied("a cell keeps no sign of a 0; write JSON Lines", RemedyJSONLines)
	errNullText   = remedied("it is the text for NULL, and cells have no quotes; choose another text for NULL", RemedyNull)
)

// exactDigits is the bound below which spreadsheets keep all digits of a whole number.
const exactDigits = 1_000_000_000_000_000

// typed is the cell of a value of the column's type, if there is one. The header is text.
func (x *xlsxWriter) typed(column int, v Value) (cell, bool) {
	if x.row == 1 {
		return cell{}, false
	}
	return typedCell(x.declared.of(column), v)
}

func (x *xlsxWriter) add(column int, v Value) error {
	if c, ok := x.typed(column, v); ok {
		x.addCell(column, c)
		return nil
	}
	v = x.plain(column, v)
	switch v.Kind() {
	case KindNull:
		if x.null == "" {
			return nil
		}
		return x.addText(column, x.null)
	case KindBlob:
		return errCellBytes
	case KindInteger:
		x.addCell(column, cell{raw: strconv.FormatInt(v.Int(), 10)})
		return nil
	case KindReal:
		switch {
		case !isFinite(v):
			return errNoNumber
		case v.Float() == 0 && math.Signbit(v.Float()):
			return errSignedZero
		}
		x.addCell(column, cell{raw: strconv.FormatFloat(v.Float(), 'g', -1, 64)})
		return nil
	default:
		if x.null != "" && v.Str() == x.null {
			return errNullText
		}
		return x.addText(column, v.Str())
	}
}

func (x *xlsxWriter) addCell(column int, c cell) {
	x.empty = false
	x.line = append(append(append(x.line, `<c r="`...), cellAddress(column, x.row)...), '"')
	switch {
	case c.truth:
		x.line = append(x.line, ` t="b"`...)
	case c.style > 0:
		x.line = fmt.Appendf(x.line, ` s="%d"`, c.style)
	}
	x.line = append(append(append(x.line, `><v>`...), c.raw...), `</v></c>`...)
}

func (x *xlsxWriter) addText(column int, s string) error {
	switch {
	case !utf8.ValidString(s):
		return errNotUTF8
	case len(s) > maxCellText && len(utf16.Encode([]rune(s))) > maxCellText:
		return errLongCell
	}
	x.empty = false
	x.line = append(append(append(x.line, `<c r="`...), cellAddress(column, x.row)...), `" t="inlineStr"><is><t xml:space="preserve">`...)
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(escapeXString(s))); err != nil {
		return err
	}
	x.line = append(append(x.line, b.String()...), `</t></is></c>`...)
	return nil
}

// maxCellText is how many units of UTF-16 a cell holds.
const maxCellText = 32767

func (x *xlsxWriter) reads(column int, v Value) Value {
	if c, ok := x.typed(column, v); ok {
		return c.reads
	}
	v = x.plain(column, v)
	if v.Kind() == KindReal {
		if again, err := cellNumber(strconv.FormatFloat(v.Float(), 'g', -1, 64)); err == nil {
			return again
		}
	}
	return v
}

// plain is the value as a cell without a type has it: a number that spreadsheets would round,
// or that an upload would take for a serial number of a day, is a text.
func (x *xlsxWriter) plain(column int, v Value) Value {
	inDates := x.row > 1 && slices.Contains([]TypeKind{TypeDate, TypeTimestamp}, x.declared.of(column).Kind)
	switch {
	case v.Kind() == KindInteger && (inDates || v.Int() >= exactDigits || v.Int() <= -exactDigits):
		return Text(strconv.FormatInt(v.Int(), 10))
	case v.Kind() == KindReal && inDates && isFinite(v):
		return Text(strconv.FormatFloat(v.Float(), 'f', -1, 64))
	default:
		return v
	}
}

// escapeXString writes characters that XML has not as _x0001_ and the like, and texts that
// look so with their underscore escaped.
func escapeXString(s string) string {
	var b strings.Builder
	from := 0
	for i, c := range s {
		_, looksSo := codeUnit(s[i:])
		if !looksSo && (c >= ' ' || c == '\t' || c == '\n' || c == '\r') && c != 0xFFFE && c != 0xFFFF {
			continue
		}
		b.WriteString(s[from:i])
		fmt.Fprintf(&b, "_x%04X_", c)
		from = i + utf8.RuneLen(c)
	}
	if from == 0 {
		return s
	}
	return b.String() + s[from:]
}
