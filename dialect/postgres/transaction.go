package postgres

import (
	"fmt"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
)

// Begin opens a transaction and keeps writers off the table; readers go on.
func (d Dialect) Begin(t dialect.Table) []dialect.Stmt {
	return d.Open(t, dialect.Replaces).Stmts
}

// Open takes the locks with its first statements. Where the definition will be
// changed, readers are kept out from the start: a lock that is made stronger
// later on may have to wait, with everything done by then, or for one that waits
// for it (https://www.postgresql.org/docs/current/explicit-locking.html). Under
// READ COMMITTED each statement sees what was committed before it, so that
// nothing that is seen is older than the locks.
func (d Dialect) Open(t dialect.Table, a dialect.Access) dialect.Opening {
	o := dialect.Opening{Stmts: []dialect.Stmt{{SQL: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"}}}
	if t.Ident.Name != "" { // first what only other runs of tablesnap wait for, so that a run which waits for another queues nobody
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

// JoinTransaction asks for what Begin asks for. PostgreSQL refuses it where the
// transaction has begun otherwise and read or written something by now
// (https://www.postgresql.org/docs/current/sql-set-transaction.html).
func (Dialect) JoinTransaction(dialect.Table) []dialect.Stmt {
	return []dialect.Stmt{{SQL: "SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE"}}
}

// keysComeAgain reports whether references to rows of the table can be checked
// at the commit, when the rows have come again.
func keysComeAgain(t dialect.Table) bool {
	waits := func(f dialect.ForeignKey) bool { return f.Waits }
	return slices.ContainsFunc(t.ReferencedBy, waits) || slices.ContainsFunc(t.ForeignKeys, waits)
}

// Settle names no constraint: those of other tables wait as well. A table on
// which any waits cannot be altered.
func (Dialect) Settle(t dialect.Table) dialect.Stmt {
	if !keysComeAgain(t) && !t.HasTrait(traitDeferred) {
		return dialect.Stmt{}
	}
	return dialect.Stmt{SQL: "SET CONSTRAINTS ALL IMMEDIATE"}
}

// Truncate leaves no dead rows behind. It would empty the tables that refer to
// this one only with CASCADE, which is never said
// (https://www.postgresql.org/docs/current/sql-truncate.html).
func (d Dialect) Truncate(t dialect.Table) (dialect.Stmt, error) {
	if len(t.ReferencedBy) > 0 {
		return dialect.Stmt{}, fmt.Errorf("PostgreSQL truncates no table that others refer to, and %q does; clear it with DELETE", t.ReferencedBy[0].Table.Name)
	}
	return dialect.Stmt{SQL: "TRUNCATE TABLE " + d.QuoteTable(t.Ident)}, nil
}

// MoveCounter moves the sequence of a column on to the last number that was
// loaded, never back: a COPY or INSERT that gives the numbers leaves it where it
// was, and the next row would get one that is taken. A sequence is moved at once
// and for good; where the run fails, some numbers are left out
// (https://www.postgresql.org/docs/current/functions-sequence.html).
func (d Dialect) MoveCounter(t dialect.Table, column string) dialect.Stmt {
	table, c := d.QuoteTable(t.Ident), d.Quote(column)
	return dialect.Stmt{Note: "the next new row gets a number behind those that were loaded", SQL: "SELECT setval(s.seqrelid::regclass, least(rows.last, s.seqmax))" +
		" FROM pg_sequence AS s, (SELECT max(" + c + ") AS last FROM " + table + ") AS rows" +
		" WHERE s.seqrelid = pg_get_serial_sequence(" + text(table) + ", " + text(column) + ")::regclass AND s.seqincrement > 0" +
		" AND rows.last >= s.seqmin AND rows.last > coalesce(pg_sequence_last_value(s.seqrelid), s.seqmin - 1)"}
}
