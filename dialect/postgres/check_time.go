package postgres

import (
	"regexp"
	"strings"

	"github.com/tablesnap/tablesnap/dialect/internal/spelling"
	"github.com/tablesnap/tablesnap/rowsource"
)

var (
	dateText = regexp.MustCompile(`^[0-9]{4,}-[0-9]{2}-[0-9]{2}( BC)?$`)
	// A date, a time of day, its fraction, and an offset from UTC.
	timestampText = regexp.MustCompile(`^[0-9]{4,}-[0-9]{2}-[0-9]{2}(?:[ T]([0-9]{2}:[0-9]{2}(?::[0-5][0-9](?:\.([0-9]*))?)?)(Z|z|[+-][0-9:]+)?)?( BC)?$`)
	timeText      = regexp.MustCompile(`^[0-9]{2}:[0-9]{2}(?::[0-5][0-9](?:\.([0-9]*))?)?(Z|z|[+-][0-9:]+)?$`)
	midnight      = regexp.MustCompile(`^00:00(?::00(?:\.0*)?)?$`)
	infinite      = regexp.MustCompile(`^-?infinity$`)
)

// date accepts only ISO dates. The server reads 03/04/2024 as DateStyle says, and "today"
// as the day of the run.
func (c typeCheck) date(v rowsource.Value) error {
	s := v.Str()
	if v.Kind() == rowsource.KindText && (dateText.MatchString(s) || infinite.MatchString(s)) {
		return c.exists(s)
	}
	m := timestampText.FindStringSubmatch(s)
	switch {
	case v.Kind() != rowsource.KindText || m == nil:
		return c.refuse(spelling.NoDate)
	case !midnight.MatchString(m[1]):
		return c.refuse(spelling.TimeOfDay)
	case m[3] != "":
		return c.refuse(spelling.Offset)
	}
	return c.exists(s)
}

// exists refuses days and times of day that do not exist. The server would take 24:00:00 for
// the next day.
func (c typeCheck) exists(s string) error {
	if why := spelling.Moment(s); why != "" && !strings.HasSuffix(s, beforeChrist) {
		return c.refuse(why)
	}
	return nil
}

// beforeChrist ends dates whose leap years are others.
const beforeChrist = " BC"

func (c typeCheck) timestamp(v rowsource.Value) error {
	s := v.Str()
	if v.Kind() == rowsource.KindText && infinite.MatchString(s) {
		return nil
	}
	m := timestampText.FindStringSubmatch(s)
	switch {
	case v.Kind() != rowsource.KindText || m == nil:
		return c.refuse(spelling.NoTimestamp)
	case m[3] != "" && c.base == "timestamp without time zone":
		return c.refuse(spelling.Offset)
	case c.cutsFraction(m[2]):
		return c.refuse(spelling.LongFraction)
	}
	return c.exists(s)
}

func (c typeCheck) time(v rowsource.Value) error {
	m := timeText.FindStringSubmatch(v.Str())
	switch {
	case v.Kind() != rowsource.KindText || m == nil:
		return c.refuse(spelling.NoTime)
	case m[2] != "" && c.base == "time without time zone":
		return c.refuse(spelling.Offset)
	case c.cutsFraction(m[1]):
		return c.refuse(spelling.LongFraction)
	}
	return nil
}

func (c typeCheck) cutsFraction(fraction string) bool {
	return len(strings.TrimRight(fraction, "0")) > c.arg(0, maxFraction)
}
