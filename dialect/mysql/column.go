package mysql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// ColumnDefinition writes NULL explicitly. Otherwise a TIMESTAMP may become NOT NULL with
// the current time as its default
// (https://dev.mysql.com/doc/refman/8.4/en/timestamp-initialization.html).
func (d Dialect) ColumnDefinition(c dialect.Column) string {
	def := d.Quote(c.Name) + " " + c.Type
	if c.Nullable {
		def += " NULL"
	} else {
		def += " NOT NULL"
	}
	if c.Assigned {
		def += " AUTO_INCREMENT"
	}
	return def
}

// NewColumn uses types of text that hold emoji too. A text has the collation of the table's
// other texts if that supports emoji. Otherwise it compares exactly.
func (d Dialect) NewColumn(t dialect.Table, n dialect.New) dialect.Column {
	c := dialect.Column{Name: n.Name, Type: newType(n.Type), Nullable: true}
	if c.Type != "" {
		return c
	}
	base := "longtext"
	if n.KeyTexts > 0 {
		base = fmt.Sprintf("varchar(%d)", keyChars(n))
	}
	c.Type = base + " CHARACTER SET utf8mb4"
	if collation, ok := trait(t, traitCollation); ok {
		if !strings.HasPrefix(collation, "utf8mb4_") {
			collation = "utf8mb4_bin"
		}
		c.Type = base + charsetText("utf8mb4", collation)
	}
	return c
}

// newType is the type for values that are no text. It is empty for text.
func newType(of rowsource.Type) string {
	switch of.Kind {
	case rowsource.TypeInteger:
		return "bigint"
	case rowsource.TypeDecimal:
		return "decimal" + dialect.Precision(of)
	case rowsource.TypeReal:
		return "double"
	case rowsource.TypeDate:
		return "date"
	case rowsource.TypeTimestamp:
		if of.Scale == 0 {
			return "datetime"
		}
		return fmt.Sprintf("datetime(%d)", of.Scale)
	case rowsource.TypeBoolean:
		return "tinyint(1)"
	case rowsource.TypeBytes:
		return "longblob"
	default:
		return ""
	}
}

const (
	// shortText is the length of a VARCHAR in a key, unless a value is longer.
	shortText = 255
	// maxKey is the maximum size of a key in bytes, without some room for its columns that
	// are no text (https://dev.mysql.com/doc/refman/8.4/en/innodb-limits.html).
	maxKey = 3072 - 72
)

// keyChars is the length of a VARCHAR in a primary key. The texts of the key share its size.
func keyChars(n dialect.New) int {
	most := maxKey / 4 / n.KeyTexts
	if n.MaxChars <= shortText {
		return min(shortText, most)
	}
	return most
}

// BackupColumn keeps the type with its character set and collation. The catalog shows a
// character beyond U+FFFF in an ENUM or SET as "?" (it is stored in utf8mb3), so a type
// with a "?" becomes a text.
func (Dialect) BackupColumn(c dialect.Column) dialect.Column {
	b := dialect.Column{Name: c.Name, Type: c.Type, Nullable: true}
	if t := parseType(c.Type); t.family() == familyEnum && strings.Contains(c.Type, "?") {
		b.Type = "longtext" + charsetText("utf8mb4", "utf8mb4_bin")
	}
	return b
}

// BackupTable uses TEXT for doc_id and upload_timestamp. A VARCHAR would take space in
// the row, which the original's columns may need.
func (d Dialect) BackupTable(t dialect.Table, ident dialect.Ident, metadata [4]string) dialect.Table {
	const words = "text" + " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
	b := dialect.Table{
		Ident: ident,
		Kind:  dialect.BaseTable,
		Columns: []dialect.Column{
			{Name: metadata[0], Type: "bigint", Assigned: true},
			{Name: metadata[1], Type: words, Nullable: true},
			{Name: metadata[2], Type: words, Nullable: true},
			{Name: metadata[3], Type: "bigint", Nullable: true},
		},
		PrimaryKey: []string{metadata[0]},
	}
	for _, c := range t.Columns {
		b.Columns = append(b.Columns, d.BackupColumn(c))
	}
	b.Columns = fitRow(b.Columns)
	return b
}

