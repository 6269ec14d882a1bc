package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/compare"
)

// Sample is what the first rows of a table hold in the columns that a source
// lacks: planning looks at no more of them, and the run at all.
type Sample struct {
	Rows int64
	// Reset is, for a column's name, how many of the rows hold another value than
	// the one that they would get.
	Reset map[string]int64
}

// Lacking are the columns of the table that an upload would give other values to,
// since the file lacks them. It is what to sample; see [Input].
func Lacking(d dialect.Dialect, in Input) []dialect.Column {
	c, _ := matchColumns(d, in)
	return c.lack
}

// LackingOfSnapshot is Lacking for a restore.
func LackingOfSnapshot(d dialect.Dialect, r RestoreInput) []dialect.Column {
	c, _ := matchSnapshot(d, r)
	return c.lack
}

// reset are the columns that may lose values. Without rows to come, all values go,
// which is another hazard.
func (b builder) reset() []dialect.Column {
	return b.lacking(func(c dialect.Column) bool { return !c.Numbers() })
}

// renumbered are the keys whose rows get new numbers.
func (b builder) renumbered() []dialect.Column {
	return b.lacking(dialect.Column.Numbers)
}

func (b builder) lacking(which func(dialect.Column) bool) []dialect.Column {
	counted := b.from == nil || !b.uncounted() && !b.portable()
	if b.table == nil || !b.op.replacesRows() || counted && b.in.Source.Rows == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(b.columns.lack), func(c dialect.Column) bool { return !which(c) })
}

// renumbers says which keys would get new numbers, empty where there are no rows
// as far as anybody has looked.
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

// resets says which columns would lose values, empty where the first rows have none.
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

// lackingAssertions hold what the sample has shown against all rows. Reading ends a
// SELECT that reads them as they stand.
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
