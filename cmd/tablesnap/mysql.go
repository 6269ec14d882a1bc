package main

import (
	"context"
	"database/sql"
	"errors"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/mysql"
	"github.com/tablesnap/tablesnap/internal/dsn"
)

// openMySQL opens a database of the MySQL family. Each plan sets up its own session. The
// driver's configuration only forbids local files and multiple statements in one call,
// and sets timeouts.
func openMySQL(asked dialect.Backend) opener {
	return func(d dsn.DSN, _ access, wait time.Duration) (database, error) {
		cfg, err := mysql.ParseDSN(d.Text)
		if err != nil {
			return database{}, err
		}
		connector, err := mysql.Connector(cfg, wait)
		if err != nil {
			return database{}, d.Refuse("has settings that can't be used")
		}
		db := sql.OpenDB(connector)
		where := cfg.DBName + " at " + cfg.Addr
		return database{
			db: db, backend: asked, path: where, address: cfg.User + "@" + cfg.Addr + "/" + cfg.DBName,
			connect: func(ctx context.Context) (dialect.Backend, error) {
				if err := db.PingContext(ctx); err != nil {
					return nil, unreachable(where, err, mysqlAdvice(cfg, err))
				}
				return mysql.BackendFor(ctx, db)
			},
			explain: func(err error) error { return notRead(where, err) },
		}, nil
	}
}

// mysqlAdvice says what to do about an error of connecting.
func mysqlAdvice(cfg *mysqldriver.Config, err error) advice {
	var refused *mysqldriver.MySQLError
	if !errors.As(err, &refused) {
		return mysqlTLS(unanswered(err))
	}
	switch refused.Number { // https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
	case 1045, 1698:
		if cfg.TLS == nil { // the server does not say that the user must use TLS
			return "the user or the password is not right, or the server lets this user in with TLS only: then add tls=true after the ?" + look
		}
		return wrongPassword
	case 3159:
		return "add tls=true after the ? of the DSN"
	case 1044:
		return "the user has no right to the database, or there is none of that name" + look
	case 1049:
		return "make it with CREATE DATABASE" + look
	case 1040, 1203, 1226:
		return tryAgain
	case 1064, 1193, 1227, 1229, 1231, 1232, 1238, 1115, 1273:
		return wrongSetting
	}
	return ""
}

// mysqlTLS replaces advice about TLS by the settings to write in the DSN.
func mysqlTLS(what advice) advice {
	switch what {
	case wrongTLS:
		return "take tls= out of the DSN, or write tls=preferred, which does without TLS where the server has none"
	case unproven:
		return "have this machine trust who signed the certificate (SSL_CERT_FILE=FILE adds it), or write tls=skip-verify in the DSN, which encrypts and does not prove who answers"
	default:
		return what
	}
}
