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

// Dialect implements [dialect.Backend] for MySQL.
type Dialect struct{}

// New returns the MySQL dialect.
func New() Dialect { return Dialect{} }

// Facts are MySQL's. DDL commits by itself, and so does TRUNCATE
// (https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html). A SELECT without a lock
// reads the rows as they were at the transaction's first read
// (https://dev.mysql.com/doc/refman/8.4/en/innodb-consistent-read.html). The mysql
// program can be told to continue after an error, and no statement can prevent that, so
// the directives are comments
// (https://dev.mysql.com/doc/refman/8.4/en/mysql-command-options.html#option_mysql_force).
func (Dialect) Facts() dialect.Facts {
	return dialect.Facts{
		Name: Name, Flavor: sqlbuilder.MySQL, Strategies: []dialect.Strategy{dialect.InPlace, dialect.Swap},
		CommitsDefinitions: true,
		Waits: map[dialect.Strategy]string{
			dialect.InPlace: "writers of the table wait until the commit",
			dialect.Swap:    "writers of the table wait while it is renamed",
		},
		NameLimit: dialect.NameLimit{Most: maxName, Unit: dialect.Characters, Beyond: "a name may have " + strconv.Itoa(maxName)},
		ClientDirectives: []string{
			"-- Pipe it into the client program, which then stops at the first error; what is open is rolled back.",
			"-- With --force, or by the command source, the client would go on: never run it so.",
		},
		Commit:      dialect.Stmt{SQL: "COMMIT"},
		Rollback:    dialect.Stmt{SQL: "ROLLBACK"},
		NoTruncate:  "TRUNCATE commits by itself here, and would leave the table empty where the load fails; use DELETE, or the strategy swap",
		LockingRead: forUpdate,
		WholeTable:  byRow,
		// SQL_BIG_RESULT makes the servers sort rather than look each row up in a
		// temporary table. This takes a third of the time if the rows do not fit into
		// memory (https://dev.mysql.com/doc/refman/8.4/en/select.html).
		SelectGroups: "SELECT SQL_BIG_RESULT",
	}
}

// Begin opens a transaction. If rows of a table will be replaced, it also opens the table
// for writing without changing a row. After that, no ALTER TABLE can run between the
// check of the columns and the copy
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

// Definitions are written by hand: go-sqlbuilder has no ALTER, RENAME, CREATE INDEX and
// LIKE, and writes CREATE TABLE on one line. Catalog queries are fixed texts.

// ddl is a statement that commits by itself.
func ddl(format string, args ...any) dialect.Stmt {
	return dialect.Stmt{SQL: fmt.Sprintf(format, args...), AutoCommits: true}
}

// CreateTable writes one column on each line. The engine is always InnoDB: a copy in
// MEMORY would be lost at a restart, and MyISAM has no rollback.
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

func (d Dialect) CreateIndex(table dialect.Ident, index dialect.Index) dialect.Stmt {
	return ddl("CREATE INDEX %s ON %s (%s)", d.Quote(index.Name), d.QuoteTable(table), d.quoteList(index.Columns))
}

func (d Dialect) alter(table dialect.Ident, what string) dialect.Stmt {
	return ddl("ALTER TABLE %s%s", d.QuoteTable(table), what)
}

// Rebuild changes columns that differ and adds new ones in one statement, all or nothing.
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

// CopyRows reads with FOR UPDATE. A plain INSERT … SELECT takes shared locks. The clear
// would have to upgrade these, which deadlocks with any session that waits for a row.
// TiDB would take no locks at all.
func (d Dialect) CopyRows(c dialect.Copy) dialect.Stmt {
	return dialect.Stmt{SQL: d.copyRows(c) + forUpdate,
		Note: "FOR UPDATE: until the COMMIT nobody else changes, adds or deletes a row of " + c.From.Name}
}

// copyRows is the copy without FOR UPDATE.
func (d Dialect) copyRows(c dialect.Copy) string {
	insert, query := dialect.InsertSelect(d, c)
	return insert + "\n" + query
}

// byRow makes a query read the table's rows instead of an index. The server would choose
// the smallest index. Index entries do not show which transaction wrote them, so after a
// DELETE and a LOAD in the same transaction the server looks up the row of each entry.
// Counting 1,000,000 rows then takes 5 seconds instead of 0.5.
//
// https://dev.mysql.com/doc/refman/8.4/en/index-hints.html
//
// https://dev.mysql.com/doc/refman/8.4/en/innodb-multi-versioning.html#innodb-multi-versioning-secondary-indexes
const byRow = " USE INDEX ()"

