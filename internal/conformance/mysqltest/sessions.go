package mysqltest

import (
	"errors"

	mysqldriver "github.com/go-sql-driver/mysql"
)

// cannotConvertString is https://dev.mysql.com/doc/mysql-errors/9.7/en/server-error-reference.html#error_er_cannot_convert_string.
const cannotConvertString = 3854

// SessionsUnreadable reports whether MySQL could not list its sessions or their
// transactions just now: information_schema has their statements in utf8mb3, and
// anybody's statement with an emoji fails whoever asks. A test asks again.
func SessionsUnreadable(err error) bool {
	var answer *mysqldriver.MySQLError
	return errors.As(err, &answer) && answer.Number == cannotConvertString
}
