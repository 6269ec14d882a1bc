package mysql

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/huandu/go-sqlbuilder"

	"github.com/tablesnap/tablesnap/dialect"
)

// Name is this family's name in plans and DSNs.
const Name dialect.Name = "mysql"

// Dialect is MySQL as text and facts, and, as a [dialect.Backend], MySQL on a
// live connection.
type Dialect struct{}

// New returns the MySQL dialect.
func New() Dialect { return Dialect{} }

// Facts are MySQL's. Its definitions commit by themselves, and so would a TRUNCATE
// (https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html). A
// SELECT that does not lock shows rows as they were when the transaction first looked
// at anything (https://dev.mysql.com/doc/refman/8.4/en/innodb-consistent-read.html).
// The mysql program can be told to go on after an error, and no statement can forbid
// it: the directives are a word to whoever runs it
// (https://dev.mysql.com/doc/refman/8.4/en/mysql-command-options.html#option_mysql_force).
func (Dialect) Facts() dialect.Facts {
	return dialect.Facts{
		Name: Name, Flavor: sqlbuilder.MySQL, Strategies: []dialect.Strategy{dialect.InPlace, dialect.Swap},
		CommitsDefinitions: true,
		NameLimit:          dialect.NameLimit{Most: maxName, Unit: dialect.Characters, Beyond: "a name may have " + strconv.Itoa(maxName)},
		ClientDirectives: []string{
			"-- Pipe it into the client program, which then stops at the first error; what is open is rolled back.",
			"-- With --force, or by the command source, the client would go on: never run it so.",
		},
		Commit:      dialect.Stmt{SQL: "COMMIT"},
		Rollback:    dialect.Stmt{SQL: "ROLLBACK"},
		NoTruncate:  "TRUNCATE commits by itself here, and would leave the table empty where the load fails; use DELETE, or the strategy swap",
		LockingRead: forUpdate,
		WholeTable:  byRow,
		// It has the servers sort rather than look each row up in a temporary table: a third
		// of the time if that does not fit into memory
		// (https://dev.mysql.com/doc/refman/8.4/en/select.html).
		SelectGroups: "SELECT SQL_BIG_RESULT",
	}
}

// Begin opens a transaction. A table whose rows will be replaced is opened at
// once, for writing but without a row: from then on no ALTER TABLE can come
// between the look at its columns and the copy
// (https://dev.mysql.com/doc/refman/8.4/en/metadata-locking.html).
func (d Dialect) Begin(t dialect.Table, _ dialect.Access) dialect.Opening {
	return d.begin("START TRANSACTION", t)
}

func (d Dialect) begin(start string, t dialect.Table) dialect.Opening {
	stmts := []dialect.Stmt{{SQL: start}}
	if len(t.Columns) > 0 {
		stmts = append(stmts, dialect.Stmt{SQL: "SELECT 1 FROM " + d.QuoteTable(t.Ident) + " LIMIT 0 FOR UPDATE",
			Note: "reads no row, but keeps every ALTER TABLE out until the COMMIT"})
	}
	return dialect.Opening{Stmts: stmts}
}

// Definitions are written by hand: go-sqlbuilder writes no ALTER, RENAME, CREATE INDEX
// and LIKE, and its CREATE TABLE stands on one line. So are the questions to the
// catalog, here and where tables are inspected: they are fixed texts.

// ddl is a statement that commits by itself.
func ddl(format string, args ...any) dialect.Stmt {
	return dialect.Stmt{SQL: fmt.Sprintf(format, args...), AutoCommits: true}
}

