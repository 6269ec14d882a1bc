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

// numberFormat says what the number in a cell counts. It is all that a cell's style is
// asked for: how a value looks changes nothing.
type numberFormat int

const (
	plainNumber  numberFormat = iota
	dateFormat                // days, with a date
	timeFormat                // a part of a day
	elapsedTimes              // hours that go on past 24
)

const dayMillis = 24 * 60 * 60 * 1000

// value is a date, or a time, or both, as the number says: without a part of a day it is
// a date. Times are exact to the millisecond, since the number holds no more.
func (n numberFormat) value(raw string, from1904 bool) (Value, error) {
	serial, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsNaN(serial) {
		return Value{}, fmt.Errorf("%s is no number", Text(raw))
	}
	if math.Abs(serial) > 1e7 {
		return Value{}, fmt.Errorf("the number %s is no date: give the cell the format of a number", raw)
	}
	millis := int64(math.Round(serial * dayMillis))
	switch {
	case n == elapsedTimes:
		return Text(elapsed(millis)), nil
	case millis < 0:
		return Value{}, fmt.Errorf("the number %s is no date, since it is negative", raw)
	case n == timeFormat && millis < dayMillis:
		return Text(elapsed(millis)), nil
	}
	return dateOf(raw, millis, from1904)
}

func dateOf(raw string, millis int64, from1904 bool) (Value, error) {
	start := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	days := millis / dayMillis
	switch {
	case from1904:
		start = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days == 0:
		return Value{}, fmt.Errorf("the number %s is no date: the first day is 1", raw)
	case days == 60:
		return Value{}, errors.New("it is 1900-02-29, a day that spreadsheets have and the calendar has not")
	case days < 60:
		start = start.AddDate(0, 0, 1)
	}
	t := start.AddDate(0, 0, int(days)).Add(time.Duration(millis%dayMillis) * time.Millisecond)
	switch {
	case t.Year() > 9999:
		return Value{}, fmt.Errorf("the number %s is a date after the year 9999", raw)
	case millis%dayMillis == 0:
		return Text(t.Format(time.DateOnly)), nil
	}
	return timestamp(t)
}

// elapsed writes a time of day, or more hours than a day has.
func elapsed(millis int64) string {
	sign := ""
	if millis < 0 {
		sign, millis = "-", -millis
	}
	s := fmt.Sprintf("%s%02d:%02d:%02d", sign, millis/3600_000, millis/60_000%60, millis/1000%60)
	if part := millis % 1000; part > 0 {
		s += strings.TrimRight(fmt.Sprintf(".%03d", part), "0")
	}
	return s
}

// readStyles reads which number format each style has.
func (w *workbook) readStyles(name string) error {
	if name == "" {
		return nil
	}
	p, err := w.part(name)
	if err != nil {
		return err
	}
	defer p.Close()
	codes := make(map[int]string)
	inCells := false
	return p.eachToken(func(start *xml.StartElement, end *xml.EndElement) error {
		switch {
		case end != nil:
			inCells = inCells && end.Name.Local != "cellXfs"
		case start.Name.Local == "cellXfs":
			inCells = true
		case start.Name.Local == "numFmt":
			if id, err := strconv.Atoi(attribute(*start, "numFmtId")); err == nil {
				codes[id] = attribute(*start, "formatCode")
			}
		case inCells && start.Name.Local == "xf":
			id, _ := strconv.Atoi(attribute(*start, "numFmtId")) // without one, it is 0
			w.styles = append(w.styles, formatOfNumber(id, codes))
		}
		return nil
	})
}

// formatOfNumber knows the built-in formats, which no file spells out.
func formatOfNumber(id int, codes map[int]string) numberFormat {
	if code, ok := codes[id]; ok {
		return parseNumberFormat(code)
	}
	switch {
	case id >= 14 && id <= 17, id == 22, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return dateFormat
	case id >= 18 && id <= 21, id == 45, id == 47, id >= 32 && id <= 35, id == 55, id == 56:
		return timeFormat
	case id == 46:
		return elapsedTimes
	default:
		return plainNumber
	}
}

// parseNumberFormat looks at the letters of a format that are no literal text.
func parseNumberFormat(code string) numberFormat {
	letters, isElapsed := formatLetters(strings.ToLower(code))
	hasTime := strings.ContainsAny(letters, "hs")
	switch {
	case isElapsed:
		return elapsedTimes
	case strings.ContainsAny(letters, "yd"), strings.Contains(letters, "m") && !hasTime:
		return dateFormat
	case hasTime:
		return timeFormat
	default:
		return plainNumber
	}
}

// formatLetters leaves out quoted and escaped text, fill characters, and what stands in
// brackets, such as a colour; hours that go on past 24 stand there too. Only the first
// section counts, since the others are for negative numbers and text.
func formatLetters(code string) (letters string, isElapsed bool) {
	var b strings.Builder
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case ';':
			return b.String(), isElapsed
		case '"', '[':
			end := strings.IndexByte(code[i+1:], map[byte]byte{'"': '"', '[': ']'}[c])
			if end < 0 {
				return b.String(), isElapsed
			}
			inside := code[i+1 : i+1+end]
			if c == '[' && inside != "" && (strings.Trim(inside, "h") == "" || strings.Trim(inside, "m") == "" || strings.Trim(inside, "s") == "") {
				isElapsed = true
			}
			i += end + 1
		case '\\', '_', '*':
			i++
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), isElapsed
}
