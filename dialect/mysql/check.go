package mysql

import (
	"errors"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/internal/spelling"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Checker rejects values that the servers reject, so that a plan finds them, and values
// that the servers change without an error, even in strict mode: 1.5 becomes 2 in an
// integer column, 0.125 becomes 0.13, '2' becomes the second member of an ENUM, '24-6-1'
// becomes a date
// (https://dev.mysql.com/doc/refman/8.4/en/precision-math-rounding.html). It leaves to the
// servers what only they know: the characters of rare character sets, GEOMETRY and VECTOR. A
// value in another spelling passes, although the column returns it in its own spelling: 1.0
// and 1e2 in a number, 10:11 for 10:11:00, a T between date and time, trailing zeros in a
// fraction of a second, a UUID in capitals, JSON with other blanks.
//
// It also rejects a NULL that the servers would replace by a number or the current time.
func (d Dialect) Checker(s dialect.Server, _ dialect.Table, c dialect.Column) valueCheck {
	return checker(s, d.field(c), c, mysqlLimits)
}

// valueCheck returns an error for a bad value.
type valueCheck = func(rowsource.Value) error

// limits are bounds that differ between the servers.
type limits struct {
	// firstTimestamp and lastTimestamp are those of a TIMESTAMP in UTC.
	firstTimestamp, lastTimestamp string
	// longestFraction is the largest fraction of a second after 838:59:59.
	longestFraction string
	// lacks says which character a character set lacks; see [lacking].
	lacks func(charset string) func(text string) string
}

var mysqlLimits = limits{firstTimestamp: "1970-01-01 00:00:01", lastTimestamp: timestampsTo2038, lacks: lacking}

func checker(s dialect.Server, f field, c dialect.Column, l limits) valueCheck {
	check := typeCheck{field: f, declared: c.Type, zeroDates: zeroDatesOf(s), limits: l}.function()
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
	limits    limits
}

// checks is what is checked of the values of each type. No other place says which types
// are checked.
func checks() map[string]func(typeCheck) valueCheck {
	return map[string]func(typeCheck) valueCheck{
		"tinyint": typeCheck.integer, "smallint": typeCheck.integer, "mediumint": typeCheck.integer, "int": typeCheck.integer, "bigint": typeCheck.integer,
		"decimal": typeCheck.decimal, "float": typeCheck.float, "double": typeCheck.float,
		"bit": typeCheck.bit, "year": typeCheck.year,

		"char": typeCheck.char, "varchar": typeCheck.varchar,
		"tinytext": typeCheck.text, "text": typeCheck.text, "mediumtext": typeCheck.text, "longtext": typeCheck.text,
		"binary": typeCheck.binary, "varbinary": typeCheck.bytes, "tinyblob": typeCheck.bytes, "blob": typeCheck.bytes, "mediumblob": typeCheck.bytes,
		"enum": typeCheck.member, "set": typeCheck.set,

		"date": typeCheck.date, "datetime": typeCheck.date, "timestamp": typeCheck.timestamp, "time": typeCheck.time,

		"json": typeCheck.json, "uuid": typeCheck.uuid, "inet4": typeCheck.inet4, "inet6": typeCheck.inet6,

		"geometry": typeCheck.encoded, "point": typeCheck.encoded, "linestring": typeCheck.encoded, "polygon": typeCheck.encoded,
		"multipoint": typeCheck.encoded, "multilinestring": typeCheck.encoded, "multipolygon": typeCheck.encoded,
		"geometrycollection": typeCheck.encoded, "geomcollection": typeCheck.encoded, "vector": typeCheck.encoded,
	}
}

// function is nil if the server takes every value as it is.
func (c typeCheck) function() valueCheck {
	if of := checks()[c.base]; of != nil {
		return of(c)
	}
	return nil
}

// refuse refuses a value if there is a reason.
func (c typeCheck) refuse(why string) error { return spelling.Refuse(why, c.declared) }

// zeroDates says which dates the server's own SQL mode accepts. The session accepts all
// of them, since existing rows with such dates must be copied.
type zeroDates struct{ noZero, noPart bool }

func zeroDatesOf(s dialect.Server) zeroDates {
	modes := strings.Split(s.SQLMode, ",")
	return zeroDates{noZero: slices.Contains(modes, "NO_ZERO_DATE"), noPart: slices.Contains(modes, "NO_ZERO_IN_DATE")}
}

// refuses says why the server's SQL mode rejects a date. It is empty if it does not.
func (z zeroDates) refuses(m spelling.Moment) string {
	switch {
	case isZeroDate(m) && z.noZero:
		return "is no date, by the server's SQL mode (NO_ZERO_DATE); write NULL for none"
	case !isZeroDate(m) && (m.Month == 0 || m.Day == 0) && z.noPart:
		return "has a month or day 0, which the server's SQL mode (NO_ZERO_IN_DATE) forbids"
	}
	return ""
}

func isZeroDate(m spelling.Moment) bool { return m.Year == 0 && m.Month == 0 && m.Day == 0 }