// CreateTable makes t, one column a line, in InnoDB and no other engine: a copy
// in MEMORY would be gone with the server, one in MyISAM knows no rollback.
func (d Dialect) CreateTable(t dialect.Table) dialect.Stmt {
	columns := fitRow(t.Columns)
	lines := make([]string, 0, len(columns)+1)
	for _, c := range columns {
		lines = append(lines, "  "+d.ColumnDefinition(c))
	}
	if len(t.PrimaryKey) > 0 {
		lines = append(lines, "  PRIMARY KEY ("+d.quoteList(t.PrimaryKey)+")")
	}
	return ddl("CREATE TABLE %s (\n%s\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4", d.QuoteTable(t.Ident), strings.Join(lines, ",\n"))
}

// CreateIndex makes an index.
func (d Dialect) CreateIndex(table dialect.Ident, index dialect.Index) dialect.Stmt {
	return ddl("CREATE INDEX %s ON %s (%s)", d.Quote(index.Name), d.QuoteTable(table), d.quoteList(index.Columns))
}

func (d Dialect) alter(table dialect.Ident, what string) dialect.Stmt {
	return ddl("ALTER TABLE %s%s", d.QuoteTable(table), what)
}

// Rebuild changes the columns that differ, and adds those that are new, in one
// statement, which does all of it or nothing.
func (d Dialect) Rebuild(from, to dialect.Table) []dialect.Stmt {
	var changes []string
	for i, c := range to.Columns {
		switch {
		case i >= len(from.Columns):
			changes = append(changes, "  ADD COLUMN "+d.ColumnDefinition(c))
		case from.Columns[i].Type != c.Type || from.Columns[i].Nullable != c.Nullable:
			changes = append(changes, "  MODIFY COLUMN "+d.ColumnDefinition(c))
		}
	}
	if len(changes) == 0 {
		return nil
	}
	return []dialect.Stmt{d.alter(to.Ident, "\n"+strings.Join(changes, ",\n"))}
}

// CopyRows locks what it reads: a plain INSERT … SELECT takes shared locks,
// which the clear that follows could turn into exclusive ones only by a
// deadlock with whoever waits for the row; and TiDB takes none at all.
func (d Dialect) CopyRows(c dialect.Copy) dialect.Stmt {
	return dialect.Stmt{SQL: d.copyRows(c) + forUpdate,
		Note: "FOR UPDATE: until the COMMIT nobody else changes, adds or deletes a row of " + c.From.Name}
}

// copyRows is the statement without its lock.
func (d Dialect) copyRows(c dialect.Copy) string {
	insert, query := dialect.InsertSelect(d, c)
	return insert + "\n" + query
}

// byRow has a table's own rows read and no index. The server would choose the
// smallest index, whose entries do not say which transaction wrote them: behind a
// DELETE and a LOAD in the same transaction it looks up the row of each of them,
// and counting 1,000,000 rows takes 5 seconds in place of 0.5.
// https://dev.mysql.com/doc/refman/8.4/en/index-hints.html
// https://dev.mysql.com/doc/refman/8.4/en/innodb-multi-versioning.html#innodb-multi-versioning-secondary-indexes
const byRow = " USE INDEX ()"

// NotDefault compares bytes: for the collation, other texts may be the same. The
// server gives the default as the column would hold it
// (https://dev.mysql.com/doc/refman/8.4/en/miscellaneous-functions.html#function_default).
func (d Dialect) NotDefault(c dialect.Column) string {
	column := d.Quote(c.Name)
	return "NOT (CAST(" + column + " AS BINARY) <=> CAST(DEFAULT(" + column + ") AS BINARY))"
}

// DefaultOf asks the table, since the catalog does not say every default as an
// expression.
func (d Dialect) DefaultOf(c dialect.Column) string { return "DEFAULT(" + d.Quote(c.Name) + ")" }

// Assertion fails as an integer that is out of range: the error shows the whole
// expression, and so the message. A SET of a variable would fail as well, but
// its subqueries lock what they read, which would keep runs on other tables
// out of the ledger.
func (d Dialect) Assertion(says, cond string) dialect.Stmt {
	return dialect.Stmt{SQL: fmt.Sprintf("SELECT IF(%s, %s, 9223372036854775807 + char_length(%s)) AS `assertion`",
		cond, text("it is true that "+says), text(notAsserted+says))}
}

