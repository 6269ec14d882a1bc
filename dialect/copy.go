package dialect

// Computed is a column and the SQL expression for its value.
type Computed struct{ Column, Expr string }

// Parts are the parts of a copy's statement: the columns that it fills, and what
// it reads for them.
func (c Copy) Parts(d Names) (into, read []string) {
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
