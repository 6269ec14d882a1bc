// Package jsontext finds parts of a JSON text that a database would change or drop.
package jsontext

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/rowsource"
)

// Keeps returns an error if an object in the JSON text has a key twice, or if number
// returns an error for one of its numbers. Number may be nil. The text must be valid JSON.
func Keeps(text string, number func(string) error) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	return keeps(d, number)
}

// keeps reads one value.
func keeps(d *json.Decoder, number func(string) error) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	switch t := token.(type) {
	case json.Number:
		if number != nil {
			return number(t.String())
		}
	case json.Delim:
		return members(d, t, number)
	}
	return nil
}

// members reads the contents of an object or array, and its end.
func members(d *json.Decoder, begin json.Delim, number func(string) error) error {
	seen := map[string]bool{}
	for d.More() {
		if begin == '{' {
			token, err := d.Token()
			if err != nil {
				return err
			}
			key, _ := token.(string)
			if seen[key] {
				return fmt.Errorf("has the key %s twice; the database would drop one of them", rowsource.Text(key))
			}
			seen[key] = true
		}
		if err := keeps(d, number); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// NegativeZero reports whether a number is a negative zero. A database may drop its sign.
func NegativeZero(number string) bool {
	digits, _, _ := strings.Cut(strings.ToLower(number), "e")
	return strings.HasPrefix(number, "-") && !strings.ContainsAny(digits, "123456789")
}
