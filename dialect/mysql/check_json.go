package mysql

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect/internal/jsontext"
	"github.com/tablesnap/tablesnap/rowsource"
)

// json rejects values that MySQL and TiDB would change. They store what a JSON text means
// and not the text itself: they sort its keys, normalize its numbers and characters and
// drop its blanks. That is the purpose of the type. But they also drop the first of two
// equal keys, and store a number that is no 64-bit integer as a double
// (https://dev.mysql.com/doc/refman/8.4/en/json.html#json-normalization). MariaDB's JSON
// is a text and is stored unchanged.
func (c typeCheck) json(v rowsource.Value) error {
	s := plain(v)
	var whole json.RawMessage
	if err := json.Unmarshal([]byte(s), &whole); err != nil {
		return c.refuse("is no JSON (" + err.Error() + ")")
	}
	if halfPair(s) {
		return c.refuse("has half of a surrogate pair in it")
	}
	if err := jsontext.Keeps(s, keepsJSONNumber); err != nil {
		return c.refuse(err.Error())
	}
	return nil
}

// escape matches an escape in a JSON string. Half of a surrogate pair is a group of its
// own.
var escape = regexp.MustCompile(`(?s)\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)`)

// halfPair finds half of a surrogate pair. MySQL rejects it and TiDB turns it into
// U+FFFD.
func halfPair(s string) bool {
	return strings.Contains(s, `\u`) && slices.ContainsFunc(escape.FindAllStringSubmatch(s, -1), func(m []string) bool { return m[1] != "" })
}

func keepsJSONNumber(n string) error {
	if n == "-0" { // the server reads an integer, which has no negative zero; -0.0 has one
		return errors.New("has a -0 in it, which the server keeps as 0")
	}
	if _, err := strconv.ParseInt(n, 10, 64); err == nil {
		return nil
	}
	if _, err := strconv.ParseUint(n, 10, 64); err == nil {
		return nil
	}
	if !keepsDigits(n, 64) {
		return errors.New("has a number of more digits in it than the server keeps")
	}
	return nil
}
