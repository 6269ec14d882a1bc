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

// Dialect is PostgreSQL as text and facts, and, as a [dialect.Backend],
// PostgreSQL on a live connection.
type Dialect struct{}

var _ interface {
	dialect.Backend
	dialect.RunLocker
	dialect.TransactionJoiner
	dialect.Sequencer
	dialect.Truncater
	dialect.ConstraintChecker
	dialect.SchemaChecker
	dialect.Comparer
	dialect.Portable
	dialect.RightsKeeper
} = Dialect{}

// New returns the PostgreSQL dialect.
func New() Dialect { return Dialect{} }

// Facts are PostgreSQL's: its definitions are rolled back with the rest, and each
// statement sees what was committed before it, so that no SELECT needs to lock.
// PostgreSQL answers ROLLBACK to the COMMIT of a transaction in which a statement
// failed, without an error; after a failure nobody sends it, and the statement before
// it would fail as well. psql stops at the first error, which rolls back whatever is
// open when it exits, whatever the user's own ~/.psqlrc says. An identity column takes
// the value that the row has, as it does in a COPY
// (https://www.postgresql.org/docs/current/sql-insert.html).
func (Dialect) Facts() dialect.Facts {
	return dialect.Facts{
		Name: Name, Flavor: sqlbuilder.PostgreSQL, Strategies: []dialect.Strategy{dialect.InPlace},
		NameLimit:        dialect.NameLimit{Most: maxName, Unit: dialect.Bytes, Beyond: "PostgreSQL would cut it to " + strconv.Itoa(maxName)},
		ClientDirectives: []string{`\set ON_ERROR_STOP on`, `\set AUTOCOMMIT on`},
		Commit:           dialect.Stmt{SQL: "COMMIT"},
		Rollback:         dialect.Stmt{SQL: "ROLLBACK"},
		SelectGroups:     "SELECT",
		GivesIdentities:  " OVERRIDING SYSTEM VALUE",
	}
}

// Definitions are written by hand: go-sqlbuilder writes no ALTER, CREATE INDEX and
// COPY, and its CREATE TABLE stands on one line. So are the questions to the catalog,
// here and where tables are inspected: they are fixed texts.

// CreateTable makes t, one column a line.
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

// CreateIndex makes an index, which lives in the table's schema.
func (d Dialect) CreateIndex(table dialect.Ident, index dialect.Index) dialect.Stmt {
	return dialect.Stmt{SQL: fmt.Sprintf("CREATE INDEX %s ON %s (%s)", d.Quote(index.Name), d.QuoteTable(table), d.quoteList(index.Columns))}
}

func (d Dialect) alter(table dialect.Ident, what string) dialect.Stmt {
	return dialect.Stmt{SQL: "ALTER TABLE " + d.QuoteTable(table) + what}
}

// Rebuild changes the columns that differ, and adds those that are new, in one
// statement.
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

// CopyRows appends rows; the lock that [Dialect.Begin] took keeps them as they
// are until they are cleared.
func (d Dialect) CopyRows(c dialect.Copy) dialect.Stmt {
	insert, query := dialect.InsertSelect(d, c)
	if c.Where != "" { // a snapshot's rows come back, with the numbers that they had
		insert += " OVERRIDING SYSTEM VALUE"
	}
	return dialect.Stmt{SQL: insert + "\n" + query}
}

// DeleteSnapshot goes by where the rows are, which the index on the version finds
// (https://www.postgresql.org/docs/current/sql-delete.html says how to delete in
// batches). Written by hand, it is shorter than a builder in a builder.
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

// NotDefault compares the texts that the type has for the values: not every type
// has an equality, and some take different values for the same.
func (d Dialect) NotDefault(c dialect.Column) string {
	return "CAST(" + d.Quote(c.Name) + ` AS text) COLLATE "C" IS DISTINCT FROM CAST(` + d.DefaultOf(c) + ` AS text) COLLATE "C"`
}

// DefaultOf is the default as the column stores it.
func (d Dialect) DefaultOf(c dialect.Column) string {
	bare, _, _ := strings.Cut(c.Type, collateWord)
	return "CAST((" + *c.Default + ") AS " + bare + ")"
}

// Assertion raises an exception, which psql shows as it is. A name in the condition
// is a column's, even one that PL/pgSQL has a variable for
// (https://www.postgresql.org/docs/current/plpgsql-implementation.html).
func (d Dialect) Assertion(says, cond string) dialect.Stmt {
	block := fmt.Sprintf("#variable_conflict use_column\nBEGIN\n  IF (%s) IS NOT TRUE THEN\n    RAISE EXCEPTION USING MESSAGE = %s, ERRCODE = '%s';\n  END IF;\nEND",
		cond, text("it is not true that "+says), failedAssertion)
	tag := "$assertion$"
	for n := 1; strings.Contains(block, tag); n++ { // a name may hold anything
		tag = fmt.Sprintf("$assertion%d$", n)
	}
	return dialect.Stmt{SQL: "DO " + tag + "\n" + block + "\n" + tag}
}

// failedAssertion is the SQLSTATE of what an Assertion raises, of a class that PostgreSQL does
// not use.
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
