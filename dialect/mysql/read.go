package mysql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Reading reads a column as values are sent to it.
func (d Dialect) Reading(_ dialect.Table, c dialect.Column, expr string) dialect.Reading {
	return d.field(c).reading(expr)
}

// Reading knows a VECTOR, as field does.
func (d TiDB) Reading(_ dialect.Table, c dialect.Column, expr string) dialect.Reading {
	return d.field(c).reading(expr)
}

// reading is bytes as they are, and all else as text. Of a FLOAT the servers show
// six digits, unless it is made a DOUBLE
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
	case f.base == "float" && len(f.args) == 0: // else all its places are shown
		return dialect.Reading{Expr: text("(" + expr + " + 0e0)"), Order: expr, Bytes: rowsource.KindText}
	case f.family() == familyInteger:
		return dialect.Reading{Expr: text(expr), Order: expr, Bytes: rowsource.KindText, Whole: true}
	case f.family() == familyDecimal, f.family() == familyFloat:
		return dialect.Reading{Expr: text(expr), Order: expr, Bytes: rowsource.KindText}
	default:
		return dialect.Reading{Expr: text(expr), Bytes: rowsource.KindText}
	}
}

// SameRow is a hash: the servers sort and group by no more than the first
// max_sort_length bytes of a value. Long values are hashed by themselves, since
// CONCAT gives NULL for what is longer than max_allowed_packet; and so are bytes,
// which MySQL would make a text of among others.
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

// hashedAlone reports whether a value is bytes, or may pass what a row holds in
// itself.
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

// maxTogether is the longest text, in characters or bytes, that is hashed together
// with others: all columns of the widest table stay below any max_allowed_packet
// that servers have in practice.
const maxTogether = 1000

// RowKey is a key that a copy could go along: with that, a comparison takes a third
// to two thirds of the time.
func (Dialect) RowKey(t dialect.Table) []string { return chunkKey(t) }

// InOrder has a limit that no table reaches, without which the servers put no
// subquery in order
// (https://mariadb.com/kb/en/why-is-order-by-in-a-from-subquery-ignored/).
func (Dialect) InOrder(columns []string) string {
	return "\nORDER BY " + strings.Join(columns, ", ") + " LIMIT " + noLimit
}

// CreateTemporary makes t in its own database. Unlike other DDL it does not
// commit (https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html). It has no
// key, by which rows would be looked up again: MySQL reads a temporary table only
// once in a statement
// (https://dev.mysql.com/doc/refman/8.4/en/temporary-table-problems.html).
func (d Dialect) CreateTemporary(t dialect.Table) (dialect.Table, []dialect.Stmt) {
	create := d.CreateTable(t)
	create.AutoCommits = false
	create.SQL = strings.Replace(create.SQL, "CREATE TABLE", "CREATE TEMPORARY TABLE", 1)
	return t, []dialect.Stmt{create}
}

// DropTemporary commits nothing, unlike other DDL
// (https://dev.mysql.com/doc/refman/8.4/en/drop-table.html).
func (d Dialect) DropTemporary(table dialect.Ident) dialect.Stmt {
	return dialect.Stmt{SQL: "DROP TEMPORARY TABLE IF EXISTS " + d.QuoteTable(table)}
}

// numbered is the table with a number for each row, which is its key.
func (d Dialect) numbered(t dialect.Table) dialect.Table {
	number := dialect.FreeName(d.SameName, "row_", "number_", t)
	t.Columns = append(slices.Clone(t.Columns), dialect.Column{Name: number, Type: "bigint", Assigned: true})
	t.PrimaryKey = []string{number}
	return t
}
