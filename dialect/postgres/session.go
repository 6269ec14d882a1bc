package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
)

// Session makes the settings known on which the statements, the literals and
// the locks rely. Those that not every version has, and those that not every
// user may set, are set where they stand in the way.
func (Dialect) Session(o dialect.SessionOptions) []dialect.Stmt {
	set, local := "SET ", "false"
	if o.Scope == dialect.ThisTransaction {
		set, local = "SET LOCAL ", "true"
	}
	return slices.Concat([]dialect.Stmt{
		{SQL: set + "client_encoding = 'UTF8'"},
		{SQL: set + "standard_conforming_strings = on"},
		{SQL: set + "DateStyle = 'ISO, YMD'"},
		{SQL: set + "IntervalStyle = 'postgres'"},
		{SQL: set + "TimeZone = 'UTC'"},
		{SQL: set + "extra_float_digits = 1"},
		{SQL: set + "bytea_output = 'hex'"},
		{SQL: set + "xmloption = 'content'"},
		{SQL: set + "array_nulls = on"},
		{SQL: set + "quote_all_identifiers = off"},
		// https://www.postgresql.org/docs/current/datatype-money.html
		{SQL: "SELECT set_config('lc_monetary', 'C', " + local + ") WHERE cash_send(CAST(1 AS money)) = '\\x0000000000000064'",
			Note: "amounts of money are read and written in one way, but where the database counts no hundredths"},
		// https://www.postgresql.org/docs/current/ddl-rowsecurity.html
		{SQL: set + "row_security = off", Note: "a row that this user may not see is an error then, and not left out"},
	}, lockTimeout(set, o.LockTimeout), []dialect.Stmt{
		{SQL: set + "statement_timeout = 0"},
		{SQL: set + "idle_in_transaction_session_timeout = 0"},
		{SQL: "SELECT set_config(name, '0', " + local + ") FROM pg_settings WHERE name IN ('idle_session_timeout', 'transaction_timeout')"},
		{SQL: "SELECT set_config(name, '1s', " + local + ") FROM pg_settings WHERE name = 'client_connection_check_interval'",
			Note: "the server lets go of the locks soon after this program is gone"},
		{SQL: "SELECT set_config(name, 'on', " + local + ") FROM pg_settings WHERE name = 'synchronous_commit' AND setting = 'off'",
			Note: "nothing that was committed is lost in a crash"},
		{SQL: "SELECT set_config(name, 'origin', " + local + ") FROM pg_settings WHERE name = 'session_replication_role' AND setting <> 'origin'",
			Note: "a replica would check no foreign key and fire no trigger"},
		{SQL: "SELECT set_config('search_path', concat_ws(', ', (SELECT string_agg(quote_ident(s), ', ' ORDER BY n)" +
			" FROM unnest(current_schemas(false)) WITH ORDINALITY AS path (s, n)), 'pg_temp'), " + local + ")",
			Note: "no temporary table stands in front of another of its name"},
	})
}

func lockTimeout(set string, wait time.Duration) []dialect.Stmt {
	if wait == 0 {
		return nil
	}
	return []dialect.Stmt{{SQL: set + "lock_timeout = '" + milliseconds(wait) + "ms'", Note: "who waits for a lock makes others wait behind it"}}
}

// milliseconds is at least one: zero means to wait for ever.
func milliseconds(d time.Duration) string {
	return strconv.FormatInt(max(1, d.Milliseconds()), 10)
}

// lockRun takes the lock of one table, which keeps other runs of tablesnap off
// it until the transaction ends; through a pooler that gives each transaction
// another session, too
// (https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS).
func lockRun(table dialect.Ident) dialect.Stmt {
	return dialect.Stmt{SQL: "SELECT pg_advisory_xact_lock(" + LockKey(table) + ")", Note: "waits for other runs of tablesnap only, and goes with the transaction"}
}

// LockKey is an SQL expression for the number of the advisory lock of a table.
func LockKey(table dialect.Ident) string {
	return "hashtextextended(" + text("tablesnap:"+table.Schema+"."+table.Name) + ", 0)"
}

// TakeLock waits until no other run of tablesnap holds the table's lock. Outside
// of a transaction the lock is let go at once; the run's transaction takes it.
func (Dialect) TakeLock(table dialect.Ident, _ time.Duration) []dialect.Stmt {
	return []dialect.Stmt{lockRun(table)}
}

// DropLock is nothing: the lock goes with the transaction.
func (Dialect) DropLock(dialect.Ident) []dialect.Stmt { return nil }

// UnderWay is nothing: a run that was cut off has left nothing behind.
func (Dialect) UnderWay(dialect.Ident) string { return "" }

// Enter changes the session for good: leaving ends the connection, so that no
// other user of the pool gets it.
func (Dialect) Enter(ctx context.Context, c *sql.Conn, session []dialect.Stmt) (func() error, error) {
	leave := func() error {
		return c.Raw(func(raw any) error {
			conn, err := pgxConn(raw)
			if err != nil {
				return fmt.Errorf("end the session: %w", err)
			}
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			_ = conn.Close(ctx) // the pool throws away what is no longer valid
			return nil
		})
	}
	for _, s := range session {
		if _, err := c.ExecContext(ctx, s.SQL); err != nil {
			return leave, fmt.Errorf("%s: %w", s.SQL, err)
		}
	}
	return leave, nil
}
