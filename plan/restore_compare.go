package plan

import (
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// retyped is a column that had another type when its values were kept.
type retyped struct{ Kept, Now dialect.Column }

// hasAll is an SQL condition: every row that a condition chooses of one table is
// in the other, value by value. Each side is a UNION with nothing of the other
// one's columns, which brings both to one type: TiDB's EXCEPT would take '007'
// and 7 for the same. The columns are named, since MySQL makes a 1 of the * in an
// EXISTS. It is written by hand: go-sqlbuilder has no EXCEPT.
func hasAll(d dialect.Dialect, in, of dialect.Ident, where string, columns []retyped) string {
	var names, exprs []string
	comparer, ownTypes := dialect.As[dialect.Comparer](d)
	for _, c := range columns {
		name := d.Quote(c.Now.Name)
		expr := name
		if ownTypes {
			expr = comparer.Comparable(name, c.Kept, c.Now)
		}
		names, exprs = append(names, name), append(exprs, named(expr, name))
	}
	list := strings.Join(names, ", ")
	rows := func(from dialect.Ident, where string) string {
		return "SELECT " + strings.Join(exprs, ", ") + " FROM " + d.QuoteTable(from) + dialect.Where(where)
	}
	const nothing = "1 = 0"
	return "NOT EXISTS (SELECT " + list + " FROM (" + rows(of, where) + " UNION ALL " + rows(in, nothing) + ") AS " + d.Quote("kept") +
		" EXCEPT SELECT " + list + " FROM (" + rows(in, "") + " UNION ALL " + rows(of, nothing) + ") AS " + d.Quote("loaded") + ")"
}

func named(expr, name string) string {
	if expr == name {
		return name
	}
	return expr + " AS " + name
}
