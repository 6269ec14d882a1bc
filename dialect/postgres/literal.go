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

// maxName is the maximum length of a name in bytes. The server cuts a longer one with
// only a notice
// (https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS).
const maxName = 63

// Quote quotes one name in double quotes.
func (Dialect) Quote(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// QuoteTable quotes a table's name with its schema, so that a temporary table cannot hide
// it. Without a schema, it is a table of the first schema in the search path, where the
// ledger is.
func (d Dialect) QuoteTable(i dialect.Ident) string {
	if i.Schema == "" {
		return d.Quote(i.Name)
	}
	return d.Quote(i.Schema) + "." + d.Quote(i.Name)
}

// SameName compares exactly, as PostgreSQL compares quoted names.
func (Dialect) SameName(a, b string) bool { return a == b }

// Literal writes a value, even a number, as an untyped literal in quotes on one line. The
// server reads it as the column's type, like a field of a COPY
// (https://www.postgresql.org/docs/current/typeconv-query.html).
func (Dialect) Literal(v rowsource.Value) string {
	if v.IsNull() {
		return "NULL"
	}
	return text(fieldText(v))
}

// ColumnLiteral is the same as [Dialect.Literal], but for the texts of whole numbers.
func (d Dialect) ColumnLiteral(c dialect.Column) func(rowsource.Value) string {
	if !readsWholeNumbers(c) {
		return d.Literal
	}
	return func(v rowsource.Value) string { return d.Literal(asWholeNumber(v)) }
}

// readsWholeNumbers reports whether the server reads only digits into a column.
func readsWholeNumbers(c dialect.Column) bool {
	return parseType(bareType(c)).family() == familyInteger
}

// asWholeNumber is the value that a column of integers is sent.
func asWholeNumber(v rowsource.Value) rowsource.Value {
	switch v.Kind() {
	case rowsource.KindText, rowsource.KindReal:
		return rowsource.Text(wholeNumber(fieldText(v)))
	default:
		return v
	}
}

// fieldText is a value's text for the input function of a type.
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

// text writes a text literal that does not depend on standard_conforming_strings. It
// escapes characters that do not print, since they could hide the content of a line.
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
			fmt.Fprintf(&b, `\x%02x`, s[i]) // not UTF-8: the server rejects it
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
