package main

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/postgres"
	"github.com/tablesnap/tablesnap/internal/dsn"
)

// openPostgres opens a PostgreSQL database. Each plan sets up its own session. The driver
// takes parts that the DSN lacks from the same places as psql: PGHOST and the like, and
// ~/.pgpass.
func openPostgres(d dsn.DSN, _ access, wait time.Duration) (database, error) {
	cfg, err := postgres.ParseDSN(d.Text)
	if err != nil {
		return database{}, err
	}
	where := cfg.Database + " at " + address(cfg)
	db := sql.OpenDB(postgres.Connector(cfg, wait))
	return database{
		db: db, backend: postgres.New(), path: where, address: cfg.User + "@" + address(cfg) + "/" + cfg.Database,
		connect: func(ctx context.Context) (dialect.Backend, error) {
			if err := db.PingContext(ctx); err != nil {
				return nil, unreachable(where, err, postgresAdvice(cfg, err))
			}
			return postgres.New(), nil
		},
		explain: func(err error) error { return notRead(where, err) },
	}, nil
}

func address(cfg *pgx.ConnConfig) string {
	if strings.HasPrefix(cfg.Host, "/") {
		return cfg.Host
	}
	return net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port)))
}

// postgresAdvice says what to do about an error of connecting.
func postgresAdvice(cfg *pgx.ConnConfig, err error) advice {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return postgresTLS(cfg, unanswered(err))
	}
	switch refused.Code { // https://www.postgresql.org/docs/current/errcodes-appendix.html
	case "28000":
		if cfg.TLSConfig == nil {
			return "the server does not let this user in from here, or with TLS only: then write sslmode=require in the DSN" + look
		}
		return wrongPassword
	case "28P01":
		return wrongPassword
	case "3D000":
		return "make it with CREATE DATABASE" + look
	case "42501":
		return "the user has no right to it" + look
	case "53300", "57P03":
		return tryAgain
	case "42704", "22023", "42601", "55P02":
		return wrongSetting
	}
	return ""
}

// postgresTLS replaces advice about TLS by the settings to write in the DSN. The driver
// has no error type for a server without TLS: an unknown error with a DSN that requires
// TLS means that.
func postgresTLS(cfg *pgx.ConnConfig, what advice) advice {
	switch {
	case what == unproven:
		return "name the certificate of who signed it with sslrootcert=FILE in the DSN, or write sslmode=require without it, which encrypts and does not prove who answers"
	case what == wrongTLS, what == "" && cfg.TLSConfig != nil:
		return "write sslmode=prefer in the DSN, which does without TLS where the server has none, or sslmode=disable"
	}
	return what
}
