package sqlite

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
)

// What other families need, and SQLite does not.

// Open is Begin: the write lock is on the whole database.
func (d Dialect) Open(t dialect.Table, _ dialect.Access) dialect.Opening {
	return dialect.Opening{Stmts: d.Begin(t)}
}

// CheckDeferredConstraints is nothing: references are checked at the commit, and a table can be
// altered until then.
func (Dialect) CheckDeferredConstraints(dialect.Table) dialect.Stmt { return dialect.Stmt{} }

// Truncate is not for SQLite, whose DELETE without a condition is as quick.
func (Dialect) Truncate(dialect.Table) (dialect.Stmt, error) {
	return dialect.Stmt{}, errors.New("SQLite has no TRUNCATE; its DELETE of all rows is as quick")
}

// AdvanceSequence is nothing: the counter follows the numbers of the rows.
func (Dialect) AdvanceSequence(dialect.Table, string) (setup []dialect.Stmt, move dialect.Stmt) {
	return nil, dialect.Stmt{}
}

// AcquireLock is nothing: the write lock of the one transaction is enough.
func (Dialect) AcquireLock(dialect.Ident, time.Duration) []dialect.Stmt { return nil }

// ReleaseLock is nothing.
func (Dialect) ReleaseLock(dialect.Ident) []dialect.Stmt { return nil }

// LockHeld is nothing: a run that was cut off has left nothing behind.
func (Dialect) LockHeld(dialect.Ident) string { return "" }

// Unsupported refuses a swap, and SQLite's own tables
// (https://www.sqlite.org/fileformat2.html#intschema).
func (Dialect) Unsupported(t dialect.Target, s dialect.Strategy) (why []string) {
	if strings.HasPrefix(strings.ToLower(t.Ident.Name), "sqlite_") {
		why = append(why, fmt.Sprintf("%q is a name that SQLite keeps for its own tables", t.Ident.Name))
	}
	if s == dialect.Swap {
		why = append(why, "SQLite does not swap: views, triggers and foreign keys are tied to the old table, and in place the upload is one transaction")
	}
	return why
}

// CreateLike is not for SQLite, which does not swap.
func (Dialect) CreateLike(_, _ dialect.Ident) dialect.Stmt { return dialect.Stmt{} }

// BeforeSwap is not for SQLite, which does not swap.
func (Dialect) BeforeSwap(dialect.Ident) []dialect.Stmt { return nil }

// SwapTables is not for SQLite, which does not swap.
func (Dialect) SwapTables(_, _, _ dialect.Ident) dialect.Stmt { return dialect.Stmt{} }

// AwaitSwap is not for SQLite, which does not swap.
func (Dialect) AwaitSwap(dialect.Ident) dialect.Stmt { return dialect.Stmt{} }

// CopyInChunks is not for SQLite, which does not swap.
func (Dialect) CopyInChunks(dialect.Stmt, dialect.Table, int) *dialect.Chunks { return nil }

// RowKey is nothing: whole rows are grouped.
func (Dialect) RowKey(dialect.Table) []string { return nil }

// InOrder is not for SQLite, which looks no rows up again.
func (Dialect) InOrder([]string) string { return "" }

// CopyAutoIncrement is not for SQLite, which does not swap.
func (Dialect) CopyAutoIncrement(dialect.Table, string) ([]dialect.Stmt, dialect.Stmt) {
	return nil, dialect.Stmt{}
}

// Counter is not for SQLite, which does not swap.
func (Dialect) Counter(dialect.Table, *int64) string { return "" }

// Definition is not for SQLite, which does not swap.
func (Dialect) Definition(dialect.Ident) string { return "" }

// Altered is not for SQLite, which does not swap.
func (Dialect) Altered(dialect.Ident) string { return "" }

// Retyped: values are converted as they are assigned.
func (Dialect) Retyped(expr string, _, _ dialect.Column) string { return expr }

// Comparable: values of two types are compared as they are.
func (Dialect) Comparable(expr string, _, _ dialect.Column) string { return expr }
