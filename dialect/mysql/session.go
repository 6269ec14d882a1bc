package mysql

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/dialect"
)

// sqlMode is the whole mode of a session, so that nothing is left of the
// server's own. Strict for all engines: a value that does not fit is an error
// and not a warning. A zero stays a zero in an AUTO_INCREMENT column. Zero
// dates are let through: rows that hold them must be copied as they are
// (https://dev.mysql.com/doc/refman/8.4/en/sql-mode.html).
const sqlMode = "STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO"

// Session makes the settings known on which the statements, the literals and
// the locks rely.
func (Dialect) Session(o dialect.SessionOptions) []dialect.Stmt {
	return commonSession(o, mysqlCatchUp,
		"explicit_defaults_for_timestamp = ON",
		"max_execution_time = 0",
		notesOn,
		// A table's counter, too, would be that of up to a day ago
		// (https://dev.mysql.com/doc/refman/8.4/en/information-schema-optimization.html).
		"information_schema_stats_expiry = 0",
	)
}

// A node of a cluster may lag behind the others. These have each statement wait until
// the node has what the others had committed before it
// (https://dev.mysql.com/doc/refman/8.4/en/group-replication-consistency-guarantees.html,
// https://mariadb.com/docs/galera-cluster/reference/galera-cluster-system-variables#wsrep_sync_wait).
const (
	mysqlCatchUp   catchUp = "SET SESSION group_replication_consistency = 'BEFORE'"
	mariadbCatchUp catchUp = "SET SESSION wsrep_sync_wait = 15"
	noCatchUp      catchUp = ""
)

// catchUp is the statement with which a family's node catches up.
type catchUp string

// asks returns the query that tells whether the server is a node: a variable that a
// server of no cluster does not know, or that is off or empty there.
func (c catchUp) asks() string {
	if c == mariadbCatchUp {
		return "SELECT @@GLOBAL.wsrep_on"
	}
	return "SELECT @@GLOBAL.group_replication_group_name"
}

// commonSession is what MySQL, MariaDB and TiDB all know, and further settings. One
// statement for all of them is one round trip, and sets all or none.
func commonSession(o dialect.SessionOptions, c catchUp, more ...string) []dialect.Stmt {
	var stmts []dialect.Stmt
	if o.Cluster != "" && c != noCatchUp {
		stmts = append(stmts, dialect.Stmt{SQL: string(c), Note: "this node first has what the others had committed"})
	}
	if o.Schema != "" {
		stmts = append(stmts, dialect.Stmt{SQL: "USE " + Dialect{}.Quote(o.Schema)})
	}
	settings := []string{
		"sql_mode = '" + sqlMode + "'",
		"time_zone = '+00:00'",
		"autocommit = ON",
		"foreign_key_checks = ON",
		"unique_checks = ON",
		"sql_safe_updates = OFF",
		"sql_select_limit = " + noLimit,
		"sql_auto_is_null = OFF",
		"group_concat_max_len = 1048576",
	}
	stmts = append(stmts,
		dialect.Stmt{SQL: "SET NAMES utf8mb4"},
		dialect.Stmt{SQL: "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE"},
		dialect.Stmt{SQL: "SET SESSION " + strings.Join(append(settings, more...), ",\n    ")},
	)
	if o.LockTimeout > 0 {
		seconds := seconds(o.LockTimeout)
		stmts = append(stmts, dialect.Stmt{SQL: fmt.Sprintf("SET SESSION lock_wait_timeout = %d, innodb_lock_wait_timeout = %d", seconds, seconds)})
	}
	return stmts
}

// NetworkTimeouts are the vendor's own defaults for sessions that hold locks, whatever this
// server has, and two minutes instead of hours between two statements. A server sends rows
// to a slow reader for a day
// (https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_net_write_timeout,
// https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_wait_timeout).
func (Dialect) NetworkTimeouts(p dialect.Purpose) []dialect.Stmt {
	if p == dialect.ForReading {
		return []dialect.Stmt{{SQL: "SET SESSION net_write_timeout = 86400"}}
	}
	return []dialect.Stmt{{SQL: "SET SESSION net_read_timeout = 30, net_write_timeout = 60, wait_timeout = 120"}}
}

// noLimit is more rows than any table has: no SELECT is cut.
const noLimit = "18446744073709551615"

// notesOn has the server say that it has rounded a value, which is worth no more
// than a note to it.
const notesOn = "sql_notes = ON"

// seconds rounds up: the servers wait for whole seconds, one at least.
func seconds(d time.Duration) int64 {
	return max(1, int64((d+time.Second-1)/time.Second))
}

