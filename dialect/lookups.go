package dialect

import (
	"strconv"
	"unicode/utf8"

	"github.com/tablesnap/tablesnap/rowsource"
)

// MakeMissingLedger are the statements that make what is missing of tablesnap's
// own tables, whatever is there.
func MakeMissingLedger(d PortableDialect) []Stmt {
	stmts := []Stmt{d.IfNotExists(Stmt{SQL: d.Ledger().VersionQueries.CreateTable(VersionTable)}), recordMissing(d, 0)}
	for _, m := range d.Ledger().Migrations {
		for _, s := range m.Stmts {
			stmts = append(stmts, d.IfNotExists(s))
		}
		stmts = append(stmts, recordMissing(d, m.Version))
	}
	return stmts
}

func recordMissing(d Dialect, version int64) Stmt {
	n := number(&version)
	return Stmt{SQL: "INSERT INTO " + ledgerTable(d, VersionTable) + " (" + d.Quote("version_id") + ", " + d.Quote("is_applied") + ") SELECT " + n + ", " + d.Literal(rowsource.Integer(1)) +
		" WHERE NOT EXISTS (SELECT 1 FROM " + ledgerTable(d, VersionTable) + " WHERE " + d.Quote("version_id") + " = " + n + ")"}
}

// OfRun is an SQL expression for a column of the run that has made a version of
// the table, NULL where none has.
func OfRun(d Dialect, column, table, version string) string {
	return "(SELECT max(" + d.Quote(column) + ") FROM " + ledgerTable(d, RunTable) + " WHERE " + d.Quote("table_name") + " = " + text(d, table) +
		" AND " + d.Quote("state") + " = " + text(d, string(Done)) + " AND " + d.Quote("version_made") + " = " + version + ")"
}

// Undoable is an SQL expression for the id of the newest upload to a table, by a
// goose migration or, where nobody knows which that is, by a plan, that was done and
// that nothing has taken back yet; NULL where there is none.
func Undoable(d PortableDialect, table string, m *GooseMigration, planHash string) string {
	own, step := d.Quote("own"), d.Quote("step")
	detail := func(path ...string) string { return d.Detail(step+"."+d.Quote("details"), path...) }
	number := func(path ...string) string { return "CAST(" + detail(path...) + " AS DECIMAL(20))" } // a number in JSON is a text to some
	id, done := own+"."+d.Quote("id"), d.Quote("state")+" = "+text(d, string(Done))
	steps := "(SELECT 1 FROM " + ledgerTable(d, AuditTable) + " AS " + step + " WHERE "
	made := own + "." + d.Quote("plan_hash") + " = " + text(d, planHash)
	if m != nil {
		made = "EXISTS " + steps + step + "." + d.Quote("run_id") + " = " + id + " AND " + number("migration", "version") + " = " + strconv.FormatInt(m.Version, 10) +
			" AND " + detail("migration", "file") + " = " + text(d, m.File) + ") AND " + own + "." + d.Quote("operation") + " = 'upload'"
	}
	undone := "EXISTS " + steps + detail("undoes") + " IS NOT NULL AND " + step + "." + done + " AND " + number("undoes") + " = " + id + ")"
	return "(SELECT max(" + id + ") FROM " + ledgerTable(d, RunTable) + " AS " + own + " WHERE " + own + "." + d.Quote("table_name") + " = " + text(d, table) +
		" AND " + own + "." + done + " AND " + made + " AND NOT " + undone + ")"
}

// OfRunID is an SQL expression for a column of a run.
func OfRunID(d Dialect, column, id string) string {
	return "(SELECT " + d.Quote(column) + " FROM " + ledgerTable(d, RunTable) + " WHERE " + d.Quote("id") + " = " + id + ")"
}

// Cut cuts a text into parts of at most so many bytes, or little more: no
// character is cut.
func Cut(s string, bytes int) []string {
	var parts []string
	for len(s) > bytes {
		at := bytes
		for at < len(s) && !utf8.RuneStart(s[at]) {
			at++
		}
		parts, s = append(parts, s[:at]), s[at:]
	}
	return append(parts, s)
}

// Computed is a column and the SQL expression for its value.
type Computed struct{ Column, Expr string }

// Parts are the parts of a copy's statement: the columns that it fills, and what
// it reads for them.
func (c Copy) Parts(d Names) (into, read []string) {
	for _, f := range c.Fixed {
		into, read = append(into, d.Quote(f.Column)), append(read, d.Literal(f.Value))
	}
	for _, v := range c.Computed {
		into, read = append(into, d.Quote(v.Column)), append(read, v.Expr)
	}
	for _, name := range c.Columns {
		into = append(into, d.Quote(name))
		read = append(read, d.Quote(c.From.Name)+"."+d.Quote(name))
	}
	return into, read
}
