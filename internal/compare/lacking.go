package compare

import (
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// IsReset is an SQL condition: a row of the table would have another value in c if
// it were inserted anew without one. A default that is computed gives each row a
// new value, whatever it holds.
func IsReset(d dialect.Dialect, c dialect.Column) string {
	switch {
	case c.DefaultIs == dialect.ComputedDefault:
		return "1 = 1"
	case c.Default == nil:
		return d.Quote(c.Name) + " IS NOT NULL"
	default:
		return d.NotDefault(c)
	}
}

// NoneReset is an SQL condition: no row of the table would have another value in
// one of the columns. Reading ends the SELECT.
func NoneReset(d dialect.Dialect, table dialect.Ident, columns []dialect.Column, reading string) string {
	conditions := make([]string, len(columns))
	for i, c := range columns {
		conditions[i] = IsReset(d, c)
	}
	return "NOT EXISTS (SELECT 1 FROM " + d.QuoteTable(table) + " WHERE " + anyOf(conditions) + reading + ")"
}

// CountReset selects, for each of the columns, in how many rows it would have
// another value.
func CountReset(d dialect.Dialect, table dialect.Ident, columns []dialect.Column, reading string) []string {
	counts := make([]string, len(columns))
	for i, c := range columns {
		counts[i] = "SELECT count(*) FROM " + d.QuoteTable(table) + " WHERE " + IsReset(d, c) + reading
	}
	return counts
}

// SampleReset is CountReset of the first rows, with their number ahead: it reads no
// more of them than limit.
func SampleReset(d dialect.Dialect, table dialect.Ident, columns []dialect.Column, limit int64) string {
	flags, counts := []string{"1 AS " + d.Quote("r")}, []string{"count(*)"}
	for i, c := range columns {
		name := d.Quote(fmt.Sprint("c", i))
		flags, counts = append(flags, "CASE WHEN "+IsReset(d, c)+" THEN 1 ELSE 0 END AS "+name), append(counts, sumOf(name+" = 1"))
	}
	return fmt.Sprintf("SELECT %s FROM (SELECT %s FROM %s LIMIT %d) AS %s", strings.Join(counts, ", "), strings.Join(flags, ", "), d.QuoteTable(table), limit, d.Quote("first_rows"))
}

// CountUpTo selects the number of rows, and reads no more of them than limit.
func CountUpTo(d dialect.Dialect, table dialect.Ident, limit int64) string {
	return SampleReset(d, table, nil, limit)
}

func sumOf(condition string) string {
	return "coalesce(sum(CASE WHEN " + condition + " THEN 1 ELSE 0 END), 0)"
}
