package sqlite

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Quote quotes one name in double quotes.
func (Dialect) Quote(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// QuoteTable quotes a table's name with its schema. Otherwise SQLite would prefer a
// temporary table of the same name.
func (d Dialect) QuoteTable(i dialect.Ident) string {
	if i.Schema == "" {
		i.Schema = mainSchema
	}
	return d.Quote(i.Schema) + "." + d.Quote(i.Name)
}

// SameName ignores the case of ASCII letters only, as SQLite does.
func (Dialect) SameName(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lowerASCII(a[i]) != lowerASCII(b[i]) {
			return false
		}
	}
	return true
}

// Literal writes a value on one line.
func (Dialect) Literal(v rowsource.Value) string {
	switch v.Kind() {
	case rowsource.KindText:
		return text(v.Str())
	case rowsource.KindInteger:
		return integer(v.Int())
	case rowsource.KindReal:
		return real(v.Float())
	case rowsource.KindBlob:
		return "X'" + strings.ToUpper(hex.EncodeToString([]byte(v.Str()))) + "'"
	default:
		return "NULL"
	}
}

// text writes a text literal. The sqlite3 program drops a carriage return before a line
// feed and stops reading at a NUL byte, and other characters that do not print could hide
// the content of a line. So each such character is written as a marker that does not
// occur in the text, and replace() puts the character back. Concatenating with || would
// exceed SQLite's limit on the depth of an expression.
func text(s string) string {
	hidden := hiddenRunes(s)
	switch {
	case len(hidden) == 0:
		return quoteText(s)
	case len(hidden) > maxReplaces:
		half := middle(s)
		return "(" + text(s[:half]) + " || " + text(s[half:]) + ")"
	}
	escape := unusedEscape(s)
	marked := make([]string, 0, 2*len(hidden))
	for _, r := range hidden {
		marked = append(marked, string(r), marker(escape, r))
	}
	expr := quoteText(strings.NewReplacer(marked...).Replace(s))
	for _, r := range hidden {
		expr = fmt.Sprintf("replace(%s, '%s', char(%d))", expr, marker(escape, r), r)
	}
	return expr
}

// maxReplaces is the maximum depth of nested calls of replace(). The parser's stack has
// 100 entries in SQLite 3.40.
const maxReplaces = 8

func marker(escape string, r rune) string { return fmt.Sprintf("%s%02x;", escape, r) }

// hiddenRunes are the characters of s that do not print, once each. The NUL byte is the
// last one, since SQLite's text functions stop at it. Bytes that are not UTF-8 are not
// included: they stay unchanged.
func hiddenRunes(s string) []rune {
	var hidden []rune
	for i, r := range s {
		invalid := r == utf8.RuneError && s[i] != "\uFFFD"[0]
		if !unicode.IsPrint(r) && !invalid && !slices.Contains(hidden, r) {
			hidden = append(hidden, r)
			if len(hidden) > maxReplaces {
				break
			}
		}
	}
	slices.SortFunc(hidden, func(a, b rune) int { return int(b - a) })
	return hidden
}

// middle is the index of a character near the middle of s.
func middle(s string) int {
	half := len(s) / 2
	for half < len(s)-1 && !utf8.RuneStart(s[half]) {
		half++
	}
	return half
}

func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// unusedEscape returns the first of \, \0:, \1: and so on that s does not contain, so
// that a marker that begins with it cannot be confused with text of s.
func unusedEscape(s string) string {
	escape := `\`
	for n := 0; strings.Contains(s, escape); n++ {
		escape = `\` + strconv.Itoa(n) + `:`
	}
	return escape
}

// integer writes an integer literal. The smallest integer has none, since its absolute
// value does not fit in 64 bits.
func integer(n int64) string {
	if n == -1<<63 {
		return "(-9223372036854775807 - 1)"
	}
	return strconv.FormatInt(n, 10)
}

func real(f float64) string {
	return strconv.FormatFloat(f, 'e', 16, 64)
}

func lowerASCII(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
