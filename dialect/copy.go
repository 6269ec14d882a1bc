package dialect

import "github.com/huandu/go-sqlbuilder"

// Computed is a column and the SQL expression for its value.
type Computed struct{ Column, Expr string }

// InsertSelect returns the INSERT and the SELECT of a copy.
func InsertSelect(d Dialect, c Copy) (insert, query string) {
	into, read := c.parts(d)
	flavor := d.Facts().Flavor
	insert, _ = flavor.NewInsertBuilder().InsertInto(d.QuoteTable(c.To)).Cols(into...).Build()
	rows := flavor.NewSelectBuilder().Select(sqlbuilder.EscapeAll(read...)...).From(sqlbuilder.Escape(d.QuoteTable(c.From)))
	if c.Where != "" {
		rows.Where(sqlbuilder.Escape(c.Where))
	}
	query, _ = rows.Build()
	return insert, query
}

// parts returns the columns that a copy fills, and the expression for each.
func (c Copy) parts(d Names) (into, read []string) {
	for _, f := range c.Fixed {
		into, read = append(into, d.Quote(f.Column)), append(read, d.Literal(f.Value))
	}
	for _, v := range c.Computed {
		into, read = append(into, d.Quote(v.Column)), append(read, v.Expr)
	}
	for _, name := range c.Columns {
		into = append(into, d.Quote(name))
		read = append(read, d.Quote(c.From.Name)+"."+d.Quote(name))
	}
	return into, read
}