// notAsserted begins what the error of an Assertion says.
const notAsserted = "it is not true that "

// CreateLike makes a table with the columns, keys, indexes and checks of
// another; foreign keys and triggers are not copied
// (https://dev.mysql.com/doc/refman/8.4/en/create-table-like.html).
func (d Dialect) CreateLike(shadow, table dialect.Ident) dialect.Stmt {
	return ddl("CREATE TABLE %s LIKE %s", d.QuoteTable(shadow), d.QuoteTable(table))
}

// flush has the pages of the shadow written out. A rename right behind a
// load waits for those that are being written, and everybody for the rename: a
// quarter of a second was seen, and 12 ms behind this statement
// (https://dev.mysql.com/doc/refman/8.4/en/flush.html#flush-tables-for-export-with-list).
// It wants privileges that not every user has, and InnoDB; without them the
// rename takes as long as it takes.
func (d Dialect) flush(shadow dialect.Ident) []dialect.Stmt {
	const me = "CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')"
	has := func(view, privileges, where string) string {
		return "EXISTS (SELECT 1 FROM information_schema." + view + " WHERE GRANTEE = " + me + " AND PRIVILEGE_TYPE IN (" + privileges + ")" + where + ")"
	}
	may := has("USER_PRIVILEGES", "'RELOAD', 'FLUSH_TABLES'", "") +
		" AND (" + has("USER_PRIVILEGES", "'LOCK TABLES'", "") + " OR " + has("SCHEMA_PRIVILEGES", "'LOCK TABLES'", " AND TABLE_SCHEMA = "+schemaOf(shadow)) + ")" +
		" AND EXISTS (SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = " + schemaOf(shadow) + " AND TABLE_NAME = " + text(shadow.Name) + " AND ENGINE = 'InnoDB')"
	return []dialect.Stmt{
		{SQL: "SET @tablesnap_flush = IF(" + may + ", " + text("FLUSH TABLES "+d.QuoteTable(shadow)+" FOR EXPORT") + ", 'DO 0')",
			Note: "whoever may has the new rows written to the disk first: the rename would wait for that, and everybody for the rename"},
		{SQL: "PREPARE tablesnap_flush FROM @tablesnap_flush"},
		{SQL: "EXECUTE tablesnap_flush"},
		{SQL: "UNLOCK TABLES"},
	}
}

// SwapTables renames both tables at once
// (https://dev.mysql.com/doc/refman/8.4/en/rename-table.html). Whoever sees the new
// names comes after every transaction that used the old ones.
func (d Dialect) SwapTables(table, shadow, old dialect.Ident) (before []dialect.Stmt, swap dialect.Stmt) {
	return d.flush(shadow), d.rename(table, shadow, old)
}

func (d Dialect) rename(table, shadow, old dialect.Ident) dialect.Stmt {
	t, s, o := d.QuoteTable(table), d.QuoteTable(shadow), d.QuoteTable(old)
	stmt := ddl("RENAME TABLE %s TO %s, %s TO %s", t, o, s, t)
	stmt.Note = "one statement: who waits for the table goes on with the new one"
	return stmt
}

func (d Dialect) quoteList(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = d.Quote(n)
	}
	return strings.Join(quoted, ", ")
}

// mysqlFamily is what MySQL, MariaDB and TiDB all can do.
type mysqlFamily interface {
	dialect.Backend
	dialect.Swapper
	dialect.SessionLocker
	dialect.Sequencer
	dialect.RowFinder
	dialect.Portable
	dialect.RightsKeeper
}

var (
	_ mysqlFamily         = Dialect{}
	_ mysqlFamily         = MariaDB{}
	_ mysqlFamily         = TiDB{}
	_ dialect.SwapAwaiter = TiDB{}
)
