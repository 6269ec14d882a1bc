package mysql

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Checker refuses what the servers alter in strict mode without an error: 1.5
// becomes 2 in a column of integers, 0.125 becomes 0.13, '2' becomes the second
// member of an ENUM, '24-6-1' becomes a date
// (https://dev.mysql.com/doc/refman/8.4/en/precision-math-rounding.html).
// What they refuse by themselves is left to them.
func (Dialect) Checker(_ dialect.Table, c dialect.Column) func(rowsource.Value) error {
	check := newTypeCheck(c).function()
	if c.Nullable || c.Assigned {
		return check
	}
	return func(v rowsource.Value) error {
		if v.IsNull() { // MariaDB gives a TIMESTAMP the time of day
			return errors.New("the column takes no NULL")
		}
		if check == nil {
			return nil
		}
		return check(v)
	}
}

// typeCheck checks the values of one column.
type typeCheck struct {
	columnType
	declared string
}

func newTypeCheck(c dialect.Column) typeCheck {
	return typeCheck{columnType: parseType(c.Type), declared: c.Type}
}

func (c typeCheck) refuse(v rowsource.Value, why string) error {
	return fmt.Errorf("%s %s, and the column's type is %s", v, why, c.declared)
}

func (c typeCheck) function() func(rowsource.Value) error {
	switch c.family() {
	case familyInteger:
		return c.number(0)
	case familyDecimal:
		return c.number(c.scale())
	case familyFloat:
		return c.float
	case familyText:
		return c.text()
	case familyBinary:
		if c.base == "binary" {
			return c.padded
		}
	case familyDate:
		return c.date
	case familyTime:
		return c.time
	case familyYear:
		return c.year
	case familyEnum:
		return c.member()
	case familyBit:
		return c.bits
	}
	return nil
}

// numberText is a number without blanks around it.
var numberText = regexp.MustCompile(`^[+-]?([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$`)

// number checks how many places a number has; the server checks its range.
func (c typeCheck) number(places int) func(rowsource.Value) error {
	return func(v rowsource.Value) error {
		s := v.Str()
		switch v.Kind() {
		case rowsource.KindReal:
			s = strconv.FormatFloat(v.Float(), 'f', -1, 64)
		case rowsource.KindText:
		case rowsource.KindBlob:
			return c.refuse(v, "is binary")
		default:
			return nil
		}
		n, ok := placesOf(s)
		switch {
		case !ok:
			return c.refuse(v, "is no number")
		case n > places && places == 0:
			return c.refuse(v, "is no whole number")
		case n > places:
			return c.refuse(v, fmt.Sprintf("has %d decimal places", n))
		}
		return nil
	}
}

