package postgres

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/huandu/go-sqlbuilder"

	"github.com/tablesnap/tablesnap/dialect"
)

// Name is this family's name in plans and DSNs.
const Name dialect.Name = "postgres"

// Dialect implements [dialect.Backend] for PostgreSQL.
type Dialect struct{}

var _ interface {
	dialect.Backend
	dialect.RunLocker
	dialect.TransactionJoiner
	dialect.Remaker
	dialect.Sequencer
	dialect.Truncater
	dialect.ConstraintChecker
	dialect.SchemaChecker
	dialect.Comparer
	dialect.Retyper
	dialect.Portable
	dialect.RightsKeeper
	dialect.SessionObserver
	dialect.NetworkLimiter
} = Dialect{}

// New returns the PostgreSQL dialect.
func New() Dialect { return Dialect{} }

// Facts are PostgreSQL's. DDL can be rolled back. Each statement sees what was committed
// before it, so no SELECT needs a lock. PostgreSQL answers ROLLBACK, without an error, to
// the COMMIT of a transaction in which a statement failed. tablesnap never sends COMMIT
// after a failure, and the statement before COMMIT would fail too. psql stops at the
// first error, whatever ~/.psqlrc says, and an open transaction is rolled back when it
// exits. An identity column takes explicit values as in a COPY
// (https://www.postgresql.org/docs/current/sql-insert.html).
func (Dialect) Facts() dialect.Facts {
	return dialect.Facts{
		Name: Name, Flavor: sqlbuilder.PostgreSQL, Strategies: []dialect.Strategy{dialect.InPlace},
		Waits: map[dialect.Strategy]string{
			dialect.InPlace: "writers of the table wait until the commit",
			dialect.Swap:    "writers of the table wait until the commit",
		},
		NameLimit:        dialect.NameLimit{Most: maxName, Unit: dialect.Bytes, Beyond: "PostgreSQL would cut it to " + strconv.Itoa(maxName)},
		ClientDirectives: []string{`\set ON_ERROR_STOP on`, `\set AUTOCOMMIT on`},
		Commit:           dialect.Stmt{SQL: "COMMIT"},
		Rollback:         dialect.Stmt{SQL: "ROLLBACK"},
		SelectGroups:     "SELECT",
		NullsLast:        true,
		GivesIdentities:  " OVERRIDING SYSTEM VALUE",
	}
}

// Definitions are written by hand: go-sqlbuilder has no ALTER, CREATE INDEX and COPY, and
// writes CREATE TABLE on one line. Catalog queries are fixed texts.

// CreateTable writes one column on each line.
func (d Dialect) CreateTable(t dialect.Table) dialect.Stmt {
	lines := make([]string, 0, len(t.Columns)+1)
	for _, c := range t.Columns {
		lines = append(lines, "  "+d.ColumnDefinition(c))
	}
	if len(t.PrimaryKey) > 0 {
		lines = append(lines, "  PRIMARY KEY ("+d.quoteList(t.PrimaryKey)+")")
	}
	return dialect.Stmt{SQL: "CREATE TABLE " + d.QuoteTable(t.Ident) + " (\n" + strings.Join(lines, ",\n") + "\n)"}
}

// CreateIndex needs no schema, since an index is in its table's schema.
func (d Dialect) CreateIndex(table dialect.Ident, index dialect.Index) dialect.Stmt {
	return dialect.Stmt{SQL: fmt.Sprintf("CREATE INDEX %s ON %s (%s)", d.Quote(index.Name), d.QuoteTable(table), d.quoteList(index.Columns))}
}

func (d Dialect) alter(table dialect.Ident, what string) dialect.Stmt {
	return dialect.Stmt{SQL: "ALTER TABLE " + d.QuoteTable(table) + what}
}

