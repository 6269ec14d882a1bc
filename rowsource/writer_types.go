package rowsource

import (
	"math/big"
	"strconv"
	"strings"
	"time"
)

// DeclaredType is what a column is declared to hold. A decimal without Digits and Scale has
// no declared scale.
type DeclaredType struct {
	Type
	// Verbatim states that the column keeps each text to the character, so that
	// 10:00:00.50 is not 10:00:00.5.
	Verbatim bool
}

// exact reports whether only the same text comes back: a decimal without a scale keeps the
// zeros at its end, too.
func (d DeclaredType) exact() bool {
	return d.Verbatim || d.Kind == TypeDecimal && !d.hasPrecision()
}

func (t Type) hasPrecision() bool { return t.Digits+t.Scale > 0 }

// KeepTypes says what the columns are declared to hold, in their order. A format that has
// such types takes them, if every value comes back. Call it before Begin.
func (w *Writer) KeepTypes(types []DeclaredType) {
	switch f := w.whole.(type) {
	case *parquetWriter:
		f.declared = types
	case *xlsxWriter:
		f.declared = types
	}
}

// declared are the types of columns. A column that it lacks is text.
type declared []DeclaredType

func (d declared) of(column int) DeclaredType {
	if column >= len(d) {
		return DeclaredType{}
	}
	return d[column]
}

// dateIn is the day of a text that is written as a database writes it.
func dateIn(s string) (t time.Time, ok bool) {
	if is, ok := timeType(s); !ok || is.Kind != TypeDate {
		return t, false
	}
	t, err := time.Parse(time.DateOnly, s)
	return t, err == nil
}

// timestampIn is the time of a text. If exact, the text has no more zeros than it needs.
func timestampIn(s string, exact bool) (t time.Time, ok bool) {
	if is, ok := timeType(s); !ok || is.Kind != TypeTimestamp {
		return t, false
	}
	t, err := time.Parse(timeLayout, s)
	return t, err == nil && (!exact || t.Format(timeLayout) == s)
}

// truthIn is the truth of a value. If exact, only a number comes back as what it was.
func truthIn(v Value, exact bool) (is, ok bool) {
	switch v.Kind() {
	case KindInteger:
		return v.Int() == 1, v.Int() == 0 || v.Int() == 1
	case KindText:
		number, known := Truth(v.Str())
		return number == "1", known && !exact
	default:
		return false, false
	}
}

// decimalIn is a decimal without its point, and its type.
func decimalIn(s string) (n *big.Int, of Type, ok bool) {
	of, ok = numberType(s)
	if !ok {
		return nil, of, false
	}
	n, ok = new(big.Int).SetString(strings.Replace(s, ".", "", 1), 10)
	return n, of, ok
}

// typedColumn finds out whether all values of a column are of its declared type.
type typedColumn struct {
	declared DeclaredType
	other    bool // there are other values
	met      bool // there are values
	scale    int
	digits   int
}

func (c *typedColumn) meet(v Value) {
	if c.other || v.IsNull() {
		return
	}
	c.other = !c.takes(v)
	c.met = true
}

func (c *typedColumn) takes(v Value) (ok bool) {
	switch {
	case c.declared.Kind == TypeBoolean:
		_, ok = truthIn(v, c.declared.exact())
	case v.Kind() != KindText:
	case c.declared.Kind == TypeDate:
		_, ok = dateIn(v.Str())
	case c.declared.Kind == TypeTimestamp:
		_, ok = timestampIn(v.Str(), c.declared.exact())
	case c.declared.Kind == TypeDecimal:
		ok = c.takesDecimal(v.Str())
	}
	return ok
}

// takesDecimal asks for the same scale of all values, since a file has one for all.
func (c *typedColumn) takesDecimal(s string) bool {
	_, of, ok := decimalIn(s)
	if !ok || c.met && of.Scale != c.scale {
		return false
	}
	c.scale, c.digits = of.Scale, max(c.digits, of.Digits)
	return c.digits+c.scale <= maxDigits
}

