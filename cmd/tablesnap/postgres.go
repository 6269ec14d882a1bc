package main

import (
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/xo/dburl"

	"github.com/tablesnap/tablesnap/dialect/postgres"
)

// openPostgres opens a PostgreSQL database. What the session is set to comes
// with each plan. The driver reads what the DSN leaves out where psql does: in
// PGHOST and the like, and in ~/.pgpass.
func openPostgres(u *dburl.URL, _ access, wait time.Duration) (database, error) {
	plain := u.URL
	plain.Scheme = "postgres"
	cfg, err := pgx.ParseConfig(plain.String())
	if err != nil { // its message may quote the password
		return database{}, usagef("--dsn (or TABLESNAP_DSN) cannot be read; write %s://USER:PASSWORD@HOST:PORT/DATABASE, and what else psql knows behind a ?", u.OriginalScheme)
	}
	where := cfg.Database + " at " + address(cfg)
	return database{
		db: sql.OpenDB(postgres.Connector(cfg, wait)), backend: postgres.New(), path: where,
		explain: func(err error) error {
			return inputError{fmt.Errorf("read the database %s: %w%s", where, err, postgresAdvice(err))}
		},
	}, nil
}

func address(cfg *pgx.ConnConfig) string {
	if strings.HasPrefix(cfg.Host, "/") {
		return cfg.Host
	}
	return net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port)))
}

// postgresAdvice follows what kept tablesnap from reading a database.
func postgresAdvice(err error) string {
	const look = "; look at --dsn and TABLESNAP_DSN"
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch refused.Code { // https://www.postgresql.org/docs/current/errcodes-appendix.html
		case "28P01", "28000":
			return "; the user or the password is not right" + look
		case "3D000":
			return "; make it with CREATE DATABASE" + look
		case "42501":
			return "; the user has no right to it" + look
		case "53300":
			return "; try again when others have left"
		}
		return ""
	}
	if unreachable := (net.Error)(nil); errors.As(err, &unreachable) {
		return "; no database server answers there: is it running, and are host and port right?" + look
	}
	return ""
}
