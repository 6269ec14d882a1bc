package mysql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Reading reads values in the form in which a load sends them.
func (d Dialect) Reading(_ dialect.Table, c dialect.Column, expr string) dialect.Reading {
	return d.field(c).reading(expr)
}

// Reading reads a VECTOR as bytes, see field.
func (d TiDB) Reading(_ dialect.Table, c dialect.Column, expr string) dialect.Reading {
	return d.field(c).reading(expr)
}

// reading reads bytes unchanged, and every other type as text. The servers write a FLOAT
// with only six digits, so it is converted to DOUBLE first
// (https://dev.mysql.com/doc/refman/8.4/en/problems-with-float.html).
func (f field) reading(expr string) dialect.Reading {
	text := func(expr string) string {
		return "CAST(" + expr + " AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_bin"
	}
	switch {
	case f.form == asBits:
		return dialect.Reading{Expr: text("(" + expr + " + 0)"), Order: expr + " + 0", Bytes: rowsource.KindText}
	case f.form == asHex && f.family() == familyBinary:
		return dialect.Reading{Expr: expr, Bytes: rowsource.KindBlob}
	case f.form == asHex:
		return dialect.Reading{Expr: "CAST(" + expr + " AS BINARY)", Bytes: rowsource.KindBlob}
	case f.base == "float" && len(f.args) == 0: // a FLOAT(M,D) is written with all its digits
		return dialect.Reading{Expr: text("(" + expr + " + 0e0)"), Order: expr, Bytes: rowsource.KindText}
	case f.family() == familyInteger:
		return dialect.Reading{Expr: text(expr), Order: expr, Bytes: rowsource.KindText, Whole: true}
	case f.family() == familyDecimal, f.family() == familyFloat:
		return dialect.Reading{Expr: text(expr), Order: expr, Bytes: rowsource.KindText}
	default:
		return dialect.Reading{Expr: text(expr), Bytes: rowsource.KindText}
	}
}

// Comparable compares texts by their characters. The servers refuse to compare two
// collations ("Illegal mix of collations"), and a collation that ignores case or accents
// would hide a difference
// (https://dev.mysql.com/doc/refman/8.4/en/charset-collation-coercibility.html).
func (Dialect) Comparable(expr string, kept, now dialect.Column) string {
	if parseType(kept.Type).family() != familyText || parseType(now.Type).family() != familyText {
		return expr
	}
	return "CAST(CONVERT(" + expr + " USING utf8mb4) AS BINARY)"
}

// SameRow groups by a hash of the row, since the servers sort and group by only the first
// max_sort_length bytes of a value. Long values are hashed separately first, since CONCAT
// returns NULL for a result longer than max_allowed_packet. So are bytes, which MySQL
// would convert to text in a CONCAT with texts.
func (Dialect) SameRow(values []dialect.SubqueryColumn) []string {
	parts := make([]string, len(values))
	for i, v := range values {
		shown := fmt.Sprintf("concat(length(%s), ':', %s)", v.Name, v.Name)
		if hashedAlone(v.From) || hashedAlone(v.To) {
			shown = "sha2(" + v.Name + ", 256)"
		}
		parts[i] = "coalesce(" + shown + ", 'NULL')"
	}
	return []string{"unhex(sha2(concat(" + strings.Join(parts, ", ") + "), 256))"}
}

// hashedAlone reports whether a value is bytes, or may be longer than maxTogether.
func hashedAlone(c dialect.Column) bool {
	t := parseType(c.Type)
	switch t.family() {
	case familyText:
		return t.capacity() > maxTogether
	case familyBinary, familyJSON, familyGeometry, familyOther:
		return true
	default:
		return false
	}
}

// maxTogether is the maximum length of a text, in characters or bytes, that is hashed
// together with others. All columns of the widest table then stay below any
// max_allowed_packet that servers have in practice.
const maxTogether = 1000

// RowKey is the key that a copy in chunks would use. With it, a comparison takes one to
// two thirds of the time.
func (Dialect) RowKey(t dialect.Table) []string { return chunkKey(t) }

// InOrder adds a LIMIT that no table reaches. Without a LIMIT, the servers ignore the
// ORDER BY of a subquery
// (https://mariadb.com/kb/en/why-is-order-by-in-a-from-subquery-ignored/).
func (Dialect) InOrder(columns []string) string {
	return "\nORDER BY " + strings.Join(columns, ", ") + " LIMIT " + noLimit
}

// CreateTemporary creates t in its own database. Unlike other DDL it does not commit
// (https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html). It adds no key for
// looking up rows, since MySQL can read a temporary table only once in a statement
// (https://dev.mysql.com/doc/refman/8.4/en/temporary-table-problems.html).
func (d Dialect) CreateTemporary(t dialect.Table) (dialect.Table, []dialect.Stmt) {
	create := d.CreateTable(t)
	create.AutoCommits = false
	create.SQL = strings.Replace(create.SQL, "CREATE TABLE", "CREATE TEMPORARY TABLE", 1)
	return t, []dialect.Stmt{create}
}

// DropTemporary does not commit, unlike other DDL
// (https://dev.mysql.com/doc/refman/8.4/en/drop-table.html).
func (d Dialect) DropTemporary(table dialect.Ident) dialect.Stmt {
	return dialect.Stmt{SQL: "DROP TEMPORARY TABLE IF EXISTS " + d.QuoteTable(table)}
}

// numbered adds a column to the table that numbers its rows and is the primary key.
func (d Dialect) numbered(t dialect.Table) dialect.Table {
	number := dialect.FreeName(d.SameName, "row_", "number_", t)
	t.Columns = append(slices.Clone(t.Columns), dialect.Column{Name: number, Type: "bigint", Assigned: true})
	t.PrimaryKey = []string{number}
	return t
}
