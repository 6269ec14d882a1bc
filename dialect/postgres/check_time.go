package postgres

import (
	"regexp"
	"strings"

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
		return nil
	}
	m := timestampText.FindStringSubmatch(s)
	switch {
	case v.Kind() != rowsource.KindText || m == nil:
		return c.refuse("is no date of the form 2006-01-02")
	case !midnight.MatchString(m[1]):
		return c.refuse("has a time of day, which would be dropped")
	case m[3] != "":
		return c.refuse("has an offset from UTC, which would be dropped")
	}
	return nil
}

func (c typeCheck) timestamp(v rowsource.Value) error {
	s := v.Str()
	if v.Kind() == rowsource.KindText && infinite.MatchString(s) {
		return nil
	}
	m := timestampText.FindStringSubmatch(s)
	switch {
	case v.Kind() != rowsource.KindText || m == nil:
		return c.refuse("is no time of the form 2006-01-02 15:04:05")
	case m[3] != "" && c.base == "timestamp without time zone":
		return c.refuse("has an offset from UTC, which would be dropped; write it without one")
	case c.cutsFraction(m[2]):
		return c.refuse("has a longer fraction of a second than the column")
	}
	return nil
}

func (c typeCheck) time(v rowsource.Value) error {
	m := timeText.FindStringSubmatch(v.Str())
	switch {
	case v.Kind() != rowsource.KindText || m == nil:
		return c.refuse("is no time of the form 15:04:05")
	case m[2] != "" && c.base == "time without time zone":
		return c.refuse("has an offset from UTC, which would be dropped; write it without one")
	case c.cutsFraction(m[1]):
		return c.refuse("has a longer fraction of a second than the column")
	}
	return nil
}

func (c typeCheck) cutsFraction(fraction string) bool {
	return len(strings.TrimRight(fraction, "0")) > c.arg(0, maxFraction)
}
