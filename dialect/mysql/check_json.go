package mysql

import (
	"errors"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/internal/jsontext"
	"github.com/tablesnap/tablesnap/dialect/internal/number"
	"github.com/tablesnap/tablesnap/dialect/internal/spelling"
	"github.com/tablesnap/tablesnap/rowsource"
)

// json rejects values that MySQL and TiDB would reject or change. They store what a JSON
// text means and not the text itself: they sort its keys, normalize its numbers and
// characters and drop its blanks. That is the purpose of the type. But they also drop the
// first of two equal keys, and store a number that is no 64-bit integer as a double
// (https://dev.mysql.com/doc/refman/8.4/en/json.html#json-normalization).
func (c typeCheck) json() valueCheck {
	// deepest is how many arrays and objects can be inside one another.
	const deepest = 100
	return func(v rowsource.Value) error {
		s := plain(v)
		if why := jsontext.Invalid(s); why != "" {
			return c.refuse(why)
		}
		switch {
		case jsontext.HasHalfPair(s): // MySQL rejects it and TiDB turns it into U+FFFD
			return c.refuse(jsontext.HalfPair)
		case strings.Count(s, "[")+strings.Count(s, "{") > deepest && jsontext.Depth(s) > deepest:
			return c.refuse("has more arrays and objects inside one another than the server takes")
		}
		if err := jsontext.Keeps(s, keepsJSONNumber); err != nil {
			return c.refuse(err.Error())
		}
		return nil
	}
}

func keepsJSONNumber(s string) error {
	if s == "-0" { // the server reads an integer, which has no negative zero; -0.0 has one
		return errors.New("has a -0 in it, which the server keeps as 0")
	}
	if _, err := strconv.ParseInt(s, 10, 64); err == nil {
		return nil
	}
	if _, err := strconv.ParseUint(s, 10, 64); err == nil {
		return nil
	}
	n, ok := number.Parse(s)
	why := spelling.TooLarge
	if ok {
		why = doubles.loses(s, n)
	}
	switch why {
	case spelling.TooLarge:
		return errors.New("has a number in it that is too large for the server")
	case spelling.TooManyDigits:
		return errors.New("has a number of more digits in it than the server keeps")
	}
	return nil
}

// checkedJSON rejects a text that is no JSON. MariaDB's JSON is a text with a condition, and
// is stored unchanged. It also takes escapes and numbers that are not those of JSON, and
// refuses what is deeply nested, which both are left to it
// (https://mariadb.com/docs/server/reference/sql-functions/special-functions/json-functions/json_valid).
func checkedJSON(c dialect.Column, check valueCheck) valueCheck {
	return func(v rowsource.Value) error {
		if err := check(v); err != nil || v.IsNull() {
			return err
		}
		why := jsontext.Invalid(plain(v))
		if why == "" || strings.Contains(why, "escape") || strings.Contains(why, "numeric literal") {
			return nil
		}
		return typeCheck{declared: c.Type}.refuse(why)
	}
}
