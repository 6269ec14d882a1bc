package compare

import (
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// Contents are rows that stand in a table: all of them, or those of one version.
type Contents struct {
	Table dialect.Table
	// Columns are those to be read, in their order.
	Columns []dialect.Column
	// VersionColumn, where it is set, holds the Version of each row.
	VersionColumn string
	Version       int64
	// Where is a condition of all rows to be read, in place of a version.
	Where string
}

// SelectContents selects the readings of all columns. OrderBy is a column of the
// table, or empty.
func SelectContents(d dialect.Dialect, c Contents, orderBy string) (string, []dialect.Reading) {
	readings := c.readings(d, c.Table.Ident.Name)
	exprs := make([]string, len(readings))
	for i, r := range readings {
		exprs[i] = r.Expr
	}
	query := "SELECT " + strings.Join(exprs, ", ") + c.from(d)
	if orderBy != "" {
		query += " ORDER BY " + d.Quote(c.Table.Ident.Name) + "." + d.Quote(orderBy)
	}
	return query, readings
}

// readings read the columns of the table, or of an alias that it has.
func (c Contents) readings(d dialect.Dialect, table string) []dialect.Reading {
	readings := make([]dialect.Reading, len(c.Columns))
	for i, col := range c.Columns {
		readings[i] = d.Reading(c.Table, col, d.Quote(table)+"."+d.Quote(col.Name))
	}
	return readings
}

func (c Contents) from(d dialect.Dialect) string {
	from := " FROM " + d.QuoteTable(c.Table.Ident)
	if c.VersionColumn != "" {
		from += " WHERE " + d.Quote(c.Table.Ident.Name) + "." + d.Quote(c.VersionColumn) + " = " + strconv.FormatInt(c.Version, 10)
	}
	if c.Where != "" {
		from += " WHERE " + c.Where
	}
	return from
}
