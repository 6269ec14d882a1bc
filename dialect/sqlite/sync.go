package sqlite

import (
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// collated begins a trait that says by which collation a column of a key is unique, if that
// is not by the bytes: "collated email NOCASE".
const collated = "collated "

// CreateStage creates a temporary table. Its key has the collations of the table's own, so
// that a second row of the same key is refused with its line, and rows are found by it.
func (d Dialect) CreateStage(t dialect.Table, key dialect.SyncKey) (dialect.Table, []dialect.Stmt) {
	if len(key.Columns) == 1 { // such a key is the fastest
		if c, ok := key.Table.Column(key.Columns[0], d.SameName); ok && c.Assigned {
			t.PrimaryKey = key.Columns
			made, create := d.CreateTemporary(withoutNumbering(t))
			return made, create
		}
	}
	made, create := d.CreateTemporary(t)
	columns := make([]string, len(key.Columns))
	for i, c := range key.Columns {
		columns[i] = d.Quote(c) + d.collation(key, c)
	}
	index := made.Ident.InSchemaOf(t.Ident.Name + "_key")
	return made, append(create, dialect.Stmt{SQL: "CREATE UNIQUE INDEX " + d.QuoteTable(index) +
		" ON " + d.Quote(made.Ident.Name) + " (" + strings.Join(columns, ", ") + ")"})
}

// withoutNumbering leaves AUTOINCREMENT out of a table.
func withoutNumbering(t dialect.Table) dialect.Table {
	columns := make([]dialect.Column, len(t.Columns))
	for i, c := range t.Columns {
		c.Assigned = false
		columns[i] = c
	}
	t.Columns = columns
	return t
}

// CreateList creates a temporary table.
func (d Dialect) CreateList(t dialect.Table, _ dialect.SyncKey) (dialect.Table, []dialect.Stmt) {
	return d.CreateTemporary(t)
}

// DropStage drops a table of the session's temp schema.
func (d Dialect) DropStage(table dialect.Ident) dialect.Stmt { return d.DropTemporary(table) }

// BeginSync is not needed: the stage is loaded in the same transaction.
func (Dialect) BeginSync(dialect.Table) []dialect.Stmt { return nil }

// BeforeCompare does nothing: nobody else writes during the transaction.
func (Dialect) BeforeCompare(dialect.Ident, []dialect.ForeignKey) []dialect.Stmt { return nil }

// SameKey compares by the collation of the table's index, which may be another than the
// column's.
func (d Dialect) SameKey(key dialect.SyncKey, column, a, b string) string {
	return a + "." + d.Quote(column) + d.collation(key, column) + " = " + b + "." + d.Quote(column)
}

func (d Dialect) collation(key dialect.SyncKey, column string) string {
	for _, trait := range key.Table.Traits {
		if name, ok := strings.CutPrefix(trait, collated+column+" "); ok {
			return " COLLATE " + d.Quote(name)
		}
	}
	return ""
}

// OnlyStaged merges the keys of both tables in the order of their indexes, which reads each
// once. An outer join would search the table's index for each row. Without the ORDER BY,
// SQLite would keep all keys in a temporary index.
func (d Dialect) OnlyStaged(key dialect.SyncKey, stage, table dialect.Ident) string {
	keys := func(from dialect.Ident, alias string) string {
		columns := make([]string, len(key.Columns))
		for i, c := range key.Columns {
			columns[i] = d.Quote(alias) + "." + d.Quote(c) + d.collation(key, c) + " AS " + d.Quote(c)
		}
		return "SELECT " + strings.Join(columns, ", ") + " FROM " + dialect.Aliased(d, from, alias)
	}
	order := make([]string, len(key.Columns))
	for i := range order {
		order[i] = strconv.Itoa(i + 1)
	}
	return "(" + keys(stage, dialect.StagedAlias) + " EXCEPT " + keys(table, dialect.StandingAlias) + " ORDER BY " + strings.Join(order, ", ") +
		") AS " + d.Quote(dialect.StagedAlias)
}

// Differs compares values, and their types if the column has none.
func (Dialect) Differs(a, b dialect.SubqueryColumn) string {
	differs := a.Name + " IS NOT " + b.Name
	if a.Typing == dialect.ByValue {
		differs += " OR typeof(" + a.Name + ") <> typeof(" + b.Name + ")"
	}
	return differs
}

// DeleteListed looks the keys up in the list.
func (d Dialect) DeleteListed(l dialect.Listed) dialect.Stmt {
	keys, same := make([]string, len(l.Key.Columns)), make([]string, len(l.Key.Columns))
	for i, c := range l.Key.Columns {
		keys[i] = d.Quote(dialect.ListedAlias) + "." + d.Quote(c)
		same[i] = d.Quote(l.Table.Name) + "." + d.Quote(c) + d.collation(l.Key, c)
	}
	left := strings.Join(same, ", ")
	if len(same) > 1 {
		left = "(" + left + ")"
	}
	return dialect.Stmt{SQL: "DELETE FROM " + d.QuoteTable(l.Table) + "\nWHERE " + left + " IN (SELECT " + strings.Join(keys, ", ") +
		" FROM " + dialect.Aliased(d, l.List, dialect.ListedAlias) + dialect.Where(l.Where) + ")"}
}

// UpdateListed is an UPDATE FROM (https://www.sqlite.org/lang_update.html#upfrom).
func (d Dialect) UpdateListed(l dialect.Listed, set []dialect.Assignment) dialect.Stmt {
	from := dialect.Aliased(d, l.List, dialect.ListedAlias)
	if dialect.TakesStage(set) {
		from += " JOIN " + dialect.Aliased(d, l.Stage, dialect.StagedAlias) + " ON " + dialect.SameKeys(d, d, l.Key, dialect.ListedAlias, dialect.StagedAlias)
	}
	where := dialect.SameKeys(d, d, l.Key, l.Table.Name, dialect.ListedAlias)
	if l.Where != "" {
		where += " AND " + l.Where
	}
	return dialect.Stmt{SQL: "UPDATE " + d.QuoteTable(l.Table) + " SET " + dialect.Set(d, set, "") + "\nFROM " + from + "\nWHERE " + where}
}
