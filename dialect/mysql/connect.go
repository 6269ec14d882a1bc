package mysql

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strconv"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/dialect"
)

// Connector is for programs that open their own connections. Its timeout also covers the
// login: the driver's own timeout covers only the dial, so a port on which no server
// answers would block forever.
func Connector(config *mysqldriver.Config, wait time.Duration) (driver.Connector, error) {
	waits(config, wait)
	c, err := mysqldriver.NewConnector(config)
	return bounded{Connector: c, addr: config.Addr, limit: config.Timeout}, err
}

// bounded limits the time for connecting and logging in.
type bounded struct {
	driver.Connector
	addr  string
	limit time.Duration
}

// Connect dials, and waits for the server's greeting and its answer to the login.
func (b bounded) Connect(ctx context.Context) (driver.Conn, error) {
	limited, cancel := context.WithTimeout(ctx, b.limit)
	defer cancel()
	c, err := b.Connector.Connect(limited)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("connect to %s: it let nobody in within %s: %w", b.addr, b.limit, limited.Err())
	}
	return c, err
}

// waits sets the timeouts that the DSN does not set: wait for locks, and a limit for the
// server's answers. The server's default lock timeout is a year
// (https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_lock_wait_timeout).
func waits(config *mysqldriver.Config, wait time.Duration) {
	if config.Timeout == 0 {
		config.Timeout = dialect.ConnectTimeout
	}
	if config.Params == nil {
		config.Params = map[string]string{}
	}
	for _, limit := range []string{"lock_wait_timeout", "innodb_lock_wait_timeout"} {
		if config.Params[limit] == "" {
			config.Params[limit] = strconv.FormatInt(seconds(wait), 10)
		}
	}
}
