package postgres

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/internal/jsontext"
	"github.com/tablesnap/tablesnap/dialect/internal/spelling"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Checker rejects values that PostgreSQL changes without an error: 0.125 becomes 0.13 in
// a numeric(4,2), a date loses its time of day, a timestamp without time zone its offset,
// a varchar the blanks beyond its length, and "now" becomes the current time
// (https://www.postgresql.org/docs/current/datatype-datetime.html). It does not check for
// values that PostgreSQL rejects, except a NUL byte, which PostgreSQL would report only
// by its position in the COPY.
func (Dialect) Checker(_ dialect.Server, t dialect.Table, c dialect.Column) func(rowsource.Value) error {
	check := typeCheck{parseType(bareType(c)), c.Type}
	ofType := check.function()
	binary := check.family() == familyBytes
	takesNull := c.Nullable || len(t.Triggers) > 0 // a trigger may put something in its place
	return func(v rowsource.Value) error {
		switch v.Kind() {
		case rowsource.KindNull:
			if !takesNull {
				return errors.New("the column takes no NULL")
			}
			return nil
		case rowsource.KindText:
			if strings.IndexByte(v.Str(), 0) >= 0 {
				return errors.New("PostgreSQL keeps no NUL character in a text")
			}
		case rowsource.KindBlob:
			if !binary {
				return check.refuse("is binary")
			}
		default:
		}
		if ofType == nil {
			return nil
		}
		return ofType(v)
	}
}

// typeCheck checks the values of one column.
type typeCheck struct {
	columnType
	declared string
}

func (c typeCheck) refuse(why string) error {
	return fmt.Errorf("it %s, and the column's type is %s", why, c.declared)
}

func (c typeCheck) function() func(rowsource.Value) error {
	switch c.family() {
	case familyInteger:
		return c.number(0)
	case familyNumeric:
		if len(c.args) > 0 {
			return c.number(c.arg(1, 0))
		}
		return c.number(maxPlaces)
	case familyFloat:
		return c.float
	case familyMoney:
		return c.number(2)
	case familyBoolean:
		return c.boolean
	case familyText:
		if limit := c.length(); limit > 0 {
			return c.limited(limit, utf8.RuneCountInString, "ends in blanks that would be cut")
		}
	case familyName:
		return c.limited(maxName, func(s string) int { return len(s) }, "would be cut to 63 bytes")
	case familyChar:
		return c.limited(1, func(s string) int { return len(s) }, "would be cut to one byte")
	case familyDate:
		return c.date
	case familyTimestamp:
		return c.timestamp
	case familyTime:
		return c.time
	case familyJSONB:
		return c.jsonb
	default: // the server checks the others
	}
	return nil
}

// boolean accepts whole words. The server would read a part of one, too.
func (c typeCheck) boolean(v rowsource.Value) error {
	if _, ok := rowsource.Truth(fieldText(v)); !ok {
		return c.refuse(spelling.NoBoolean)
	}
	return nil
}

// jsonb rejects an object with duplicate keys, since a jsonb keeps only the last one, and
// a negative zero (https://www.postgresql.org/docs/current/datatype-json.html).
func (c typeCheck) jsonb(v rowsource.Value) error {
	s := fieldText(v)
	if !strings.ContainsAny(s, "{-") || !json.Valid([]byte(s)) {
		return nil // the server rejects a text that is not JSON
	}
	if err := jsontext.Keeps(s, keepsNumber); err != nil {
		return c.refuse(err.Error())
	}
	return nil
}

// maxPlaces is the maximum number of decimal places of a numeric
// (https://www.postgresql.org/docs/current/datatype-numeric.html).
const maxPlaces = 16383

// numberText matches a number, with blanks around it as the server allows them. 0x1F and
// 1_000 are numbers only since PostgreSQL 16.
var numberText = regexp.MustCompile(`^\s*[+-]?([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?\s*$`)

// number checks the number of decimal places. The server checks the range. A negative
// scale rounds integers.
func (c typeCheck) number(places int) func(rowsource.Value) error {
	return func(v rowsource.Value) error {
		if v.Kind() == rowsource.KindInteger && places >= 0 {
			return nil
		}
		s := fieldText(v)
		if isDigits(s) && places >= 0 && (len(s) == 1 || s[0] != '0') {
			return nil
		}
		n, ok := placesOf(s)
		switch {
		case !ok && c.family() == familyMoney:
			return nil // "$1,000.00"
		case !ok && c.family() == familyNumeric && notFinite.MatchString(s):
			return nil // the server accepts or rejects it
		}
		switch why := spelling.Number(s); {
		case why != "" && c.family() != familyMoney:
			return c.refuse(why)
		case !ok:
			return c.refuse(spelling.NoNumber)
		case n > places && places == 0:
			return c.refuse(spelling.NoWholeNumber)
		case n > places:
			return c.refuse(fmt.Sprintf("has %d decimal places", n))
		}
		return nil
	}
}

// wholeNumber writes a number without decimal places or an exponent, as the server reads it
// into a column of integers: 1.0 is 1. It takes a text that the check has let in.
func wholeNumber(s string) string {
	if !strings.ContainsAny(s, ".eE") {
		return s
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	whole, places, _ := strings.Cut(mantissa, ".")
	shift, err := strconv.Atoi(cmp.Or(exponent, "0"))
	if err != nil || shift > maxPlaces {
		return s
	}
	digits := whole + places
	if shift -= len(places); shift < 0 {
		digits = digits[:max(0, len(digits)+shift)]
	}
	digits += strings.Repeat("0", max(0, shift))
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	return sign + cmp.Or(strings.TrimLeft(digits, "0"), "0")
}

var notFinite = regexp.MustCompile(`(?i)^\s*(nan|[+-]?inf(inity)?)\s*$`)

// placesOf counts the decimal places of a number without trailing zeros. It is negative
// for an integer that ends in zeros.
func placesOf(s string) (places int, ok bool) {
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
	significant := strings.TrimRight(digits, "0")
	if strings.Trim(significant, "0") == "" {
		return -maxPlaces, true // rounding does not change a zero
	}
	return places - (len(digits) - len(significant)), true
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// float rejects a number that would be read back with other digits.
func (c typeCheck) float(v rowsource.Value) error {
	bits := 64
	if c.base == "real" {
		bits = 32
	}
	s := fieldText(v)
	if notFinite.MatchString(s) {
		return nil
	}
	if why := spelling.Number(s); why != "" {
		return c.refuse(why)
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(s), bits)
	if err != nil {
		return nil // out of range: the server rejects it
	}
	if digitsOf(s) != digitsOf(strconv.FormatFloat(f, 'e', -1, bits)) {
		return c.refuse(spelling.TooManyDigits)
	}
	return nil
}

// digitsOf are the digits of a number without leading and trailing zeros.
func digitsOf(s string) string {
	m := numberText.FindStringSubmatch(s)
	if m == nil {
		return s
	}
	return strings.Trim(m[1]+m[2], "0")
}

// limited rejects a text that the type would cut without an error. A varchar cuts only
// blanks.
func (c typeCheck) limited(limit int, length func(string) int, why string) func(rowsource.Value) error {
	return func(v rowsource.Value) error {
		s := fieldText(v)
		cut := c.family() != familyText || strings.HasSuffix(s, " ")
		if cut && len(s) > limit && length(s) > limit {
			return c.refuse(why)
		}
		return nil
	}
}

// keepsNumber rejects a negative zero: a number in jsonb is a numeric, which has none.
func keepsNumber(n string) error {
	if jsontext.NegativeZero(n) {
		return errors.New("has a -0 in it, which the server keeps as 0")
	}
	return nil
}
