package mysql

import (
	"database/sql"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/internal/lookup"
)

// listing is a row of information_schema.tables.
type listing struct {
	name, kind                 string
	engine, options, collation *string
}

const selectListing = `SELECT table_name, table_type, engine, create_options, table_collation FROM information_schema.tables
	WHERE table_schema = ? AND `

// list reads the catalog's rows of the table, of the tables in beside, and of its
// preserved tables in one query.
func (in *inspection) list(table dialect.Ident, beside ...dialect.Ident) {
	args := []any{table.Schema, dialect.PreservedSuffix, table.Name}
	for _, i := range beside {
		args = append(args, i.Name)
	}
	in.listed = in.listings(selectListing+`(locate(?, table_name) > 1 OR table_name IN (?`+strings.Repeat(", ?", len(beside))+`)) ORDER BY table_name`, args...)
}

func (in *inspection) listings(query string, args ...any) (found []listing) {
	in.Each(func(r *sql.Rows) error {
		var l listing
		err := r.Scan(&l.name, &l.kind, &l.engine, &l.options, &l.collation)
		found = append(found, l)
		return err
	}, query, args...)
	return found
}

func (in *inspection) preserved(t dialect.Ident) []string {
	names := make([]string, len(in.listed))
	for i, l := range in.listed {
		names[i] = l.name
	}
	return lookup.Preserved(in.v, t.Name, names)
}

// listedAs is the listing of a name, or nil if there is no such table. If a name differs
// only in case, the server is asked whether it is the same, with =, since LIKE would also
// find others.
func (in *inspection) listedAs(i dialect.Ident) *listing {
	for _, l := range in.listed {
		if l.name == i.Name {
			return &l
		}
	}
	if !slices.ContainsFunc(in.listed, func(l listing) bool { return strings.EqualFold(l.name, i.Name) }) {
		return nil
	}
	if found := in.listings(selectListing+`table_name = ?`, i.Schema, i.Name); len(found) > 0 {
		return &found[0]
	}
	return nil
}

func (in *inspection) tableFacts(i dialect.Ident) *dialect.Table {
	l := in.listedAs(i)
	if l == nil {
		return nil
	}
	t := &dialect.Table{Ident: dialect.Ident{Schema: i.Schema, Name: l.name}, Kind: tableKind(l.kind)}
	if l.engine != nil && !in.hasTransactions(*l.engine) {
		t.Traits = append(t.Traits, traitNoTransactions+*l.engine)
	}
	t.Traits = append(t.Traits, tableTraits(l.kind, l.options)...)
	if l.collation != nil {
		t.Traits = append(t.Traits, traitCollation+*l.collation)
	}
	if in.isShadowed(t.Ident) {
		t.Kind = kindTemporary
	}
	return t
}

// hasTransactions asks the server about engines other than InnoDB.
func (in *inspection) hasTransactions(engine string) bool {
	return engine == "InnoDB" ||
		slices.Contains(in.Names(`SELECT transactions FROM information_schema.engines WHERE engine = ?`, engine), "YES")
}
