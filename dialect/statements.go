package dialect

import (
	"strconv"
	"strings"

	"github.com/huandu/go-sqlbuilder"
)

// This file has the statements that all families write in the same way, except for a few
// fragments from [Facts].
//
// Definitions and savepoints are written by hand, since go-sqlbuilder does not build
// them. So are conditions, which are parts of other statements.

// ddl is a statement that changes a definition.
func ddl(d Dialect, sql string) Stmt {
	return Stmt{SQL: sql, AutoCommits: d.Facts().CommitsDefinitions}
}

// AddColumn adds a column at the end of the table.
func AddColumn(d Dialect, table Ident, c Column) Stmt {
	return ddl(d, "ALTER TABLE "+d.QuoteTable(table)+" ADD COLUMN "+d.ColumnDefinition(c))
}

// DropColumn drops a column without CASCADE: it fails if other objects depend on the
// column.
func DropColumn(d Dialect, table Ident, column string) Stmt {
	return ddl(d, "ALTER TABLE "+d.QuoteTable(table)+" DROP COLUMN "+d.Quote(column))
}

// RenameColumn renames a column.
func RenameColumn(d Dialect, table Ident, from, to string) Stmt {
	return ddl(d, "ALTER TABLE "+d.QuoteTable(table)+" RENAME COLUMN "+d.Quote(from)+" TO "+d.Quote(to))
}

// DropTable drops a table.
func DropTable(d Dialect, table Ident) Stmt { return ddl(d, "DROP TABLE "+d.QuoteTable(table)) }

// Clear deletes every row. It does not use TRUNCATE, which some databases cannot roll
// back.
func Clear(d Dialect, table Ident) Stmt { return DeleteWhere(d, table, "") }

// InsertRows inserts rows of literals, one row on each line.
func InsertRows(d Dialect, table Ident, columns []string, rows [][]string) Stmt {
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = "  (" + strings.Join(r, ", ") + ")"
	}
	f := d.Facts()
	insert, _ := f.Flavor.NewInsertBuilder().InsertInto(d.QuoteTable(table)).Cols(quotedNames(d, columns)...).Build()
	return Stmt{SQL: Wrap(insert+f.GivesIdentities+" VALUES") + "\n" + strings.Join(lines, ",\n")}
}

// CountRows is an SQL expression for the number of rows in the table.
func CountRows(d Dialect, table Ident) string {
	return "(SELECT count(*) FROM " + d.QuoteTable(table) + d.Facts().WholeTable + ")"
}

// IsEmpty is an SQL condition that is true if the table has no rows.
func IsEmpty(d Dialect, table Ident) string {
	return "NOT EXISTS (SELECT 1 FROM " + d.QuoteTable(table) + d.Facts().WholeTable + ")"
}

// Savepoint sets a savepoint for [RollbackTo].
func Savepoint(d Dialect, name string) Stmt { return Stmt{SQL: "SAVEPOINT " + d.Quote(name)} }

// RollbackTo undoes the changes since a savepoint.
func RollbackTo(d Dialect, name string) Stmt {
	return Stmt{SQL: "ROLLBACK TO SAVEPOINT " + d.Quote(name)}
}

// Release removes a savepoint and keeps the changes since.
func Release(d Dialect, name string) Stmt { return Stmt{SQL: "RELEASE SAVEPOINT " + d.Quote(name)} }

func quotedNames(d Dialect, names []string) []string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = d.Quote(n)
	}
	return quoted
}

// RowsWhere is an SQL expression for the number of rows that meet the condition where. An
// empty condition selects all rows.
func RowsWhere(d Dialect, table Ident, where string) string {
	return "(SELECT count(*) FROM " + d.QuoteTable(table) + Where(where) + ")"
}

// NoRowsWhere is an SQL condition that is true if no row meets cond.
func NoRowsWhere(d Dialect, table Ident, cond string) string {
	return "NOT EXISTS (SELECT 1 FROM " + d.QuoteTable(table) + " WHERE " + cond + ")"
}

// DeleteWhere deletes the rows that meet the condition where. An empty condition selects
// all rows.
func DeleteWhere(d Dialect, table Ident, where string) Stmt {
	rows := d.Facts().Flavor.NewDeleteBuilder().DeleteFrom(sqlbuilder.Escape(d.QuoteTable(table)))
	if where != "" {
		rows.Where(sqlbuilder.Escape(where))
	}
	sql, _ := rows.Build()
	return Stmt{SQL: sql}
}

// OfVersion is an SQL condition that selects the rows of one version's snapshot.
func OfVersion(d Dialect, versionColumn string, version int64) string {
	return d.Quote(versionColumn) + " = " + strconv.FormatInt(version, 10)
}

// FoundRows are the rows of somebody else's query.
type FoundRows struct{ from string }

// Found puts a query into parentheses, where it can be nothing but a SELECT. A comment at its
// end ends with the line.
func Found(d Dialect, query string) FoundRows {
	return FoundRows{"FROM (\n" + query + "\n) AS " + d.Quote("found")}
}

// First selects the first of the rows.
func (f FoundRows) First(rows int) string {
	return "SELECT * " + f.from + " LIMIT " + strconv.Itoa(rows)
}

// Count is an SQL expression for the number of rows.
func (f FoundRows) Count() string { return "(SELECT count(*) " + f.from + ")" }

// None is an SQL condition that is true if there is no row.
func (f FoundRows) None() string { return "NOT EXISTS (SELECT 1 " + f.from + ")" }

// Where is the WHERE clause for a condition. It is empty if the condition is.
func Where(where string) string {
	if where == "" {
		return ""
	}
	return " WHERE " + where
}
