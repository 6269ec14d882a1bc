package postgres

import (
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tablesnap/tablesnap/internal/dsn"
)

// Open opens the database of a DSN, postgres://USER:PASSWORD@HOST:PORT/DATABASE, with the
// settings of the command (see [Connector]). It does not connect yet. The driver takes
// missing parts from the same places as psql: PGHOST and the like, and ~/.pgpass.
func Open(text string, wait time.Duration) (*sql.DB, error) {
	cfg, err := ParseDSN(text)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(Connector(cfg, wait)), nil
}

// ParseDSN reads a DSN as [Open] does. Its errors never quote the DSN, since it may have
// a password.
func ParseDSN(text string) (*pgx.ConnConfig, error) {
	d, err := dsn.Parse(text)
	if err != nil {
		return nil, err
	}
	switch d.Scheme {
	case "postgres", "postgresql":
		return configOf(d)
	default:
		return nil, &dsn.Error{Says: "names no PostgreSQL database; write postgres://USER:PASSWORD@HOST:PORT/DATABASE"}
	}
}

// configOf passes the URL to the driver after checking that the driver can read all of
// it.
func configOf(d dsn.DSN) (*pgx.ConnConfig, error) {
	for one := range strings.SplitSeq(d.Settings, "&") {
		if key := dsn.Before(one, "="); key == "socket" || key == "unix_socket" {
			return nil, d.Refuse("has the setting %s; for a socket add ?host=/FOLDER and no host", key)
		}
	}
	plain := url.URL{Scheme: "postgres", User: d.Login, Host: d.Host, Path: "/" + d.Name, RawQuery: d.Settings}
	if d.Socket != "" {
		plain.RawQuery = strings.TrimPrefix(d.Settings+"&host="+url.QueryEscape(d.Socket), "&")
	}
	cfg, err := pgx.ParseConfig(plain.String())
	if file := (*fs.PathError)(nil); errors.As(err, &file) {
		return nil, &dsn.Error{Says: "names a file that can't be read: " + file.Error(), Err: file}
	}
	if err != nil { // the driver's message may quote a password
		return nil, d.Refuse("can't be read: a host, or a setting after the ?, is none that psql knows (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS)")
	}
	cfg.DialFunc = dsn.Dialer().DialContext
	return cfg, nil
}
