package postgres

import "github.com/tablesnap/tablesnap/dialect"

// What other families need, and PostgreSQL does not.

// CreateLike is not for PostgreSQL, which does not swap.
func (Dialect) CreateLike(_, _ dialect.Ident) dialect.Stmt { return dialect.Stmt{} }

// BeforeSwap is not for PostgreSQL, which does not swap.
func (Dialect) BeforeSwap(dialect.Ident) []dialect.Stmt { return nil }

// SwapTables is not for PostgreSQL, which does not swap.
func (Dialect) SwapTables(_, _, _ dialect.Ident) dialect.Stmt { return dialect.Stmt{} }

// AwaitSwap is not for PostgreSQL, which does not swap.
func (Dialect) AwaitSwap(dialect.Ident) dialect.Stmt { return dialect.Stmt{} }

// CopyInChunks is not for PostgreSQL, which does not swap.
func (Dialect) CopyInChunks(dialect.Stmt, dialect.Table, int) *dialect.Chunks { return nil }

// RowKey is nothing: whole rows are grouped.
func (Dialect) RowKey(dialect.Table) []string { return nil }

// InOrder is not for PostgreSQL, which looks no rows up again.
func (Dialect) InOrder([]string) string { return "" }

// CopyAutoIncrement is not for PostgreSQL, which does not swap.
func (Dialect) CopyAutoIncrement(dialect.Table, string) ([]dialect.Stmt, dialect.Stmt) {
	return nil, dialect.Stmt{}
}

// Counter is not for PostgreSQL, which does not swap.
func (Dialect) Counter(dialect.Table, *int64) string { return "" }

// Definition is not for PostgreSQL, which does not swap.
func (Dialect) Definition(dialect.Ident) string { return "" }

// Altered is not for PostgreSQL, which does not swap.
func (Dialect) Altered(dialect.Ident) string { return "" }
