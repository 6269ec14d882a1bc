package mysql

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// maxName is the maximum length of a name in characters
// (https://dev.mysql.com/doc/refman/8.4/en/identifier-length.html).
const maxName = 64

// Quote uses backticks, which quote names in every SQL mode.
func (Dialect) Quote(name string) string {
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}

// QuoteTable quotes a table's name with its database. If it has none, the table is in the
// current database, like the ledger's tables.
func (d Dialect) QuoteTable(i dialect.Ident) string {
	if i.Schema == "" {
		return d.Quote(i.Name)
	}
	return d.Quote(i.Schema) + "." + d.Quote(i.Name)
}

// SameName ignores case: no two columns of a table differ only in case
// (https://dev.mysql.com/doc/refman/8.4/en/identifier-case-sensitivity.html).
func (Dialect) SameName(a, b string) bool { return strings.EqualFold(a, b) }

// Literal writes a value on one line. It is read back as the same value only in a session
// set up by [Dialect.Session].
func (Dialect) Literal(v rowsource.Value) string {
	switch v.Kind() {
	case rowsource.KindText:
		return text(v.Str())
	case rowsource.KindInteger:
		return strconv.FormatInt(v.Int(), 10)
	case rowsource.KindReal:
		return strconv.FormatFloat(v.Float(), 'e', -1, 64)
	case rowsource.KindBlob:
		return blob(v.Str())
	default:
		return "NULL"
	}
}

func blob(s string) string { return "X'" + strings.ToUpper(hex.EncodeToString([]byte(s))) + "'" }

// escaped are the characters that are escaped in a literal. The mysql program stops
// reading at a NUL byte and drops a carriage return before a line feed. Ctrl-Z ends a
// file on Windows (https://dev.mysql.com/doc/refman/8.4/en/string-literals.html).
const escaped = "'\\\x00\n\r\x1a"

func text(s string) string {
	if !strings.ContainsAny(s, escaped) {
		return "'" + s + "'"
	}
	var b strings.Builder
	b.Grow(len(s) + 8)
	b.WriteByte('\'')
	for i := range len(s) {
		switch c := s[i]; c {
		case '\'':
			b.WriteString("''")
		case '\\':
			b.WriteString(`\\`)
		case 0:
			b.WriteString(`\0`)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case 0x1a:
			b.WriteString(`\Z`)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('\'')
	return b.String()
}
