package plan

import (
	"slices"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
)

// TestOrderOfSets: a table comes after those that it refers to. In a cycle whose references are
// checked at the commit, a table that is no part of it still comes last.
func TestOrderOfSets(t *testing.T) {
	table := func(name string, waits bool, refersTo ...string) member {
		m := member{table: dialect.Table{Ident: dialect.Ident{Name: name}}, strategy: dialect.InPlace}
		for _, other := range refersTo {
			m.table.ForeignKeys = append(m.table.ForeignKeys, dialect.ForeignKey{RefTable: dialect.Ident{Name: other}, Waits: waits})
		}
		return m
	}
	for _, c := range []struct {
		members []member
		want    []string
	}{
		{[]member{table("badges", false, "people"), table("people", false, "countries"), table("countries", false)}, []string{"countries", "people", "badges"}},
		{[]member{table("badges", true, "people"), table("people", true, "teams"), table("teams", true, "people")}, []string{"people", "badges", "teams"}},
		{[]member{table("staff", false, "units"), table("units", false, "units")}, []string{"units", "staff"}},
	} {
		order, err := inOrder(sqlite.New(), c.members)
		if err != nil {
			t.Error(err)
		}
		var got []string
		for _, i := range order {
			got = append(got, c.members[i].table.Ident.Name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("the order is %q, want %q", got, c.want)
		}
	}
}
