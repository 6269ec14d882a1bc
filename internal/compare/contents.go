package compare

import (
	"fmt"
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
	// First and Last, unless both are 0, bound the numbers of the version's rows; see
	// [SelectSpan].
	First, Last int64
	// Where is a condition of all rows to be read, in place of a version.
	Where string
}

// SelectSpan selects the number of a version's rows, and First and Last, with which they are
// read in the order in which they lie in the table, without its index on the version. It is
// empty if there is no version, or if its rows are not numbered.
func SelectSpan(d dialect.Dialect, c Contents) string {
	number, ok := c.number(d)
	if c.VersionColumn == "" || !ok || !d.Reading(c.Table, number, d.Quote(number.Name)).Whole {
		return ""
	}
	quoted := d.Quote(number.Name)
	return "SELECT count(*), coalesce(min(" + quoted + "), 0), coalesce(max(" + quoted + "), 0) FROM " + d.QuoteTable(c.Table.Ident) +
		" WHERE " + dialect.OfVersion(d, c.VersionColumn, c.Version)
}

// number is the column that numbers the rows of a backup table.
func (c Contents) number(d dialect.Dialect) (dialect.Column, bool) {
	if len(c.Table.PrimaryKey) != 1 {
		return dialect.Column{}, false
	}
	return c.Table.Column(c.Table.PrimaryKey[0], d.SameName)
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
		from += " WHERE " + c.ofVersion(d)
	}
	if c.Where != "" {
		from += " WHERE " + c.Where
	}
	return from
}

// ofVersion is the condition of a version's rows. An expression is no reason for the database
// to look up each row by the index on the version.
func (c Contents) ofVersion(d dialect.Dialect) string {
	table := d.Quote(c.Table.Ident.Name) + "."
	version, is := table+d.Quote(c.VersionColumn), " = "+strconv.FormatInt(c.Version, 10)
	if c.First == 0 && c.Last == 0 {
		return version + is
	}
	number, _ := c.number(d)
	return fmt.Sprintf("%s%s BETWEEN %d AND %d AND %s + 0%s", table, d.Quote(number.Name), c.First, c.Last, version, is)
}
