package mysql

import (
	"fmt"
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

// Name returns "mysql".
func (Dialect) Name() dialect.Name { return Name }

// Flavor returns go-sqlbuilder's MySQL flavor.
func (Dialect) Flavor() sqlbuilder.Flavor { return sqlbuilder.MySQL }

// ClientDirectives are a word to whoever runs the script, since the mysql program
// can be told to go on after an error, and no statement can forbid it
// (https://dev.mysql.com/doc/refman/8.4/en/mysql-command-options.html#option_mysql_force).
func (Dialect) ClientDirectives() []string {
	return []string{
		"-- Pipe it into the client program, which then stops at the first error; what is open is rolled back.",
		"-- With --force, or by the command source, the client would go on: never run it so.",
	}
}

// Strategies are both, in place first.
func (Dialect) Strategies() []dialect.Strategy {
	return []dialect.Strategy{dialect.InPlace, dialect.Swap}
}

// Begin opens a transaction. A table whose rows will be replaced is opened at
// once, for writing but without a row: from then on no ALTER TABLE can come
// between the look at its columns and the copy
// (https://dev.mysql.com/doc/refman/8.4/en/metadata-locking.html).
func (d Dialect) Begin(t dialect.Table) []dialect.Stmt {
	return d.begin("START TRANSACTION", t)
}

func (d Dialect) begin(start string, t dialect.Table) []dialect.Stmt {
	stmts := []dialect.Stmt{{SQL: start}}
	if len(t.Columns) > 0 {
		stmts = append(stmts, dialect.Stmt{SQL: "SELECT 1 FROM " + d.QuoteTable(t.Ident) + " LIMIT 0 FOR UPDATE",
			Note: "reads no row, but keeps every ALTER TABLE out until the COMMIT"})
	}
	return stmts
}

// Commit ends a transaction.
func (Dialect) Commit() dialect.Stmt { return dialect.Stmt{SQL: "COMMIT"} }

// Rollback undoes a transaction.
func (Dialect) Rollback() dialect.Stmt { return dialect.Stmt{SQL: "ROLLBACK"} }

// Savepoint marks a place that RollbackTo returns to.
func (d Dialect) Savepoint(name string) dialect.Stmt {
	return dialect.Stmt{SQL: "SAVEPOINT " + d.Quote(name)}
}

// RollbackTo undoes what came after a savepoint.
func (d Dialect) RollbackTo(name string) dialect.Stmt {
	return dialect.Stmt{SQL: "ROLLBACK TO SAVEPOINT " + d.Quote(name)}
}

// Release forgets a savepoint and keeps what came after it.
func (d Dialect) Release(name string) dialect.Stmt {
	return dialect.Stmt{SQL: "RELEASE SAVEPOINT " + d.Quote(name)}
}

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
		lines = append(lines, "  "+d.columnDefinition(c))
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

// AddColumn appends a column.
func (d Dialect) AddColumn(table dialect.Ident, c dialect.Column) dialect.Stmt {
	return d.alter(table, " ADD COLUMN "+d.columnDefinition(c))
}

// DropColumn removes a column.
func (d Dialect) DropColumn(table dialect.Ident, column string) dialect.Stmt {
	return d.alter(table, " DROP COLUMN "+d.Quote(column))
}

// RenameColumn renames a column.
func (d Dialect) RenameColumn(table dialect.Ident, from, to string) dialect.Stmt {
	return d.alter(table, " RENAME COLUMN "+d.Quote(from)+" TO "+d.Quote(to))
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
			changes = append(changes, "  ADD COLUMN "+d.columnDefinition(c))
		case from.Columns[i].Type != c.Type || from.Columns[i].Nullable != c.Nullable:
			changes = append(changes, "  MODIFY COLUMN "+d.columnDefinition(c))
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
	into, read := c.Parts(d)
	insert, _ := d.Flavor().NewInsertBuilder().InsertInto(d.QuoteTable(c.To)).Cols(into...).Build()
	query, _ := d.Flavor().NewSelectBuilder().Select(sqlbuilder.EscapeAll(read...)...).
		From(sqlbuilder.Escape(d.QuoteTable(c.From))).Build()
	if c.Where != "" {
		query += " WHERE " + c.Where
	}
	return dialect.Stmt{SQL: insert + "\n" + query + forUpdate,
		Note: "FOR UPDATE: until the COMMIT nobody else changes, adds or deletes a row of " + c.From.Name}
}

// Clear deletes every row; TRUNCATE would commit.
func (d Dialect) Clear(table dialect.Ident) dialect.Stmt {
	sql, _ := d.Flavor().NewDeleteBuilder().DeleteFrom(sqlbuilder.Escape(d.QuoteTable(table))).Build()
	return dialect.Stmt{SQL: sql}
}

// InsertRows inserts rows of literals, a row a line.
func (d Dialect) InsertRows(table dialect.Ident, columns []string, rows [][]string) dialect.Stmt {
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = "  (" + strings.Join(r, ", ") + ")"
	}
	return dialect.Stmt{SQL: d.insertInto(table, columns) + " VALUES\n" + strings.Join(lines, ",\n")}
}

