package mysql

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Checker refuses what the servers alter in strict mode without an error: 1.5
// becomes 2 in a column of integers, 0.125 becomes 0.13, '2' becomes the second
// member of an ENUM, '24-6-1' becomes a date
// (https://dev.mysql.com/doc/refman/8.4/en/precision-math-rounding.html).
// What they refuse by themselves is left to them. The same value written
// otherwise passes, although it will be read back as the column writes it: 007,
// +1 and 1e2 in a number, 10:11 for 10:11:00, a T between date and time, zeros
// behind a fraction of a second, a UUID in capitals, a JSON with other blanks.
//
// A NULL that the servers take is refused for the number, or the time of day, that
// they put in its place.
func (d Dialect) Checker(s dialect.Server, _ dialect.Table, c dialect.Column) func(rowsource.Value) error {
	return checker(s, d.field(c), c)
}

func checker(s dialect.Server, f field, c dialect.Column) func(rowsource.Value) error {
	check := typeCheck{field: f, declared: c.Type, zeroDates: zeroDatesOf(s)}.function()
	if check == nil && f.form == asHex && c.Nullable {
		return nil
	}
	return func(v rowsource.Value) error {
		switch {
		case v.IsNull() && c.Nullable:
			return nil
		case v.IsNull() && c.Assigned:
			return errors.New("NULL would become a number of the database's choice; leave the column out of the file to have the rows numbered")
		case v.IsNull():
			return errors.New("the column takes no NULL") // MariaDB gives a TIMESTAMP the time of day
		}
		v, err := f.readable(v)
		if err != nil || check == nil {
			return err
		}
		return check(v)
	}
}

// typeCheck checks the values of one column.
type typeCheck struct {
	field
	declared  string
	zeroDates zeroDates
}

// zeroDates says which dates the server's own SQL mode takes. The session lets all
// of them through, since rows that have them must be copied.
type zeroDates struct{ noZero, noPart bool }

func zeroDatesOf(s dialect.Server) zeroDates {
	modes := strings.Split(s.SQLMode, ",")
	return zeroDates{noZero: slices.Contains(modes, "NO_ZERO_DATE"), noPart: slices.Contains(modes, "NO_ZERO_IN_DATE")}
}

// refuses says why a date is none for the server; empty where it is one.
func (z zeroDates) refuses(day string) string {
	switch {
	case day == "0000-00-00" && z.noZero:
		return "is no date, by the server's SQL mode (NO_ZERO_DATE); write NULL for none"
	case day != "0000-00-00" && strings.Contains(day, "-00") && z.noPart:
		return "has a month or day 0, which the server's SQL mode (NO_ZERO_IN_DATE) forbids"
	}
	return ""
}

func (c typeCheck) refuse(why string) error {
	return fmt.Errorf("it %s, and the column's type is %s", why, c.declared)
}

func (c typeCheck) function() func(rowsource.Value) error {
	switch c.family() {
	case familyInteger:
		return c.number(0)
	case familyDecimal:
		return c.number(c.scale())
	case familyFloat:
		return c.float
	case familyText:
		return c.text()
	case familyBinary:
		if c.base == "binary" {
			return c.padded
		}
	case familyDate:
		return c.date
	case familyTime:
		return c.time
	case familyYear:
		return c.year
	case familyEnum:
		if c.base == "set" {
			return c.set()
		}
		return c.member()
	case familyBit:
		return c.bits
	case familyJSON:
		return c.json
	case familyGeometry:
		return c.bytes
	case familyOther:
		if c.form == asHex {
			return c.bytes
		}
	}
	return nil
}

