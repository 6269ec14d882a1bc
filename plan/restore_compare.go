package plan

import (
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// retyped is a column whose type has changed since its values were kept.
type retyped struct{ Kept, Now dialect.Column }

// hasAll is an SQL condition that is true if every row of one table that where selects is
// also in the other table, with equal values. Each side is a UNION with an empty
// selection of the other side's columns, which gives both the same types; otherwise
// TiDB's EXCEPT would treat '007' and 7 as equal. The columns are named, because MySQL
// replaces * in an EXISTS by 1. It is written by hand, since go-sqlbuilder has no EXCEPT.
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