func (d Dialect) insertInto(table dialect.Ident, columns []string) string {
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = d.Quote(c)
	}
	sql, _ := d.Flavor().NewInsertBuilder().InsertInto(d.QuoteTable(table)).Cols(quoted...).Build()
	return sql
}

// byRow has a table's own rows read and no index. The server would choose the
// smallest index, whose entries do not say which transaction wrote them: behind a
// DELETE and a LOAD in the same transaction it looks up the row of each of them,
// and counting 1,000,000 rows takes 5 seconds in place of 0.5.
// https://dev.mysql.com/doc/refman/8.4/en/index-hints.html
// https://dev.mysql.com/doc/refman/8.4/en/innodb-multi-versioning.html#innodb-multi-versioning-secondary-indexes
const byRow = " USE INDEX ()"

// CountRows counts the rows of a table.
func (d Dialect) CountRows(table dialect.Ident) string {
	return "(SELECT count(*) FROM " + d.QuoteTable(table) + byRow + ")"
}

// IsEmpty looks for one row.
func (d Dialect) IsEmpty(table dialect.Ident) string {
	return "NOT EXISTS (SELECT 1 FROM " + d.QuoteTable(table) + byRow + ")"
}

// LockingRead reads rows as they stand: a SELECT would show them as they were when
// the transaction first looked at anything
// (https://dev.mysql.com/doc/refman/8.4/en/innodb-consistent-read.html).
func (Dialect) LockingRead() string { return forUpdate }

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

// BeforeSwap has the pages of the shadow written out. A rename right behind a
// load waits for those that are being written, and everybody for the rename: a
// quarter of a second was seen, and 12 ms behind this statement
// (https://dev.mysql.com/doc/refman/8.4/en/flush.html#flush-tables-for-export-with-list).
// It wants privileges that not every user has, and InnoDB; without them the
// rename takes as long as it takes.
func (d Dialect) BeforeSwap(shadow dialect.Ident) []dialect.Stmt {
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
// (https://dev.mysql.com/doc/refman/8.4/en/rename-table.html).
func (d Dialect) SwapTables(table, shadow, old dialect.Ident) dialect.Stmt {
	t, s, o := d.QuoteTable(table), d.QuoteTable(shadow), d.QuoteTable(old)
	stmt := ddl("RENAME TABLE %s TO %s, %s TO %s", t, o, s, t)
	stmt.Note = "one statement: who waits for the table goes on with the new one"
	return stmt
}

// AwaitSwap has nothing to wait for: who sees the new names comes behind every
// transaction that used the old ones.
func (Dialect) AwaitSwap(dialect.Ident) dialect.Stmt { return dialect.Stmt{} }

// DropTable removes a table.
func (d Dialect) DropTable(table dialect.Ident) dialect.Stmt {
	return ddl("DROP TABLE %s", d.QuoteTable(table))
}

func (d Dialect) quoteList(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = d.Quote(n)
	}
	return strings.Join(quoted, ", ")
}

var (
	_ dialect.Backend = Dialect{}
	_ dialect.Backend = MariaDB{}
	_ dialect.Backend = TiDB{}
)