// NotDefault compares bytes, since a collation may treat different texts as equal. The
// server returns the default as the column would store it
// (https://dev.mysql.com/doc/refman/8.4/en/miscellaneous-functions.html#function_default).
func (d Dialect) NotDefault(c dialect.Column) string {
	column := d.Quote(c.Name)
	return "NOT (CAST(" + column + " AS BINARY) <=> CAST(DEFAULT(" + column + ") AS BINARY))"
}

// DefaultOf asks the table, since the catalog does not have every default as an
// expression.
func (d Dialect) DefaultOf(c dialect.Column) string { return "DEFAULT(" + d.Quote(c.Name) + ")" }

// Assertion fails with an integer that is out of range: the error shows the whole
// expression, and so the message. A SET of a variable would fail too, but its subqueries
// lock the rows that they read, which would block the ledger for runs on other tables.
func (d Dialect) Assertion(says, cond string) dialect.Stmt {
	return dialect.Stmt{SQL: fmt.Sprintf("SELECT IF(%s, 'true', ~0 + char_length(%s)) AS `assertion`", cond, text(notAsserted+says))}
}

// notAsserted is how the error of an Assertion begins.
const notAsserted = "it is not true that "

// Prepare quotes the statement itself, since a text's literal has no line ends
// (https://dev.mysql.com/doc/refman/8.4/en/prepare.html).
func (Dialect) Prepare(name, sql string) dialect.Stmt {
	return dialect.Stmt{SQL: "PREPARE " + name + " FROM '" + strings.NewReplacer(`\`, `\\`, "'", "''").Replace(dialect.Wrap(sql)) + "'"}
}

// Execute runs what Prepare has kept.
func (Dialect) Execute(name string) dialect.Stmt { return dialect.Stmt{SQL: "EXECUTE " + name} }

// CreateLike copies columns, keys, indexes and checks, but no foreign keys and triggers
// (https://dev.mysql.com/doc/refman/8.4/en/create-table-like.html).
func (d Dialect) CreateLike(shadow, table dialect.Ident) dialect.Stmt {
	return ddl("CREATE TABLE %s LIKE %s", d.QuoteTable(shadow), d.QuoteTable(table))
}

// flush writes the shadow's pages to disk. A rename right after a load waits for pages
// that are being written, and all other sessions wait for the rename. This took a quarter
// of a second without the flush, and 12 ms with it
// (https://dev.mysql.com/doc/refman/8.4/en/flush.html#flush-tables-for-export-with-list).
// The flush needs InnoDB and privileges that not every user has; without them the rename
// is slower.
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

// SwapTables renames all tables at once
// (https://dev.mysql.com/doc/refman/8.4/en/rename-table.html). No session sees the new
// names before every transaction on the old ones has ended.
func (d Dialect) SwapTables(swaps ...dialect.Swapped) (before []dialect.Stmt, swap dialect.Stmt) {
	for _, s := range swaps {
		before = append(before, d.flush(s.Shadow)...)
	}
	return before, d.rename(swaps)
}

func (d Dialect) rename(swaps []dialect.Swapped) dialect.Stmt {
	var renames []string
	for _, s := range swaps {
		table := d.QuoteTable(s.Table)
		renames = append(renames, table+" TO "+d.QuoteTable(s.Old)+", "+d.QuoteTable(s.Shadow)+" TO "+table)
	}
	stmt := ddl("RENAME TABLE %s", strings.Join(renames, ",\n  "))
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

// mysqlFamily has the optional interfaces that MySQL, MariaDB and TiDB all implement.
type mysqlFamily interface {
	dialect.Backend
	dialect.Swapper
	dialect.SessionLocker
	dialect.Sequencer
	dialect.RowFinder
	dialect.Portable
	dialect.RightsKeeper
	dialect.Comparer
	dialect.RowCounter
	dialect.NetworkLimiter
	dialect.WriteSetLimiter
	dialect.LateIndexer
}

var (
	_ mysqlFamily         = Dialect{}
	_ mysqlFamily         = MariaDB{}
	_ mysqlFamily         = TiDB{}
	_ dialect.SwapAwaiter = TiDB{}
)
