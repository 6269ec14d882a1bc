package postgres

import (
	"errors"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/internal/spelling"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Checker rejects values that PostgreSQL rejects, so that a plan finds them, and values that
// PostgreSQL changes without an error: 0.125 becomes 0.13 in a numeric(4,2), a date loses
// its time of day, a timestamp without time zone its offset, a varchar the blanks beyond its
// length, and "now" becomes the current time
// (https://www.postgresql.org/docs/current/datatype-datetime.html). It leaves to PostgreSQL
// what only PostgreSQL knows: the conditions of a domain, and types that are not in checks.
func (Dialect) Checker(_ dialect.Server, t dialect.Table, c dialect.Column) valueCheck {
	check := typeCheck{parseType(bareType(c)), c.Type, c.Members}
	ofType := check.function()
	binary := check.family() == familyBytes
	takesNull := c.Nullable || len(t.Triggers) > 0 // a trigger may put something in its place
	return func(v rowsource.Value) error {
		switch v.Kind() {
		case rowsource.KindNull:
			if !takesNull {
				return errors.New("the column takes no NULL")
			}
			return nil
		case rowsource.KindText:
			if strings.IndexByte(v.Str(), 0) >= 0 {
				return errors.New("PostgreSQL keeps no NUL character in a text")
			}
		case rowsource.KindBlob:
			if !binary {
				return check.refuse("is binary")
			}
		default:
		}
		if ofType == nil {
			return nil
		}
		return ofType(v)
	}
}

// valueCheck returns an error for a bad value.
type valueCheck = func(rowsource.Value) error

// typeCheck checks the values of one column.
type typeCheck struct {
	columnType
	declared string
	members  []string
}

// checks is what is checked of the values of each type. No other place says which types
// are checked.
func checks() map[string]func(typeCheck) valueCheck {
	return map[string]func(typeCheck) valueCheck{
		"smallint": typeCheck.integer, "integer": typeCheck.integer, "bigint": typeCheck.integer, "oid": typeCheck.oid,
		"numeric": typeCheck.numeric, "money": typeCheck.money, "real": typeCheck.float, "double precision": typeCheck.float,
		"boolean": typeCheck.boolean, "bit": typeCheck.bits, "bit varying": typeCheck.bits,

		"text": typeCheck.text, "character varying": typeCheck.text, "character": typeCheck.text,
		"name": typeCheck.name, `"char"`: typeCheck.char, "bytea": typeCheck.bytes,

		"date": typeCheck.date, "timestamp without time zone": typeCheck.timestamp, "timestamp with time zone": typeCheck.timestamp,
		"time without time zone": typeCheck.time, "time with time zone": typeCheck.time,

		"json": typeCheck.json, "jsonb": typeCheck.jsonb, "uuid": typeCheck.uuid, "inet": typeCheck.inet, "cidr": typeCheck.cidr,

		"int4range": ofRange("integer"), "int8range": ofRange("bigint"), "numrange": ofRange("numeric"), "daterange": ofRange("date"),
		"tsrange": ofRange("timestamp without time zone"), "tstzrange": ofRange("timestamp with time zone"),
	}
}

// function is nil if only the server knows which values it takes.
func (c typeCheck) function() valueCheck {
	of := checks()[c.base]
	switch {
	case of != nil:
		return of(c)
	case strings.HasSuffix(c.base, arraySuffix):
		return c.array()
	case len(c.members) > 0:
		return c.member()
	}
	return nil
}

// refuse refuses a value if there is a reason.
func (c typeCheck) refuse(why string) error { return spelling.Refuse(why, c.declared) }
