package mysql

import (
	"github.com/tablesnap/tablesnap/dialect"
)

// CreateStage creates a table of its own: MySQL can read a temporary one only once in a
// statement (https://dev.mysql.com/doc/refman/8.4/en/temporary-table-problems.html). Its
// key has the collations of the table's own.
func (d Dialect) CreateStage(t dialect.Table, key dialect.SyncKey) (dialect.Table, []dialect.Stmt) {
	t = keyed(t, key)
	return t, []dialect.Stmt{d.CreateTable(t)}
}

// CreateList creates a table of its own, as CreateStage does.
func (d Dialect) CreateList(t dialect.Table, key dialect.SyncKey) (dialect.Table, []dialect.Stmt) {
	return d.CreateStage(t, key)
}

// keyed makes the key the primary key, unless it has a type of which only a part can be
// indexed.
func keyed(t dialect.Table, key dialect.SyncKey) dialect.Table {
	columns := make([]dialect.Column, len(t.Columns))
	copy(columns, t.Columns)
	for i, c := range columns {
		for _, name := range key.Columns {
			if !(Dialect{}).SameName(name, c.Name) {
				continue
			}
			if columns[i].Nullable = false; !indexable(c) {
				return t
			}
		}
	}
	t.Columns, t.PrimaryKey = columns, key.Columns
	return t
}

// indexable reports whether whole values of the column can be in an index.
func indexable(c dialect.Column) bool {
	t := parseType(c.Type)
	switch t.family() {
	case familyText, familyBinary:
		return t.capacity() <= maxIndexed
	case familyJSON, familyGeometry, familyOther:
		return false
	default:
		return true
	}
}

// maxIndexed is the number of characters of which an index has all, whatever they are
// (https://dev.mysql.com/doc/refman/8.4/en/innodb-limits.html).
const maxIndexed = 768

// DropStage does nothing: the table that an earlier run has left is found by inspection.
func (Dialect) DropStage(dialect.Ident) dialect.Stmt { return dialect.Stmt{} }

// BeginSync locks all rows of the table, and the gaps between them. What the transaction
// reads after that is not older.
func (d Dialect) BeginSync(t dialect.Table) []dialect.Stmt {
	return append(d.Begin(t, dialect.Replaces).Stmts,
		d.lockRows(t.Ident, "until the COMMIT nobody else changes, adds or deletes a row of "+t.Ident.Name))
}

func (d Dialect) lockRows(table dialect.Ident, note string) dialect.Stmt {
	return dialect.Stmt{SQL: "SELECT count(*) FROM " + d.QuoteTable(table) + byRow + forUpdate, Note: note}
}

// BeforeCompare does nothing: to refer to a row, InnoDB locks it, and BeginSync has locked
// them all (https://dev.mysql.com/doc/refman/8.4/en/innodb-locks-set.html).
func (Dialect) BeforeCompare(dialect.Ident, []dialect.ForeignKey) []dialect.Stmt { return nil }

// SameKey compares by the column's collation.
func (d Dialect) SameKey(_ dialect.SyncKey, column, a, b string) string {
	return a + "." + d.Quote(column) + " = " + b + "." + d.Quote(column)
}

// OnlyStaged is an outer join.
func (d Dialect) OnlyStaged(key dialect.SyncKey, stage, table dialect.Ident) string {
	return dialect.OnlyStaged(d, d, key, stage, table)
}

// Differs compares bytes, since each collation takes some texts for the same: even
// utf8mb4_bin does if they differ in blanks at the end.
func (Dialect) Differs(a, b dialect.SubqueryColumn) string {
	return "NOT (CAST(" + a.Name + " AS BINARY) <=> CAST(" + b.Name + " AS BINARY))"
}

// DeleteListed deletes from one of two tables that are joined
// (https://dev.mysql.com/doc/refman/8.4/en/delete.html).
func (d Dialect) DeleteListed(l dialect.Listed) dialect.Stmt {
	standing := d.Quote(dialect.StandingAlias)
	return dialect.Stmt{SQL: "DELETE " + standing + " FROM " + dialect.Aliased(d, l.List, dialect.ListedAlias) + " JOIN " + dialect.Aliased(d, l.Table, dialect.StandingAlias) +
		" ON " + dialect.SameKeys(d, d, l.Key, dialect.StandingAlias, dialect.ListedAlias) + dialect.Where(l.Where)}
}

// UpdateListed updates one of several tables that are joined
// (https://dev.mysql.com/doc/refman/8.4/en/update.html).
func (d Dialect) UpdateListed(l dialect.Listed, set []dialect.Assignment) dialect.Stmt {
	from := dialect.Aliased(d, l.List, dialect.ListedAlias) + " JOIN " + dialect.Aliased(d, l.Table, dialect.StandingAlias) +
		" ON " + dialect.SameKeys(d, d, l.Key, dialect.StandingAlias, dialect.ListedAlias)
	if dialect.TakesStage(set) {
		from += " JOIN " + dialect.Aliased(d, l.Stage, dialect.StagedAlias) + " ON " + dialect.SameKeys(d, d, l.Key, dialect.ListedAlias, dialect.StagedAlias)
	}
	return dialect.Stmt{SQL: "UPDATE " + from + "\nSET " + dialect.Set(d, set, d.Quote(dialect.StandingAlias)+".") + dialect.Where(l.Where)}
}
