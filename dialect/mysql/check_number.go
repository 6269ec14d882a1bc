package mysql

import (
	"fmt"
	"math"
	"strconv"

	"github.com/tablesnap/tablesnap/dialect/internal/number"
	"github.com/tablesnap/tablesnap/dialect/internal/spelling"
	"github.com/tablesnap/tablesnap/rowsource"
)

func (c typeCheck) integer() valueCheck {
	least, greatest := number.Signed(c.integerBytes())
	if c.unsigned != "" {
		least, greatest = number.Unsigned(c.integerBytes())
	}
	fits, beyond := number.Between(least, greatest), spelling.Between(least, greatest)
	return func(v rowsource.Value) error {
		s := plain(v)
		if len(s) < len(greatest) && number.IsPlain(s) {
			return nil
		}
		n, why := c.number(s, 0)
		if why == "" && !fits.Has(n) {
			why = beyond
		}
		return c.refuse(why)
	}
}

func (c typeCheck) decimal() valueCheck {
	digits, places := c.arg(0, 10), c.scale()
	return func(v rowsource.Value) error {
		n, why := c.number(plain(v), places)
		return c.refuse(c.orTooLarge(why, n, digits-places))
	}
}

// orTooLarge says whether a good number has more digits before the decimal point than the
// column, or a minus sign that it does not take.
func (c typeCheck) orTooLarge(why string, n number.Number, digits int) string {
	switch {
	case why != "":
		return why
	case n.Magnitude() > digits:
		return spelling.TooLarge
	case n.Negative && !n.IsZero() && c.unsigned != "":
		return spelling.Negative
	}
	return ""
}

// number reads a number with so many decimal places, and says what is wrong with it.
func (c typeCheck) number(s string, places int) (n number.Number, why string) {
	n, why = c.spelled(s)
	switch {
	case (why == spelling.NoNumber || why == spelling.DecimalComma) && c.isBoolean():
		return n, spelling.NoBoolean
	case why != "":
		return n, why
	case n.Places() > 0 && places == 0:
		return n, spelling.NoWholeNumber
	case n.Places() > places:
		return n, fmt.Sprintf("has %d decimal places", n.Places())
	}
	return n, ""
}

// spelled says why a number would be given back in another form. A ZEROFILL column gives
// back leading zeros.
func (c typeCheck) spelled(s string) (n number.Number, why string) {
	n, why = spelling.Number(s)
	if why == spelling.LeadingZeros && c.zerofill {
		return n, ""
	}
	return n, why
}

// float accepts a number if the stored number, written with as many digits, is the same.
// A FLOAT can store 0.1 and 0.10000000149, but not 16777217. FLOAT(7,2) also limits the
// digits before and after the decimal point.
func (c typeCheck) float() valueCheck {
	format := doubles
	if c.base == "float" {
		format = floats
	}
	places, digits := math.MaxInt, math.MaxInt
	if len(c.args) == 2 {
		places, digits = c.arg(1, 0), c.arg(0, 0)-c.arg(1, 0)
	}
	return func(v rowsource.Value) error {
		s := plain(v)
		n, why := c.spelled(s)
		if why == "" && n.Places() > places {
			_, why = c.number(s, places)
		}
		if why = c.orTooLarge(why, n, digits); why == "" {
			why = format.loses(s, n)
		}
		return c.refuse(why)
	}
}

// floatFormat is a format of floating point.
type floatFormat struct {
	bits int
	// digits and magnitude are those that each number of the format keeps.
	digits, magnitude int
	greatest          float64
}

var (
	floats  = floatFormat{bits: 32, digits: 6, magnitude: 36, greatest: math.MaxFloat32}
	doubles = floatFormat{bits: 64, digits: 15, magnitude: 300, greatest: math.MaxFloat64}
)

// loses says whether a number is too large for the format, or would lose digits.
func (f floatFormat) loses(s string, n number.Number) string {
	if m := n.Magnitude(); n.Significant() <= f.digits && -f.magnitude < m && m < f.magnitude {
		return ""
	}
	stored, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(stored) > f.greatest {
		return spelling.TooLarge
	}
	if f.bits == 32 {
		stored = float64(float32(stored)) // as the servers do it, in two steps
	}
	if stored == 0 || !sameDigits(stored, n) {
		return spelling.TooManyDigits
	}
	return ""
}

// sameDigits reports whether a stored number, written with as many digits as n, is n.
func sameDigits(stored float64, n number.Number) bool {
	kept, ok := number.Parse(strconv.FormatFloat(stored, 'e', n.Significant()-1, 64))
	return ok && kept.Compare(n) == 0
}

// bit accepts a number in decimal digits. The servers would round 1.5, and read -1 as 64
// bits.
func (c typeCheck) bit() valueCheck {
	width := c.arg(0, 1)
	greatest := uint64(math.MaxUint64) >> (64 - width)
	return func(v rowsource.Value) error {
		number, err := bits(v)
		if err != nil {
			return c.refuse(err.Error())
		}
		if n, _ := strconv.ParseUint(number.Str(), 10, 64); n > greatest {
			return c.refuse(spelling.Between("0", strconv.FormatUint(greatest, 10)))
		}
		return nil
	}
}
