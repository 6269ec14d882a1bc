package compare

import "github.com/tablesnap/tablesnap/dialect"

// SameRows is an SQL condition: both have the same rows, each as often, to the
// last bit.
func SameRows(d dialect.Dialect, from, to Contents) string {
	return "NOT EXISTS (SELECT 1 FROM (\n" + newComparison(d, from, to, nil).carried() + "\n) AS " + d.Quote("differing") + ")"
}

// NoneBut is an SQL condition: part has no row that all has not, or has less often.
func NoneBut(d dialect.Dialect, part, all Contents) string {
	return "NOT EXISTS (SELECT 1 FROM (\n" + newComparison(d, part, all, nil).carried() + "\n) AS " + d.Quote("differing") + " WHERE " + d.Quote("more") + " < 0)"
}

// CountLost selects how many values of a column are not as often in to as in from.
func CountLost(d dialect.Dialect, from, to Contents, column int) string {
	from.Columns, to.Columns = from.Columns[column:column+1], to.Columns[column:column+1]
	more := d.Quote("more")
	return "SELECT coalesce(sum(-" + more + "), 0) FROM (\n" + newComparison(d, from, to, nil).carried() + "\n) AS " + d.Quote("differing") + " WHERE " + more + " < 0"
}
