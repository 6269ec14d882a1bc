package sqlite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/huandu/go-sqlbuilder"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Name is this family's name in plans and DSNs.
const Name dialect.Name = "sqlite"

// Dialect implements [dialect.Backend] for SQLite.
type Dialect struct{}

var _ interface {
	dialect.Backend
	dialect.Remaker
	dialect.IndexRemaker
	dialect.TransactionJoiner
	dialect.Portable
} = Dialect{}

// New returns the SQLite dialect.
func New() Dialect { return Dialect{} }

// Facts are SQLite's. DDL can be rolled back, no other session writes during a
// transaction, and names have no limit. The sqlite3 program stops at the first error, and
// an open transaction is rolled back when it exits.
func (Dialect) Facts() dialect.Facts {
	return dialect.Facts{
		Name: Name, Flavor: sqlbuilder.SQLite, Strategies: []dialect.Strategy{dialect.InPlace},
		Waits: map[dialect.Strategy]string{
			dialect.InPlace: "other writers of the database wait until the commit",
			dialect.Swap:    "other writers of the database wait until the commit",
		},
		ClientDirectives: []string{".bail on"},
		Commit:           dialect.Stmt{SQL: "COMMIT"},
		Rollback:         dialect.Stmt{SQL: "ROLLBACK"},
		NoTruncate:       "SQLite has no TRUNCATE; its DELETE of all rows is as quick",
		SelectGroups:     "SELECT", // SQLite groups by sorting, and sorts on disk if needed
	}
}

// Unsupported rejects SQLite's own tables
// (https://www.sqlite.org/fileformat2.html#intschema).
func (Dialect) Unsupported(t dialect.Target, _ dialect.Strategy) (why []string) {
	if strings.HasPrefix(strings.ToLower(t.Ident.Name), "sqlite_") {
		why = append(why, fmt.Sprintf("%q is a name that SQLite keeps for its own tables", t.Ident.Name))
	}
	return why
}

// Session sets the lock timeout and turns foreign keys on, which are off by default
// (https://www.sqlite.org/foreignkeys.html#fk_enable).
func (Dialect) Session(o dialect.SessionOptions) []dialect.Stmt {
	if o.Scope == dialect.ThisTransaction {
		return nil // SQLite's settings belong to the connection, not to a transaction
	}
	var stmts []dialect.Stmt
	if o.LockTimeout > 0 {
		stmts = append(stmts, dialect.Stmt{SQL: fmt.Sprintf("PRAGMA busy_timeout = %d", o.LockTimeout.Milliseconds())})
	}
	return append(stmts,
		dialect.Stmt{SQL: "PRAGMA foreign_keys = ON"},
		dialect.Stmt{SQL: "PRAGMA ignore_check_constraints = OFF"},
		dialect.Stmt{SQL: "PRAGMA read_uncommitted = OFF"},
		dialect.Stmt{SQL: "PRAGMA reverse_unordered_selects = OFF"},
	)
}

// settings are those that Session sets.
func settings() []string {
	return []string{"foreign_keys", "busy_timeout", "ignore_check_constraints", "read_uncommitted", "reverse_unordered_selects"}
}

// JoinTransaction takes the write lock at once, as Begin does, with a write statement
// that changes nothing (https://www.sqlite.org/pragma.html#pragma_incremental_vacuum).
// Foreign keys cannot be turned on inside a transaction.
func (d Dialect) JoinTransaction(t dialect.Table) []dialect.Stmt {
	join := []dialect.Stmt{{SQL: "PRAGMA main.incremental_vacuum(1)", Note: "takes the write lock, and changes nothing"}}
	if len(t.ReferencedBy) > 0 || len(t.ForeignKeys) > 0 {
		join = append(join, d.Assertion("this connection keeps foreign keys (open the database with _pragma=foreign_keys(1))",
			`(SELECT "foreign_keys" FROM pragma_foreign_keys) = 1`))
	}
	return join
}

// Begin takes the write lock on the database at once. A deferred transaction that reads
// first fails with SQLITE_BUSY at its first write, whatever the lock timeout. If rows
// refer to the table, references are checked at the commit
// (https://www.sqlite.org/pragma.html#pragma_defer_foreign_keys).
func (Dialect) Begin(t dialect.Table, _ dialect.Access) dialect.Opening {
	begin := []dialect.Stmt{{SQL: "BEGIN IMMEDIATE"}}
	if len(t.ReferencedBy) > 0 || refersToItself(t) {
		begin = append(begin, dialect.Stmt{SQL: "PRAGMA defer_foreign_keys = ON"})
	}
	return dialect.Opening{Stmts: begin}
}

