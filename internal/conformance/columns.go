package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// columnTable is a table with columns of the family's types and an integer column n.
type columnTable struct {
	name    string
	columns []Column
}

// columnsOfATable is the number of columns in a shared table. More columns make fewer
// tables, but could exceed the server's limit on the length of a row.
const columnsOfATable = 10

// eachColumnTable runs a check on tables that together have all columns of the family,
// one after the other, since inspection reads the whole schema. Another program fills
// them. Columns share a table where they can.
func (w *world) eachColumnTable(check func(columnTable)) {
	w.Helper()
	for i, columns := range w.family.columnsByTable() {
		t := columnTable{name: fmt.Sprintf("kept_%d", i), columns: columns}
		w.other(t.create(w), "INSERT INTO "+t.name+" VALUES "+strings.Join(t.rows(), ", "))
		check(t)
		for _, name := range w.tables() {
			if strings.HasPrefix(name, "kept_") {
				w.other("DROP TABLE " + w.d.Quote(name))
			}
		}
	}
}

func (d Database) columnsByTable() [][]Column {
	var shared []Column
	var tables [][]Column
	for _, c := range d.Columns {
		if c.sharesATable() {
			c.Name = fmt.Sprintf("%s_%d", c.Name, len(shared))
			shared = append(shared, c)
		} else {
			tables = append(tables, []Column{c})
		}
	}
	return slices.AppendSeq(tables, slices.Chunk(shared, columnsOfATable))
}

// sharesATable reports whether the column can be in one table with others: it can be
// renamed, takes NULL, and its type has no key or partition and does not refer to its own
// name.
func (c Column) sharesATable() bool {
	alone := []string{"KEY", "UNIQUE", "EXCLUDE", "PARTITION", "value"}
	return c.Name == "value" && slices.Contains(c.Values, "NULL") &&
		!slices.ContainsFunc(alone, func(word string) bool { return strings.Contains(c.Type, word) })
}

func (t columnTable) create(w *world) string {
	defs := []string{"n {int}"}
	for _, c := range t.columns {
		defs = append(defs, w.d.Quote(c.Name)+" "+c.Type)
	}
	return "CREATE TABLE " + t.name + " (" + strings.Join(defs, ", ") + ")"
}

// rows returns the rows as SQL, with each value of each column. Columns with fewer values
// are NULL in the remaining rows.
func (t columnTable) rows() []string {
	rows := make([]string, t.len())
	for n := range rows {
		values := []string{fmt.Sprint(n)}
		for _, c := range t.columns {
			if n < len(c.Values) {
				values = append(values, c.Values[n])
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
