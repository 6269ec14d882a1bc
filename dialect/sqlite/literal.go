package sqlite

import (
	"encoding/hex"
	"encoding/json"
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

// QuoteTable quotes a table's name with its schema, so that a temporary table
// of the same name cannot stand in front of it.
func (d Dialect) QuoteTable(i dialect.Ident) string {
	if i.Schema == "" {
		i.Schema = mainSchema
	}
	return d.Quote(i.Schema) + "." + d.Quote(i.Name)
}

// SameName folds ASCII letters only, as SQLite does.
func (Dialect) SameName(a, b string) bool { return foldASCII(a) == foldASCII(b) }

// Literal writes a value on one line of plain text.
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

// text writes a text literal. The sqlite3 program drops a carriage return
// before a line's end and stops reading at a NUL byte, and a character that does
// not print may hide from the reader what a line says. So each of them stands as
// a marker that the text does not hold, and replace() puts it back; a chain of
// || would pass SQLite's limit on an expression's depth.
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

// maxReplaces is how deep calls of replace() are nested: the parser's stack has
// 100 places in SQLite 3.40.
const maxReplaces = 8

func marker(escape string, r rune) string { return fmt.Sprintf("%s%02x;", escape, r) }

// hiddenRunes are the characters of s that do not print, once each, the NUL byte
// last, when no function of text has to look at it any more. Bytes that are no
// UTF-8 stand as they are.
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

// middle is a place near the middle of s where a character begins.
func middle(s string) int {
	half := len(s) / 2
	for half < len(s)-1 && !utf8.RuneStart(s[half]) {
		half++
	}
	return half
}

func textOrNull(s string) string {
	if s == "" {
		return "NULL"
	}
	return text(s)
}

func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// unusedEscape returns the first of \, \0, \1 and so on that, followed by a
// marker, cannot be taken for a part of s.
func unusedEscape(s string) string {
	escape := `\`
	for n := 0; strings.Contains(s, escape); n++ {
		escape = `\` + strconv.Itoa(n) + `:`
	}
	return escape
}

// integer writes an integer literal; the smallest has no literal of its own,
// since its absolute value is not an integer in SQLite.
func integer(n int64) string {
	if n == -1<<63 {
		return "(-9223372036854775807 - 1)"
	}
	return strconv.FormatInt(n, 10)
}

func real(f float64) string {
	return strconv.FormatFloat(f, 'e', 16, 64)
}

func jsonString(s string) string {
	b, err := json.Marshal(s)
	if err != nil { // a string always marshals
		panic(err)
	}
	return string(b)
}

func foldASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
