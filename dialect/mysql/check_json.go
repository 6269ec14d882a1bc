package mysql

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/rowsource"
)

// json holds a value to what MySQL and TiDB keep of it: not the text, but what it
// means. They sort its keys, write its numbers and letters in one way and drop
// its blanks, which is what the type is for. Of a key that comes twice they drop
// the first, and a number that is no 64-bit integer they keep as a double
// (https://dev.mysql.com/doc/refman/8.4/en/json.html#json-normalization).
// MariaDB's JSON is a text, and kept as it is.
func (c typeCheck) json(v rowsource.Value) error {
	s := plain(v)
	var whole json.RawMessage
	if err := json.Unmarshal([]byte(s), &whole); err != nil {
		return c.refuse("is no JSON (" + err.Error() + ")")
	}
	if halfPair(s) {
		return c.refuse("has half of a surrogate pair in it")
	}
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	if err := keepsJSON(d); err != nil {
		return c.refuse(err.Error())
	}
	return nil
}

// escape is one in a JSON string; half of a surrogate pair is a group of its own.
var escape = regexp.MustCompile(`(?s)\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)`)

// halfPair finds what MySQL refuses and TiDB turns into U+FFFD.
func halfPair(s string) bool {
	return strings.Contains(s, `\u`) && slices.ContainsFunc(escape.FindAllStringSubmatch(s, -1), func(m []string) bool { return m[1] != "" })
}

// keepsJSON reads one value.
func keepsJSON(d *json.Decoder) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	switch t := token.(type) {
	case json.Number:
		return keepsJSONNumber(t.String())
	case json.Delim:
		return keepsJSONMembers(d, t)
	}
	return nil
}

// keepsJSONMembers reads what is in an object or array, and its end.
func keepsJSONMembers(d *json.Decoder, begin json.Delim) error {
	seen := map[string]bool{}
	for d.More() {
		if begin == '{' {
			token, err := d.Token()
			if err != nil {
				return err
			}
			key, _ := token.(string)
			if seen[key] {
				return fmt.Errorf("has the key %s twice, of which one would be dropped", rowsource.Text(key))
			}
			seen[key] = true
		}
		if err := keepsJSON(d); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

func keepsJSONNumber(n string) error {
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
