package compare

import (
	"github.com/tablesnap/tablesnap/dialect"
)

// Pair differs where a row of one table is not the same as its counterpart in another, to
// the last bit. Both have the same columns; the aliases are those of the tables in the
// statement.
type Pair struct {
	A, B           Contents
	AliasA, AliasB string
	// SameTypes states that both tables declare the columns with the same types.
	SameTypes bool
}

// Differ is an SQL condition: the two rows differ in one of the columns.
func (p Pair) Differ(d dialect.Dialect, s dialect.Syncer) string {
	before, after := p.A.readings(d, p.AliasA), p.B.readings(d, p.AliasB)
	parts := make([]string, len(before))
	for i := range before {
		a := dialect.SubqueryColumn{Name: before[i].Expr, From: p.A.Columns[i], To: p.B.Columns[i], Typing: before[i].Typing}
		if a.Typing == "" {
			a.Typing = after[i].Typing
		}
		b := a
		b.Name = after[i].Expr
		if p.SameTypes {
			a.Column = d.Quote(p.AliasA) + "." + d.Quote(p.A.Columns[i].Name)
			b.Column = d.Quote(p.AliasB) + "." + d.Quote(p.B.Columns[i].Name)
		}
		parts[i] = s.Differs(a, b)
	}
	return "(" + anyOf(parts) + ")"
}

// Only is the pair with some of its columns.
func (p Pair) Only(names ...string) Pair {
	only := func(c Contents) Contents {
		all := c.Columns
		c.Columns = nil
		for _, name := range names {
			for _, column := range all {
				if column.Name == name {
					c.Columns = append(c.Columns, column)
				}
			}
		}
		return c
	}
	p.A, p.B = only(p.A), only(p.B)
	return p
}
