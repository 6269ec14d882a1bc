package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tablesnap/tablesnap/dialect"
)

// Classify uses the list of SQLSTATEs
// (https://www.postgresql.org/docs/current/errcodes-appendix.html).
func (Dialect) Classify(err error) dialect.Failure {
	var e *pgconn.PgError
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
	var e *pgconn.PgError
	return errors.As(err, &e)
}

func classifyServer(e *pgconn.PgError) dialect.Failure {
	switch {
	case e.SeverityUnlocalized == "FATAL" || e.SeverityUnlocalized == "PANIC": // the server ends the session
		return dialect.FailureLost
	case len(e.Code) == 5 && e.Code[:2] == "08": // connection exceptions
		return dialect.FailureLost
	}
	switch e.Code {
	case "55P03": // lock_not_available
		return dialect.FailureBusy
	case "40P01", // deadlock_detected
		"40001": // serialization_failure
		return dialect.FailureDeadlock
	default:
		return dialect.FailureRefused
	}
}

// AssertionFailed checks for the SQLSTATE that an assertion raises.
func (Dialect) AssertionFailed(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == failedAssertion
}

// isLost is also true if the context is done: the driver then closes the connection while
// the statement is still running.
func isLost(err error) bool {
	for _, lost := range []error{
		driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
		context.Canceled, context.DeadlineExceeded,
	} {
		if errors.Is(err, lost) {
			return true
		}
	}
	var connecting *pgconn.ConnectError
	var network net.Error
	return pgconn.Timeout(err) || errors.As(err, &connecting) || errors.As(err, &network)
}
