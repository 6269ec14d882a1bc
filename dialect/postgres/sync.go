package postgres

import (
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
)

// CreateStage creates a temporary table with a unique index. Its columns have the
// collations of the table's own, so that the index takes the same keys for the same.
func (d Dialect) CreateStage(t dialect.Table, key dialect.SyncKey) (dialect.Table, []dialect.Stmt) {
	made, create := d.CreateTemporary(t)
	return made, append(create, dialect.Stmt{SQL: "CREATE UNIQUE INDEX ON " + d.QuoteTable(made.Ident) + " (" + d.quoteList(key.Columns) + ")"})
}

// CreateList creates a temporary table.
func (d Dialect) CreateList(t dialect.Table, _ dialect.SyncKey) (dialect.Table, []dialect.Stmt) {
	return d.CreateTemporary(t)
}

// DropStage drops a table of the session's schema pg_temp.
func (d Dialect) DropStage(table dialect.Ident) dialect.Stmt { return d.DropTemporary(table) }

// BeginSync is not needed: the stage is loaded in the same transaction.
func (Dialect) BeginSync(dialect.Table) []dialect.Stmt { return nil }

// BeforeCompare keeps writers off tables whose rows ON DELETE could change: otherwise a row
// could refer to a deleted one after it was asserted that none does. PostgreSQL collects no
// statistics of temporary tables by itself
// (https://www.postgresql.org/docs/current/sql-createtable.html).
func (d Dialect) BeforeCompare(stage dialect.Ident, changed []dialect.ForeignKey) []dialect.Stmt {
	stmts := []dialect.Stmt{{SQL: "ANALYZE " + d.QuoteTable(stage)}}
	for _, f := range changed {
		lock := dialect.Stmt{SQL: "LOCK TABLE " + d.QuoteTable(f.Table) + " IN EXCLUSIVE MODE",
			Note: fmt.Sprintf("who writes to %s waits until the commit: no row of it may begin to refer to a row that is deleted", f.Table.Name)}
		if lock != stmts[len(stmts)-1] {
			stmts = append(stmts, lock)
		}
	}
	return stmts
}

// SameKey compares by the column's collation.
func (d Dialect) SameKey(_ dialect.SyncKey, column, a, b string) string {
	return a + "." + d.Quote(column) + " = " + b + "." + d.Quote(column)
}

// OnlyStaged is an outer join.
func (d Dialect) OnlyStaged(key dialect.SyncKey, stage, table dialect.Ident) string {
	return dialect.OnlyStaged(d, d, key, stage, table, "")
}

// Differs compares texts in the collation "C", or bytes.
func (Dialect) Differs(a, b dialect.SubqueryColumn) string {
	return a.Name + " IS DISTINCT FROM " + b.Name
}

// DeleteListed is a DELETE USING (https://www.postgresql.org/docs/current/sql-delete.html).
func (d Dialect) DeleteListed(l dialect.Listed) dialect.Stmt {
	return dialect.Stmt{SQL: "DELETE FROM " + dialect.Aliased(d, l.Table, dialect.StandingAlias) + "\nUSING " + dialect.Aliased(d, l.List, dialect.ListedAlias) +
		"\nWHERE " + dialect.SameKeys(d, d, l.Key, dialect.StandingAlias, dialect.ListedAlias) + and(l.Where)}
}

// UpdateListed is an UPDATE FROM (https://www.postgresql.org/docs/current/sql-update.html).
func (d Dialect) UpdateListed(l dialect.Listed, set []dialect.Assignment) dialect.Stmt {
	from := dialect.Aliased(d, l.List, dialect.ListedAlias)
	if dialect.TakesStage(set) {
		from += " JOIN " + dialect.Aliased(d, l.Stage, dialect.StagedAlias) + " ON " + dialect.SameKeys(d, d, l.Key, dialect.ListedAlias, dialect.StagedAlias)
	}
	return dialect.Stmt{SQL: "UPDATE " + dialect.Aliased(d, l.Table, dialect.StandingAlias) + " SET " + dialect.Set(d, set, "") + "\nFROM " + from +
		"\nWHERE " + dialect.SameKeys(d, d, l.Key, dialect.StandingAlias, dialect.ListedAlias) + and(l.Where)}
}

func and(where string) string {
	if where == "" {
		return ""
	}
	return " AND " + where
}
