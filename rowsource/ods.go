package rowsource

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// The namespaces of attributes in ODS.
const (
	odfOffice  = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
	odfTable   = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
	odfStyle   = "urn:oasis:names:tc:opendocument:xmlns:style:1.0"
	odfText    = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
	odfCalcExt = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
)

// newODSReader reads up to the header.
func newODSReader(c *container, o sheetOptions) (Reader, error) {
	z, err := zip.NewReader(c, c.size)
	if err != nil {
		return nil, fmt.Errorf("it is no ODS file: %w", err)
	}
	book := odsBook{content: func() (*xmlPart, error) {
		r, err := z.Open("content.xml")
		if err != nil {
			return nil, fmt.Errorf("it is no ODS file: %w", err)
		}
		return newXMLPart("content.xml", r), nil
	}}
	s, err := book.choose(o.sheet)
	if err != nil {
		return nil, err
	}
	p, err := book.content()
	if err != nil {
		return nil, err
	}
	r, err := newGridReader(c, FormatODS, &odsGrid{part: p, sheet: s.name}, o.within, o.headerRow, o.nulls)
	if err != nil {
		p.Close()
		return nil, err
	}
	return r, nil
}

// odsBook is a document that has all sheets in one part.
type odsBook struct{ content func() (*xmlPart, error) }

// choose reads the part once, to see which sheets there are.
func (b odsBook) choose(name string) (sheet, error) {
	p, err := b.content()
	if err != nil {
		return sheet{}, err
	}
	defer p.Close()
	g := &odsGrid{part: p, hidden: make(map[string]bool), full: make(map[string]bool)}
	for {
		if _, err := g.next(); err == io.EOF {
			break
		} else if err != nil {
			return sheet{}, err
		}
	}
	return chooseSheet(g.sheets, name, func(s sheet) (bool, error) { return g.full[s.name], nil })
}

// odsGrid reads the rows of a sheet, or, if it has no name of one, those of all.
type odsGrid struct {
	part   *xmlPart
	sheet  string
	sheets []sheet
	hidden map[string]bool // styles of sheets that are hidden
	full   map[string]bool // sheets that have values
	inside bool            // the sheet has begun
	row    gridRow
	repeat int // how often the row comes again
	passed int // rows of the sheet so far
}

func (g *odsGrid) Close() error { return g.part.Close() }

func (g *odsGrid) next() (gridRow, error) {
	if g.repeat > 0 && g.sheet != "" && len(g.row.cells) > 0 {
		g.repeat--
		g.row.number++
		return g.row, nil
	}
	for {
		g.part.bytes.read = 0
		token, err := g.part.token()
		if err != nil {
			return gridRow{}, err
		}
		switch e := token.(type) {
		case xml.StartElement:
			found, err := g.enter(e)
			if found || err != nil {
				return g.row, err
			}
		case xml.EndElement:
			if e.Name.Local == "table" {
				g.inside = false
			}
		}
	}
}

// enter goes into an element that leads to rows, and reports whether it was a row.
func (g *odsGrid) enter(e xml.StartElement) (bool, error) {
	switch local := e.Name.Local; {
	case !g.inside && (local == "document-content" || local == "body" || local == "spreadsheet" || local == "automatic-styles"):
		return false, nil
	case !g.inside && local == "style" && g.hidden != nil:
		return false, g.readStyle(odfAttribute(e, odfStyle, "name"))
	case !g.inside && local == "table":
		return false, g.begin(e)
	case g.inside && (local == "table-row-group" || local == "table-rows" || local == "table-header-rows"):
		return false, nil
	case g.inside && local == "table-row":
		return true, g.readRow(e)
	default:
		return false, g.part.skip()
	}
}

