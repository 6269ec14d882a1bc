package sqlite

import (
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Reading reads a value with the type that it has. The plus sign keeps the
// driver from taking the text of a DATE for a time: it goes by the declared type,
// and an expression has none.
func (Dialect) Reading(t dialect.Table, c dialect.Column, expr string) dialect.Reading {
	r := dialect.Reading{Expr: "(+" + expr + ") COLLATE BINARY", Bytes: rowsource.KindBlob}
	if affinityOf(t, c.Type) == affinityBlob {
		r.Typing = dialect.ByValue
	}
	return r
}

// SameRow groups by the values themselves; numbers that are the same may yet be
// of two types.
func (Dialect) SameRow(values []dialect.SubqueryColumn) []string {
	var same, types []string
	for _, v := range values {
		same = append(same, v.Name+" COLLATE BINARY")
		if v.Typing == dialect.ByValue {
			types = append(types, "typeof("+v.Name+")")
		}
	}
	if len(types) > 0 {
		same = append(same, strings.Join(types, " || "))
	}
	return same
}

// CreateTemporary makes t in the session's own schema, which can be written to
// where the database cannot.
func (d Dialect) CreateTemporary(t dialect.Table) (dialect.Table, []dialect.Stmt) {
	t.Ident.Schema = "temp"
	return t, []dialect.Stmt{d.CreateTable(t)}
}

// DropTemporary drops a table of the session's own.
func (d Dialect) DropTemporary(table dialect.Ident) dialect.Stmt {
	return dialect.Stmt{SQL: "DROP TABLE IF EXISTS " + d.QuoteTable(table)}
}