// placesOf counts the decimal places of a number, zeros at the end aside.
func placesOf(s string) (places int, ok bool) {
	if isDigits(s) {
		return 0, true
	}
	m := numberText.FindStringSubmatch(s)
	if m == nil || m[1] == "" && m[2] == "" {
		return 0, false
	}
	digits := m[1] + m[2]
	places = len(m[2])
	if m[3] != "" {
		e, err := strconv.Atoi(m[3])
		if err != nil {
			return 0, false
		}
		places -= e
	}
	zeros := len(digits) - len(strings.TrimRight(digits, "0"))
	if zeros == len(digits) {
		return 0, true
	}
	return max(0, places-zeros), true
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// float: a FLOAT keeps 24 bits of a number, which is shown with 6 digits. What
// is rounded beyond that is what the type is for; what is refused are numbers
// whose places the type cuts, as FLOAT(7,2) does.
func (c typeCheck) float(v rowsource.Value) error {
	if len(c.args) == 2 {
		return c.number(c.arg(1, 0))(v)
	}
	switch v.Kind() {
	case rowsource.KindBlob:
		return c.refuse(v, "is binary")
	case rowsource.KindText:
		if _, ok := placesOf(v.Str()); !ok {
			return c.refuse(v, "is no number")
		}
	case rowsource.KindInteger:
		bits := uint(53)
		if c.base == "float" {
			bits = 24
		}
		if n := v.Int(); n > 1<<bits || n < -(1<<bits) {
			return c.refuse(v, "has more digits than the column keeps")
		}
	case rowsource.KindReal:
		if c.base == "float" && math.Abs(v.Float()) < math.SmallestNonzeroFloat32 && v.Float() != 0 {
			return c.refuse(v, "is too small")
		}
	}
	return nil
}

// text finds values of which blanks would be cut: a VARCHAR cuts those beyond
// its length, a CHAR all at the end.
func (c typeCheck) text() func(rowsource.Value) error {
	switch c.base {
	case "char":
		return func(v rowsource.Value) error {
			if strings.HasSuffix(v.Str(), " ") {
				return c.refuse(v, "ends in a blank, which would be dropped")
			}
			return nil
		}
	case "varchar":
		limit := c.capacity()
		return func(v rowsource.Value) error {
			s := v.Str()
			if len(s) > limit && s[len(s)-1] == ' ' && utf8.RuneCountInString(s) > limit {
				return c.refuse(v, "ends in a blank, which would be cut")
			}
			return nil
		}
	case "longtext":
		return nil
	}
	limit := c.capacity()
	return func(v rowsource.Value) error {
		// A TEXT, too, takes what is longer by blanks only.
		if s := v.Str(); len(s) > limit && s[len(s)-1] == ' ' {
			return c.refuse(v, "ends in a blank, which would be cut")
		}
		return nil
	}
}

// padded: a BINARY is filled up with NUL bytes.
func (c typeCheck) padded(v rowsource.Value) error {
	length := len(v.Str())
	if v.Kind() == rowsource.KindInteger || v.Kind() == rowsource.KindReal {
		length = len(v.String())
	}
	if n := c.arg(0, 1); !v.IsNull() && length != n {
		return c.refuse(v, fmt.Sprintf("has %d bytes, and would be filled up to %d with NUL bytes", length, n))
	}
	return nil
}

var (
	dateText = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	// A date and time of day, its fraction, and an offset from UTC.
	datetimeText = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.([0-9]*))?)?)?(Z|z|[+-][0-9:]+)?$`)
	timeOfDay    = regexp.MustCompile(`[ T]00:00(?::00(?:\.0*)?)?$`)
	timeText     = regexp.MustCompile(`^-?[0-9]{2,3}:[0-9]{2}(?::[0-9]{2}(?:\.([0-9]*))?)?$`)
)

// date takes ISO dates only: the servers read '24-6-1', '2024/6/1' and
// '20240601' in ways of their own, and MySQL rounds a fraction that MariaDB
// cuts (https://dev.mysql.com/doc/refman/8.4/en/date-and-time-literals.html).
func (c typeCheck) date(v rowsource.Value) error {
	switch v.Kind() {
	case rowsource.KindNull:
		return nil
	case rowsource.KindText:
	default:
		return c.refuse(v, "is no text of the form 2006-01-02 15:04:05")
	}
	s := v.Str()
	if dateText.MatchString(s) {
		return nil
	}
	m := datetimeText.FindStringSubmatch(s)
	switch {
	case m == nil:
		return c.refuse(v, "is no date of the form 2006-01-02 15:04:05")
	case m[2] != "":
		return c.refuse(v, "has an offset from UTC, which the servers convert or refuse, each in its own way; write it in UTC without one")
	case c.base == "date" && !timeOfDay.MatchString(s):
		return c.refuse(v, "has a time of day, which would be dropped")
	case len(strings.TrimRight(m[1], "0")) > c.arg(0, 0):
		return c.refuse(v, "has a longer fraction of a second than the column")
	}
	return nil
}

func (c typeCheck) time(v rowsource.Value) error {
	switch v.Kind() {
	case rowsource.KindNull:
		return nil
	case rowsource.KindText:
		m := timeText.FindStringSubmatch(v.Str())
		if m == nil {
			break
		}
		if len(strings.TrimRight(m[1], "0")) > c.arg(0, 0) {
			return c.refuse(v, "has a longer fraction of a second than the column")
		}
		return nil
	}
	return c.refuse(v, "is no time of the form 15:04:05")
}

// year: '69' would be 2069, and 0 the year 2000.
func (c typeCheck) year(v rowsource.Value) error {
	switch v.Kind() {
	case rowsource.KindNull:
		return nil
	case rowsource.KindInteger:
		if n := v.Int(); n == 0 || n >= 1000 {
			return nil
		}
	case rowsource.KindText:
		if s := v.Str(); len(s) == 4 && isDigits(s) {
			return nil
		}
	}
	return c.refuse(v, "is no year of four digits")
}

// member: a number would choose a member by its place, where no member is
// called so.
func (c typeCheck) member() func(rowsource.Value) error {
	members := make([]string, len(c.members))
	for i, m := range c.members {
		members[i] = strings.ToLower(unquoteMember(m))
	}
	return func(v rowsource.Value) error {
		switch v.Kind() {
		case rowsource.KindNull:
			return nil
		case rowsource.KindText:
			s := v.Str()
			if strings.HasSuffix(s, " ") {
				return c.refuse(v, "ends in a blank, which would be dropped")
			}
			if !isNumberLike(s) || slices.Contains(members, strings.ToLower(s)) {
				return nil // what is no member is refused
			}
		case rowsource.KindInteger:
			if slices.Contains(members, v.String()) {
				return nil
			}
		}
		return c.refuse(v, "is none of the column's values, and could be taken for the place of one")
	}
}

func isNumberLike(s string) bool {
	return isDigits(strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(s), "+-")))
}

// bits: the text '5' would be the bits of the character 5.
func (c typeCheck) bits(v rowsource.Value) error {
	if v.Kind() == rowsource.KindText && !isDigits(v.Str()) {
		return c.refuse(v, "is no whole number")
	}
	return nil
}
