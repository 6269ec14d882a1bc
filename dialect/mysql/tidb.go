package mysql

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/internal/lookup"
	"github.com/tablesnap/tablesnap/rowsource"
)

// NameTiDB is TiDB's name in plans and DSNs.
const NameTiDB dialect.Name = "tidb"

// TiDB overrides what differs from MySQL
// (https://docs.pingcap.com/tidb/stable/mysql-compatibility/).
type TiDB struct{ Dialect }

// NewTiDB returns the TiDB dialect.
func NewTiDB() TiDB { return TiDB{} }

// Facts are MySQL's, but the default is to swap: in place, TiDB has no gap locks to keep
// writers out, and its transactions must fit into memory. To read a table, a transaction goes
// through the stored rows that it has deleted (UnionScan in EXPLAIN): 1,000,000 take as long as
// half their delete.
func (d TiDB) Facts() dialect.Facts {
	f := d.Dialect.Facts()
	f.Name, f.Strategies = NameTiDB, []dialect.Strategy{dialect.Swap, dialect.InPlace}
	f.SlowWhereCleared = true
	f.Waits = maps.Clone(f.Waits)
	f.Waits[dialect.InPlace] = "writers of the table's rows wait until the commit, and a row that is inserted meanwhile may end the run"
	return f
}

// Begin asks for a pessimistic transaction, whatever the server's setting. In an
// optimistic one the copy would lock nothing
// (https://docs.pingcap.com/tidb/stable/pessimistic-transaction/).
func (d TiDB) Begin(t dialect.Table, _ dialect.Access) dialect.Opening {
	return d.begin("BEGIN PESSIMISTIC", t)
}

// Session leaves out variables that are read-only in TiDB. It turns off the reuse of
// chunks: a variable refers to the memory of the result that its text came from, and TiDB
// reuses that memory in the next statement. The stored key of a copy in chunks then
// changed or vanished
// (https://docs.pingcap.com/tidb/stable/system-variables/#tidb_enable_reuse_chunk-new-in-v640).
func (TiDB) Session(o dialect.SessionOptions) []dialect.Stmt {
	return commonSession(o, noCatchUp,
		"max_execution_time = 0",
		notesOn,
		// Rows are read as they are, and not as they were.
		"tidb_snapshot = ''",
		"tidb_read_staleness = 0",
		// The rows of a file or of a snapshot have their numbers.
		"allow_auto_random_explicit_insert = ON",
		// Else a text that a query has put into a variable would be overwritten by a later one.
		"tidb_enable_reuse_chunk = OFF",
	)
}

// CopyRows is MySQL's. Its note says what row locks protect against.
func (d TiDB) CopyRows(c dialect.Copy) dialect.Stmt {
	s := d.Dialect.CopyRows(c)
	s.Note = "FOR UPDATE: until the COMMIT nobody else changes or deletes these rows; one that is added makes the counts differ"
	return s
}

// Assertion fails by setting a variable to the message, which is an invalid value.
// MySQL's assertion would not show the message, because TiDB computes its length before
// it shows the expression. TiDB's SET locks nothing.
func (TiDB) Assertion(says, cond string) dialect.Stmt {
	return dialect.Stmt{SQL: fmt.Sprintf("SET SESSION sql_safe_updates = IF(%s, 'OFF', %s)", cond, text(notAsserted+says))}
}

// RowsWritten never knows: TiDB's innodb_trx is empty.
func (TiDB) RowsWritten(context.Context, dialect.Conn, string) (rows int64, known bool, err error) {
	return 0, false, nil
}

// Classify recognizes a named lock that timed out. TiDB reports it with the number of all
// errors that have no number of their own
// (https://docs.pingcap.com/tidb/stable/locking-functions/).
func (d TiDB) Classify(err error) dialect.Failure {
	const noNumber = 1105
	var e *mysqldriver.MySQLError
	if errors.As(err, &e) && e.Number == noNumber && slices.Contains([]string{"lock wait timeout", "pessimistic lock retry limit reached"}, e.Message) {
		return dialect.FailureBusy
	}
	return d.Dialect.Classify(err)
}

// AcquireLock is MySQL's with TiDB's assertion.
func (d TiDB) AcquireLock(table dialect.Ident, wait time.Duration) []dialect.Stmt {
	return []dialect.Stmt{d.Assertion(lockAssertion(table, wait))}
}

// CreateTemporary numbers the rows, as MariaDB's does. The table is in TiDB's memory, by
// default with a limit of 64 MB. The session raises it to the maximum
// (https://docs.pingcap.com/tidb/stable/system-variables/#tidb_tmp_table_max_size-new-in-v530).
func (d TiDB) CreateTemporary(t dialect.Table) (dialect.Table, []dialect.Stmt) {
	made, stmts := d.Dialect.CreateTemporary(d.numbered(t))
	return made, append([]dialect.Stmt{{SQL: "SET SESSION tidb_tmp_table_max_size = 137438953472"}}, stmts...)
}

