package mysql

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect/internal/spelling"
	"github.com/tablesnap/tablesnap/rowsource"
)

// numberText matches a number without blanks around it.
var numberText = regexp.MustCompile(`^[+-]?([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$`)

// number checks the number of decimal places. The server checks the range.
func (c typeCheck) number(places int) func(rowsource.Value) error {
	return func(v rowsource.Value) error {
		s := plain(v)
		n, ok := placesOf(s)
		switch why := c.misspelled(s); {
		case why == spelling.NoNumber && c.isBoolean():
			return c.refuse(spelling.NoBoolean)
		case why != "":
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

// misspelled says why a number would be given back in another form. A ZEROFILL column
// gives back leading zeros.
func (c typeCheck) misspelled(number string) string {
	why := spelling.Number(number)
	if why == spelling.LeadingZeros && c.zerofill {
		return ""
	}
	return why
}

// placesOf counts the decimal places of a number without trailing zeros.
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

// float accepts a number if the stored number, written with as many digits, is the same.
// A FLOAT can store 0.1 and 0.10000000149, but not 16777217. FLOAT(7,2) also limits the decimal places. The servers reject a
// number that is too large.
func (c typeCheck) float(v rowsource.Value) error {
	if len(c.args) == 2 {
		if err := c.number(c.arg(1, 0))(v); err != nil {
			return err
		}
	}
	bits := 64
	if c.base == "float" {
		bits = 32
	}
	switch why := c.misspelled(plain(v)); {
	case why != "":
		return c.refuse(why)
	case !keepsDigits(plain(v), bits):
		return c.refuse(spelling.TooManyDigits)
	}
	return nil
}

// keepsDigits reports whether a number survives the conversion to floating point in all
// its digits, or is too large for it.
func keepsDigits(number string, bits int) bool {
	always := map[int]int{32: 6, 64: 15}[bits]
	if len(number) <= always && !strings.ContainsAny(number, "eE") {
		return true
	}
	m := numberText.FindStringSubmatch(number)
	f, err := strconv.ParseFloat(number, 64)
	if m == nil || err != nil {
		return true
	}
	if bits == 32 {
		f = float64(float32(f)) // as the servers do it, in two steps
	}
	digits := strings.Trim(m[1]+m[2], "0")
	return math.IsInf(f, 0) || digits == "" || f != 0 && digitsOf(f, len(digits)) == digits
}

// digitsOf are the first n digits of a number, rounded, without trailing zeros.
func digitsOf(f float64, n int) string {
	mantissa, _, _ := strings.Cut(strconv.FormatFloat(math.Abs(f), 'e', n-1, 64), "e")
	return strings.TrimRight(strings.Replace(mantissa, ".", "", 1), "0")
}