// AcquireLock takes a lock that belongs to the session and outlives transactions
// (https://dev.mysql.com/doc/refman/8.4/en/locking-functions.html).
func (d Dialect) AcquireLock(table dialect.Ident, wait time.Duration) []dialect.Stmt {
	return []dialect.Stmt{d.Assertion(lockAssertion(table, wait))}
}

func lockAssertion(table dialect.Ident, wait time.Duration) (says, cond string) {
	return "no other run of tablesnap is at work on " + table.Name, fmt.Sprintf("GET_LOCK(%s, %d) = 1", lockExpr(table), seconds(wait))
}

// ReleaseLock lets the lock go.
func (Dialect) ReleaseLock(table dialect.Ident) []dialect.Stmt {
	return []dialect.Stmt{{SQL: "DO RELEASE_LOCK(" + lockExpr(table) + ")"}}
}

// lockName is in lower case, since a table may be spelt in several ways. It is
// a hash where the table's name would pass the limit of 64 characters, or has
// letters that a lock's name may not have.
func lockName(table dialect.Ident) string {
	name := strings.ToLower(table.Schema + "." + table.Name)
	if len(lockPrefix)+len(name) <= maxName && plainName.MatchString(table.Schema+table.Name) {
		return lockPrefix + name
	}
	sum := sha256.Sum256([]byte(name))
	return lockPrefix + hex.EncodeToString(sum[:16])
}

// lockExpr is an SQL expression for the lock's name. Of a table in the current
// database, the server puts together what lockName does.
func lockExpr(table dialect.Ident) string {
	if table.Schema != "" {
		return text(lockName(table))
	}
	name := "lower(concat(DATABASE(), '.', " + text(table.Name) + "))"
	return "concat(" + text(lockPrefix) + ", IF(char_length(" + name + ") <= " + strconv.Itoa(maxName-len(lockPrefix)) +
		" AND concat(DATABASE(), " + text(table.Name) + ") REGEXP " + text(plainName.String()) + ", " + name + ", left(sha2(" + name + ", 256), 32)))"
}

const lockPrefix = "tablesnap:"

// Enter changes the session for good: leaving ends the connection, so that no
// other user of the pool gets it.
func (Dialect) Enter(ctx context.Context, c *sql.Conn, session []dialect.Stmt) (func() error, error) {
	return enter(ctx, c, mysqlCatchUp, session)
}

// Enter is MySQL's, with the words of Galera.
func (MariaDB) Enter(ctx context.Context, c *sql.Conn, session []dialect.Stmt) (func() error, error) {
	return enter(ctx, c, mariadbCatchUp, session)
}

// Enter is MySQL's: TiDB reads on all servers what was committed on any.
func (TiDB) Enter(ctx context.Context, c *sql.Conn, session []dialect.Stmt) (func() error, error) {
	return enter(ctx, c, noCatchUp, session)
}

// enter looks whether the server is a node of a cluster, which nobody knows before the
// first inspection.
func enter(ctx context.Context, c *sql.Conn, statement catchUp, session []dialect.Stmt) (func() error, error) {
	leave := func() error {
		return c.Raw(func(raw any) error {
			conn, ok := raw.(driver.Conn)
			if !ok {
				return fmt.Errorf("end the session: %T is no driver connection", raw)
			}
			_ = conn.Close() // the pool throws away what is no longer valid
			return nil
		})
	}
	inCluster, err := isNode(ctx, c, statement)
	if err != nil {
		return leave, fmt.Errorf("ask whether the server is a node of a cluster: %w", err)
	}
	if inCluster {
		session = append([]dialect.Stmt{{SQL: string(statement)}}, session...)
	}
	for _, s := range session {
		if _, err := c.ExecContext(ctx, s.SQL); err != nil {
			return leave, fmt.Errorf("%s: %w", s.SQL, err)
		}
	}
	return leave, nil
}

// isNode reports whether the server is a node of a cluster in which it can catch up. One
// variable is asked for, since listing them takes a server longer than all else here.
func isNode(ctx context.Context, c *sql.Conn, statement catchUp) (bool, error) {
	if statement == noCatchUp {
		return false, nil
	}
	var value sql.NullString
	err := c.QueryRowContext(ctx, statement.asks()).Scan(&value)
	if isUnknownVariable(err) {
		return false, nil
	}
	return value.String != "" && value.String != "0", err
}

func isUnknownVariable(err error) bool {
	const unknownVariable = 1193
	var e *mysqldriver.MySQLError
	return errors.As(err, &e) && e.Number == unknownVariable
}
