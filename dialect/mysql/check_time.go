package mysql

import (
	"regexp"
	"strings"

	"github.com/tablesnap/tablesnap/dialect/internal/number"
	"github.com/tablesnap/tablesnap/dialect/internal/spelling"
	"github.com/tablesnap/tablesnap/rowsource"
)

// timestampsTo2038 and timestampsTo2106 are the last moments of a TIMESTAMP, whose seconds
// have 32 bits with or without a sign.
const (
	timestampsTo2038 = "2038-01-19 03:14:07"
	timestampsTo2106 = "2106-02-07 06:28:15"
)

// yearDigits is the number of digits of a year.
const yearDigits = 4

// timeOfDay is that of a date, where it says nothing.
var timeOfDay = regexp.MustCompile(`[ T]00:00(?::00(?:\.0*)?)?$`)

// date accepts only ISO dates. The servers read '24-6-1', '2024/6/1' and '20240601' in
// their own ways, and MySQL rounds a fraction that MariaDB truncates
// (https://dev.mysql.com/doc/refman/8.4/en/date-and-time-literals.html).
func (c typeCheck) date() valueCheck {
	return func(v rowsource.Value) error {
		s := plain(v)
		if spelling.IsPlainDay(s) || c.base != "date" && spelling.IsPlainMoment(s) {
			return nil
		}
		_, why := c.moment(s)
		return c.refuse(why)
	}
}

// timestamp also rejects what is out of a TIMESTAMP's range. The session's time zone is UTC.
func (c typeCheck) timestamp() valueCheck {
	from, to := c.limits.firstTimestamp, c.limits.lastTimestamp
	first, _ := spelling.ParseMoment(from, yearDigits)
	last, _ := spelling.ParseMoment(to, yearDigits)
	last.Fraction = "999999"
	return func(v rowsource.Value) error {
		m, why := c.moment(plain(v))
		switch {
		case why != "":
			return c.refuse(why)
		case isZeroDate(m) && m.AtMidnight():
			return nil
		case m.Month == 0 || m.Day == 0:
			return c.refuse(spelling.NoDay)
		case m.Before(first) || last.Before(m):
			return c.refuse(spelling.Between(from, to))
		}
		return nil
	}
}

// moment reads a date, and says what is wrong with it.
func (c typeCheck) moment(s string) (m spelling.Moment, why string) {
	m, ok := spelling.ParseMoment(s, yearDigits)
	if !ok || m.Rest != "" && !spelling.IsOffset(m.Rest) {
		return m, c.noDate()
	}
	if why := c.zeroDates.refuses(m); why != "" {
		return m, why
	}
	switch missing := m.Missing(); {
	case missing != "":
		return m, missing
	case m.Year == 0 && m.Month == 2 && m.Day == 29: // for the servers, 0 is no leap year
		return m, spelling.NoDay
	case m.Rest != "":
		return m, spelling.Offset
	case c.base == "date" && !m.AtMidnight():
		return m, spelling.TimeOfDay
	case c.base != "date" && len(m.Fraction) > c.arg(0, 0):
		return m, spelling.LongFraction
	}
	return m, ""
}

func (c typeCheck) noDate() string {
	if c.base == "date" {
		return spelling.NoDate
	}
	return spelling.NoTimestamp
}

// time accepts a length of time of up to 838 hours
// (https://dev.mysql.com/doc/refman/8.4/en/time.html).
func (c typeCheck) time() valueCheck {
	const hours = 838
	return func(v rowsource.Value) error {
		t, ok := spelling.ParseClock(strings.TrimPrefix(plain(v), "-"), len("838"))
		longest := t.Hour == hours && t.Minute == 59 && t.Second == 59
		switch {
		case !ok || t.Rest != "":
			return c.refuse(spelling.NoTime)
		case t.Minute > 59 || t.Second > 59:
			return c.refuse(spelling.NoTimeOfDay)
		case len(t.Fraction) > c.arg(0, 0):
			return c.refuse(spelling.LongFraction)
		case t.Hour > hours || longest && t.Fraction > c.limits.longestFraction:
			return c.refuse(spelling.Between("-838:59:59", "838:59:59"))
		}
		return nil
	}
}

// year rejects short years: '69' would become 2069, and 0 would become 2000
// (https://dev.mysql.com/doc/refman/8.4/en/year.html).
func (c typeCheck) year() valueCheck {
	return func(v rowsource.Value) error {
		s := plain(v)
		switch {
		case v.Kind() == rowsource.KindInteger && v.Int() == 0, s == "0000":
			return nil
		case len(s) != yearDigits || !number.IsDigits(s):
			return c.refuse("is no year of four digits")
		case s < "1901" || s > "2155":
			return c.refuse(spelling.Between("1901", "2155"))
		}
		return nil
	}
}