func refersToItself(t dialect.Table) bool {
	return slices.ContainsFunc(t.ForeignKeys, func(f dialect.ForeignKey) bool {
		return Dialect{}.SameName(f.RefTable.Name, t.Ident.Name)
	})
}

// Definitions are written by hand: go-sqlbuilder has no ALTER and no CREATE INDEX, and
// writes CREATE TABLE on one line. Catalog queries are fixed texts.

// CreateTable writes one column on each line.
func (d Dialect) CreateTable(t dialect.Table) dialect.Stmt {
	lines := make([]string, 0, len(t.Columns)+1)
	inline := len(t.PrimaryKey) == 1
	for _, c := range t.Columns {
		def := d.ColumnDefinition(c)
		if inline && c.Name == t.PrimaryKey[0] {
			def += " PRIMARY KEY"
			if c.Assigned {
				def += " AUTOINCREMENT"
			}
		}
		lines = append(lines, "  "+def)
	}
	if len(t.PrimaryKey) > 1 {
		lines = append(lines, "  PRIMARY KEY ("+d.quoteList(t.PrimaryKey)+")")
	}
	end := "\n)"
	if t.HasTrait(traitStrict) {
		end += " STRICT"
	}
	return dialect.Stmt{SQL: "CREATE TABLE " + d.QuoteTable(t.Ident) + " (\n" + strings.Join(lines, ",\n") + end}
}

// CreateIndex makes an index in the table's schema.
func (d Dialect) CreateIndex(table dialect.Ident, index dialect.Index) dialect.Stmt {
	return dialect.Stmt{SQL: "CREATE INDEX " + d.QuoteTable(table.InSchemaOf(index.Name)) +
		" ON " + d.Quote(table.Name) + " (" + d.quoteList(index.Columns) + ")"}
}

func (d Dialect) alter(table dialect.Ident, what string) dialect.Stmt {
	return dialect.Stmt{SQL: "ALTER TABLE " + d.QuoteTable(table) + " " + what}
}

// RenameTable renames a table.
func (d Dialect) RenameTable(from, to dialect.Ident) dialect.Stmt {
	return d.alter(from, "RENAME TO "+d.Quote(to.Name))
}

// Rebuild creates a new table, copies the rows with their ids, and renames it, since
// SQLite cannot change a column's type.
func (d Dialect) Rebuild(from, to dialect.Table) []dialect.Stmt {
	final := to.Ident
	to.Ident = final.InSchemaOf(dialect.SuffixedName(d, final.Name, "_rebuilt"))
	stmts := []dialect.Stmt{
		d.CreateTable(to),
		d.CopyRows(dialect.Copy{From: from.Ident, To: to.Ident, Columns: dialect.ColumnNames(from.Columns)}),
		{SQL: "DROP TABLE " + d.QuoteTable(from.Ident)},
		d.alter(to.Ident, "RENAME TO "+d.Quote(final.Name)),
	}
	for _, index := range from.Indexes {
		stmts = append(stmts, d.CreateIndex(final, index))
	}
	return stmts
}

// CopyRows qualifies every column that it reads. SQLite reads an unknown "name" as a
// string (https://www.sqlite.org/quirks.html#dblquote), but not an unknown
// "table"."name".
func (d Dialect) CopyRows(c dialect.Copy) dialect.Stmt {
	insert, query := dialect.InsertSelect(d, c)
	return dialect.Stmt{SQL: insert + "\n" + query}
}

// DeleteSnapshot selects rows by their numbers. A table that another program created may
// have none. It is written by hand, since a nested builder would be longer.
func (d Dialect) DeleteSnapshot(backup dialect.Table, versionColumn string, version int64, limit int) dialect.Stmt {
	number := slices.IndexFunc(backup.Columns, func(c dialect.Column) bool { return c.Assigned })
	if number < 0 {
		return dialect.Stmt{}
	}
	table, id := d.QuoteTable(backup.Ident), d.Quote(backup.Columns[number].Name)
	return dialect.Stmt{SQL: fmt.Sprintf("DELETE FROM %s WHERE %s IN (SELECT %s FROM %s WHERE %s LIMIT %d)",
		table, id, id, table, dialect.OfVersion(d, versionColumn, version), limit)}
}

func (d Dialect) insertInto(table dialect.Ident, columns []string) string {
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = d.Quote(c)
	}
	sql, _ := d.Facts().Flavor.NewInsertBuilder().InsertInto(d.QuoteTable(table)).Cols(quoted...).Build()
	return sql
}

