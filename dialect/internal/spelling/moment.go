package spelling

import (
	"strings"
	"time"
)

// Moment is a date, with or without a time of day, in its parts.
type Moment struct {
	Year, Month, Day int
	HasTime          bool
	Clock
}

// Clock is a time of day, or a length of time.
type Clock struct {
	Hour, Minute, Second int
	// Fraction are the digits of the fraction of a second, without the zeros at their end.
	Fraction string
	// Rest is what follows in the text, such as an offset from UTC.
	Rest string
}

// ParseMoment reads the form YYYY-MM-DD, YYYY-MM-DD hh:mm or YYYY-MM-DD hh:mm:ss.ffffff, or
// one with a T in it. The year may have up to yearDigits digits. Ok is false for any other
// form. The numbers may be those of a day that does not exist.
func ParseMoment(s string, yearDigits int) (m Moment, ok bool) {
	if m.Year, s, ok = count(s, 4, yearDigits); !ok {
		return m, false
	}
	if m.Month, s, ok = after(s, '-'); !ok {
		return m, false
	}
	if m.Day, s, ok = after(s, '-'); !ok {
		return m, false
	}
	if s != "" && (s[0] == ' ' || s[0] == 'T') {
		if clock, ok := ParseClock(s[1:], 2); ok {
			m.HasTime, m.Clock = true, clock
			return m, true
		}
	}
	m.Rest = s
	return m, true
}

// ParseClock reads the form hh:mm or hh:mm:ss.ffffff. The hour may have up to hourDigits
// digits. The numbers may be those of a time that does not exist.
func ParseClock(s string, hourDigits int) (c Clock, ok bool) {
	if c.Hour, s, ok = count(s, 2, hourDigits); !ok {
		return c, false
	}
	if c.Minute, s, ok = after(s, ':'); !ok {
		return c, false
	}
	if second, rest, ok := after(s, ':'); ok {
		c.Second, s = second, rest
		if s != "" && s[0] == '.' {
			end := 1
			for end < len(s) && isDigit(s[end]) {
				end++
			}
			c.Fraction, s = strings.TrimRight(s[1:end], "0"), s[end:]
		}
	}
	c.Rest = s
	return c, true
}

// after reads two digits after a separator.
func after(s string, separator byte) (n int, rest string, ok bool) {
	if s == "" || s[0] != separator {
		return 0, s, false
	}
	return count(s[1:], 2, 2)
}

// count reads a number with at least and at most so many digits.
func count(s string, least, most int) (n int, rest string, ok bool) {
	i := 0
	for i < len(s) && i < most && isDigit(s[i]) {
		n = 10*n + int(s[i]-'0')
		i++
	}
	return n, s[i:], i >= least
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// AtMidnight reports whether all of the time of day is zero.
func (c Clock) AtMidnight() bool {
	return c.Hour == 0 && c.Minute == 0 && c.Second == 0 && c.Fraction == ""
}

// IsOffset reports whether a text after a time is an offset from UTC.
func IsOffset(s string) bool {
	return s == "Z" || s == "z" || s != "" && (s[0] == '+' || s[0] == '-') && strings.Trim(s[1:], "0123456789:") == ""
}

// Missing says whether the day or the time of day does not exist. A month or a day may be
// 0: some servers have such days.
func (m Moment) Missing() string {
	switch {
	case m.Hour > 23 || m.Minute > 59 || m.Second > 59:
		return NoTimeOfDay
	case m.Month > 12 || m.Day > 31 || m.Month > 0 && m.Day > daysIn(m.Year, m.Month):
		return NoDay
	}
	return ""
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	default:
		return 31
	}
}

// Before reports whether m is before o, as if both were in UTC.
func (m Moment) Before(o Moment) bool {
	if years := m.Year - o.Year; years < -1 || years > 1 {
		return years < 0
	}
	a, b := m.Unix(), o.Unix()
	return a < b || a == b && m.Fraction < o.Fraction
}

// Unix is the moment in whole seconds since 1970, as if it were in UTC.
func (m Moment) Unix() int64 {
	return time.Date(m.Year, time.Month(m.Month), m.Day, m.Hour, m.Minute, m.Second, 0, time.UTC).Unix()
}
