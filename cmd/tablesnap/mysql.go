package main

import (
	"database/sql"
	"fmt"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"github.com/xo/dburl"

	"github.com/tablesnap/tablesnap/dialect"
)

// openMySQL opens a database of the MySQL family. What the session is set to
// comes with each plan; here only that the driver reads no file that we did not
// hand it, and sends one statement a call.
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
		cfg.Timeout = wait
		connector, err := mysqldriver.NewConnector(cfg)
		if err != nil {
			return database{}, usagef("--dsn (or TABLESNAP_DSN) cannot be used; write %s://USER:PASSWORD@HOST:PORT/DATABASE", u.OriginalScheme)
		}
		where := cfg.DBName + " at " + cfg.Addr
		return database{
			db: sql.OpenDB(connector), backend: backend, path: where,
			explain: func(err error) error { return inputError{fmt.Errorf("read the database %s: %w", where, err)} },
		}, nil
	}
}
