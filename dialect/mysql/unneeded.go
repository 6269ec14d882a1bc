package mysql

import (
	"errors"

	"github.com/tablesnap/tablesnap/dialect"
)

// Open is Begin: what changes the definition commits by itself, and is never in
// a transaction with the rows.
func (d Dialect) Open(t dialect.Table, _ dialect.Access) dialect.Opening {
	return dialect.Opening{Stmts: d.Begin(t)}
}

// Open is Begin, as TiDB has it.
func (d TiDB) Open(t dialect.Table, _ dialect.Access) dialect.Opening {
	return dialect.Opening{Stmts: d.Begin(t)}
}

// JoinTransaction is nothing: no transaction of this family holds an upload.
func (Dialect) JoinTransaction(dialect.Table) []dialect.Stmt { return nil }

// CheckDeferredConstraints is nothing: references are checked at once.
func (Dialect) CheckDeferredConstraints(dialect.Table) dialect.Stmt { return dialect.Stmt{} }

// Truncate is not for this family
// (https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html).
func (Dialect) Truncate(dialect.Table) (dialect.Stmt, error) {
	return dialect.Stmt{}, errors.New("TRUNCATE commits by itself here, and would leave the table empty where the load fails; use DELETE, or the strategy swap")
}

// Retyped: values are converted as they are assigned.
func (Dialect) Retyped(expr string, _, _ dialect.Column) string { return expr }

// Comparable: values of two types are compared as they are.
func (Dialect) Comparable(expr string, _, _ dialect.Column) string { return expr }
