package postgres

import (
	"fmt"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
)

// Begin keeps writers off the table and does not block readers. Its first statements take
// the locks. If the definition will change, readers are kept out from the start:
// upgrading the lock later may have to wait, after all the work is done, or may deadlock
// (https://www.postgresql.org/docs/current/explicit-locking.html). Under READ COMMITTED
// each statement sees what was committed before it, so nothing that it sees is older than
// the locks.
func (d Dialect) Begin(t dialect.Table, a dialect.Access) dialect.Opening {
	o := dialect.Opening{Stmts: []dialect.Stmt{{SQL: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"}}}
	if t.Ident.Name != "" { // the advisory lock comes first, so that a run waiting for another run blocks no other session
		o.Stmts = append(o.Stmts, lockRun(t.Ident))
	}
	if t.Kind == dialect.BaseTable {
		mode, who := "SHARE ROW EXCLUSIVE", "who writes to %s waits until the commit; readers go on and see the old rows"
		if a == dialect.Alters {
			mode, who = "ACCESS EXCLUSIVE", "who writes to or reads %s waits until the commit"
		}
		o.Waits = fmt.Sprintf(who, t.Ident.Name)
		o.Stmts = append(o.Stmts, dialect.Stmt{SQL: "LOCK TABLE " + d.QuoteTable(t.Ident) + " IN " + mode + " MODE", Note: o.Waits})
	}
	if keysComeAgain(t) {
		o.Stmts = append(o.Stmts, dialect.Stmt{SQL: "SET CONSTRAINTS ALL DEFERRED",
			Note: "rows that are deleted and loaded again are missing in between: references to them are checked behind the load"})
	}
	return o
}

// JoinTransaction sets the isolation level of Begin. PostgreSQL rejects this if the
// transaction has another level and has already read or written
// (https://www.postgresql.org/docs/current/sql-set-transaction.html).
func (Dialect) JoinTransaction(dialect.Table) []dialect.Stmt {
	return []dialect.Stmt{{SQL: "SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE"}}
}

// keysComeAgain reports whether references to rows of the table can be checked at the
// commit, after the rows were loaded again.
func keysComeAgain(t dialect.Table) bool {
	waits := func(f dialect.ForeignKey) bool { return f.Waits }
	return slices.ContainsFunc(t.ReferencedBy, waits) || slices.ContainsFunc(t.ForeignKeys, waits)
}

// CheckDeferredConstraints checks all constraints, since those of other tables are
// deferred too. A table with a pending check cannot be altered.
func (Dialect) CheckDeferredConstraints(t dialect.Table) dialect.Stmt {
	if !keysComeAgain(t) && !t.HasTrait(traitDeferred) {
		return dialect.Stmt{}
	}
	return dialect.Stmt{SQL: "SET CONSTRAINTS ALL IMMEDIATE"}
}

// Truncate leaves no dead rows. It never uses CASCADE, which would also empty the tables
// that refer to this one (https://www.postgresql.org/docs/current/sql-truncate.html).
func (d Dialect) Truncate(t dialect.Table) (dialect.Stmt, error) {
	if len(t.ReferencedBy) > 0 {
		return dialect.Stmt{}, fmt.Errorf("PostgreSQL truncates no table that others refer to, and %q does; clear it with DELETE", t.ReferencedBy[0].Table.Name)
	}
	return dialect.Stmt{SQL: "TRUNCATE TABLE " + d.QuoteTable(t.Ident)}, nil
}

// AdvanceSequence sets a column's sequences to the last number that was loaded, and never
// back. A COPY or INSERT with explicit numbers does not move them, so the next row would
// get a number that is taken. They are the column's own sequence and those in its
// default. A descending sequence moves down. The move is not transactional: if the run
// fails, some numbers are skipped
// (https://www.postgresql.org/docs/current/functions-sequence.html).
func (d Dialect) AdvanceSequence(t dialect.Table, column string) (setup []dialect.Stmt, move dialect.Stmt) {
	if c, _ := t.Column(column, d.SameName); !c.Assigned && !slices.ContainsFunc(c.Sequences, func(s dialect.Sequence) bool { return s.Stays == "" }) {
		return nil, dialect.Stmt{}
	}
	table, c := d.QuoteTable(t.Ident), d.Quote(column)
	// The catalog does not show where an unused sequence begins (START, RESTART, setval).
	// So it gives its first number here, and is never moved back.
	const now = "coalesce(pg_sequence_last_value(s.seqrelid), nextval(s.seqrelid::regclass))"
	return nil, dialect.Stmt{Note: "the next new row gets a number behind those that were loaded", SQL: "SELECT CASE" +
		" WHEN s.seqincrement > 0 AND rows.last > " + now + " THEN setval(s.seqrelid::regclass, least(rows.last, s.seqmax))" +
		" WHEN s.seqincrement < 0 AND rows.first < " + now + " THEN setval(s.seqrelid::regclass, greatest(rows.first, s.seqmin)) END" +
		" FROM pg_sequence AS s, (SELECT floor(max(" + c + "))::bigint AS last, ceil(min(" + c + "))::bigint AS first FROM " + table + ") AS rows" +
		" WHERE (s.seqrelid = pg_get_serial_sequence(" + text(table) + ", " + text(column) + ")::regclass OR EXISTS (SELECT 1 FROM pg_attribute AS a" +
		" JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attrelid = to_regclass(" + text(table) + ") AND a.attname = " + text(column) + " AND " + namedByDefault + "))" +
		" AND " + mayMove +
		" AND CASE WHEN s.seqincrement > 0 THEN rows.last >= s.seqmin ELSE rows.first <= s.seqmax END"}
}

// namedByDefault is an SQL condition that is true if default d of pg_attrdef names
// sequence s. The catalog has this as a dependency, except if the name is a text that is
// looked up only when the default is evaluated: nextval('s'::text).
const namedByDefault = `(s.seqrelid IN (SELECT refobjid FROM pg_depend WHERE classid = 'pg_attrdef'::regclass AND objid = d.oid AND refclassid = 'pg_class'::regclass)` +
	` OR s.seqrelid = to_regclass(replace(substring(pg_get_expr(d.adbin, d.adrelid) FROM 'nextval[(]+''((?:[^'']|'''')+)''::text[)]'), '''''', '''')))`

// mayMove is an SQL condition that is true if the user may read and move sequence s.
const mayMove = `has_sequence_privilege(s.seqrelid, 'UPDATE') AND has_sequence_privilege(s.seqrelid, 'USAGE,SELECT')`
