package mysql

import (
	"math"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Counter asks the catalog, whose statistics the session has asked to be those of
// now (see [Dialect.Session]).
func (Dialect) Counter(t dialect.Table, _ *int64) string {
	return "(SELECT COALESCE(MAX(`AUTO_INCREMENT`), 1) FROM information_schema.TABLES WHERE TABLE_SCHEMA = " + schemaOf(t.Ident) +
		" AND TABLE_NAME = " + text(t.Ident.Name) + ")"
}

// Counter: TiDB's catalog has the numbers that this server has given, and each
// server gives numbers of its own share. No expression asks for the number that
// all have come to; so that is read at the inspection, and whatever was given
// since is in a row, or was given here
// (https://docs.pingcap.com/tidb/stable/sql-statement-show-table-next-rowid/).
func (d TiDB) Counter(t dialect.Table, known *int64) string {
	counted := []string{"1", d.Dialect.Counter(t, nil)}
	if known != nil {
		counted = append(counted, strconv.FormatInt(*known, 10))
	}
	for _, c := range t.Columns {
		if c.Assigned {
			counted = append(counted, "(SELECT COALESCE(CAST(MAX("+d.Quote(c.Name)+") AS DECIMAL(20)) + 1, 1) FROM "+d.QuoteTable(t.Ident)+")")
		}
	}
	return "LEAST(" + strconv.FormatInt(math.MaxInt64, 10) + ", GREATEST(" + strings.Join(counted, ", ") + "))"
}

// CopyAutoIncrement prepares the statement from text, since ALTER TABLE takes no
// expression (https://dev.mysql.com/doc/refman/8.4/en/prepare.html). A table never
// counts backwards: a number below its own is ignored by the server.
func (d Dialect) CopyAutoIncrement(table dialect.Ident, next string) (setup []dialect.Stmt, carry dialect.Stmt) {
	return []dialect.Stmt{
		{SQL: "SET @tablesnap_carry = CONCAT(" + text("ALTER TABLE "+d.QuoteTable(table)+" AUTO_INCREMENT = ") + ", " + next + ")",
			Note: "the number is known only now, and ALTER TABLE takes no expression: the statement is put together here"},
		{SQL: "PREPARE tablesnap_carry FROM @tablesnap_carry"},
	}, ddl("EXECUTE tablesnap_carry")
}

// ResumeRun keeps the id of an earlier run.
func (d Dialect) ResumeRun(id int64) []dialect.Stmt {
	return []dialect.Stmt{{SQL: "SET @tablesnap_run = " + d.Literal(rowsource.Integer(id))}}
}

// LockHeld asks who holds the lock that [Dialect.AcquireLock] takes.
func (Dialect) LockHeld(table dialect.Ident) string {
	return "IS_USED_LOCK(" + lockExpr(table) + ") IS NOT NULL"
}
