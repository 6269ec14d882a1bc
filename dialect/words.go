package dialect

import "strconv"

// Rows is a number of rows as a message says it: "1 row", "2 rows".
func Rows(n int64) string {
	if n == 1 {
		return "1 row"
	}
	return strconv.FormatInt(n, 10) + " rows"
}