// shapeLine is the number of bytes of a line of a definition, which SQLite cannot digest.
const shapeLine = 100

func (d Dialect) onLines(s string) string {
	if len(s) <= shapeLine {
		return text(s)
	}
	return d.LongText(s, shapeLine)
}

// HasShape compares the columns, the triggers and the foreign keys of other tables with
// the catalog.
func (d Dialect) HasShape(t dialect.Table) string {
	cols := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		cols[i] = c.Name + " " + c.Type
		if !c.Nullable {
			cols[i] += " NOT NULL"
		}
	}
	return fmt.Sprintf(`(SELECT group_concat("name" || ' ' || "type" || CASE WHEN "notnull" THEN ' NOT NULL' ELSE '' END, ', ')`+
		` FROM pragma_table_xinfo(%s, 'main')) IS %s`, text(t.Ident.Name), d.onLines(strings.Join(cols, ", "))) + " AND " + d.HasDependents(t)
}

// HasDependents compares the triggers and the foreign keys of other tables.
func (d Dialect) HasDependents(t dialect.Table) string {
	const triggers = `FROM "main"."sqlite_master" WHERE "type" = 'trigger' AND "tbl_name" = %s COLLATE NOCASE`
	from := fmt.Sprintf(triggers, text(t.Ident.Name))
	if len(t.Triggers) == 0 {
		return "NOT EXISTS (SELECT 1 " + from + ") AND " + isReferredTo(t)
	}
	return fmt.Sprintf(`(SELECT group_concat("name", ', ') FROM (SELECT "name" %s ORDER BY "name")) IS %s`, from, text(strings.Join(t.Triggers, ", "))) + " AND " + isReferredTo(t)
}

// isReferredTo compares the tables that refer to t and their actions on a delete.
func isReferredTo(t dialect.Table) string {
	var refs []string
	for _, f := range t.ReferencedBy {
		for _, c := range f.Columns {
			refs = append(refs, f.Table.Name+"."+c+" "+f.OnDelete)
		}
	}
	slices.Sort(refs)
	const referring = `FROM "main"."sqlite_master" AS m, pragma_foreign_key_list(m."name", 'main') AS f WHERE m."type" = 'table'` +
		` AND f."table" = %s COLLATE NOCASE AND m."name" <> f."table" COLLATE NOCASE`
	from := fmt.Sprintf(referring, text(t.Ident.Name))
	if len(refs) == 0 {
		return "NOT EXISTS (SELECT 1 " + from + ")"
	}
	return fmt.Sprintf(`(SELECT group_concat("ref", ', ') FROM (SELECT m."name" || '.' || f."from" || ' ' || f."on_delete" AS "ref" %s ORDER BY 1)) IS %s`,
		from, text(strings.Join(refs, ", ")))
}

// NotDefault compares bytes, whatever the column's collation.
func (d Dialect) NotDefault(c dialect.Column) string {
	return d.Quote(c.Name) + " IS NOT (" + *c.Default + ") COLLATE BINARY"
}

// DefaultOf is the default as declared.
func (d Dialect) DefaultOf(c dialect.Column) string { return "(" + *c.Default + ")" }

// Assertion fails with an invalid JSON path whose text is the message. The path depends
// on cond, so that SQLite cannot evaluate it before cond.
func (d Dialect) Assertion(says, cond string) dialect.Stmt {
	return dialect.Stmt{SQL: fmt.Sprintf(`SELECT json_extract('"true"', CASE WHEN %s THEN '$' ELSE %s END)`, cond, text(notAsserted+says))}
}

// notAsserted is how the error of an Assertion begins.
const notAsserted = "it is not true that "

func (d Dialect) quoteList(names []string) string {
	quoted := slices.Clone(names)
	for i, n := range quoted {
		quoted[i] = d.Quote(n)
	}
	return strings.Join(quoted, ", ")
}

// textList are literals of texts.
func textList(texts []string) string {
	quoted := make([]string, len(texts))
	for i, s := range texts {
		quoted[i] = text(s)
	}
	return strings.Join(quoted, ", ")
}

// Placeholder is an empty text for a column of text affinity and 0 for any other, which a
// strict table accepts too.
func (Dialect) Placeholder(c dialect.Column) rowsource.Value {
	if affinityOf(dialect.Table{}, c.Type) == affinityText {
		return rowsource.Text("")
	}
	return rowsource.Integer(0)
}
