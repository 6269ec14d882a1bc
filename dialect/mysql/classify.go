package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/dialect"
)

// Classify uses the vendors' lists of errors
// (https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html,
// https://mariadb.com/docs/server/reference/error-codes,
// https://docs.pingcap.com/tidb/stable/error-codes/).
func (Dialect) Classify(err error) dialect.Failure {
	var e *mysqldriver.MySQLError
	if errors.As(err, &e) {
		return classifyServer(e)
	}
	if isLost(err) {
		return dialect.FailureLost
	}
	return dialect.FailureRefused
}

// WroteMessage reports whether it is an error of the server.
func (Dialect) WroteMessage(err error) bool {
	var e *mysqldriver.MySQLError
	var warned *serverWarningsError
	return errors.As(err, &e) || errors.As(err, &warned)
}

func classifyServer(e *mysqldriver.MySQLError) dialect.Failure {
	switch e.Number {
	case 1205, // lock wait timeout
		3572, // NOWAIT
		9004: // TiDB: a row's lock was not released in time
		return dialect.FailureBusy
	case 1213, // deadlock; on a node of Galera, also a conflict with another node
		1180, // Group Replication: error during COMMIT, after a conflict
		3101, // Group Replication: a conflict with another server, found at the COMMIT
		1020, // MariaDB, innodb_snapshot_isolation: record has changed since last read
		1614, // XA: deadlock
		3058, // deadlock between named locks
		8002, // TiDB: FOR UPDATE lost a write conflict
		8022, // TiDB: commit failed, may be tried again
		9007: // TiDB: write conflict
		return dialect.FailureDeadlock
	case 1053, // server shutdown in progress
		1077, 1079, 1080, // shutdown
		1158, 1159, 1160, 1161, // network packets
		1152, 1184, // aborted connection
		1927, 3169, // connection killed (MariaDB, MySQL)
		4031, // idle for too long
		2006, 2013:
		return dialect.FailureLost
	}
	return dialect.FailureRefused
}

// AssertionFailed checks for the errors with which each server's assertion fails.
func (Dialect) AssertionFailed(err error) bool {
	const outOfRange, wrongValue = 1690, 1231
	var e *mysqldriver.MySQLError
	return errors.As(err, &e) && (e.Number == outOfRange || e.Number == wrongValue)
}

// ExceededWriteSet knows the errors of Group Replication and of Galera. Galera's number
// stands for all errors without a number.
func (Dialect) ExceededWriteSet(err error) (setting string) {
	const hookFailed, unknown = 3100, 1105
	var e *mysqldriver.MySQLError
	switch {
	case !errors.As(err, &e):
		return ""
	case e.Number == hookFailed:
		return "group_replication_transaction_size_limit"
	case e.Number == unknown && strings.Contains(e.Message, "writeset size"):
		return "wsrep_max_ws_size"
	}
	return ""
}

// isLost is also true if the context is done: the driver then closes the connection while
// the statement is still running.
func isLost(err error) bool {
	for _, lost := range []error{
		driver.ErrBadConn, mysqldriver.ErrInvalidConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
		mysqldriver.ErrMalformPkt, mysqldriver.ErrPktSync, mysqldriver.ErrPktSyncMul, mysqldriver.ErrBusyBuffer,
		context.Canceled, context.DeadlineExceeded,
	} {
		if errors.Is(err, lost) {
			return true
		}
	}
	var netErr net.Error
	return errors.As(err, &netErr)
}
