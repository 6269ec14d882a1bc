package main

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"github.com/xo/dburl"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/mysql"
)

// openMySQL opens a database of the MySQL family. What the session is set to
// comes with each plan; here only that the driver reads no file that we did not
// hand it, sends one statement a call, and waits no longer than it may.
func openMySQL(backend dialect.Backend) opener {
	return func(u *dburl.URL, _ access, wait time.Duration) (database, error) {
		cfg, err := mysqldriver.ParseDSN(u.DSN)
		if err != nil { // its message may quote the password
			return database{}, usagef("--dsn (or TABLESNAP_DSN) cannot be read; write %s://USER:PASSWORD@HOST:PORT/DATABASE", u.OriginalScheme)
		}
		if cfg.DBName == "" {
			return database{}, usagef("--dsn (or TABLESNAP_DSN) names no database; write %s://USER:PASSWORD@HOST:PORT/DATABASE", u.OriginalScheme)
		}
		cfg.AllowAllFiles, cfg.MultiStatements, cfg.ParseTime = false, false, false
		mysql.Waits(cfg, wait)
		connector, err := mysqldriver.NewConnector(cfg)
		if err != nil {
			return database{}, usagef("--dsn (or TABLESNAP_DSN) cannot be used; write %s://USER:PASSWORD@HOST:PORT/DATABASE", u.OriginalScheme)
		}
		where := cfg.DBName + " at " + cfg.Addr
		return database{
			db: sql.OpenDB(connector), backend: backend, path: where,
			explain: func(err error) error {
				return inputError{fmt.Errorf("read the database %s: %w%s", where, err, whatToDo(err))}
			},
		}, nil
	}
}

// whatToDo follows what kept tablesnap from reading a database.
func whatToDo(err error) string {
	const look = "; look at --dsn and TABLESNAP_DSN"
	var refused *mysqldriver.MySQLError
	if errors.As(err, &refused) {
		switch refused.Number { // https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
		case 1045:
			return "; the user or the password is not right" + look
		case 1044:
			return "; the user has no right to the database, or there is none of that name" + look
		case 1049:
			return "; make it with CREATE DATABASE" + look
		case 1040, 1203, 1226:
			return "; try again when others have left"
		}
	}
	if unreachable := (net.Error)(nil); errors.As(err, &unreachable) || errors.Is(err, mysqldriver.ErrInvalidConn) || errors.Is(err, driver.ErrBadConn) {
		return "; no database server answers there: is it running, and are host and port right?" + look
	}
	return ""
}
