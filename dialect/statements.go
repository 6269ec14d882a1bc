package dialect

import (
	"strconv"
	"strings"

	"github.com/huandu/go-sqlbuilder"
)

// The statements that all families write in the same way, but for a few words that
// are among their [Facts].
//
// Definitions and savepoints are written by hand, since go-sqlbuilder has none of
// them, and so are the conditions, which are parts of other statements.

// ddl is a statement that changes a definition.
func ddl(d Dialect, sql string) Stmt {
	return Stmt{SQL: sql, AutoCommits: d.Facts().CommitsDefinitions}
}

// AddColumn appends a column.
func AddColumn(d Dialect, table Ident, c Column) Stmt {
	return ddl(d, "ALTER TABLE "+d.QuoteTable(table)+" ADD COLUMN "+d.ColumnDefinition(c))
}

// DropColumn drops a column, and never what depends on it.
func DropColumn(d Dialect, table Ident, column string) Stmt {
	return ddl(d, "ALTER TABLE "+d.QuoteTable(table)+" DROP COLUMN "+d.Quote(column))
}

// RenameColumn renames a column.
func RenameColumn(d Dialect, table Ident, from, to string) Stmt {
	return ddl(d, "ALTER TABLE "+d.QuoteTable(table)+" RENAME COLUMN "+d.Quote(from)+" TO "+d.Quote(to))
}

// DropTable drops a table.
func DropTable(d Dialect, table Ident) Stmt { return ddl(d, "DROP TABLE "+d.QuoteTable(table)) }

// Clear deletes every row. It is no TRUNCATE, which nobody can roll back everywhere.
func Clear(d Dialect, table Ident) Stmt { return DeleteWhere(d, table, "") }

// InsertRows inserts rows of literals, one row a line.
func InsertRows(d Dialect, table Ident, columns []string, rows [][]string) Stmt {
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = "  (" + strings.Join(r, ", ") + ")"
	}
	f := d.Facts()
	insert, _ := f.Flavor.NewInsertBuilder().InsertInto(d.QuoteTable(table)).Cols(quotedNames(d, columns)...).Build()
	return Stmt{SQL: insert + f.GivesIdentities + " VALUES\n" + strings.Join(lines, ",\n")}
}

// CountRows is an SQL expression: the number of rows in the table.
func CountRows(d Dialect, table Ident) string {
	return "(SELECT count(*) FROM " + d.QuoteTable(table) + d.Facts().WholeTable + ")"
}

// IsEmpty is an SQL condition: the table has no row.
func IsEmpty(d Dialect, table Ident) string {
	return "NOT EXISTS (SELECT 1 FROM " + d.QuoteTable(table) + d.Facts().WholeTable + ")"
}

// Savepoint marks a place in a transaction, to which RollbackTo returns.
func Savepoint(d Dialect, name string) Stmt { return Stmt{SQL: "SAVEPOINT " + d.Quote(name)} }

// RollbackTo undoes what came after a savepoint.
func RollbackTo(d Dialect, name string) Stmt {
	return Stmt{SQL: "ROLLBACK TO SAVEPOINT " + d.Quote(name)}
}

// Release forgets a savepoint, and keeps what came after it.
func Release(d Dialect, name string) Stmt { return Stmt{SQL: "RELEASE SAVEPOINT " + d.Quote(name)} }

func quotedNames(d Dialect, names []string) []string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = d.Quote(n)
	}
	return quoted
}

// RowsWhere is an SQL expression for the number of rows of a table that a
// condition chooses; an empty one chooses all.
func RowsWhere(d Dialect, table Ident, where string) string {
	return "(SELECT count(*) FROM " + d.QuoteTable(table) + Where(where) + ")"
}

// NoRowsWhere is an SQL condition: no row of a table meets a condition.
func NoRowsWhere(d Dialect, table Ident, cond string) string {
	return "NOT EXISTS (SELECT 1 FROM " + d.QuoteTable(table) + " WHERE " + cond + ")"
}

// DeleteWhere deletes the rows of a table that a condition chooses.
func DeleteWhere(d Dialect, table Ident, where string) Stmt {
	rows := d.Facts().Flavor.NewDeleteBuilder().DeleteFrom(sqlbuilder.Escape(d.QuoteTable(table)))
	if where != "" {
		rows.Where(sqlbuilder.Escape(where))
	}
	sql, _ := rows.Build()
	return Stmt{SQL: sql}
}

// OfVersion is an SQL condition: the row is one of a version's snapshot.
func OfVersion(d Dialect, versionColumn string, version int64) string {
	return d.Quote(versionColumn) + " = " + strconv.FormatInt(version, 10)
}

// Where is the WHERE of a condition, empty if that is.
func Where(where string) string {
	if where == "" {
		return ""
	}
	return " WHERE " + where
}
