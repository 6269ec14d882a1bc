package postgres

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// ReadMaking lets PostgreSQL write the statements from its catalog.
func (d Dialect) ReadMaking(ctx context.Context, c dialect.Conn, t dialect.Table) (dialect.Making, error) {
	in := d.inspection(ctx, c)
	table, made := d.QuoteTable(t.Ident), d.QuoteTable(d.shadow(t.Ident))
	m := dialect.Making{Tied: in.Names(tied+listed, table)}
	m.Create = append(in.Names(createNew, table, made), in.Names(finishNew, table, made)...)
	in.Each(func(r *sql.Rows) error {
		var p dialect.Part
		var create string
		var comment, granted *string
		err := r.Scan(&p.Name, &create, &comment, &granted)
		p.Kind, p.Create = dialect.SequencePart, []string{create}
		for _, more := range []*string{comment, granted} {
			if more != nil {
				p.Create = append(p.Create, strings.Split(*more, separator)...)
			}
		}
		m.Parts = append(m.Parts, p)
		return err
	}, sequenceParts, table, made)
	in.Each(func(r *sql.Rows) error {
		var create string
		var isKey, isPlain bool
		p := dialect.Part{Kind: dialect.IndexPart}
		err := r.Scan(&p.Name, &isKey, &isPlain, &create)
		p.Create = strings.Split(create, separator)
		if isKey {
			p.Kind = dialect.KeyPart
		}
		if !isPlain {
			m.Tied = append(m.Tied, "index "+p.Name+", whose definition cannot be read")
		}
		m.Parts = append(m.Parts, p)
		return err
	}, indexParts, table, made)
	return m, in.Inspected(t.Ident.Name)
}

// separator stands between statements in a list that the catalog gives as one text.
const separator = "\x1f"

func (d Dialect) shadow(table dialect.Ident) dialect.Ident {
	return table.InSchemaOf(dialect.SuffixedName(d, table.Name, dialect.ShadowSuffix))
}

// Remake renames at the end, since whoever reads a table that is renamed waits for the
// commit. To rename an index keeps no reader out
// (https://www.postgresql.org/docs/current/sql-alterindex.html).
func (d Dialect) Remake(t dialect.Table, m dialect.Making, kept dialect.Ident) dialect.Remade {
	made := d.shadow(t.Ident)
	r := dialect.Remade{
		Into: made, Create: statements(m.Create),
		Keep: d.RenameTable(t.Ident, kept), Take: d.RenameTable(made, t.Ident),
		AsPlanned: "NOT EXISTS (" + d.about(tied, t.Ident, made) + ") AND " + d.hasParts(t.Ident, m.Parts),
		IsWhole:   d.about(isSame, t.Ident, made) + " AND " + d.sameGrants(t.Ident, made),
		IsUntied:  "NOT EXISTS (" + d.about(tied, kept, made) + ") AND " + d.sameGrants(kept, made),
	}
	suffix := kept.Name[max(0, strings.LastIndex(kept.Name, dialect.PreservedSuffix)):]
	for _, p := range m.Parts {
		aside := t.Ident.InSchemaOf(dialect.SuffixedName(d, p.Name, suffix))
		named := d.QuoteTable(t.Ident.InSchemaOf(p.Name))
		switch p.Kind {
		case dialect.SequencePart:
			r.SetAside = append(r.SetAside, dialect.Stmt{SQL: "ALTER SEQUENCE " + named + " RENAME TO " + d.Quote(aside.Name)})
			r.Create = append(r.Create, statements(p.Create)...)
			r.Carry = append(r.Carry, dialect.Stmt{SQL: "SELECT setval(" + text(named) + ", last_value, is_called) FROM " + d.QuoteTable(aside),
				Note: "the numbers go on where those of the old table end"})
		default:
			r.SetAside = append(r.SetAside, dialect.Stmt{SQL: "ALTER INDEX " + named + " RENAME TO " + d.Quote(aside.Name)})
			if p.Kind == dialect.KeyPart {
				r.Keys = append(r.Keys, statements(p.Create)...)
			} else {
				r.Indexes = append(r.Indexes, statements(p.Create)...)
			}
		}
	}
	return r
}

func (d Dialect) sameGrants(table, made dialect.Ident) string {
	return d.about(grantLines, made, made) + " = " + d.about(grantLines, table, made)
}

// about puts the names of the table and of the new table into a query.
func (d Dialect) about(query string, table, made dialect.Ident) string {
	return strings.NewReplacer("$1", text(d.QuoteTable(table)), "$2", text(d.QuoteTable(made)), "\n", " ", "\t", "").Replace(query)
}

// hasParts compares the names of the table's indexes and sequences with those that were found.
func (d Dialect) hasParts(table dialect.Ident, found []dialect.Part) string {
	query := d.about(parts, table, table)
	if len(found) == 0 {
		return "NOT EXISTS (" + query + ")"
	}
	names := make([]string, len(found))
	for i, p := range found {
		names[i] = p.Name
	}
	slices.Sort(names)
	return "(SELECT string_agg(p.relname, ', ' ORDER BY p.relname COLLATE \"C\") FROM (" + query + ") AS p) = " + text(strings.Join(names, ", "))
}

func statements(sql []string) []dialect.Stmt {
	stmts := make([]dialect.Stmt, len(sql))
	for i, s := range sql {
		stmts[i].SQL = dialect.Wrap(s)
	}
	return stmts
}