// Rebuild changes columns that differ and adds new ones in one statement.
func (d Dialect) Rebuild(from, to dialect.Table) []dialect.Stmt {
	var changes []string
	change := func(format string, args ...any) { changes = append(changes, "  "+fmt.Sprintf(format, args...)) }
	for i, c := range to.Columns {
		if i >= len(from.Columns) {
			change("ADD COLUMN %s", d.ColumnDefinition(c))
			continue
		}
		name := d.Quote(c.Name)
		if from.Columns[i].Type != c.Type {
			bare, _, _ := strings.Cut(c.Type, collateWord)
			change("ALTER COLUMN %s TYPE %s USING %s::%s", name, c.Type, name, bare)
		}
		if c.Nullable && !from.Columns[i].Nullable {
			change("ALTER COLUMN %s DROP NOT NULL", name)
		}
	}
	if len(changes) == 0 {
		return nil
	}
	return []dialect.Stmt{d.alter(to.Ident, "\n"+strings.Join(changes, ",\n"))}
}

// CopyRows needs no lock of its own: the lock from [Dialect.Begin] keeps the rows
// unchanged until they are cleared.
func (d Dialect) CopyRows(c dialect.Copy) dialect.Stmt {
	insert, query := dialect.InsertSelect(d, c)
	if c.Where != "" { // a snapshot's rows are restored with their old numbers
		insert += " OVERRIDING SYSTEM VALUE"
	}
	return dialect.Stmt{SQL: insert + "\n" + query}
}

// DeleteSnapshot selects rows by ctid through the index on the version
// (https://www.postgresql.org/docs/current/sql-delete.html describes deleting in
// batches). It is written by hand, since a nested builder would be longer.
func (d Dialect) DeleteSnapshot(backup dialect.Table, versionColumn string, version int64, limit int) dialect.Stmt {
	table, ofVersion := d.QuoteTable(backup.Ident), dialect.OfVersion(d, versionColumn, version)
	return dialect.Stmt{SQL: fmt.Sprintf("DELETE FROM %s WHERE %s AND ctid = ANY (ARRAY(SELECT ctid FROM %s WHERE %s LIMIT %d))", table, ofVersion, table, ofVersion, limit)}
}

// LoadShape is the COPY that a load runs.
func (d Dialect) LoadShape(l dialect.Load) string {
	quoted := d.quoteAll(dialect.ColumnNames(l.Columns))
	for _, f := range l.Fixed {
		quoted = append(quoted, d.Quote(f.Column))
	}
	return "COPY " + d.QuoteTable(l.Table.Ident) + " (" + strings.Join(quoted, ", ") + ") FROM STDIN WITH (FORMAT text, ENCODING 'UTF8')"
}

// NotDefault compares the values' texts: some types have no equality, and some treat
// different values as equal.
func (d Dialect) NotDefault(c dialect.Column) string {
	return "CAST(" + d.Quote(c.Name) + ` AS text) COLLATE "C" IS DISTINCT FROM CAST(` + d.DefaultOf(c) + ` AS text) COLLATE "C"`
}

// DefaultOf is the default as the column stores it.
func (d Dialect) DefaultOf(c dialect.Column) string {
	bare, _, _ := strings.Cut(c.Type, collateWord)
	return "CAST((" + *c.Default + ") AS " + bare + ")"
}

// Assertion raises an exception, which psql shows unchanged. PL/pgSQL has a variable of its
// own, FOUND: in the condition, that name is a column's
// (https://www.postgresql.org/docs/current/plpgsql-implementation.html).
func (d Dialect) Assertion(says, cond string) dialect.Stmt {
	block := fmt.Sprintf("BEGIN IF (%s) IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE = %s, ERRCODE = '%s'; END IF; END",
		cond, text("it is not true that "+says), failedAssertion)
	if strings.Contains(strings.ToLower(cond), "found") {
		block = "\n#variable_conflict use_column\n" + block
	}
	tag := "$$"
	for n := 1; strings.Contains(block, tag); n++ { // a name may contain any text
		tag = fmt.Sprintf("$assertion%d$", n)
	}
	return dialect.Stmt{SQL: "DO " + tag + block + tag}
}

// failedAssertion is the SQLSTATE of a failed Assertion, from a class that PostgreSQL
// does not use.
const failedAssertion = "TS001"

// RenameTable renames a table, which stays in its schema.
func (d Dialect) RenameTable(from, to dialect.Ident) dialect.Stmt {
	return d.alter(from, " RENAME TO "+d.Quote(to.Name))
}

func (d Dialect) quoteAll(names []string) []string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = d.Quote(n)
	}
	return quoted
}

func (d Dialect) quoteList(names []string) string { return strings.Join(d.quoteAll(names), ", ") }
