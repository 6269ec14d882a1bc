package ledger

import (
	"strconv"

	"github.com/tablesnap/tablesnap/dialect"
)

// OfRun is an SQL expression for a column of the run that made a version of the table. It
// is NULL if there is none.
func OfRun(d dialect.Dialect, column, table, version string) string {
	return "(SELECT max(" + d.Quote(column) + ") FROM " + quoteTable(d, dialect.RunTable) + " WHERE " + d.Quote("table_name") + " = " + text(d, table) +
		" AND " + d.Quote("state") + " = " + text(d, string(Done)) + " AND " + d.Quote("version_made") + " = " + version + ")"
}

// Undoable is an SQL expression for the id of the table's newest finished upload that was
// not undone, by the goose migration m, or by a plan with planHash if m is nil. It is
// NULL if there is none.
func Undoable(d dialect.PortableDialect, table string, m *GooseMigration, planHash string) string {
	own, step := d.Quote("own"), d.Quote("step")
	detail := func(path ...string) string { return d.Detail(step+"."+d.Quote("details"), path...) }
	number := func(path ...string) string { return "CAST(" + detail(path...) + " AS DECIMAL(20))" } // some databases read a JSON number as text
	id, done := own+"."+d.Quote("id"), d.Quote("state")+" = "+text(d, string(Done))
	steps := "(SELECT 1 FROM " + quoteTable(d, dialect.AuditTable) + " AS " + step + " WHERE "
	made := own + "." + d.Quote("plan_hash") + " = " + text(d, planHash)
	if m != nil {
		made = "EXISTS " + steps + step + "." + d.Quote("run_id") + " = " + id + " AND " + number("migration", "version") + " = " + strconv.FormatInt(m.Version, 10) +
			" AND " + detail("migration", "file") + " = " + text(d, m.File) + ") AND " + own + "." + d.Quote("operation") + " = 'upload'"
	}
	undone := "EXISTS " + steps + detail("undoes") + " IS NOT NULL AND " + step + "." + done + " AND " + number("undoes") + " = " + id + ")"
	return "(SELECT max(" + id + ") FROM " + quoteTable(d, dialect.RunTable) + " AS " + own + " WHERE " + own + "." + d.Quote("table_name") + " = " + text(d, table) +
		" AND " + own + "." + done + " AND " + made + " AND NOT " + undone + ")"
}

// OfRunID is an SQL expression for a column of the run with an id.
func OfRunID(d dialect.Dialect, column, id string) string {
	return "(SELECT " + d.Quote(column) + " FROM " + quoteTable(d, dialect.RunTable) + " WHERE " + d.Quote("id") + " = " + id + ")"
}
