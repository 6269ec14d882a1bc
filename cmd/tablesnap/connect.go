package main

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	mysqldriver "github.com/go-sql-driver/mysql"
)

// advice says what to do if a database cannot be reached.
type advice string

const (
	look                 = "; look at --dsn and TABLESNAP_DSN"
	noAnswer      advice = "no database server answers there: is it running, and are host and port right?" + look
	wrongPassword advice = "the user or the password is not right" + look
	wrongSetting  advice = "the server does not know a setting of the DSN, or not that value of it" + look
	tryAgain      advice = "try again when others have left"
	// The TLS settings of the DSN do not fit the server.
	wrongTLS advice = "the server has another idea of TLS than the DSN"
	unproven advice = "nothing proves that the server's certificate is its own"
)

// unanswered is the advice for an error that does not come from a server.
func unanswered(err error) advice {
	var network net.Error
	switch {
	case as[*tls.CertificateVerificationError](err):
		return unproven
	case as[tls.RecordHeaderError](err), as[tls.AlertError](err), errors.Is(err, mysqldriver.ErrNoTLS):
		return wrongTLS
	case errors.As(err, &network), errors.Is(err, mysqldriver.ErrInvalidConn), errors.Is(err, driver.ErrBadConn),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, context.DeadlineExceeded):
		return noAnswer
	default:
		return ""
	}
}

// connectError says that the connection to a server failed or was lost before a run
// began. Nothing was changed.
type connectError struct {
	where  string
	err    error
	advice advice
	lost   bool
}

func (e connectError) Error() string {
	doing := "connect to the database"
	if e.lost {
		doing = "lost the connection to the database"
	}
	says := fmt.Sprintf("%s %s: %s", doing, e.where, oneLine(e.err))
	if e.advice != "" {
		says += "; " + string(e.advice)
	}
	return says
}

func (e connectError) Unwrap() error { return e.err }

// unreachable is the error if connecting fails: a usageError if the server rejects a
// setting of the DSN, a plain error if the user has interrupted, otherwise a connectError.
func unreachable(where string, err error, what advice) error {
	switch e := (connectError{where: where, err: err, advice: what}); {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("connect to the database %s: %w", where, err)
	case what == wrongSetting:
		return usageError{errors.New(e.Error())}
	default:
		return e
	}
}

// notRead is the error for a database that accepts the connection but cannot be read.
func notRead(where string, err error) error {
	return fmt.Errorf("read the database %s: %w", where, err)
}

// oneLine returns the error's text on one line. A driver that tries several addresses
// writes one line for each.
func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}
