package mysql

import (
	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// CarryCounter has a table go on counting where another has come to. The number
// is known only when the statement runs, and ALTER TABLE takes no expression,
// so that the statement is prepared from text
// (https://dev.mysql.com/doc/refman/8.4/en/prepare.html). A table never counts
// backwards: a number below its own is ignored by the server.
func (d Dialect) CarryCounter(from, to dialect.Ident) (setup []dialect.Stmt, carry dialect.Stmt) {
	text := "CONCAT(" + d.Literal(rowsource.Text("ALTER TABLE "+d.QuoteTable(to)+" AUTO_INCREMENT = ")) +
		", (SELECT COALESCE(MAX(`AUTO_INCREMENT`), 1) FROM information_schema.TABLES WHERE TABLE_SCHEMA = " + schemaOf(from) +
		" AND TABLE_NAME = " + d.Literal(rowsource.Text(from.Name)) + "))"
	return []dialect.Stmt{
		{SQL: "SET @tablesnap_counter = " + text, Note: "the number is known only now, and ALTER TABLE takes no expression: the statement is put together here"},
		{SQL: "PREPARE tablesnap_counter FROM @tablesnap_counter"},
	}, ddl("EXECUTE tablesnap_counter")
}

// ResumeRun keeps the id of an earlier run.
func (d Dialect) ResumeRun(id int64) []dialect.Stmt {
	return []dialect.Stmt{{SQL: "SET @tablesnap_run = " + d.Literal(rowsource.Integer(id))}}
}

// UnderWay asks who holds the lock that [Dialect.TakeLock] takes.
func (Dialect) UnderWay(table dialect.Ident) string {
	return "IS_USED_LOCK(" + lockExpr(table) + ") IS NOT NULL"
}
