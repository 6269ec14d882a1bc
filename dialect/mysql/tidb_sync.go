package mysql

import "github.com/tablesnap/tablesnap/dialect"

// BeginSync reads committed rows: with REPEATABLE READ, TiDB's queries show the rows as
// they were at the BEGIN, also after a wait for the locks. A row of another table that
// began to refer to one of this table during the wait would not be seen, and ON DELETE
// would change it. The setting ends with the transaction
// (https://docs.pingcap.com/tidb/stable/transaction-isolation-levels/).
func (d TiDB) BeginSync(t dialect.Table) []dialect.Stmt {
	committed := dialect.Stmt{SQL: "SET TRANSACTION ISOLATION LEVEL READ COMMITTED", Note: "each query reads what is committed by then"}
	return append([]dialect.Stmt{committed}, append(d.Begin(t, dialect.Replaces).Stmts,
		d.lockRows(t.Ident, "until the COMMIT nobody else changes or deletes a row of "+t.Ident.Name+"; one that is added makes the counts differ"))...)
}

// BeforeCompare does nothing: TiDB's memory for a join is that of the whole statement.
func (TiDB) BeforeCompare(dialect.Ident, []dialect.ForeignKey) []dialect.Stmt { return nil }

// OnlyStaged is an outer join, which TiDB hashes as it sees fit.
func (d TiDB) OnlyStaged(key dialect.SyncKey, stage, table dialect.Ident) string {
	return dialect.OnlyStaged(d, d, key, stage, table, "")
}
