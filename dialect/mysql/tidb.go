package mysql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// NameTiDB is TiDB's name in plans and DSNs.
const NameTiDB dialect.Name = "tidb"

// TiDB is what differs there from MySQL
// (https://docs.pingcap.com/tidb/stable/mysql-compatibility/).
type TiDB struct{ Dialect }

// NewTiDB returns the TiDB dialect.
func NewTiDB() TiDB { return TiDB{} }

// Facts are MySQL's, but swap comes first: TiDB has no gap locks that would keep
// writers out in place, and its transactions must fit into memory.
func (d TiDB) Facts() dialect.Facts {
	f := d.Dialect.Facts()
	f.Name, f.Strategies = NameTiDB, []dialect.Strategy{dialect.Swap, dialect.InPlace}
	return f
}

// Begin asks for a pessimistic transaction whatever the server's own setting
// is: in an optimistic one the copy would lock nothing
// (https://docs.pingcap.com/tidb/stable/pessimistic-transaction/).
func (d TiDB) Begin(t dialect.Table, _ dialect.Access) dialect.Opening {
	return d.begin("BEGIN PESSIMISTIC", t)
}

// Session is without what TiDB knows only to read. A variable keeps the memory of
// the result that its text came from, and TiDB gives that to the next statement:
// the place in a copy in pieces became another one, or none
// (https://docs.pingcap.com/tidb/stable/system-variables/#tidb_enable_reuse_chunk-new-in-v640).
func (TiDB) Session(o dialect.SessionOptions) []dialect.Stmt {
	return append(commonSession(o, noCatchUp), dialect.Stmt{SQL: "SET SESSION max_execution_time = 0"}, dialect.Stmt{SQL: notesOn},
		dialect.Stmt{SQL: "SET SESSION tidb_snapshot = ''", Note: "rows are read as they are, and not as they were"},
		dialect.Stmt{SQL: "SET SESSION tidb_read_staleness = 0"},
		dialect.Stmt{SQL: "SET SESSION allow_auto_random_explicit_insert = ON", Note: "the rows of a file or of a snapshot have their numbers"},
		dialect.Stmt{SQL: "SET SESSION tidb_enable_reuse_chunk = OFF", Note: "a text that a query has put into a variable would be overwritten by a later one"})
}

// CopyRows is MySQL's; the note says what a lock on rows alone is worth.
func (d TiDB) CopyRows(c dialect.Copy) dialect.Stmt {
	s := d.Dialect.CopyRows(c)
	s.Note = "FOR UPDATE: until the COMMIT nobody else changes or deletes these rows; one that is added makes the counts differ"
	return s
}

// Assertion fails as a variable that cannot be set to the message: TiDB computes
// the length of a message before it shows the expression. Its SET locks nothing.
func (TiDB) Assertion(says, cond string) dialect.Stmt {
	return dialect.Stmt{SQL: fmt.Sprintf("SET SESSION sql_safe_updates = IF(%s, 'OFF', %s)", cond, text(notAsserted+says))}
}

// Classify knows a named lock that was not free in time: TiDB says so with the number
// of all errors that have none of their own
// (https://docs.pingcap.com/tidb/stable/locking-functions/).
func (d TiDB) Classify(err error) dialect.Failure {
	const noNumber = 1105
	var e *mysqldriver.MySQLError
	if errors.As(err, &e) && e.Number == noNumber && slices.Contains([]string{"lock wait timeout", "pessimistic lock retry limit reached"}, e.Message) {
		return dialect.FailureBusy
	}
	return d.Dialect.Classify(err)
}

// AcquireLock is MySQL's, with TiDB's assertion.
func (d TiDB) AcquireLock(table dialect.Ident, wait time.Duration) []dialect.Stmt {
	return []dialect.Stmt{d.Assertion(lockAssertion(table, wait))}
}

// CreateTemporary numbers the rows, as MariaDB's does. It is in TiDB's memory, where
// 64 MB would be the most; this is the most that the variable takes
// (https://docs.pingcap.com/tidb/stable/system-variables/#tidb_tmp_table_max_size-new-in-v530).
func (d TiDB) CreateTemporary(t dialect.Table) (dialect.Table, []dialect.Stmt) {
	made, stmts := d.Dialect.CreateTemporary(d.numbered(t))
	return made, append([]dialect.Stmt{{SQL: "SET SESSION tidb_tmp_table_max_size = 137438953472"}}, stmts...)
}

