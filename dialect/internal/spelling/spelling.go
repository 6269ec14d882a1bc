// Package spelling says how numbers, dates and booleans must be written, for all families
// in the same words. Each function returns what is wrong with a text, as the end of a
// sentence that begins with "it". It is empty if nothing is.
package spelling

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The words for what more than one family refuses.
const (
	NoNumber      = "is no number"
	NoWholeNumber = "is no whole number"
	LeadingZeros  = "has leading zeros, which would be dropped"
	TooManyDigits = "has more digits than the column keeps"
	NoDate        = "is no date of the form YYYY-MM-DD"
	NoTimestamp   = "is no time of the form YYYY-MM-DD hh:mm:ss"
	NoTime        = "is no time of the form hh:mm:ss"
	TimeOfDay     = "has a time of day, which would be dropped"
	Offset        = "has an offset from UTC, which would be dropped; write it without one"
	LongFraction  = "has a longer fraction of a second than the column"
	NoBoolean     = "is neither true nor false"
)

// Number is about numbers that a column would give back in another form. A column drops
// zeros at the end of decimal places, and nobody misses them.
func Number(s string) string {
	bare := strings.TrimSpace(s)
	rest := strings.TrimPrefix(bare, "-")
	if len(rest) == len(bare) {
		rest = strings.TrimPrefix(bare, "+")
	}
	whole, end := digits(rest)
	places := ""
	if strings.HasPrefix(end, ".") {
		places, end = digits(end[1:])
	}
	switch {
	case whole+places == "" || !isExponent(end):
		return NoNumber
	case len(bare) < len(s):
		return "has blanks around it, which would be dropped"
	case bare[0] == '+':
		return "has a plus sign, which would be dropped"
	case len(whole) > 1 && whole[0] == '0':
		return LeadingZeros
	}
	return ""
}

// digits are those at the start of a text.
func digits(s string) (digits, rest string) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[:i], s[i:]
}

// isExponent reports whether a number may end so.
func isExponent(s string) bool {
	if s == "" {
		return true
	}
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	s = s[1:]
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	exponent, rest := digits(s)
	return exponent != "" && rest == ""
}

// day matches the date at the start of a text, and the hours, minutes and seconds that may
// follow it.
var day = regexp.MustCompile(`^([0-9]{4,6})-([0-9]{2})-([0-9]{2})(?:[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?`)

// Moment is about days and times of day that do not exist. Where a month or a day is 00, it
// says nothing: some servers have such days. It takes for granted that the text begins with
// a date of the form YYYY-MM-DD.
func Moment(s string) string {
	m := day.FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	var n [7]int
	for i, digits := range m[1:] {
		n[i+1], _ = strconv.Atoi(digits)
	}
	if n[4] > 23 || n[5] > 59 || n[6] > 59 {
		return "has a time of day that does not exist"
	}
	if n[2] == 0 || n[3] == 0 {
		return ""
	}
	if t := time.Date(n[1], time.Month(n[2]), n[3], 0, 0, 0, 0, time.UTC); t.Day() != n[3] || t.Month() != time.Month(n[2]) {
		return "is a day that does not exist"
	}
	return ""
}

// iso matches what has the form of a date, with or without a time of day and an offset.
var iso = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]*)?)?(?: ?(?:Z|z|[+-][0-9]{2}(?::?[0-9]{2})?))?)?$`)

// IsMoment reports whether a text has the form of a date, with or without a time of day and
// an offset from UTC.
func IsMoment(s string) bool { return iso.MatchString(s) }
