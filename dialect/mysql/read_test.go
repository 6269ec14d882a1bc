package mysql

import (
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/compare"
)

// TestLooksUp: a comparison carries only the keys of rows if the tables have a usable key.
func TestLooksUp(t *testing.T) {
	number := func(name string) dialect.Column { return dialect.Column{Name: name, Type: "int"} }
	table := func(name string, key ...string) compare.Contents {
		columns := []dialect.Column{number("a"), number("b")}
		return compare.Contents{Table: dialect.Table{Ident: dialect.Ident{Schema: "shop", Name: name}, Columns: append(columns, number("c")), PrimaryKey: key}, Columns: columns}
	}
	keyed := table("t", "a")
	for name, c := range map[string]struct {
		to   compare.Contents
		want bool
	}{
		"a key":                          {table("t_backup", "c"), true},
		"a key of two columns":           {table("t_backup", "b", "a"), true},
		"no key":                         {table("t_backup"), false},
		"a key that is compared in part": {table("t_backup", "a", "c"), false},
	} {
		for _, sides := range [][2]compare.Contents{{keyed, c.to}, {c.to, keyed}} {
			query, _ := compare.SelectDifferences(Dialect{}, sides[0], sides[1], []int{0})
			if got := strings.Count(query, "LEFT JOIN") == 2; got != c.want {
				t.Errorf("%s: looked up %t, want %t:\n%s", name, got, c.want, query)
			}
		}
	}
}
