package ledger

import (
	"strconv"

	"github.com/huandu/go-sqlbuilder"

	"github.com/tablesnap/tablesnap/dialect"
)

// InsertPin pins a version. The statement fails if the version is already pinned.
func InsertPin(d dialect.Dialect, table string, version int64, actor string) dialect.Stmt {
	return insertRow(d, dialect.PinTable, [][2]string{
		{"table_name", text(d, table)},
		{"version", strconv.FormatInt(version, 10)},
		{"actor", optionalText(d, actor)},
		{"at", d.Ledger().Now},
	})
}

// DeletePin removes a pin.
func DeletePin(d dialect.Dialect, table string, version int64) dialect.Stmt {
	return dialect.DeleteWhere(d, dialect.LedgerTable(d, dialect.PinTable),
		d.Quote("table_name")+" = "+text(d, table)+" AND "+d.Quote("version")+" = "+strconv.FormatInt(version, 10))
}

// NotPinned is an SQL condition that is true if the version has no pin.
func NotPinned(d dialect.Dialect, table string, version int64) string {
	return "NOT EXISTS (SELECT 1 FROM " + quoteTable(d, dialect.PinTable) + " WHERE " + d.Quote("table_name") + " = " + text(d, table) +
		" AND " + d.Quote("version") + " = " + strconv.FormatInt(version, 10) + ")"
}

// SelectPins selects a table's pinned versions.
func SelectPins(d dialect.Dialect, table string) Query {
	b := d.Facts().Flavor.NewSelectBuilder()
	b.Select(sqlbuilder.Escape(d.Quote("version"))).From(sqlbuilder.Escape(quoteTable(d, dialect.PinTable))).
		Where(b.Equal(d.Quote("table_name"), table)).OrderByAsc(d.Quote("version"))
	sql, args := b.Build()
	return Query{sql, args}
}
