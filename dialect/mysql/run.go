package mysql

import (
	"github.com/tablesnap/tablesnap/dialect"
)

// Counter reads the catalog. [Dialect.Session] makes sure that its statistics are
// current.
func (Dialect) Counter(t dialect.Table, _ *int64) string {
	return "(SELECT COALESCE(MAX(`AUTO_INCREMENT`), 1) FROM information_schema.TABLES WHERE TABLE_SCHEMA = " + schemaOf(t.Ident) +
		" AND TABLE_NAME = " + text(t.Ident.Name) + ")"
}

// CopyAutoIncrement prepares the statement from text, since ALTER TABLE accepts no
// expression (https://dev.mysql.com/doc/refman/8.4/en/prepare.html). The server never
// lowers a counter: it ignores a smaller number.
func (d Dialect) CopyAutoIncrement(table dialect.Table, next string) (setup []dialect.Stmt, carry dialect.Stmt) {
	return d.copyCounter(table, "AUTO_INCREMENT", next)
}

func (d Dialect) copyCounter(table dialect.Table, option, next string) (setup []dialect.Stmt, carry dialect.Stmt) {
	return []dialect.Stmt{
		{SQL: "SET @tablesnap_carry = CONCAT(" + text("ALTER TABLE "+d.QuoteTable(table.Ident)+" "+option+" = ") + ", " + next + ")",
			Note: "the number is known only now, and ALTER TABLE takes no expression: the statement is put together here"},
		{SQL: "PREPARE tablesnap_carry FROM @tablesnap_carry"},
	}, ddl("EXECUTE tablesnap_carry")
}

// LockHeld asks for the holder of the named lock that [Dialect.AcquireLock] takes.
func (Dialect) LockHeld(table dialect.Ident) string {
	return "IS_USED_LOCK(" + lockExpr(table) + ") IS NOT NULL"
}

// LockScope is the server's id: named locks are not replicated to other servers
// (https://dev.mysql.com/doc/refman/8.4/en/locking-functions.html).
func (Dialect) LockScope() string { return "@@server_uuid" }

// LockScope combines settings that differ between the nodes of a cluster: named locks are
// not replicated, and not every version of MariaDB has a server's id
// (https://mariadb.com/docs/server/reference/sql-functions/secondary-functions/miscellaneous-functions/get_lock).
func (MariaDB) LockScope() string {
	return "left(" + thisServer + ", 255)"
}

// LockScope is the same on all servers of a cluster: TiDB keeps its named locks in the
// shared storage (https://docs.pingcap.com/tidb/stable/locking-functions/).
func (TiDB) LockScope() string { return text("tidb") }
