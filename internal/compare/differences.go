package compare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// SelectDifferences selects the rows that are not as often in from as in to,
// which must have as many columns: the values, and how often more they are in to
// (negative: in from). Key are the places of columns that name a row; rows of the
// same key follow each other. The readings are those of to.
//
// It is one statement, so that it sees the database at one moment. The rows are
// grouped by all their bits, never by what a collation takes for the same.
func SelectDifferences(d dialect.Dialect, from, to Contents, key []int) (string, []dialect.Reading) {
	c := newComparison(d, from, to, key)
	// Only what is left is put in order: servers would keep all groups to sort them.
	query := "SELECT " + strings.Join(c.names, ", ") + ", " + d.Quote("more") + " FROM (\n" + c.differing() + "\n) AS " + d.Quote("differing")
	if len(key) > 0 {
		query += "\nORDER BY " + strings.Join(c.keyOrder(), ", ")
	}
	return query, c.after
}

// comparison is what the parts of the statement have in common.
type comparison struct {
	d             dialect.Dialect
	from, to      Contents
	before, after []dialect.Reading
	columns       []dialect.SubqueryColumn
	names         []string // of the columns, quoted
	side          string
	key           []int
	// ordered are the columns of the key that sort by another expression.
	ordered []int
}

func newComparison(d dialect.Dialect, from, to Contents, key []int) comparison {
	c := comparison{d: d, from: from, to: to, key: key, side: d.Quote("side"),
		before: from.readings(d, from.Table.Ident.Name), after: to.readings(d, to.Table.Ident.Name)}
	for i := range c.after {
		column := dialect.SubqueryColumn{Name: d.Quote(fmt.Sprint("c", i)), From: from.Columns[i], To: to.Columns[i], Typing: c.after[i].Typing}
		if column.Typing == "" {
			column.Typing = c.before[i].Typing
		}
		c.columns, c.names = append(c.columns, column), append(c.names, column.Name)
	}
	for _, k := range key {
		if c.before[k].Order != "" && c.after[k].Order != "" {
			c.ordered = append(c.ordered, k)
		}
	}
	return c
}

// differing selects the rows that differ.
func (c comparison) differing() string {
	finder, ok := dialect.As[dialect.RowFinder](c.d)
	if !ok {
		return c.carried()
	}
	fromKey, toKey := c.from.rowKey(finder), c.to.rowKey(finder)
	if len(fromKey) == 0 || len(toKey) == 0 {
		return c.carried()
	}
	return c.lookedUp(finder, fromKey, toKey)
}

// orderName is the quoted name of a column that holds what another is sorted by.
func (c comparison) orderName(k int) string { return c.d.Quote(fmt.Sprint("k", k)) }

// carried selects the rows that differ from groups that carry all values along.
func (c comparison) carried() string {
	rows := func(contents Contents, readings []dialect.Reading, sign string) string {
		var exprs []string
		for i, r := range readings {
			exprs = append(exprs, r.Expr+" AS "+c.names[i])
		}
		for _, k := range c.ordered {
			exprs = append(exprs, readings[k].Order+" AS "+c.orderName(k))
		}
		exprs = append(exprs, sign+" AS "+c.side)
		return "SELECT " + strings.Join(exprs, ", ") + contents.from(c.d)
	}
	grouped := slices.Clone(c.names)
	for _, k := range c.ordered {
		grouped = append(grouped, "min("+c.orderName(k)+") AS "+c.orderName(k))
	}
	return c.groups(grouped, rows(c.from, c.before, "-1"), rows(c.to, c.after, "1"), c.d.SameRow(c.columns))
}

// groups selects what is grouped of the rows of both sides where they are not as
// often in one as in the other.
func (c comparison) groups(grouped []string, before, after string, same []string) string {
	return c.d.Facts().SelectGroups + " " + strings.Join(append(grouped, "sum("+c.side+") AS "+c.d.Quote("more")), ", ") +
		" FROM (\n" + before + "\nUNION ALL\n" + after + "\n) AS " + c.d.Quote("both_sides") +
		"\nGROUP BY " + strings.Join(same, ", ") + "\nHAVING sum(" + c.side + ") <> 0"
}

// keyOrder sorts as people expect, and then so that the same keys, and no
// others, are together.
func (c comparison) keyOrder() []string {
	var natural []string
	var exact []dialect.SubqueryColumn
	for _, k := range c.key {
		exact = append(exact, c.columns[k])
		name := c.names[k]
		if slices.Contains(c.ordered, k) {
			name = c.orderName(k)
		}
		natural = append(natural, name)
	}
	return append(natural, c.d.SameRow(exact)...)
}

