package mysql

import (
	"database/sql"
	"net/url"
	"strings"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/internal/dsn"
)

// Open opens the database that a DSN names, mysql://USER:PASSWORD@HOST:PORT/DATABASE (or
// mariadb:, or tidb:), with the command's own settings. Wait is the lock timeout.
// Connecting has a timeout too. The driver sends the server no local files except those
// that the program registers. Open does not connect yet; [BackendFor] finds out which
// server it is.
func Open(text string, wait time.Duration) (*sql.DB, error) {
	cfg, err := ParseDSN(text)
	if err != nil {
		return nil, err
	}
	connector, err := Connector(cfg, wait)
	if err != nil {
		return nil, &dsn.Error{Says: "has settings that can't be used"} // the driver's error may have the password
	}
	return sql.OpenDB(connector), nil
}

// ParseDSN reads a DSN as [Open] does. Its errors never quote the DSN, since it may
// contain a password.
func ParseDSN(text string) (*mysqldriver.Config, error) {
	d, err := dsn.Parse(text)
	if err != nil {
		return nil, err
	}
	switch d.Scheme {
	case "mysql", "mariadb", "tidb":
		return configOf(d)
	default:
		return nil, &dsn.Error{Says: "names no database of MySQL, MariaDB or TiDB; write mysql://USER:PASSWORD@HOST:PORT/DATABASE"}
	}
}

// configOf lets the driver parse only the settings. The driver's parser does not
// understand URLs or their escapes, and its errors quote the DSN.
func configOf(d dsn.DSN) (*mysqldriver.Config, error) {
	settings, socket, err := settingsOf(d)
	if err != nil {
		return nil, err
	}
	network, address := "tcp", d.Address("3306")
	if socket != "" {
		network, address = "unix", socket
	}
	switch {
	case strings.Contains(d.Host, ","):
		return nil, d.Refuse("names more than one host")
	case socket != "" && strings.ContainsAny(socket, "()"), socket != "" && d.Host != "" && dsn.Before(d.Host, ":") != "localhost":
		return nil, d.Refuse("names a host and a socket, or a socket that can't be; for a socket add ?socket=/PATH and no host")
	case d.Name == "":
		return nil, d.Refuse("names no database")
	}
	cfg, err := mysqldriver.ParseDSN(network + "(" + address + ")/?" + settings)
	if err != nil { // its message may contain the password
		return nil, d.Refuse("has settings after the ? that the driver doesn't take (https://github.com/go-sql-driver/mysql#parameters)")
	}
	if d.Login != nil {
		cfg.User, cfg.Passwd = d.Login.Username(), d.Password()
	}
	cfg.DBName, cfg.DialFunc = d.Name, dsn.Dialer().DialContext
	cfg.AllowAllFiles, cfg.MultiStatements, cfg.ParseTime, cfg.ClientFoundRows, cfg.ColumnsWithAlias = false, false, false, false, false
	cfg.Logger = &mysqldriver.NopLogger{} // its errors say the same
	return cfg, nil
}

// settingsOf returns the settings for the driver, without the socket. The driver sends an
// unknown setting as SET name = value, so a setting named password would change the
// user's password.
func settingsOf(d dsn.DSN) (settings, socket string, err error) {
	var kept []string
	for one := range strings.SplitSeq(d.Settings, "&") {
		key, escaped, found := strings.Cut(one, "=")
		value, _ := url.QueryUnescape(escaped) // dsn.Parse has checked the escapes
		switch strings.ToLower(key) {
		case "":
			continue
		case "socket", "unix_socket":
			socket = value
			continue
		case "user", "username", "password", "passwd", "pwd":
			return "", "", d.Refuse("has the %s after the ?, where the server takes it for a setting", strings.ToLower(key))
		case "strict":
			return "", "", d.Refuse("has the setting strict, which the driver has no more: tablesnap is strict")
		}
		if !found {
			return "", "", d.Refuse("has a setting without a value after the ?")
		}
		kept = append(kept, key+"="+asDriverReads.Replace(value))
	}
	if socket == "" {
		socket = d.Socket
	}
	return strings.Join(kept, "&"), socket, nil
}

// asDriverReads escapes characters that the driver's parser would misread. It leaves
// commas alone, since the driver does not unescape every setting.
var asDriverReads = strings.NewReplacer("%", "%25", "&", "%26", "/", "%2F", "+", "%2B", "#", "%23")