// CanStore: TiDB makes no bytes of a text, and none of another character set but
// utf8mb4 of utf8 and latin1
// (https://docs.pingcap.com/tidb/stable/sql-statement-modify-column/).
func (d TiDB) CanStore(backup, original dialect.Table, have, want dialect.Column) (bool, dialect.Column) {
	ok, wider := d.Dialect.CanStore(backup, original, have, want)
	from, to := parseType(have.Type).charset, parseType(wider.Type).charset
	if !ok && from != "" && from != to && (to != "utf8mb4" || from != "utf8" && from != "latin1") {
		wider.Type = ""
	}
	return ok, wider
}

// field: a VECTOR is read as text, and from no bytes
// (https://docs.pingcap.com/tidb/stable/vector-search-data-types/).
func (d TiDB) field(c dialect.Column) field {
	f := d.Dialect.field(c)
	if f.base == "vector" {
		f.form = asText
	}
	return f
}

// Checker refuses dates whose month or day is 0, which INSERT takes and LOAD
// DATA does not.
func (d TiDB) Checker(s dialect.Server, _ dialect.Table, c dialect.Column) func(rowsource.Value) error {
	f := d.field(c)
	check := checker(s, f, c)
	if f.family() != familyDate {
		return check
	}
	return func(v rowsource.Value) error {
		if err := check(v); err != nil || v.IsNull() {
			return err
		}
		if day := plain(v)[:len("2006-01-02")]; strings.Contains(day, "-00") && day != "0000-00-00" {
			return fmt.Errorf("%s has a month or day 0, and the column's type is %s", v, c.Type)
		}
		return nil
	}
}

// ColumnLiteral knows a VECTOR, as field does.
func (d TiDB) ColumnLiteral(c dialect.Column) func(rowsource.Value) string {
	return d.field(c).literals(d.Literal)
}

// Inspect reads the catalog.
func (d TiDB) Inspect(ctx context.Context, c dialect.Conn, table dialect.Reference) (dialect.Target, error) {
	return inspect(ctx, c, d, table)
}

// typeText: TiDB writes the backslashes in the members of an ENUM as they are.
func (TiDB) typeText(columnType string) string {
	return strings.ReplaceAll(columnType, `\`, `\\`)
}

// HasShape has TiDB write its types as typeText does.
func (TiDB) HasShape(t dialect.Table) string {
	return hasShape(t, tidbColumnType)
}

const tidbColumnType = `replace(column_type, '\\', '\\\\')`

func (TiDB) catalog() catalog {
	return catalog{
		// The standard's two tables, joined, would be read whole.
		checks:         "SELECT check_clause FROM information_schema.tidb_check_constraints WHERE constraint_schema = ? AND table_name = ?",
		checkNames:     checksStay,
		indexExpresses: mysqlIndexExpressions,
		triggers:       noTriggers,
		counters:       "SHOW TABLE %s NEXT_ROW_ID",
		increment:      "SELECT increment FROM information_schema.sequences WHERE sequence_schema = %[2]s AND sequence_name = %[3]s",
		autoRandom:     tidbAutoRandom,
	}
}

// SwapTables prepares nothing: a rename changes names and waits for no rows. The note
// says for whom TiDB waits.
func (d TiDB) SwapTables(table, shadow, old dialect.Ident) (before []dialect.Stmt, swap dialect.Stmt) {
	s := d.rename(table, shadow, old)
	s.Note = "one statement: others go on with the new table at once; it returns when the transactions that used the old one have ended, whatever the timeouts"
	return nil, s
}

// AwaitSwap changes nothing of worth in a table that will be dropped. TiDB shows
// everybody the new names while transactions are open that go on writing under
// the old ones; a definition is changed once they have ended
// (https://docs.pingcap.com/tidb/stable/metadata-lock/).
func (d TiDB) AwaitSwap(old dialect.Ident) dialect.Stmt {
	return ddl("ALTER TABLE %s COMMENT = ''", d.QuoteTable(old))
}
