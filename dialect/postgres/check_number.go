package postgres

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect/internal/number"
	"github.com/tablesnap/tablesnap/dialect/internal/spelling"
	"github.com/tablesnap/tablesnap/rowsource"
)

const (
	// maxPlaces and maxDigits are the maximum numbers of digits of a numeric after and
	// before the decimal point
	// (https://www.postgresql.org/docs/current/datatype-numeric.html).
	maxPlaces = 16383
	maxDigits = 131072
)

var notFinite = regexp.MustCompile(`(?i)^\s*(nan|[+-]?inf(inity)?)\s*$`)

func (c typeCheck) integer() valueCheck {
	return c.wholeBetween(number.Signed(c.integerBytes()))
}

// oid rejects -1, which the server would take for the largest number.
func (c typeCheck) oid() valueCheck {
	return c.wholeBetween(number.Unsigned(4))
}

func (c typeCheck) wholeBetween(least, greatest string) valueCheck {
	fits, beyond := number.Between(least, greatest), spelling.Between(least, greatest)
	return func(v rowsource.Value) error {
		s := fieldText(v)
		if len(s) < len(greatest) && number.IsPlain(s) {
			return nil
		}
		n, why := spelling.Number(s)
		switch {
		case why != "":
			return c.refuse(why)
		case n.Places() > 0:
			return c.refuse(spelling.NoWholeNumber)
		case !fits.Has(n):
			return c.refuse(beyond)
		}
		return nil
	}
}

// numeric checks the digits before and after the decimal point. A negative scale rounds
// integers.
func (c typeCheck) numeric() valueCheck {
	digits, places := maxDigits, maxPlaces
	if len(c.args) > 0 {
		places = c.arg(1, 0)
		digits = c.arg(0, 0) - places
	}
	return func(v rowsource.Value) error {
		s := fieldText(v)
		n, why := spelling.Number(s)
		switch {
		case why == spelling.NoNumber && notFinite.MatchString(s) && (len(c.args) == 0 || isNaN(s)):
			return nil // an older server takes no infinity
		case why != "":
			return c.refuse(why)
		}
		return c.refuse(decimal(n, digits, places))
	}
}

func isNaN(s string) bool { return strings.EqualFold(strings.TrimSpace(s), "NaN") }

// decimal says what is wrong with a number in a column with so many digits before the
// decimal point, and decimal places.
func decimal(n number.Number, digits, places int) string {
	switch {
	case n.IsZero():
		return ""
	case n.Places() > places && places == 0:
		return spelling.NoWholeNumber
	case n.Places() > places:
		return fmt.Sprintf("has %d decimal places", n.Places())
	case n.Magnitude() > digits:
		return spelling.TooLarge
	}
	return ""
}

// money leaves what is no plain number, such as $1,000.00, to the server. It would take a
// text without digits for 0
// (https://www.postgresql.org/docs/current/datatype-money.html).
func (c typeCheck) money() valueCheck {
	const least, greatest = "-92233720368547758.08", "92233720368547758.07"
	fits, beyond := number.Between(least, greatest), spelling.Between(least, greatest)
	return func(v rowsource.Value) error {
		s := fieldText(v)
		n, ok := number.Parse(s)
		switch {
		case !strings.ContainsAny(s, "0123456789"), ok && strings.ContainsAny(s, "eE"):
			return c.refuse(spelling.NoNumber)
		case !ok:
			return nil
		case !fits.Has(n):
			return c.refuse(beyond)
		}
		return c.refuse(decimal(n, maxDigits, 2))
	}
}

// float rejects a number that would be read back with other digits, or that is too large.
func (c typeCheck) float() valueCheck {
	// surely are the digits and the magnitude that each number keeps.
	bits, surely := 64, struct{ digits, magnitude int }{15, 300}
	if c.base == "real" {
		bits, surely = 32, struct{ digits, magnitude int }{6, 36}
	}
	return func(v rowsource.Value) error {
		s := fieldText(v)
		n, why := spelling.Number(s)
		if why == spelling.NoNumber && notFinite.MatchString(s) {
			return nil
		}
		if why != "" {
			return c.refuse(why)
		}
		if m := n.Magnitude(); n.Significant() <= surely.digits && -surely.magnitude < m && m < surely.magnitude {
			return nil
		}
		stored, err := strconv.ParseFloat(s, bits)
		if err != nil {
			return c.refuse(spelling.TooLarge)
		}
		if kept, ok := number.Parse(strconv.FormatFloat(stored, 'e', -1, bits)); !ok || kept.Compare(n) != 0 {
			return c.refuse(spelling.TooManyDigits)
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

// boolean accepts whole words. The server would read a part of one, too.
func (c typeCheck) boolean() valueCheck {
	return func(v rowsource.Value) error {
		if _, ok := rowsource.Truth(fieldText(v)); !ok {
			return c.refuse(spelling.NoBoolean)
		}
		return nil
	}
}

// bits checks the number of bits. They may be written in hexadecimal digits after an X
// (https://www.postgresql.org/docs/current/datatype-bit.html).
func (c typeCheck) bits() valueCheck {
	limit, varies := c.arg(0, 1), c.base == "bit varying"
	if varies {
		limit = c.arg(0, math.MaxInt)
	}
	return func(v rowsource.Value) error {
		s, digits, width := fieldText(v), "01", 1
		switch {
		case s != "" && (s[0] == 'x' || s[0] == 'X'):
			s, digits, width = s[1:], "0123456789abcdefABCDEF", 4
		case s != "" && (s[0] == 'b' || s[0] == 'B'):
			s = s[1:]
		}
		length := width * len(s)
		switch {
		case strings.Trim(s, digits) != "":
			return c.refuse("has other characters than bits")
		case length > limit:
			return c.refuse(spelling.TooLong)
		case length < limit && !varies:
			return c.refuse("has fewer bits than the column")
		}
		return nil
	}
}
