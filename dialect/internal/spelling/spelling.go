// Package spelling says how numbers, dates and booleans must be written, for all families
// in the same words. What is wrong with a text is the end of a sentence that begins with
// "it". It is empty if nothing is.
package spelling

import (
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect/internal/number"
	"github.com/tablesnap/tablesnap/rowsource"
)

// The words for what more than one family refuses.
const (
	NoNumber      = "is no number"
	DecimalComma  = "is no number, unless the comma is its decimal point"
	NoWholeNumber = "is no whole number"
	LeadingZeros  = "has leading zeros, which would be dropped"
	TooManyDigits = "has more digits than the column keeps"
	TooLarge      = "is too large a number"
	Negative      = "is negative"
	TooLong       = "is longer than the column holds"
	NoDate        = "is no date of the form YYYY-MM-DD"
	NoTimestamp   = "is no time of the form YYYY-MM-DD hh:mm:ss"
	NoTime        = "is no time of the form hh:mm:ss"
	NoDay         = "is a day that does not exist"
	NoTimeOfDay   = "has a time of day that does not exist"
	TimeOfDay     = "has a time of day, which would be dropped"
	Offset        = "has an offset from UTC, which would be dropped; write it without one"
	LongFraction  = "has a longer fraction of a second than the column"
	NoBoolean     = "is neither true nor false"
	NoMember      = "is none of the column's values as they are written there"
	NoUUID        = "is no UUID"
	NoAddress     = "is no IP address"
)

// Refuse refuses a value for a reason. It is nil if there is none.
func Refuse(why, columnType string) error {
	if why == "" {
		return nil
	}
	err := fmt.Errorf("it %s, and the column's type is %s", why, columnType)
	if why == DecimalComma {
		return &rowsource.RemedyError{Remedies: []rowsource.Remedy{rowsource.Suggest("decimal", ",")}, Err: err}
	}
	return err
}

// hasDecimalComma reports whether a text is a number with a comma for the decimal point. In
// 1,234 the comma may mark the thousands.
func hasDecimalComma(s string) bool {
	whole, places, found := strings.Cut(s, ",")
	_, ok := number.Parse(whole + "." + places)
	return found && ok && len(places) != 3
}

// Between is about a value that is less than the least or greater than the greatest that a
// column holds.
func Between(least, greatest string) string {
	return "is not between " + least + " and " + greatest
}

// Number reads a number. It refuses one that a column would give back in another form. A
// column drops zeros at the end of decimal places, and nobody misses them.
func Number(s string) (n number.Number, why string) {
	n, ok := number.Parse(s)
	switch {
	case !ok:
		return n, noNumber(s)
	case n.Plus:
		return n, "has a plus sign, which would be dropped"
	case n.LeadingZeros():
		return n, LeadingZeros
	}
	return n, ""
}

func noNumber(s string) string {
	if hasDecimalComma(s) {
		return DecimalComma
	}
	if bare := strings.TrimSpace(s); len(bare) < len(s) {
		if _, ok := number.Parse(bare); ok {
			return "has blanks around it, which would be dropped"
		}
	}
	return NoNumber
}
