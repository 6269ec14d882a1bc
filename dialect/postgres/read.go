package postgres

import (
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Reading reads bytes unchanged, and values of every other type as text. PostgreSQL reads
// that text back as the same value.
func (Dialect) Reading(_ dialect.Table, c dialect.Column, expr string) dialect.Reading {
	text := `CAST(` + expr + ` AS text) COLLATE "C"`
	switch parseType(bareType(c)).family() {
	case familyBytes:
		return dialect.Reading{Expr: expr, Bytes: rowsource.KindBlob}
	case familyInteger:
		return dialect.Reading{Expr: text, Order: expr, Bytes: rowsource.KindText, Whole: true}
	case familyNumeric, familyFloat:
		return dialect.Reading{Expr: text, Order: expr, Bytes: rowsource.KindText}
	default:
		return dialect.Reading{Expr: text, Bytes: rowsource.KindText}
	}
}

// SameRow groups by the values: in the collation "C" of their texts, values are equal only
// if all bytes are.
func (Dialect) SameRow(values []dialect.SubqueryColumn) []string {
	same := make([]string, len(values))
	for i, v := range values {
		same[i] = v.Name
	}
	return same
}

// CreateTemporary creates t in the session's schema pg_temp.
func (d Dialect) CreateTemporary(t dialect.Table) (dialect.Table, []dialect.Stmt) {
	t.Ident.Schema = "pg_temp"
	create := d.CreateTable(t)
	create.SQL = strings.Replace(create.SQL, "CREATE TABLE", "CREATE TEMPORARY TABLE", 1)
	return t, []dialect.Stmt{create}
}

// DropTemporary drops a table of the session's schema pg_temp.
func (d Dialect) DropTemporary(table dialect.Ident) dialect.Stmt {
	return dialect.Stmt{SQL: "DROP TABLE IF EXISTS " + d.QuoteTable(table)}
}
