package sqlite

import (
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Reading reads each value with its own type. The plus sign makes it an expression, which
// has no declared type: otherwise the driver would convert the text of a DATE to a time.
func (Dialect) Reading(t dialect.Table, c dialect.Column, expr string) dialect.Reading {
	r := dialect.Reading{Expr: "(+" + expr + ") COLLATE BINARY", Bytes: rowsource.KindBlob, Verbatim: true}
	if affinityOf(t, c.Type) == affinityBlob {
		r.Typing = dialect.ByValue
	}
	return r
}

// SameRow groups by the values and by their types, since equal numbers may have different
// types.
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

// CreateTemporary uses the session's temp schema, which is writable even if the database
// is not.
func (d Dialect) CreateTemporary(t dialect.Table) (dialect.Table, []dialect.Stmt) {
	t.Ident.Schema = "temp"
	return t, []dialect.Stmt{d.CreateTable(t)}
}

// DropTemporary drops a table of the session's temp schema.
func (d Dialect) DropTemporary(table dialect.Ident) dialect.Stmt {
	return dialect.Stmt{SQL: "DROP TABLE IF EXISTS " + d.QuoteTable(table)}
}
