package rowsource

import (
	"encoding/xml"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// xlsxGrid reads the cells of a sheet.
type xlsxGrid struct {
	book   *workbook
	part   *xmlPart
	inData bool
	row    gridRow
}

func (g *xlsxGrid) Close() error { return errors.Join(g.part.Close(), g.book.Close()) }

// next reads to the end of the part, behind the rows, since its checksum stands there.
func (g *xlsxGrid) next() (gridRow, error) {
	for {
		g.part.bytes.read = 0
		token, err := g.part.token()
		if err != nil {
			return gridRow{}, err
		}
		switch e := token.(type) {
		case xml.StartElement:
			switch {
			case e.Name.Local == "sheetData":
				g.inData = true
			case g.inData && e.Name.Local == "row":
				err := g.readRow(e)
				return g.row, err
			case e.Name.Local == "worksheet":
			default:
				if err := g.part.skip(); err != nil {
					return gridRow{}, err
				}
			}
		case xml.EndElement:
			if e.Name.Local == "sheetData" {
				g.inData = false
			}
		}
	}
}

func (g *xlsxGrid) readRow(row xml.StartElement) error {
	before := g.row.number
	g.row.number, g.row.cells = before+1, g.row.cells[:0]
	if r := attribute(row, "r"); r != "" {
		n, err := strconv.Atoi(r)
		if err != nil || n <= before || n > maxSheetRows {
			return g.part.damaged(fmt.Errorf("a row is numbered %q after row %d", r, before))
		}
		g.row.number = n
	}
	for column := -1; ; {
		token, err := g.part.token()
		if err != nil {
			return unexpected(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Local != "c" {
				if err := g.part.skip(); err != nil {
					return err
				}
				continue
			}
			cell, err := g.readCell(e, column)
			if err != nil {
				return err
			}
			column = cell.column
			if !cell.value.IsNull() || cell.wrong != nil {
				g.row.cells = append(g.row.cells, cell)
			}
		case xml.EndElement:
			return nil
		}
	}
}

// xlsxCell is a cell as it stands in the file.
type xlsxCell struct {
	kind, style   string
	value, inline strings.Builder
	hasValue      bool
	formula       bool
}

func (g *xlsxGrid) readCell(e xml.StartElement, before int) (gridCell, error) {
	cell := gridCell{column: before + 1}
	if r := attribute(e, "r"); r != "" {
		n, err := columnNumber(strings.TrimRight(r, "0123456789"))
		if err != nil || n <= before || cellAddress(n, g.row.number) != r {
			return cell, g.part.damaged(fmt.Errorf("a cell of row %d is called %q", g.row.number, r))
		}
		cell.column = n
	}
	c := xlsxCell{kind: attribute(e, "t"), style: attribute(e, "s")}
	if err := g.readContent(&c); err != nil {
		return cell, err
	}
	cell.value, cell.json, cell.wrong = g.book.valueOf(&c)
	return cell, nil
}

func (g *xlsxGrid) readContent(c *xlsxCell) error {
	for {
		token, err := g.part.token()
		if err != nil {
			return unexpected(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "v":
				c.hasValue = true
				err = g.part.text(&c.value)
			case "is":
				c.hasValue = true
				err = g.part.richText(&c.inline)
			case "f":
				c.formula = true
				err = g.part.skip()
			default:
				err = g.part.skip()
			}
			if err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

var errNoResult = errors.New("its formula has no computed value in the file: open the file in a spreadsheet program and save it")

// valueOf is the value of a cell, and what it is in a column that holds JSON if that
// differs.
func (w *workbook) valueOf(c *xlsxCell) (v, inJSON Value, wrong error) {
	raw := c.value.String()
	switch {
	case c.formula && (!c.hasValue || raw == "" && c.kind != "str" && c.inline.Len() == 0):
		return v, v, errNoResult
	case !c.hasValue:
		return v, v, nil
	}
	switch c.kind {
	case "", "n":
		v, wrong = w.number(c, raw)
	case "s":
		v, wrong = w.strings.at(raw)
	case "str":
		v, wrong = text(unescapeXString(raw))
	case "inlineStr":
		v, wrong = text(c.inline.String())
	case "b":
		v = truth(isTrue(raw))
		inJSON = Text(strconv.FormatBool(isTrue(raw)))
	case "e":
		wrong = fmt.Errorf("it has the error %s instead of a value", raw)
	case "d":
		v, wrong = isoDate(raw)
	default:
		wrong = fmt.Errorf("its type %s is not known", Text(c.kind))
	}
	return v, inJSON, wrong
}

func (w *workbook) number(c *xlsxCell, raw string) (Value, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return Null(), nil
	}
	style, err := strconv.Atoi(c.style)
	if c.style == "" {
		style, err = 0, nil
	}
	if err != nil || style < 0 || style >= max(1, len(w.styles)) {
		return Value{}, fmt.Errorf("it has the style %s, which the file has not", Text(c.style))
	}
	if style < len(w.styles) && w.styles[style] != plainNumber {
		return w.styles[style].value(raw, w.date1904)
	}
	return cellNumber(raw)
}

// cellNumber is a number of a spreadsheet: whole numbers as such, and others by the
// shortest text by which the number is known, or as floating point where that would have
// an exponent or more digits than decimals of floating point have. What the file has may be longer (4.35 is
// often written 4.3499999999999996).
func cellNumber(raw string) (Value, error) {
	if i, err := strconv.ParseInt(raw, 10, 64); err == nil {
		return Integer(i), nil
	}
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || strings.ContainsAny(raw, "xX_") {
		return Value{}, fmt.Errorf("%s is no number", Text(raw))
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return Integer(int64(f)), nil
	}
	if digits := strings.TrimPrefix(raw, "-"); strings.Trim(digits, "0123456789") == "" {
		return Text(raw), nil // more digits than 64 bits hold
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if a := math.Abs(f); a < 1e-7 || a >= 1e21 || s == Real(f).String() || len(strings.Trim(s, "-0.")) > exactRealDigits {
		return Real(f), nil
	}
	return Text(s), nil
}

// exactRealDigits are the digits of a decimal number and its point that floating point
// always preserves. A number with more of them is no decimal.
const exactRealDigits = 16

// isoDate is a date that is written as one.
func isoDate(raw string) (Value, error) {
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "15:04:05.999999999"} {
		t, err := time.Parse(layout, strings.TrimSuffix(raw, "Z"))
		switch {
		case err != nil:
		case !strings.Contains(layout, "2006"):
			return Text(t.Format("15:04:05.999999999")), nil
		case t.Equal(t.Truncate(24 * time.Hour)):
			return Text(t.Format(time.DateOnly)), nil
		default:
			return timestamp(t)
		}
	}
	return Value{}, fmt.Errorf("%s is no date", Text(raw))
}
