package mysql

import (
	"encoding/json"
	"errors"
	"fmt"
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
		return c.refuse(v, "is no JSON ("+err.Error()+")")
	}
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	if err := keepsJSON(d); err != nil {
		return c.refuse(v, err.Error())
	}
	return nil
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
