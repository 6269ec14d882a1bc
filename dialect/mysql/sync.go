package mysql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// CreateStage creates a table of its own: MySQL can read a temporary one only once in a
// statement (https://dev.mysql.com/doc/refman/8.4/en/temporary-table-problems.html). Its
// key has the collations of the table's own. If only a part of the values can be indexed,
// an index finds a row by that part: without one, a DELETE or UPDATE would read the whole
// stage for each row of the table.
func (d Dialect) CreateStage(t dialect.Table, key dialect.SyncKey) (dialect.Table, []dialect.Stmt) {
	t = keyed(t, key)
	stmts := []dialect.Stmt{d.CreateTable(t)}
	if parts := d.keyParts(t, key); len(t.PrimaryKey) == 0 && len(parts) > 0 {
		stmts = append(stmts, ddl("CREATE INDEX %s ON %s (%s)", d.Quote("key_parts"), d.QuoteTable(t.Ident), strings.Join(parts, ", ")))
	}
	return t, stmts
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

// keyParts are the key's columns for an index on the beginnings of their values. A column
// that no index takes is left out.
func (d Dialect) keyParts(t dialect.Table, key dialect.SyncKey) (parts []string) {
	for _, name := range key.Columns {
		c, _ := t.Column(name, d.SameName)
		switch declared := parseType(c.Type); declared.family() {
		case familyText, familyBinary:
			parts = append(parts, fmt.Sprintf("%s(%d)", d.Quote(c.Name), min(declared.capacity(), maxIndexed/len(key.Columns))))
		case familyJSON, familyGeometry, familyOther:
		default:
			parts = append(parts, d.Quote(c.Name))
		}
	}
	return parts
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

// BeforeCompare makes room for the keys that [Dialect.OnlyStaged] hashes. What finds no room
// goes to 128 files, and each of them is read again for every buffer of its keys
// (https://dev.mysql.com/doc/refman/8.4/en/hash-joins.html). Nothing else is locked: to refer
// to a row, InnoDB locks it, and BeginSync has locked them all
// (https://dev.mysql.com/doc/refman/8.4/en/innodb-locks-set.html).
func (Dialect) BeforeCompare(dialect.Ident, []dialect.ForeignKey) []dialect.Stmt {
	return []dialect.Stmt{{SQL: "SET SESSION join_buffer_size = 33554432", Note: "for the keys of the rows that are new"}}
}

// BeforeCompare does nothing: MariaDB searches the table by its index.
func (MariaDB) BeforeCompare(dialect.Ident, []dialect.ForeignKey) []dialect.Stmt { return nil }

// SameKey compares by the column's collation.
func (d Dialect) SameKey(_ dialect.SyncKey, column, a, b string) string {
	return a + "." + d.Quote(column) + " = " + b + "." + d.Quote(column)
}

// OnlyStaged is an outer join that hashes the table's keys. Searching the table's index for
// each of 1,000,000 staged rows takes three times as long.
func (d Dialect) OnlyStaged(key dialect.SyncKey, stage, table dialect.Ident) string {
	return dialect.OnlyStaged(d, d, key, stage, table, byRow)
}

// Differs compares bytes, since each collation takes some texts for the same: even
// utf8mb4_bin does if they differ in blanks at the end. The bytes of texts and integers of the
// same type need no other reading, which takes a tenth of the time of a sync.
func (Dialect) Differs(a, b dialect.SubqueryColumn) string {
	before, after := a.Name, b.Name
	if f := parseType(a.From.Type).family(); a.Column != "" && (f == familyText || f == familyInteger) {
		before, after = a.Column, b.Column
	}
	return "NOT (CAST(" + before + " AS BINARY) <=> CAST(" + after + " AS BINARY))"
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

// OnlyStaged searches the table by its index on the key. If it has none, MariaDB would read
// the whole table for each staged row; EXCEPT keeps the staged keys in an index
// (https://mariadb.com/docs/server/ha-and-performance/optimization-and-tuning/query-optimizations/block-based-join-algorithms).
func (d MariaDB) OnlyStaged(key dialect.SyncKey, stage, table dialect.Ident) string {
	if isIndexed(key) {
		return dialect.OnlyStaged(d, d, key, stage, table, "")
	}
	keys := d.quoteList(key.Columns)
	return "(SELECT " + keys + " FROM " + d.QuoteTable(stage) + " EXCEPT SELECT " + keys + " FROM " + d.QuoteTable(table) + ") AS " + d.Quote(dialect.StagedAlias)
}

// isIndexed reports whether an index of the table finds the few rows that have a key: all of
// the key, or a part that is unique.
func isIndexed(key dialect.SyncKey) bool {
	inKey := func(columns []string) bool {
		return len(columns) > 0 && !slices.ContainsFunc(columns, func(c string) bool { return !slices.Contains(key.Columns, c) })
	}
	t, n := key.Table, len(key.Columns)
	return inKey(t.PrimaryKey) || slices.ContainsFunc(t.Uniques, inKey) ||
		slices.ContainsFunc(t.Indexes, func(i dialect.Index) bool { return len(i.Columns) >= n && inKey(i.Columns[:n]) })
}
