package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
)

// Session sets everything that the statements, the literals and the locks rely on.
// Settings that some versions lack, or that some users may not change, are set only if
// their present value is wrong.
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
		{SQL: setIf("idle_session_timeout", "0", local, "<> '0'")},
		{SQL: setIf("transaction_timeout", "0", local, "<> '0'")},
		{SQL: setIf("client_connection_check_interval", "1s", local, "<> '1s'"),
			Note: "the server lets go of the locks soon after this program is gone"},
		{SQL: setIf("synchronous_commit", "on", local, "= 'off'"), Note: "nothing that was committed is lost in a crash"},
		{SQL: setIf("session_replication_role", "origin", local, "<> 'origin'"),
			Note: "a replica would check no foreign key and fire no trigger"},
		{SQL: "SELECT set_config('search_path', concat_ws(', ', (SELECT string_agg(quote_ident(s), ', ' ORDER BY n)" +
			" FROM unnest(current_schemas(false)) WITH ORDINALITY AS path (s, n)), 'pg_temp'), " + local + ")",
			Note: "no temporary table stands in front of another of its name"},
	})
}

// setIf changes a setting if the server has it and its value meets a condition. It reads
// only this setting, since the view pg_settings computes all of them each time.
func setIf(name, value, local, is string) string {
	return "SELECT set_config('" + name + "', '" + value + "', " + local + ") WHERE current_setting('" + name + "', true) " + is
}

func lockTimeout(set string, wait time.Duration) []dialect.Stmt {
	if wait == 0 {
		return nil
	}
	return []dialect.Stmt{{SQL: set + "lock_timeout = '" + milliseconds(wait) + "ms'", Note: "who waits for a lock makes others wait behind it"}}
}

// NetworkTimeouts have the server end a session that holds locks half a minute after its
// client's host is gone. By default that takes two hours. They are not for readers, since
// rows that nobody has read count as unanswered
// (https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-TCP-USER-TIMEOUT).
func (Dialect) NetworkTimeouts(p dialect.Purpose) []dialect.Stmt {
	if p == dialect.ForReading {
		return nil
	}
	return []dialect.Stmt{{SQL: "SELECT set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false)," +
		" set_config('tcp_keepalives_count', '4', false), set_config('tcp_user_timeout', '30000', false) WHERE inet_client_addr() IS NOT NULL"}}
}

// ReadWrite lets statements write that are transactions of their own.
func (Dialect) ReadWrite() dialect.Stmt {
	return dialect.Stmt{SQL: "SET default_transaction_read_only = off"}
}

// milliseconds is at least 1, since 0 means no timeout.
func milliseconds(d time.Duration) string {
	return strconv.FormatInt(max(1, d.Milliseconds()), 10)
}

// lockRun takes the advisory lock that keeps other runs of tablesnap off one table until
// the transaction ends. It also works through a pooler that gives each transaction
// another session
// (https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS).
func lockRun(table dialect.Ident) dialect.Stmt {
	return dialect.Stmt{SQL: "SELECT pg_advisory_xact_lock(" + LockKey(table) + ")", Note: "waits for other runs of tablesnap only, and goes with the transaction"}
}

// LockKey is an SQL expression for the key of a table's advisory lock.
func LockKey(table dialect.Ident) string {
	return "hashtextextended(" + text("tablesnap:"+table.Schema+"."+table.Name) + ", 0)"
}

// AcquireLock waits until no other run of tablesnap holds the table's lock. Outside a
// transaction, the lock is released at once, and the run's transaction takes it again.
func (Dialect) AcquireLock(table dialect.Ident, _ time.Duration) []dialect.Stmt {
	return []dialect.Stmt{lockRun(table)}
}

// settings are those that Session and ReadWrite set, and the run's id.
func settings() []string {
	return []string{
		"client_encoding", "standard_conforming_strings", "DateStyle", "IntervalStyle", "TimeZone", "extra_float_digits", "bytea_output", "xmloption",
		"array_nulls", "quote_all_identifiers", "lc_monetary", "row_security", "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout",
		"idle_session_timeout", "transaction_timeout", "client_connection_check_interval", "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout",
		"synchronous_commit", "session_replication_role", "search_path", "default_transaction_read_only", "tablesnap.run",
	}
}

// Enter saves the session's settings, and leave restores them. A new session would cost
// the server more than most of the work in this one. If the settings may not be restored,
// leave closes the connection, so that no other user of the pool gets it.
func (Dialect) Enter(ctx context.Context, c *sql.Conn, session []dialect.Stmt) (func() error, error) {
	before, err := current(ctx, c)
	if err != nil {
		return func() error { return end(ctx, c) }, fmt.Errorf("read the session's settings: %w", err)
	}
	leave := func() error {
		if err := reset(ctx, c, before); err != nil {
			return end(ctx, c)
		}
		return nil
	}
	for _, s := range session {
		if _, err := c.ExecContext(ctx, s.SQL); err != nil {
			return leave, fmt.Errorf("%s: %w", s.SQL, err)
		}
	}
	return leave, nil
}

// current are the session's settings, without those that the server does not have.
func current(ctx context.Context, c *sql.Conn) (map[string]string, error) {
	names := settings()
	columns := make([]string, len(names))
	values, into := make([]sql.NullString, len(names)), make([]any, len(names))
	for i, name := range names {
		columns[i], into[i] = "current_setting('"+name+"', true)", &values[i]
	}
	if err := c.QueryRowContext(ctx, "SELECT "+strings.Join(columns, ", ")).Scan(into...); err != nil {
		return nil, err
	}
	found := map[string]string{}
	for i, v := range values {
		if v.Valid {
			found[names[i]] = v.String
		}
	}
	return found, nil
}

// reset restores only settings that have changed, since some users may not set all of
// them. It fails if there are temporary tables, which end only with the session.
func reset(ctx context.Context, c *sql.Conn, before map[string]string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := outsideTransaction(c); err != nil {
		return err
	}
	now, err := current(ctx, c)
	if err != nil {
		return err
	}
	again := []string{"1 / (pg_my_temp_schema() = 0)::int"}
	for _, name := range settings() {
		if was := before[name]; now[name] != was {
			again = append(again, "set_config('"+name+"', "+text(was)+", false)")
		}
	}
	_, err = c.ExecContext(ctx, "SELECT "+strings.Join(again, ", "))
	return err
}

// outsideTransaction returns an error if a transaction is open or has failed: settings
// would then apply to the rest of the transaction.
func outsideTransaction(c *sql.Conn) error {
	return c.Raw(func(raw any) error {
		conn, err := pgxConn(raw)
		if err != nil {
			return err
		}
		if status := conn.PgConn().TxStatus(); status != idle {
			return fmt.Errorf("the transaction's state is %q", status)
		}
		return nil
	})
}

// idle is the state of a session without a transaction
// (https://www.postgresql.org/docs/current/protocol-message-formats.html, ReadyForQuery).
const idle = 'I'

// end closes the connection.
func end(ctx context.Context, c *sql.Conn) error {
	return c.Raw(func(raw any) error {
		conn, err := pgxConn(raw)
		if err != nil {
			return fmt.Errorf("end the session: %w", err)
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx) // the pool drops an invalid connection
		return nil
	})
}