// rowKey are the columns by which a row that differs is looked up again. Rows that
// are the same in all that is compared must be the same in them, or there must be
// only one: else the least of each would be those of several rows.
func (c Contents) rowKey(finder dialect.RowFinder) []string {
	key := finder.RowKey(c.Table)
	notCompared := func(name string) bool {
		return !slices.ContainsFunc(c.Columns, func(col dialect.Column) bool { return col.Name == name })
	}
	if len(key) > 1 && slices.ContainsFunc(key, notCompared) {
		return nil
	}
	return key
}

// lookedUp selects the rows that differ by their keys, which is all that the groups
// carry along beside what tells rows apart. In the order of the keys, a large part
// of a table is read from one end to the other.
func (c comparison) lookedUp(finder dialect.RowFinder, fromKey, toKey []string) string {
	differing, more := c.d.Quote("differing_rows"), c.d.Quote("more")
	before := keyed{c.d, c.from, "from_row", "from_key", fromKey, "< 0"}
	after := keyed{c.d, c.to, "to_row", "to_key", toKey, "> 0"}
	keys := slices.Concat(before.keyNames(), after.keyNames())
	grouped := make([]string, len(keys))
	for i, name := range keys {
		grouped[i] = "min(" + name + ") AS " + name
	}
	rows := func(side keyed, readings []dialect.Reading, sign string) string {
		exprs := slices.Concat(c.same(readings), before.keyOf(side), after.keyOf(side), []string{sign + " AS " + c.side})
		return "SELECT " + strings.Join(exprs, ", ") + side.contents.from(c.d)
	}
	groups := c.groups(grouped, rows(before, c.before, "-1"), rows(after, c.after, "1"), c.sameNames()) + finder.InOrder(keys)
	old, now := c.from.readings(c.d, before.alias), c.to.readings(c.d, after.alias)
	either := func(old, now, name string) string {
		return "CASE WHEN " + differing + "." + more + " < 0 THEN " + old + " ELSE " + now + " END AS " + name
	}
	var exprs []string
	for i, name := range c.names {
		exprs = append(exprs, either(old[i].Expr, now[i].Expr, name))
	}
	for _, k := range c.ordered {
		exprs = append(exprs, either(old[k].Order, now[k].Order, c.orderName(k)))
	}
	return "SELECT " + strings.Join(append(exprs, differing+"."+more), ", ") + " FROM (\n" + groups + "\n) AS " + differing + before.join(differing) + after.join(differing)
}

// sameNames are the names of what tells rows apart, in a subquery.
func (c comparison) sameNames() []string {
	var names []string
	for i := range c.d.SameRow(c.columns) {
		names = append(names, c.d.Quote(fmt.Sprint("same", i)))
	}
	return names
}

// same are the columns of a subquery that tell apart the rows that it reads.
func (c comparison) same(readings []dialect.Reading) []string {
	read, names := slices.Clone(c.columns), c.sameNames()
	for i, r := range readings {
		read[i].Name = r.Expr
	}
	exprs := c.d.SameRow(read)
	for i := range exprs {
		exprs[i] += " AS " + names[i]
	}
	return exprs
}

// keyed is a side whose rows are looked up again.
type keyed struct {
	d        dialect.Dialect
	contents Contents
	// alias is the table's where a row is looked up, and prefix begins the names of
	// the columns that hold its key.
	alias, prefix string
	key           []string
	// more is how the sum of a row of this side compares.
	more string
}

func (k keyed) keyNames() []string {
	names := make([]string, len(k.key))
	for i := range k.key {
		names[i] = k.d.Quote(fmt.Sprint(k.prefix, i))
	}
	return names
}

// keyOf is the key as columns of a subquery that reads the rows of a side: NULL
// where that is the other one.
func (k keyed) keyOf(side keyed) []string {
	names := k.keyNames()
	for i, name := range names {
		value := "NULL"
		if k.prefix == side.prefix {
			value = k.d.Quote(k.contents.Table.Ident.Name) + "." + k.d.Quote(k.key[i])
		}
		names[i] = value + " AS " + name
	}
	return names
}

func (k keyed) join(differing string) string {
	on := []string{differing + "." + k.d.Quote("more") + " " + k.more}
	for i, name := range k.keyNames() {
		on = append(on, k.d.Quote(k.alias)+"."+k.d.Quote(k.key[i])+" = "+differing+"."+name)
	}
	return "\nLEFT JOIN " + k.d.QuoteTable(k.contents.Table.Ident) + " AS " + k.d.Quote(k.alias) + " ON " + strings.Join(on, " AND ")
}
