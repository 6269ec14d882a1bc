package mysql

import (
	"strconv"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/dialect"
)

// Waits has connections wait so long for the locks of others, and not for ever for
// the server, where the DSN says nothing else: by default they would wait for a
// year (https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_lock_wait_timeout).
func Waits(config *mysqldriver.Config, wait time.Duration) {
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