// CanStore: TiDB cannot change a text column to bytes, and can change the character set
// only from utf8 and latin1 to utf8mb4
// (https://docs.pingcap.com/tidb/stable/sql-statement-modify-column/).
func (d TiDB) CanStore(backup, original dialect.Table, have, want dialect.Column) (bool, dialect.Column) {
	ok, wider := d.Dialect.CanStore(backup, original, have, want)
	from, to := parseType(have.Type).charset, parseType(wider.Type).charset
	if !ok && from != "" && from != to && (to != "utf8mb4" || from != "utf8" && from != "latin1") {
		wider.Type = ""
	}
	return ok, wider
}

// field: TiDB accepts a VECTOR as text but not as bytes
// (https://docs.pingcap.com/tidb/stable/vector-search-data-types/).
func (d TiDB) field(c dialect.Column) field {
	f := d.Dialect.field(c)
	if f.base == "vector" {
		f.form = asText
	}
	return f
}

// tidbLimits: TiDB's latin1 has every character
// (https://docs.pingcap.com/tidb/stable/character-set-and-collation/).
func tidbLimits() limits {
	l := mysqlLimits
	l.lacks = func(charset string) func(string) string {
		if charset == "latin1" {
			return nil
		}
		return lacking(charset)
	}
	return l
}

// Checker also rejects dates whose month or day is 0: INSERT accepts them and LOAD DATA
// does not.
func (d TiDB) Checker(s dialect.Server, _ dialect.Table, c dialect.Column) valueCheck {
	f := d.field(c)
	check := checker(s, f, c, tidbLimits())
	if f.family() != familyDate {
		return check
	}
	return func(v rowsource.Value) error {
		if err := check(v); err != nil || v.IsNull() {
			return err
		}
		if day := plain(v)[:len("YYYY-MM-DD")]; strings.Contains(day, "-00") && day != "0000-00-00" {
			return fmt.Errorf("%s has a month or day 0, and the column's type is %s", v, c.Type)
		}
		return nil
	}
}

// ColumnLiteral uses TiDB's field, because of VECTOR.
func (d TiDB) ColumnLiteral(c dialect.Column) func(rowsource.Value) string {
	return d.field(c).literals(d.Literal)
}

func (d TiDB) Inspect(ctx context.Context, c dialect.Conn, table dialect.Reference) (dialect.Target, error) {
	return inspect(ctx, c, d, table, lookup.WithDrops)
}

func (d TiDB) InspectWithoutDrops(ctx context.Context, c dialect.Conn, table dialect.Reference) (dialect.Target, error) {
	return inspect(ctx, c, d, table, lookup.WithoutDrops)
}

// typeText doubles backslashes: TiDB's catalog does not escape them in the members of an
// ENUM.
func (TiDB) typeText(columnType string) string {
	return strings.ReplaceAll(columnType, `\`, `\\`)
}

// HasShape escapes types in SQL as typeText does.
func (TiDB) HasShape(t dialect.Table) string {
	return hasShape(t, tidbColumnType)
}

const tidbColumnType = `replace(column_type, '\\', '\\\\')`

func (TiDB) catalog() catalog {
	return catalog{
		// The two standard views, joined, would be read completely.
		checks:         "SELECT check_clause FROM information_schema.tidb_check_constraints WHERE constraint_schema = ? AND table_name = ?",
		checkNames:     checksStay,
		indexExpresses: mysqlIndexExpressions,
		triggers:       noTriggers,
		counters:       "SHOW TABLE %s NEXT_ROW_ID",
		increment:      "SELECT increment FROM information_schema.sequences WHERE sequence_schema = %[2]s AND sequence_name = %[3]s",
		autoRandom:     tidbAutoRandom,
	}
}

// SwapTables needs no preparation: a rename only changes names. The note says which
// transactions TiDB waits for.
func (d TiDB) SwapTables(swaps ...dialect.Swapped) (before []dialect.Stmt, swap dialect.Stmt) {
	s := d.rename(swaps)
	s.Note = "one statement: others go on with the new table at once; it returns when the transactions that used the old one have ended, whatever the timeouts"
	return nil, s
}

// AwaitSwap changes the comment of a table that will be dropped. TiDB shows the new names
// to all sessions while open transactions still write under the old ones. DDL waits until
// those transactions have ended (https://docs.pingcap.com/tidb/stable/metadata-lock/).
func (d TiDB) AwaitSwap(old dialect.Ident) dialect.Stmt {
	return ddl("ALTER TABLE %s COMMENT = ''", d.QuoteTable(old))
}
