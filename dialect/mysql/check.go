package mysql

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/internal/spelling"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Checker rejects values that the servers change without an error, even in strict mode:
// 1.5 becomes 2 in an integer column, 0.125 becomes 0.13, '2' becomes the second member
// of an ENUM, '24-6-1' becomes a date
// (https://dev.mysql.com/doc/refman/8.4/en/precision-math-rounding.html). It leaves to
// the servers what they reject by themselves. A value in another spelling passes,
// although the column returns it in its own spelling: 1.0 and 1e2 in a number, 10:11 for
// 10:11:00, a T between date and time, trailing zeros in a fraction of a second, a
// UUID in capitals, JSON with other blanks.
//
// It also rejects a NULL that the servers would replace by a number or the current time.
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
			return errors.New("the column takes no NULL") // MariaDB replaces NULL in a TIMESTAMP by the current time
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

// zeroDates says which dates the server's own SQL mode accepts. The session accepts all
// of them, since existing rows with such dates must be copied.
type zeroDates struct{ noZero, noPart bool }

func zeroDatesOf(s dialect.Server) zeroDates {
	modes := strings.Split(s.SQLMode, ",")
	return zeroDates{noZero: slices.Contains(modes, "NO_ZERO_DATE"), noPart: slices.Contains(modes, "NO_ZERO_IN_DATE")}
}

// refuses says why the server's SQL mode rejects a date. It is empty if it does not.
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

// text rejects values that would lose trailing blanks. A VARCHAR cuts those beyond its
// length, a CHAR cuts all of them.
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
		// A TEXT also accepts a value that is too long only because of blanks.
		if s := v.Str(); strings.HasSuffix(s, " ") && c.textBytes(s) > limit {
			return c.refuse("ends in a blank, which would be cut")
		}
		return nil
	}
}

// textBytes is the maximum size of a text in the column's character set.
func (c typeCheck) textBytes(s string) int {
	if strings.HasPrefix(c.charset, "utf8") {
		return len(s)
	}
	return utf8.RuneCountInString(s) * c.charBytes()
}

// padded rejects values that a BINARY would pad with NUL bytes.
func (c typeCheck) padded(v rowsource.Value) error {
	length := len(plain(v))
	if n := c.arg(0, 1); length != n {
		return c.refuse(fmt.Sprintf("has %d bytes, and would be filled up to %d with NUL bytes", length, n))
	}
	return nil
}

var (
	dateText = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	// A date, a time of day, its fraction, and an offset from UTC.
	datetimeText = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.([0-9]*))?)?)?(Z|z|[+-][0-9:]+)?$`)
	timeOfDay    = regexp.MustCompile(`[ T]00:00(?::00(?:\.0*)?)?$`)
	timeText     = regexp.MustCompile(`^-?[0-9]{2,3}:[0-9]{2}(?::[0-9]{2}(?:\.([0-9]*))?)?$`)
)

// date accepts only ISO dates. The servers read '24-6-1', '2024/6/1' and '20240601' in
// their own ways, and MySQL rounds a fraction that MariaDB truncates
// (https://dev.mysql.com/doc/refman/8.4/en/date-and-time-literals.html).
func (c typeCheck) date(v rowsource.Value) error {
	s := plain(v)
	if isDate := dateText.MatchString(s); isDate || datetimeText.MatchString(s) {
		if why := cmp.Or(c.zeroDates.refuses(s[:len("YYYY-MM-DD")]), spelling.Moment(s)); why != "" {
			return c.refuse(why)
		}
		if isDate {
			return nil
		}
	}
	m := datetimeText.FindStringSubmatch(s)
	switch {
	case m == nil:
		return c.refuse(c.noDate())
	case m[2] != "":
		return c.refuse(spelling.Offset)
	case c.base == "date" && !timeOfDay.MatchString(s):
		return c.refuse(spelling.TimeOfDay)
	case len(strings.TrimRight(m[1], "0")) > c.arg(0, 0):
		return c.refuse(spelling.LongFraction)
	}
	return nil
}

func (c typeCheck) noDate() string {
	if c.base == "date" {
		return spelling.NoDate
	}
	return spelling.NoTimestamp
}

func (c typeCheck) time(v rowsource.Value) error {
	m := timeText.FindStringSubmatch(plain(v))
	switch {
	case m == nil:
		return c.refuse(spelling.NoTime)
	case len(strings.TrimRight(m[1], "0")) > c.arg(0, 0):
		return c.refuse(spelling.LongFraction)
	}
	return nil
}

// year rejects short years: '69' would become 2069, and 0 would become 2000.
func (c typeCheck) year(v rowsource.Value) error {
	s := plain(v)
	if len(s) == 4 && isDigits(s) || v.Kind() == rowsource.KindInteger && v.Int() == 0 {
		return nil
	}
	return c.refuse("is no year of four digits")
}

// bytes accepts only the bytes that the servers return for a GEOMETRY or VECTOR. The
// servers would accept a text of the right length as such bytes.
func (c typeCheck) bytes(v rowsource.Value) error {
	if v.Kind() != rowsource.KindBlob {
		return c.refuse("is text")
	}
	return nil
}

// bits rejects 1.5, which the servers would round, and -1, which they would read as 64
// bits.
func (c typeCheck) bits(v rowsource.Value) error {
	if _, err := bits(v); err != nil {
		return c.refuse(err.Error())
	}
	return nil
}
