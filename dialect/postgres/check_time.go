package postgres

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect/internal/spelling"
	"github.com/tablesnap/tablesnap/rowsource"
)

const (
	// yearDigits is the number of digits of the last year.
	yearDigits = 7
	// beforeChrist ends dates before the year 1.
	beforeChrist = " BC"
	// The ranges of dates and timestamps
	// (https://www.postgresql.org/docs/current/datatype-datetime.html).
	firstDay, lastDay   = "4714-11-24 BC", "5874897-12-31"
	firstTime, lastTime = "4714-11-24 00:00:00 BC", "294276-12-31 23:59:59.999999"
	// maxOffset is the longest offset from UTC in seconds.
	maxOffset = 16*60*60 - 1
)

var infinite = regexp.MustCompile(`(?i)^-?infinity$`)

// moment is a date and time with its offset from UTC.
type moment struct {
	spelling.Moment
	offset string
	bc     bool
}

// parseMoment reads the ISO form. The server reads 03/04/2024 as DateStyle says, and "today"
// as the day of the run.
func parseMoment(s string) (m moment, ok bool) {
	m.Moment, ok = spelling.ParseMoment(s, yearDigits)
	m.offset, m.bc = strings.CutSuffix(m.Rest, beforeChrist)
	return m, ok && (m.offset == "" || m.HasTime && spelling.IsOffset(m.offset))
}

// astronomical has the years before 1 as 0, -1, and so on.
func (m moment) astronomical() spelling.Moment {
	a := m.Moment
	a.Year = m.year()
	return a
}

// missing says whether the day or the time of day does not exist. The server would take
// 24:00:00 for the next day.
func (m moment) missing() string {
	if m.Year == 0 || m.Month == 0 || m.Day == 0 {
		return spelling.NoDay
	}
	return m.astronomical().Missing()
}

// year is as astronomers count.
func (m moment) year() int {
	if m.bc {
		return 1 - m.Year
	}
	return m.Year
}

// utc is the moment in UTC, in seconds since 1970.
func (m moment) utc() int64 {
	seconds, _ := offsetSeconds(m.offset)
	return m.astronomical().Unix() - int64(seconds)
}

// before reports whether m is before o.
func (m moment) before(o moment) bool {
	if years := m.year() - o.year(); years < -1 || years > 1 { // more than an offset from UTC
		return years < 0
	}
	a, b := m.utc(), o.utc()
	return a < b || a == b && m.Fraction < o.Fraction
}

// span is the range of a type, both ends included.
type span struct{ first, last moment }

func spanOf(first, last string) span {
	a, okA := parseMoment(first)
	b, okB := parseMoment(last)
	if !okA || !okB {
		panic("no span: " + first + " to " + last)
	}
	return span{a, b}
}

func (s span) has(m moment) bool { return !m.before(s.first) && !s.last.before(m) }

func (c typeCheck) date() valueCheck {
	days := spanOf(firstDay, lastDay)
	return func(v rowsource.Value) error {
		if v.Kind() == rowsource.KindText && spelling.IsPlainDay(v.Str()) {
			return nil
		}
		m, ok := parseMoment(v.Str())
		switch {
		case !ok && infinite.MatchString(v.Str()):
			return nil
		case v.Kind() != rowsource.KindText || !ok:
			return c.refuse(spelling.NoDate)
		case !m.AtMidnight():
			return c.refuse(spelling.TimeOfDay)
		case m.offset != "":
			return c.refuse(spelling.Offset)
		case m.missing() != "":
			return c.refuse(m.missing())
		case !days.has(m):
			return c.refuse(spelling.Between(firstDay, lastDay))
		}
		return nil
	}
}

func (c typeCheck) timestamp() valueCheck {
	times := spanOf(firstTime, lastTime)
	return func(v rowsource.Value) error {
		if v.Kind() == rowsource.KindText && (spelling.IsPlainMoment(v.Str()) || spelling.IsPlainDay(v.Str())) {
			return nil
		}
		m, ok := parseMoment(v.Str())
		switch {
		case !ok && v.Kind() == rowsource.KindText && infinite.MatchString(v.Str()):
			return nil
		case v.Kind() != rowsource.KindText || !ok:
			return c.refuse(spelling.NoTimestamp)
		case m.offset != "" && c.base == "timestamp without time zone":
			return c.refuse(spelling.Offset)
		case c.cutsFraction(m.Fraction):
			return c.refuse(spelling.LongFraction)
		case m.missing() != "":
			return c.refuse(m.missing())
		}
		if _, ok := offsetSeconds(m.offset); !ok {
			return c.refuse(noOffset)
		}
		if !times.has(m) {
			return c.refuse(spelling.Between(firstTime, lastTime))
		}
		return nil
	}
}

const noOffset = "has an offset from UTC that does not exist"

// time accepts 24:00:00, which the server keeps.
func (c typeCheck) time() valueCheck {
	return func(v rowsource.Value) error {
		t, ok := spelling.ParseClock(v.Str(), 2)
		seconds := t.Hour*60*60 + t.Minute*60 + t.Second
		const day = 24 * 60 * 60
		switch {
		case v.Kind() != rowsource.KindText || !ok || t.Rest != "" && !spelling.IsOffset(t.Rest):
			return c.refuse(spelling.NoTime)
		case t.Rest != "" && c.base == "time without time zone":
			return c.refuse(spelling.Offset)
		case c.cutsFraction(t.Fraction):
			return c.refuse(spelling.LongFraction)
		case t.Minute > 59 || t.Second > 59 || seconds > day || seconds == day && t.Fraction != "":
			return c.refuse(spelling.NoTimeOfDay)
		}
		if _, ok := offsetSeconds(t.Rest); !ok {
			return c.refuse(noOffset)
		}
		return nil
	}
}

// offsetSeconds is an offset from UTC: +2, +02, +0230, +02:30 or +02:30:15. Digits without
// colons may also have seconds, in newer servers.
func offsetSeconds(s string) (seconds int, ok bool) {
	if s == "" || s == "Z" || s == "z" {
		return 0, true
	}
	parts := strings.Split(s[1:], ":")
	if digits := parts[0]; len(parts) == 1 && len(digits) > 2 {
		if len(digits) > 6 {
			return 0, false
		}
		parts = nil
		for ; len(digits) > 2; digits = digits[:len(digits)-2] {
			parts = append([]string{digits[len(digits)-2:]}, parts...)
		}
		parts = append([]string{digits}, parts...)
	}
	if len(parts) > 3 {
		return 0, false
	}
	for i, unit := range []int{60 * 60, 60, 1}[:len(parts)] {
		n, err := strconv.Atoi(parts[i])
		if err != nil || len(parts[i]) > 2 || i > 0 && n > 59 {
			return 0, false
		}
		seconds += n * unit
	}
	if s[0] == '-' {
		return -seconds, seconds <= maxOffset
	}
	return seconds, seconds <= maxOffset
}

func (c typeCheck) cutsFraction(fraction string) bool {
	return len(fraction) > c.arg(0, maxFraction)
}
