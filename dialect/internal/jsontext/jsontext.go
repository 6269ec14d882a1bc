// Package jsontext finds parts of a JSON text that a database would reject, change or drop.
package jsontext

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/rowsource"
)

// HalfPair is what is wrong with a text for which [HasHalfPair] is true.
const HalfPair = "has half of a surrogate pair in it"

// Invalid says why a text is no JSON. It is empty if the text is JSON, or so deeply nested
// that only a database can tell.
func Invalid(text string) string {
	var whole json.RawMessage
	err := json.Unmarshal([]byte(text), &whole)
	if err == nil || strings.Contains(err.Error(), "exceeded max depth") {
		return ""
	}
	return "is no JSON (" + err.Error() + ")"
}

// Depth is how many objects and arrays of a JSON text are inside one another.
func Depth(text string) int {
	depth, deepest, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
			deepest = max(deepest, depth)
		case c == ']' || c == '}':
			depth--
		}
	}
	return deepest
}

// escape matches an escape in a JSON string. Half of a surrogate pair is a group of its
// own.
var escape = regexp.MustCompile(`(?s)\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|(u0000)|.)`)

// HasHalfPair reports whether half of a surrogate pair is in a JSON text.
func HasHalfPair(text string) bool { return hasEscape(text, 1) }

// HasNUL reports whether an escaped NUL character is in a JSON text.
func HasNUL(text string) bool { return hasEscape(text, 2) }

func hasEscape(text string, group int) bool {
	return strings.Contains(text, `\u`) && slices.ContainsFunc(escape.FindAllStringSubmatch(text, -1), func(m []string) bool { return m[group] != "" })
}

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
