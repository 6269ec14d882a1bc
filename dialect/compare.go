package dialect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/rowsource"
)

// Reads are the words with which a family reads values exactly.
type Reads interface {
	// Reading reads the values of column c of table t, of which expr is the SQL
	// expression.
	Reading(t Table, c Column, expr string) Reading
	// SameRow are the expressions by which rows must be grouped so that two of
	// them are in one group exactly where all their values are the same, bit for
	// bit. The values are columns of a subquery that holds readings.
	SameRow(values []SubqueryColumn) []string
	// SelectGroups begins a SELECT that groups as many rows as tables have.
	SelectGroups() string
	// CreateTemporary makes t as a table that only the session sees and that ends
	// with it, in a transaction or not, and returns its name.
	CreateTemporary(t Table) (Ident, []Stmt)
}

// Reading is how a column's values are read so that a load of what was read
// stores the same again: as text, as bytes, or as numbers where the family keeps
// them apart from their text.
type Reading struct {
	// Expr is the SQL expression. Where the value is text it is one that compares
	// and sorts by its characters, whatever the column's collation.
	Expr string
	// Order is an expression that sorts as people expect where Expr does not, such
	// as that of a number read as text.
	Order string
	// Bytes is what a []byte of the driver is: [rowsource.KindText] or
	// [rowsource.KindBlob].
	Bytes rowsource.Kind
	// Typing is ByValue where the column keeps a number apart from the same
	// number as text.
	Typing Typing
}

// Typing says whether a column or each of its values has the type.
type Typing string

// ByValue is the typing of a column that takes each value with its own type.
const ByValue Typing = "by value"

// SubqueryColumn is a column of a subquery that holds a reading.
type SubqueryColumn struct {
	// Name is quoted.
	Name string
	// Column is what was read, on either side.
	From, To Column
	// Typing is ByValue where it is on either side.
	Typing Typing
}

// Contents are rows that stand in a table: all of them, or those of one version.
type Contents struct {
	Table Table
	// Columns are those to be read, in their order.
	Columns []Column
	// VersionColumn, where it is set, holds the Version of each row.
	VersionColumn string
	Version       int64
}

// SelectContents selects the readings of all columns. OrderBy is a column of the
// table, or empty.
func SelectContents(d Dialect, c Contents, orderBy string) (string, []Reading) {
	readings := c.readings(d)
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

func (c Contents) readings(d Dialect) []Reading {
	readings := make([]Reading, len(c.Columns))
	for i, col := range c.Columns {
		readings[i] = d.Reading(c.Table, col, d.Quote(c.Table.Ident.Name)+"."+d.Quote(col.Name))
	}
	return readings
}

func (c Contents) from(d Dialect) string {
	from := " FROM " + d.QuoteTable(c.Table.Ident)
	if c.VersionColumn != "" {
		from += " WHERE " + d.Quote(c.Table.Ident.Name) + "." + d.Quote(c.VersionColumn) + " = " + strconv.FormatInt(c.Version, 10)
	}
	return from
}

// SelectDifferences selects the rows that are not as often in from as in to,
// which must have as many columns: the values, and how often more they are in to
// (negative: in from). Key are the places of columns that name a row; rows of the
// same key follow each other. The readings are those of to.
//
// It is one statement, so that it sees the database at one moment. The rows are
// grouped by all their bits, never by what a collation takes for the same.
func SelectDifferences(d Dialect, from, to Contents, key []int) (string, []Reading) {
	before, after := from.readings(d), to.readings(d)
	columns := make([]SubqueryColumn, len(after))
	names := make([]string, len(after))
	for i := range after {
		columns[i] = SubqueryColumn{Name: d.Quote(fmt.Sprint("c", i)), From: from.Columns[i], To: to.Columns[i], Typing: after[i].Typing}
		if columns[i].Typing == "" {
			columns[i].Typing = before[i].Typing
		}
		names[i] = columns[i].Name
	}
	side, ordered := d.Quote("side"), numericKey(before, after, key)
	rows := func(c Contents, readings []Reading, sign string) string {
		exprs := make([]string, 0, len(readings)+len(ordered)+1)
		for i, r := range readings {
			exprs = append(exprs, r.Expr+" AS "+names[i])
		}
		for _, k := range ordered {
			exprs = append(exprs, readings[k].Order+" AS "+d.Quote(fmt.Sprint("k", k)))
		}
		exprs = append(exprs, sign+" AS "+side)
		return "SELECT " + strings.Join(exprs, ", ") + c.from(d)
	}
	grouped := append(slices.Clone(names), "sum("+side+") AS "+d.Quote("more"))
	for _, k := range ordered {
		name := d.Quote(fmt.Sprint("k", k))
		grouped = append(grouped, "min("+name+") AS "+name)
	}
	differing := d.SelectGroups() + " " + strings.Join(grouped, ", ") + " FROM (\n" + rows(from, before, "-1") + "\nUNION ALL\n" + rows(to, after, "1") +
		"\n) AS " + d.Quote("both_sides") + "\nGROUP BY " + strings.Join(d.SameRow(columns), ", ") + "\nHAVING sum(" + side + ") <> 0"
	// Only what is left is put in order: servers would keep all groups to sort them.
	query := "SELECT " + strings.Join(names, ", ") + ", " + d.Quote("more") + " FROM (\n" + differing + "\n) AS " + d.Quote("differing")
	if len(key) > 0 {
		query += "\nORDER BY " + strings.Join(keyOrder(d, columns, key, ordered), ", ")
	}
	return query, after
}

// numericKey are the columns of the key that sort by another expression.
func numericKey(before, after []Reading, key []int) (ordered []int) {
	for _, k := range key {
		if before[k].Order != "" && after[k].Order != "" {
			ordered = append(ordered, k)
		}
	}
	return ordered
}

// keyOrder sorts as people expect, and then so that the same keys, and no
// others, are together.
func keyOrder(d Dialect, columns []SubqueryColumn, key, ordered []int) []string {
	var natural []string
	var exact []SubqueryColumn
	for _, k := range key {
		exact = append(exact, columns[k])
	}
	for _, k := range ordered {
		natural = append(natural, d.Quote(fmt.Sprint("k", k)))
	}
	if len(ordered) < len(key) {
		for _, c := range exact {
			natural = append(natural, c.Name)
		}
	}
	return append(natural, d.SameRow(exact)...)
}
