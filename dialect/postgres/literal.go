package postgres

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// maxName is how many bytes a name may have; the server cuts a longer one off
// with no more than a notice
// (https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS).
const maxName = 63

// Quote quotes one name in double quotes.
func (Dialect) Quote(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// QuoteTable quotes a table's name with its schema, so that no temporary table
// can stand in front of it. Without one it is a table of the schema that comes
// first in the search path, where tablesnap's own tables live.
func (d Dialect) QuoteTable(i dialect.Ident) string {
	if i.Schema == "" {
		return d.Quote(i.Name)
	}
	return d.Quote(i.Schema) + "." + d.Quote(i.Name)
}

// SameName compares as quoted names are compared.
func (Dialect) SameName(a, b string) bool { return a == b }

// Literal writes a value on one line of plain text. It has no type of its own,
// numbers included: the column's type reads it, as it reads a field of a COPY
// (https://www.postgresql.org/docs/current/typeconv-query.html).
func (Dialect) Literal(v rowsource.Value) string {
	if v.IsNull() {
		return "NULL"
	}
	return text(fieldText(v))
}

// ColumnLiteral writes a value as [Dialect.Literal] does, for every column.
func (d Dialect) ColumnLiteral(dialect.Column) func(rowsource.Value) string { return d.Literal }

// fieldText is a value as the input function of a type reads it.
func fieldText(v rowsource.Value) string {
	switch v.Kind() {
	case rowsource.KindInteger:
		return strconv.FormatInt(v.Int(), 10)
	case rowsource.KindReal:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case rowsource.KindBlob:
		return `\x` + hex.EncodeToString([]byte(v.Str()))
	default:
		return v.Str()
	}
}

// text writes a text literal that means the same whatever the setting of
// standard_conforming_strings. A character that does not print may hide from
// the reader what a line says, so it is escaped.
func text(s string) string {
	plain := true
	for _, r := range s {
		if r == '\\' || !unicode.IsPrint(r) || r == utf8.RuneError {
			plain = false
			break
		}
	}
	if plain {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return escaped(s)
}

// escaped writes an escape string
// (https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS-ESCAPE).
func escaped(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 16)
	b.WriteString("E'")
	for i, r := range s {
		switch {
		case r == '\'':
			b.WriteString("''")
		case r == '\\':
			b.WriteString(`\\`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == utf8.RuneError && s[i] != "\uFFFD"[0]:
			fmt.Fprintf(&b, `\x%02x`, s[i]) // not UTF-8: the server refuses it
		case r < 0x80 && !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\x%02x`, r)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// textOrNull writes an empty text as NULL, which string_agg gives for no rows.
func textOrNull(s string) string {
	if s == "" {
		return "NULL"
	}
	return text(s)
}
