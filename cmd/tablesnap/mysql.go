package main

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/mysql"
)

// openMySQL opens a database of the MySQL family. What the session is set to
// comes with each plan; here only that the driver reads no file that we did not
// hand it, sends one statement a call, and waits no longer than it may.
func openMySQL(asked dialect.Backend) opener {
	return func(d dsn, _ access, wait time.Duration) (database, error) {
		cfg, err := mysqlConfig(d)
		if err != nil {
			return database{}, err
		}
		connector, err := mysql.Connector(cfg, wait)
		if err != nil {
			return database{}, d.refuse("has settings that can't be used")
		}
		db := sql.OpenDB(connector)
		where := cfg.DBName + " at " + cfg.Addr
		return database{
			db: db, backend: asked, path: where,
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

// mysqlConfig has the driver read the settings, and nothing else: it knows
// neither URLs nor their escapes, and its errors quote what they are about.
func mysqlConfig(d dsn) (*mysqldriver.Config, error) {
	settings, socket, err := mysqlSettings(d)
	if err != nil {
		return nil, err
	}
	network, address := "tcp", d.address("3306")
	if socket != "" {
		network, address = "unix", socket
	}
	switch {
	case strings.Contains(d.host, ","):
		return nil, d.refuse("names more than one host")
	case socket != "" && strings.ContainsAny(socket, "()"), socket != "" && d.host != "" && before(d.host, ":") != "localhost":
		return nil, d.refuse("names a host and a socket, or a socket that can't be; for a socket add ?socket=/PATH and no host")
	case d.name == "":
		return nil, d.refuse("names no database")
	}
	cfg, err := mysqldriver.ParseDSN(network + "(" + address + ")/?" + settings)
	if err != nil { // its message may quote what is secret
		return nil, d.refuse("has settings after the ? that the driver doesn't take (https://github.com/go-sql-driver/mysql#parameters)")
	}
	if d.login != nil {
		cfg.User, cfg.Passwd = d.login.Username(), d.password()
	}
	cfg.DBName = d.name
	cfg.AllowAllFiles, cfg.MultiStatements, cfg.ParseTime, cfg.ClientFoundRows, cfg.ColumnsWithAlias = false, false, false, false, false
	cfg.Logger = &mysqldriver.NopLogger{} // what it has to say is in its errors
	return cfg, nil
}

// mysqlSettings returns the settings as the driver reads them, without the socket.
// What the driver does not know it sends as SET name = value, so that a password
// among them would become the user's new one.
func mysqlSettings(d dsn) (settings, socket string, err error) {
	var kept []string
	for one := range strings.SplitSeq(d.settings, "&") {
		key, escaped, found := strings.Cut(one, "=")
		value, _ := url.QueryUnescape(escaped) // the escapes were checked
		switch strings.ToLower(key) {
		case "":
			continue
		case "socket", "unix_socket":
			socket = value
			continue
		case "user", "username", "password", "passwd", "pwd":
			return "", "", d.refuse("has the %s after the ?, where the server takes it for a setting", strings.ToLower(key))
		case "strict":
			return "", "", d.refuse("has the setting strict, which the driver has no more: tablesnap is strict")
		}
		if !found {
			return "", "", d.refuse("has a setting without a value after the ?")
		}
		kept = append(kept, key+"="+asDriverReads.Replace(value))
	}
	if socket == "" {
		socket = d.socket
	}
	return strings.Join(kept, "&"), socket, nil
}

// asDriverReads escapes what the driver would take for something else. It does not
// unescape all that it reads, so that a comma has to stay one.
var asDriverReads = strings.NewReplacer("%", "%25", "&", "%26", "/", "%2F", "+", "%2B", "#", "%23")

// mysqlAdvice follows what kept tablesnap from a database.
func mysqlAdvice(cfg *mysqldriver.Config, err error) advice {
	var refused *mysqldriver.MySQLError
	if !errors.As(err, &refused) {
		return mysqlTLS(unanswered(err))
	}
	switch refused.Number { // https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
	case 1045, 1698:
		if cfg.TLS == nil { // of a user who must use TLS, the server says no more
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

// mysqlTLS has the words for the DSN.
func mysqlTLS(what advice) advice {
	switch what {
	case wrongTLS:
		return "take tls= out of the DSN, or write tls=preferred, which does without TLS where the server has none"
	case unproven:
		return "have this machine trust who signed the certificate (SSL_CERT_FILE=FILE adds it), or write tls=skip-verify in the DSN, which encrypts and does not prove who answers"
	}
	return what
}
