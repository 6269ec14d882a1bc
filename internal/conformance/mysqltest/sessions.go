package mysqltest

import (
	"errors"

	mysqldriver "github.com/go-sql-driver/mysql"
)

// cannotConvertString is https://dev.mysql.com/doc/mysql-errors/9.7/en/server-error-reference.html#error_er_cannot_convert_string.
const cannotConvertString = 3854

// SessionsUnreadable reports whether MySQL failed to list its sessions or their
// transactions. information_schema shows statements in utf8mb3, so the query fails while
// any session runs a statement with an emoji. A test has to retry.
func SessionsUnreadable(err error) bool {
	var answer *mysqldriver.MySQLError
	return errors.As(err, &answer) && answer.Number == cannotConvertString
}
