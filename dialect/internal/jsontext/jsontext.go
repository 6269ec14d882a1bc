// Package jsontext looks for what a database would not keep of a JSON text.
package jsontext

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/rowsource"
)

// Keeps refuses valid JSON in which an object has a key twice, or a number that the
// function refuses; it may be nil.
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

// members reads what is in an object or array, and its end.
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

// NegativeZero finds a 0 with a sign, which a database may keep without.
func NegativeZero(number string) bool {
	digits, _, _ := strings.Cut(strings.ToLower(number), "e")
	return strings.HasPrefix(number, "-") && !strings.ContainsAny(digits, "123456789")
}