// readStyle looks whether a style hides a sheet.
func (g *odsGrid) readStyle(name string) error {
	for depth := 1; depth > 0; {
		t, err := g.part.token()
		if err != nil {
			return unexpected(err)
		}
		switch e := t.(type) {
		case xml.StartElement:
			depth++
			if e.Name.Local == "table-properties" && odfAttribute(e, odfTable, "display") == "false" {
				g.hidden[name] = true
			}
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

func (g *odsGrid) begin(e xml.StartElement) error {
	name := odfAttribute(e, odfTable, "name")
	if g.sheet != "" && name != g.sheet {
		return g.part.skip()
	}
	g.sheets = append(g.sheets, sheet{name: name, hidden: g.hidden[odfAttribute(e, odfTable, "style-name")]})
	g.inside, g.passed = true, 0
	return nil
}

func (g *odsGrid) readRow(row xml.StartElement) error {
	n, err := repetition(row, "number-rows-repeated")
	if err != nil {
		return g.part.damaged(err)
	}
	g.row.number, g.row.cells, g.repeat = g.passed+1, g.row.cells[:0], n-1
	g.passed += n
	for column := 0; ; {
		token, err := g.part.token()
		if err != nil {
			return unexpected(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Local != "table-cell" && e.Name.Local != "covered-table-cell" {
				if err := g.part.skip(); err != nil {
					return err
				}
				continue
			}
			if column, err = g.readCell(e, column); err != nil {
				return err
			}
		case xml.EndElement:
			if len(g.row.cells) > 0 && g.full != nil {
				g.full[g.sheets[len(g.sheets)-1].name] = true
			}
			return g.checkSize()
		}
	}
}

func (g *odsGrid) checkSize() error {
	if len(g.row.cells) > 0 && g.row.number+g.repeat > maxSheetRows {
		return g.part.damaged(fmt.Errorf("a sheet has more than %d rows", maxSheetRows))
	}
	return nil
}

// readCell adds a cell as often as it comes, and returns the column behind it.
func (g *odsGrid) readCell(e xml.StartElement, column int) (int, error) {
	n, err := repetition(e, "number-columns-repeated")
	if err != nil {
		return 0, g.part.damaged(err)
	}
	var b strings.Builder
	if err := g.readText(&b); err != nil {
		return 0, err
	}
	cell := gridCell{column: column}
	if e.Name.Local == "table-cell" { // what is covered by a merged cell has no value
		cell.value, cell.json, cell.wrong = odsValue(e, b.String())
	}
	if cell.value.IsNull() && cell.wrong == nil {
		return column + n, nil
	}
	if column+n > maxSheetColumns {
		return 0, g.part.damaged(fmt.Errorf("a row has values in more than %d columns", maxSheetColumns))
	}
	for range n {
		g.row.cells = append(g.row.cells, cell)
		cell.column++
	}
	return column + n, nil
}

// readText reads the paragraphs of a cell. A comment on the cell is no part of it.
func (g *odsGrid) readText(b *strings.Builder) error {
	for first := true; ; {
		token, err := g.part.token()
		if err != nil {
			return unexpected(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Local != "p" {
				if err := g.part.skip(); err != nil {
					return err
				}
				continue
			}
			if !first {
				b.WriteByte('\n')
			}
			first = false
			if err := g.paragraph(b); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// paragraph reads a paragraph. White space is one blank, and none at its start; more
// blanks, and tabs and line ends, have elements of their own.
func (g *odsGrid) paragraph(b *strings.Builder) error {
	blank := true
	for depth := 1; depth > 0; {
		token, err := g.part.token()
		if err != nil {
			return unexpected(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			s, inner := odsElement(e)
			b.WriteString(s)
			blank = blank && s == "" || s == "\n"
			if inner {
				depth++
			} else if err := g.part.skip(); err != nil {
				return err
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			for _, c := range string(e) {
				isBlank := strings.ContainsRune(" \t\r\n", c)
				if isBlank && !blank {
					b.WriteByte(' ')
				} else if !isBlank {
					b.WriteRune(c)
				}
				blank = isBlank
			}
		}
	}
	return nil
}

// odsElement is the text for which an element stands, and whether it has more in it.
func odsElement(e xml.StartElement) (s string, inner bool) {
	switch e.Name.Local {
	case "s":
		n, err := strconv.Atoi(odfAttribute(e, odfText, "c"))
		if err != nil || n < 1 || n > maxCellText {
			n = 1
		}
		return strings.Repeat(" ", n), false
	case "tab":
		return "\t", false
	case "line-break":
		return "\n", false
	case "span", "a":
		return "", true
	default: // a comment, a drawing, or how to speak the text
		return "", false
	}
}

// odsValue is the value of a cell, and what it is in a column that holds JSON if that
// differs.
func odsValue(e xml.StartElement, shown string) (v, inJSON Value, wrong error) {
	if odfAttribute(e, odfCalcExt, "value-type") == "error" {
		return v, v, fmt.Errorf("it has the error %s instead of a value", Text(shown))
	}
	switch kind := odfAttribute(e, odfOffice, "value-type"); kind {
	case "":
		if odfAttribute(e, odfTable, "formula") != "" {
			wrong = errNoResult
		}
	case "float", "percentage", "currency":
		v, wrong = cellNumber(odfAttribute(e, odfOffice, "value"))
	case "date":
		v, wrong = isoDate(odfAttribute(e, odfOffice, "date-value"))
	case "time":
		v, wrong = odsTime(odfAttribute(e, odfOffice, "time-value"))
	case "boolean":
		is := isTrue(odfAttribute(e, odfOffice, "boolean-value"))
		v, inJSON = truth(is), Text(strconv.FormatBool(is))
	case "string":
		for _, a := range e.Attr {
			if a.Name.Space == odfOffice && a.Name.Local == "string-value" {
				shown = a.Value
			}
		}
		v, wrong = text(shown)
	default:
		wrong = fmt.Errorf("its type %s is not known", Text(kind))
	}
	return v, inJSON, wrong
}

// odsTime reads PT12H34M56.789S.
func odsTime(s string) (Value, error) {
	d, err := time.ParseDuration(strings.ToLower(strings.Replace(s, "PT", "", 1)))
	if err != nil || !strings.Contains(s, "PT") {
		return Value{}, fmt.Errorf("%s is no time", Text(s))
	}
	return Text(elapsed(d.Round(time.Millisecond).Milliseconds())), nil
}

var errRepetition = errors.New("a row or a cell is repeated a number of times that is none")

func repetition(e xml.StartElement, name string) (int, error) {
	s := odfAttribute(e, odfTable, name)
	if s == "" {
		return 1, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxSheetRows {
		return 0, errRepetition
	}
	return n, nil
}

func odfAttribute(e xml.StartElement, space, local string) string {
	for _, a := range e.Attr {
		if a.Name.Space == space && a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}