// text finds values that would lose blanks: a VARCHAR cuts those beyond
// its length, a CHAR all at the end.
func (c typeCheck) text() func(rowsource.Value) error {
	switch c.base {
	case "char":
		return func(v rowsource.Value) error {
			if strings.HasSuffix(v.Str(), " ") {
				return c.refuse("ends in a blank, which would be dropped")
			}
			return nil
		}
	case "varchar":
		limit := c.capacity()
		return func(v rowsource.Value) error {
			s := v.Str()
			if len(s) > limit && s[len(s)-1] == ' ' && utf8.RuneCountInString(s) > limit {
				return c.refuse("ends in a blank, which would be cut")
			}
			return nil
		}
	case "longtext":
		return nil
	}
	limit := c.capacity()
	return func(v rowsource.Value) error {
		// A TEXT, too, takes what is longer by blanks only.
		if s := v.Str(); strings.HasSuffix(s, " ") && c.textBytes(s) > limit {
			return c.refuse("ends in a blank, which would be cut")
		}
		return nil
	}
}

// textBytes is how many bytes a text takes in the column's character set, at most.
func (c typeCheck) textBytes(s string) int {
	if strings.HasPrefix(c.charset, "utf8") {
		return len(s)
	}
	return utf8.RuneCountInString(s) * c.charBytes()
}

// padded: a BINARY is filled up with NUL bytes.
func (c typeCheck) padded(v rowsource.Value) error {
	length := len(plain(v))
	if n := c.arg(0, 1); length != n {
		return c.refuse(fmt.Sprintf("has %d bytes, and would be filled up to %d with NUL bytes", length, n))
	}
	return nil
}

var (
	dateText = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	// A date and time of day, its fraction, and an offset from UTC.
	datetimeText = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.([0-9]*))?)?)?(Z|z|[+-][0-9:]+)?$`)
	timeOfDay    = regexp.MustCompile(`[ T]00:00(?::00(?:\.0*)?)?$`)
	timeText     = regexp.MustCompile(`^-?[0-9]{2,3}:[0-9]{2}(?::[0-9]{2}(?:\.([0-9]*))?)?$`)
)

// date takes ISO dates only: the servers read '24-6-1', '2024/6/1' and
// '20240601' in ways of their own, and MySQL rounds a fraction that MariaDB
// cuts (https://dev.mysql.com/doc/refman/8.4/en/date-and-time-literals.html).
func (c typeCheck) date(v rowsource.Value) error {
	s := plain(v)
	if isDate := dateText.MatchString(s); isDate || datetimeText.MatchString(s) {
		if why := c.zeroDates.refuses(s[:len("2006-01-02")]); why != "" {
			return c.refuse(why)
		}
		if isDate {
			return nil
		}
	}
	m := datetimeText.FindStringSubmatch(s)
	switch {
	case m == nil:
		return c.refuse("is no date of the form 2006-01-02 15:04:05")
	case m[2] != "":
		return c.refuse("has an offset from UTC, which the servers convert or refuse, each in its own way; write it in UTC without one")
	case c.base == "date" && !timeOfDay.MatchString(s):
		return c.refuse("has a time of day, which would be dropped")
	case len(strings.TrimRight(m[1], "0")) > c.arg(0, 0):
		return c.refuse("has a longer fraction of a second than the column")
	}
	return nil
}

func (c typeCheck) time(v rowsource.Value) error {
	m := timeText.FindStringSubmatch(plain(v))
	switch {
	case m == nil:
		return c.refuse("is no time of the form 15:04:05")
	case len(strings.TrimRight(m[1], "0")) > c.arg(0, 0):
		return c.refuse("has a longer fraction of a second than the column")
	}
	return nil
}

// year: '69' would be 2069, and 0 the year 2000.
func (c typeCheck) year(v rowsource.Value) error {
	s := plain(v)
	if len(s) == 4 && isDigits(s) || v.Kind() == rowsource.KindInteger && v.Int() == 0 {
		return nil
	}
	return c.refuse("is no year of four digits")
}

// bytes takes what the servers give out for a GEOMETRY or VECTOR: a text of the
// right length would be taken for such bytes.
func (c typeCheck) bytes(v rowsource.Value) error {
	if v.Kind() != rowsource.KindBlob {
		return c.refuse("is text")
	}
	return nil
}

// bits: the servers would round 1.5, and take -1 for 64 bits.
func (c typeCheck) bits(v rowsource.Value) error {
	if _, err := bits(v); err != nil {
		return c.refuse(err.Error())
	}
	return nil
}
