package mysql

import (
	"strconv"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
)

// Waits has connections wait so long for the server and for the locks of others,
// where the DSN says nothing else about locks: by default they would wait for a
// year (https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_lock_wait_timeout).
func Waits(config *mysqldriver.Config, wait time.Duration) {
	config.Timeout = wait
	if config.Params == nil {
		config.Params = map[string]string{}
	}
	for _, limit := range []string{"lock_wait_timeout", "innodb_lock_wait_timeout"} {
		if config.Params[limit] == "" {
			config.Params[limit] = strconv.FormatInt(seconds(wait), 10)
		}
	}
}
