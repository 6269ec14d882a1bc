package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/compare"
)

// Sample is what a table's first rows hold in columns that a source lacks. Planning reads
// only these rows, and the run reads all.
type Sample struct {
	Rows int64
	// Reset maps a column's name to the number of rows whose value an upload would
	// change.
	Reset map[string]int64
}

// Lacking are the columns whose values an upload would change because the file lacks
// them. They are the columns to sample; see [Input].
func Lacking(d dialect.Dialect, in Input) []dialect.Column {
	if in.Options.Strategy == dialect.Sync {
		return nil // rows that stay keep their values
	}
	c, _ := matchColumns(d, in)
	return c.lack
}

// LackingOfSnapshot is Lacking for a restore.
func LackingOfSnapshot(d dialect.Dialect, r RestoreInput) []dialect.Column {
	if r.Options.Strategy == dialect.Sync {
		return nil
	}
	c, _ := matchSnapshot(d, r)
	return c.lack
}

// reset are columns that may lose values. If the source has no rows, all values are lost,
// which is another hazard.
func (b builder) reset() []dialect.Column {
	return b.lacking(func(c dialect.Column) bool { return !c.Numbers() })
}

// renumbered are keys whose rows get new numbers.
func (b builder) renumbered() []dialect.Column {
	return b.lacking(dialect.Column.Numbers)
}

func (b builder) lacking(which func(dialect.Column) bool) []dialect.Column {
	counted := b.from == nil || !b.uncounted() && !b.portable()
	if b.table == nil || b.syncs() || !b.op.replacesRows() || counted && b.in.Source.Rows == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(b.columns.lack), func(c dialect.Column) bool { return !which(c) })
}

// renumbers says which keys would get new numbers. It is empty if the table is not known
// to have rows.
func (b builder) renumbers() string {
	keys, known := b.renumbered(), int64(0)
	if last := b.in.Target.Ledger.Last; last != nil {
		known = last.Rows
	}
	if s := b.in.Sample; s != nil {
		known = s.Rows
	}
	if len(keys) == 0 || known == 0 {
		return ""
	}
	return fmt.Sprintf("%s lacks %s, which the database numbers: all rows of %q would get new numbers, and what refers to the old ones would mean other rows",
		b.in.Source.Name, quoted(dialect.ColumnNames(keys)), b.ident().Name)
}

// resets says which columns would lose values. It is empty if the sampled rows have none.
func (b builder) resets() string {
	if b.in.Sample == nil {
		return ""
	}
	var found []string
	for _, c := range b.reset() {
		if n := b.in.Sample.Reset[c.Name]; n > 0 {
			found = append(found, fmt.Sprintf("%q (%d of the first %d looked at)", c.Name, n, b.in.Sample.Rows))
		}
	}
	if len(found) == 0 {
		return ""
	}
	return fmt.Sprintf("%s lacks columns of %q whose rows would lose their values to the default: %s", b.in.Source.Name, b.ident().Name, strings.Join(found, ", "))
}

// lackingAssertions check all rows for what the sample was checked for. Reading ends a
// SELECT so that it reads the current rows.
func (b builder) lackingAssertions(reading string) []Assertion {
	table, file := b.ident(), b.in.Source.Name
	var assertions []Assertion
	add := func(code Code, columns []dialect.Column, says, cond string, counts []string) {
		if len(columns) == 0 || b.allows(code) {
			return
		}
		p := b.assertion(says, cond)
		p.Hazard, p.Counts = code, &Counts{SQL: counts, Columns: dialect.ColumnNames(columns)}
		assertions = append(assertions, p)
	}
	keys, reset := b.renumbered(), b.reset()
	add(KeysRenumbered, keys, fmt.Sprintf("no row of %s gets a new number in %s, which %s lacks", table.Name, quoted(dialect.ColumnNames(keys)), file),
		compare.NoneReset(b.d, table, computed(keys), reading), compare.CountReset(b.d, table, computed(keys), reading))
	add(ColumnsReset, reset, fmt.Sprintf("no row of %s loses a value in %s, which %s lacks: each holds the column's default", table.Name, quoted(dialect.ColumnNames(reset)), file),
		compare.NoneReset(b.d, table, reset, reading), compare.CountReset(b.d, table, reset, reading))
	return assertions
}

// computed are columns that get a new value in every row.
func computed(columns []dialect.Column) []dialect.Column {
	columns = slices.Clone(columns)
	for i := range columns {
		columns[i].DefaultIs = dialect.ComputedDefault
	}
	return columns
}