// whole is the type of the whole column, or text. A decimal has the declared precision if
// there is one, and otherwise the largest, so that it is the same in the next file.
func (c *typedColumn) whole() Type {
	of := c.declared.Type
	switch {
	case c.other:
		return Type{}
	case of.Kind != TypeDecimal:
		return of
	case !of.hasPrecision() && c.met:
		return Type{Kind: TypeDecimal, Digits: maxDigits - c.scale, Scale: c.scale}
	case !of.hasPrecision(), of.Digits+of.Scale > maxDigits, c.met && (of.Scale != c.scale || c.digits > max(of.Digits, 1)):
		return Type{}
	default:
		return of
	}
}

// cell is what a spreadsheet has for a value.
type cell struct {
	raw   string
	style int  // of xlsxStyle
	truth bool // it is TRUE or FALSE
	reads Value
}

// The cell formats in xlsxStyle.
const (
	styleDate = iota + 1
	styleTimestamp
	styleMillis
)

// typedCell is the cell of a value that a spreadsheet holds as a date, a number or a truth,
// and from which the value comes back.
func typedCell(of DeclaredType, v Value) (c cell, ok bool) {
	switch {
	case of.Kind == TypeBoolean:
		is, ok := truthIn(v, of.exact())
		return cell{raw: truth(is).digits(), truth: true, reads: truth(is)}, ok
	case v.Kind() != KindText:
		return cell{}, false
	case of.Kind == TypeDate:
		t, ok := dateIn(v.Str())
		return timeCell(t, styleDate, of, v, ok)
	case of.Kind == TypeTimestamp:
		t, ok := timestampIn(v.Str(), of.exact())
		style := styleTimestamp
		if t.Nanosecond() > 0 {
			style = styleMillis
		}
		return timeCell(t, style, of, v, ok)
	case of.Kind == TypeDecimal:
		return decimalCell(of, v)
	}
	return cell{}, false
}

func (v Value) digits() string { return strconv.FormatInt(v.Int(), 10) }

// timeCell counts days. Before March 1900 spreadsheets count one day more than there was,
// and they hold no more than milliseconds.
func timeCell(t time.Time, style int, of DeclaredType, v Value, ok bool) (cell, bool) {
	start := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if !ok || t.Before(time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)) || t.Nanosecond()%int(time.Millisecond) != 0 {
		return cell{}, false
	}
	millis := t.UnixMilli() - start.UnixMilli()
	c := cell{style: style, raw: strconv.FormatFloat(float64(millis)/dayMillis, 'f', -1, 64)}
	read, err := dateFormat.value(c.raw, false)
	if err != nil {
		return cell{}, false
	}
	c.reads = read
	if of.exact() {
		return c, read == v
	}
	again, midnight := dateIn(read.Str())
	if !midnight {
		again, _ = timestampIn(read.Str(), false)
	}
	return c, again.Equal(t)
}

// decimalCell is a number of no more digits than a spreadsheet keeps. It has no zeros at its
// end, so that only a column with a scale gives them back.
func decimalCell(of DeclaredType, v Value) (cell, bool) {
	n, is, ok := decimalIn(v.Str())
	if !ok || is.Digits+is.Scale > sheetDigits {
		return cell{}, false
	}
	read, err := cellNumber(v.Str())
	if err != nil {
		return cell{}, false
	}
	c, written := cell{raw: v.Str(), reads: read}, written(read)
	switch {
	case of.Verbatim:
		return c, read == v
	case !of.hasPrecision():
		return c, written == v.Str()
	}
	again, other, ok := decimalIn(written)
	if !ok || other.Scale > is.Scale {
		return cell{}, false
	}
	again.Mul(again, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(is.Scale-other.Scale)), nil))
	return c, again.Cmp(n) == 0
}

// written is a number as a text that a database reads.
func written(v Value) string {
	switch v.Kind() {
	case KindInteger:
		return v.digits()
	case KindReal:
		return realText(v.Float())
	default:
		return v.Str()
	}
}

// sheetDigits is how many digits of a number a spreadsheet keeps.
const sheetDigits = 15

// places are columns by their places. It is asked for each value, also of thousands of columns.
type places []bool

func placesOf(columns []int) places {
	var p places
	for _, c := range columns {
		p = append(p, make(places, max(0, c+1-len(p)))...)
		p[c] = true
	}
	return p
}

func (p places) has(column int) bool { return column < len(p) && p[column] }
