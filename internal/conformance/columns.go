package conformance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// columnTable is a table with columns of the family's types and an integer column n.
type columnTable struct {
	name    string
	columns []Column
}

// The number of columns in a shared table. More columns make fewer tables, but could
// exceed the server's limit on the length of a row, and a column that is refused keeps the
// others from being tried.
const (
	fewColumns  = 10
	manyColumns = 24
)

// outcome is what came of a check of a table with several columns.
type outcome string

const (
	checked outcome = "checked"
	// refusedOne means that the database or tablesnap refused a column, so that the others
	// were not checked.
	refusedOne outcome = "refused"
)

// eachColumnTable runs a check on tables that together have all columns of the family,
// one after the other, since inspection reads the whole schema. Another program fills
// them. Columns share a table, up to a number, where they can. If a shared table is
// refused, the check is run on each half of its columns.
func (w *world) eachColumnTable(columns int, check func(columnTable) outcome) {
	w.Helper()
	for _, shared := range w.family.columnsByTable(columns) {
		w.withColumns(shared, check)
	}
}

func (w *world) withColumns(columns []Column, check func(columnTable) outcome) {
	w.Helper()
	w.columnTables++
	t := columnTable{name: fmt.Sprintf("kept_%d", w.columnTables), columns: columns}
	w.other(t.create(w), "INSERT INTO "+t.name+" VALUES "+strings.Join(t.rows(), ", "))
	came := check(t)
	for _, name := range w.tables() {
		if strings.HasPrefix(name, "kept_") {
			w.other("DROP TABLE " + w.d.Quote(name))
		}
	}
	if half := len(columns) / 2; came == refusedOne && half > 0 {
		w.withColumns(columns[:half], check)
		w.withColumns(columns[half:], check)
	}
}

// columnsByTable divides the family's columns among tables of up to n columns.
func (d Database) columnsByTable(n int) [][]Column {
	var shared []Column
	var tables [][]Column
	for _, c := range d.Columns {
		switch {
		case !c.sharesATable():
			tables = append(tables, []Column{c})
		case c.Name == commonName:
			shared = append(shared, c.named(fmt.Sprintf("%s_%d", c.Name, len(shared))))
		default:
			shared = append(shared, c)
		}
	}
	return slices.AppendSeq(tables, slices.Chunk(shared, n))
}

// commonName is the name of columns that can have any.
const commonName = "value"

var commonNameInType = regexp.MustCompile(`\b` + commonName + `\b`)

// named returns the column with another name, also in its type's checks.
func (c Column) named(name string) Column {
	c.Name, c.Type = name, commonNameInType.ReplaceAllString(c.Type, name)
	return c
}

// sharesATable reports whether the column can be in one table with others: its type has no
// key or partition.
func (c Column) sharesATable() bool {
	alone := []string{"KEY", "UNIQUE", "EXCLUDE", "PARTITION"}
	return !slices.ContainsFunc(alone, func(word string) bool { return strings.Contains(c.Type, word) })
}

func (t columnTable) create(w *world) string {
	defs := []string{"n {int}"}
	for _, c := range t.columns {
		defs = append(defs, w.d.Quote(c.Name)+" "+c.Type)
	}
	return "CREATE TABLE " + t.name + " (" + strings.Join(defs, ", ") + ")"
}

// rows returns the rows as SQL, with each value of each column. Columns with fewer values
// are NULL in the remaining rows, or have their values again if they cannot be NULL.
func (t columnTable) rows() []string {
	rows := make([]string, t.len())
	for n := range rows {
		values := []string{fmt.Sprint(n)}
		for _, c := range t.columns {
			if n < len(c.Values) || !slices.Contains(c.Values, "NULL") {
				values = append(values, c.Values[n%len(c.Values)])
			} else {
				values = append(values, "NULL")
			}
		}
		rows[n] = "(" + strings.Join(values, ", ") + ")"
	}
	return rows
}

func (t columnTable) len() (rows int) {
	for _, c := range t.columns {
		rows = max(rows, len(c.Values))
	}
	return rows
}

// contents returns the exact values of t's columns from the table of, which is t itself
// or its backup table.
func (t columnTable) contents(w *world, of, where string) []string {
	w.Helper()
	names := []string{"n"}
	for _, c := range t.columns {
		names = append(names, c.Name)
	}
	return w.read(of, names, where, func(column string) string {
		for _, c := range t.columns {
			if c.Exact != nil && strings.HasSuffix(column, "."+w.d.Quote(c.Name)) {
				return c.Exact(column)
			}
		}
		return w.family.Words.Exact(column)
	})
}

// String returns the columns' types, for messages.
func (t columnTable) String() string {
	types := make([]string, len(t.columns))
	for i, c := range t.columns {
		types[i] = c.Type
	}
	return strings.Join(types, " | ")
}