// maxRow is the maximum size of a row in bytes, without TEXT and BLOB columns
// (https://dev.mysql.com/doc/refman/8.4/en/column-count-limit.html).
const maxRow = 65535

// fitRow turns the longest VARCHAR and VARBINARY columns into TEXT and BLOB until a row
// fits.
func fitRow(columns []dialect.Column) []dialect.Column {
	columns = slices.Clone(columns)
	sizes, total := make([]int, len(columns)), (len(columns)+7)/8
	for i, c := range columns {
		sizes[i] = parseType(c.Type).rowBytes()
		total += sizes[i]
	}
	for total > maxRow {
		longest := 0
		for i := range sizes {
			if sizes[i] > sizes[longest] {
				longest = i
			}
		}
		if sizes[longest] <= blobPointer {
			break
		}
		total += blobPointer - sizes[longest]
		sizes[longest] = blobPointer
		columns[longest].Type = outOfRow(columns[longest].Type)
	}
	return columns
}

// blobPointer is the size of a TEXT in the row: up to 4 bytes of length and 8 of a
// pointer.
const blobPointer = 12

func (t columnType) rowBytes() int {
	switch t.base {
	case "varchar", "varbinary":
		return t.arg(0, 0)*t.charBytes() + 2
	case "char", "binary":
		return t.arg(0, 1) * t.charBytes()
	default:
		return blobPointer
	}
}

// outOfRow keeps the character set that follows the type.
func outOfRow(declared string) string {
	t := parseType(declared)
	_, rest, _ := strings.Cut(declared, ")")
	switch {
	case t.base == "varchar" || t.base == "char":
		return "text" + rest
	case t.base == "binary": // the value includes the NUL bytes that pad it
		return "blob"
	default:
		return "blob" + rest
	}
}

// nilUUID is the zero UUID. Cut to the form of another type, it is a zero address.
const nilUUID = "00000000-0000-0000-0000-000000000000"

// Placeholder is a value that is valid for every column of the type.
func (Dialect) Placeholder(c dialect.Column) rowsource.Value {
	t := parseType(c.Type)
	switch t.family() {
	case familyInteger, familyDecimal, familyFloat, familyBit:
		return rowsource.Integer(0)
	case familyDate:
		if t.base == "date" {
			return rowsource.Text("2000-01-01")
		}
		return rowsource.Text("2000-01-01 00:00:00")
	case familyTime:
		return rowsource.Text("00:00:00")
	case familyYear:
		return rowsource.Text("2000")
	case familyEnum:
		if t.base == "enum" && len(t.members) > 0 {
			return rowsource.Text(unquoteMember(t.members[0]))
		}
		return rowsource.Text("")
	case familyJSON:
		return rowsource.Text("null")
	case familyBinary:
		return rowsource.Blob(nil)
	case familyGeometry:
		return rowsource.Blob(wkbPoint())
	default:
		return otherPlaceholder(t.base)
	}
}

func otherPlaceholder(base string) rowsource.Value {
	switch base {
	case "uuid":
		return rowsource.Text(nilUUID)
	case "inet6":
		return rowsource.Text("::")
	case "inet4":
		return rowsource.Text("0.0.0.0")
	default:
		return rowsource.Text("")
	}
}

func unquoteMember(quoted string) string {
	s := strings.ReplaceAll(quoted[1:len(quoted)-1], "''", "'")
	return strings.ReplaceAll(s, `\\`, `\`)
}

// wkbPoint is the point 0 0 as the servers store it: four bytes of SRID, then WKB
// (https://dev.mysql.com/doc/refman/8.4/en/gis-data-formats.html).
func wkbPoint() []byte {
	b := make([]byte, 25)
	b[4], b[5] = 1, 1
	return b
}
