package sqlite

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
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

// SuffixedName appends the suffix: SQLite has no limit on names.
func (Dialect) SuffixedName(name, suffix string) string { return name + suffix }

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
// before a line's end and stops reading at a NUL byte, so a control character
// stands as a marker that the text does not hold, and replace() puts it back;
// a chain of || would pass SQLite's limit on an expression's depth.
func text(s string) string {
	if strings.IndexFunc(s, isControl) < 0 {
		return quoteText(s)
	}
	var present [0x80]bool
	if distinctControls(s) > maxReplaces {
		half := len(s) / 2
		for !utf8.RuneStart(s[half]) && half < len(s)-1 {
			half++
		}
		return "(" + text(s[:half]) + " || " + text(s[half:]) + ")"
	}
	escape := unusedEscape(s)
	var marked strings.Builder
	for i := range len(s) {
		if c := s[i]; isControl(rune(c)) {
			present[c] = true
			fmt.Fprintf(&marked, "%s%02x;", escape, c)
		} else {
			marked.WriteByte(c)
		}
	}
	expr := quoteText(marked.String())
	for c := len(present) - 1; c >= 0; c-- {
		if present[c] {
			expr = fmt.Sprintf("replace(%s, '%s%02x;', char(%d))", expr, escape, c, c)
		}
	}
	return expr
}

// maxReplaces is how deep calls of replace() are nested: the parser's stack has
// 100 places (https://www.sqlite.org/limits.html#max_expr_depth names another
// limit, which comes later).
const maxReplaces = 8

func distinctControls(s string) int {
	n := 0
	var seen [0x80]bool
	for i := range len(s) {
		if c := s[i]; isControl(rune(c)) && !seen[c] {
			seen[c] = true
			n++
		}
	}
	return n
}

func textOrNull(s string) string {
	if s == "" {
		return "NULL"
	}
	return text(s)
}

func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func isControl(r rune) bool { return r < 0x20 || r == 0x7f }

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
