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

// Connector connects as a program does that has connections of its own. The server
// has as long to let somebody in as it has to answer the dial: the driver's own
// timeout ends with that, and a port on which nobody greets would be waited for
// without end.
func Connector(config *mysqldriver.Config, wait time.Duration) (driver.Connector, error) {
	waits(config, wait)
	c, err := mysqldriver.NewConnector(config)
	return bounded{Connector: c, addr: config.Addr, limit: config.Timeout}, err
}

// bounded gives up on a server that does not let anybody in.
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

// waits has connections wait so long for the locks of others, and not for ever for
// the server, where the DSN says nothing else: by default they would wait for a
// year (https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_lock_wait_timeout).
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
