package dialect

import (
	"strconv"
	"unicode/utf8"
)

// Rows writes a number of rows for a message: "1 row", "2 rows".
func Rows(n int64) string {
	if n == 1 {
		return "1 row"
	}
	return strconv.FormatInt(n, 10) + " rows"
}

// Cut splits a text into parts of about the given number of bytes. It does not split a
// character.
func Cut(s string, bytes int) []string {
	var parts []string
	for len(s) > bytes {
		at := bytes
		for at < len(s) && !utf8.RuneStart(s[at]) {
			at++
		}
		parts, s = append(parts, s[:at]), s[at:]
	}
	return append(parts, s)
}
