package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/internal/lookup"
)

// ReadMaking reads the texts by which the table and its indexes were created. SQLite itself
// tells what is tied to the table: it renames an empty copy of it, in memory.
func (d Dialect) ReadMaking(ctx context.Context, c dialect.Conn, t dialect.Table) (dialect.Making, error) {
	in := inspection{Reader: lookup.Reader{Ctx: ctx, Conn: c}}
	m := dialect.Making{Tied: references(t), Create: in.Names(`SELECT sql FROM main.sqlite_master WHERE type = 'table' AND name = ?`, t.Ident.Name)}
	in.Each(func(r *sql.Rows) error {
		p := dialect.Part{Kind: dialect.IndexPart, Create: make([]string, 1)}
		var unique bool
		err := r.Scan(&p.Name, &p.Create[0], &unique)
		if unique {
			p.Kind = dialect.KeyPart
		}
		m.Parts = append(m.Parts, p)
		return err
	}, `SELECT m.name, m.sql, l."unique" FROM main.sqlite_master m JOIN pragma_index_list(?1, 'main') l ON l.name = m.name
		WHERE m.type = 'index' AND m.sql IS NOT NULL ORDER BY m.name`, t.Ident.Name)
	for _, stat := range in.statistics() {
		if len(in.Names(`SELECT tbl FROM main.`+d.Quote(stat)+` WHERE tbl = ? COLLATE NOCASE LIMIT 1`, t.Ident.Name)) > 0 {
			m.Statistics = append(m.Statistics, stat)
		}
	}
	m.Tied = append(m.Tied, in.temporary(t.Ident.Name)...)
	m.Tied = append(m.Tied, in.followers(t.Ident, m)...)
	for _, name := range in.Names(mentions+byName, t.Ident.Name) {
		if !slices.ContainsFunc(m.Tied, func(tied string) bool { return strings.HasSuffix(tied, " "+name) }) {
			m.Mentioned = append(m.Mentioned, name)
		}
	}
	return m, in.Inspected(t.Ident.Name)
}

// mentions are the views and triggers whose texts contain the name of a table.
const (
	mentions = `SELECT "name" FROM "main"."sqlite_master" WHERE "type" IN ('view', 'trigger') AND instr(lower("sql"), lower(?)) > 0`
	byName   = ` ORDER BY "name"`
)

// references are the foreign keys of the table, and those of other tables to it.
func references(t dialect.Table) (tied []string) {
	for _, f := range t.ForeignKeys {
		tied = append(tied, "foreign key to "+f.RefTable.Name)
	}
	for _, f := range t.ReferencedBy {
		tied = append(tied, "foreign key of "+f.Table.Name)
	}
	return tied
}

// temporary are the connection's own objects with or about the table's name.
func (in *inspection) temporary(table string) []string {
	return in.Names(`SELECT 'temporary ' || type || ' ' || name FROM temp.sqlite_master
		WHERE name = ?1 COLLATE NOCASE OR type IN ('view', 'trigger') AND instr(lower(sql), lower(?1)) > 0 ORDER BY name`, table)
}

// followers are the views, triggers and tables that SQLite would have follow the old table
// (https://www.sqlite.org/lang_altertable.html#alter_table_rename). It tries to rename a copy
// of the table in memory, and to make the table anew.
func (in *inspection) followers(t dialect.Ident, m dialect.Making) []string {
	if in.Err != nil {
		return nil
	}
	db, err := OpenFile("file::memory:", url.Values{}, time.Second)
	if err != nil {
		return []string{reason(err)}
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection to :memory: is a database of its own
	created := in.replay(db, in.schemaAround(t.Name), t.Name)
	copied := &inspection{Reader: lookup.Reader{Ctx: in.Ctx, Conn: db}}
	before := copied.texts(t.Name)
	d := Dialect{}
	kept := t.InSchemaOf(dialect.SuffixedName(d, t.Name, dialect.PreservedSuffix))
	r := d.Remake(dialect.Table{Ident: t}, dialect.Making{Create: m.Create, Parts: m.Parts}, kept)
	anew := slices.Concat([]dialect.Stmt{r.Keep}, r.SetAside, r.Create, r.Keys, r.Indexes)
	if !created {
		anew = r.Create // says why there is no copy
	}
	for _, s := range anew {
		if _, err := db.ExecContext(in.Ctx, s.SQL); err != nil {
			return []string{"its definition, by which SQLite makes no second table: " + reason(err)}
		}
	}
	after := copied.texts(kept.Name)
	var tied []string
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if after[name] != before[name] {
			tied = append(tied, name)
		}
	}
	in.Fail(copied.Err)
	return tied
}

// texts are the definitions of views, triggers and other tables, by their kinds and names. A
// trigger of the table itself counts as another text once the table has another name.
func (in *inspection) texts(table string) map[string]string {
	found := map[string]string{}
	in.Each(func(r *sql.Rows) error {
		var name, text string
		err := r.Scan(&name, &text)
		found[name] = text
		return err
	}, `SELECT type || ' ' || name, tbl_name || ' ' || sql FROM main.sqlite_master WHERE type <> 'index' AND name <> ? AND sql IS NOT NULL`, table)
	return found
}

// Remake renames the old table first, so that the new one can be made by the text of the old
// one. Nobody else sees either before the commit. An index cannot be renamed, and a snapshot
// needs none: it is dropped.
func (d Dialect) Remake(t dialect.Table, m dialect.Making, kept dialect.Ident) dialect.Remade {
	r := dialect.Remade{Into: t.Ident, Keep: d.RenameTable(t.Ident, kept)}
	var dropped, texts []string
	texts = append(texts, m.Create...)
	for _, s := range m.Create {
		r.Create = append(r.Create, dialect.Stmt{SQL: s})
	}
	for _, p := range m.Parts {
		dropped, texts = append(dropped, p.Name), append(texts, p.Create...)
		for _, s := range p.Create {
			if p.Kind == dialect.KeyPart {
				r.Keys = append(r.Keys, dialect.Stmt{SQL: s})
			} else {
				r.Indexes = append(r.Indexes, dialect.Stmt{SQL: s})
			}
		}
	}
	if len(dropped) > 0 {
		hide, show := d.moveStatistics(m.Statistics, dropped)
		r.SetAside, r.Indexes = append(r.SetAside, hide...), append(r.Indexes, show...)
	}
	for _, p := range m.Parts {
		r.SetAside = append(r.SetAside, dialect.Stmt{SQL: "DROP INDEX " + d.QuoteTable(t.Ident.InSchemaOf(p.Name))})
	}
	if slices.ContainsFunc(t.Columns, func(c dialect.Column) bool { return c.Assigned }) {
		r.Carry = []dialect.Stmt{{SQL: dialect.Wrap(fmt.Sprintf(`INSERT INTO "main"."sqlite_sequence" ("name", "seq") SELECT %s, "seq" FROM "main"."sqlite_sequence" WHERE "name" = %s`,
			text(t.Ident.Name), text(kept.Name))), Note: "the numbers of an AUTOINCREMENT go on where those of the old table end"}}
	}
	r.IsWhole = d.hasTexts(t.Ident, texts)
	r.AsPlanned = r.IsWhole + " AND " + isMentioned(t.Ident, m.Mentioned)
	return r
}

// moveStatistics hides what ANALYZE knows of indexes, which SQLite would forget with them, and
// shows it again (https://www.sqlite.org/fileformat2.html#the_sqlite_stat1_table). The name of
// no other index begins like the names that hide it.
func (d Dialect) moveStatistics(tables, indexes []string) (hide, show []dialect.Stmt) {
	const mark = "sqlite_tablesnap "
	hidden := make([]string, len(indexes))
	for i, name := range indexes {
		hidden[i] = mark + name
	}
	for _, stat := range tables {
		table := d.QuoteTable(dialect.Ident{Schema: mainSchema, Name: stat})
		hide = append(hide, dialect.Stmt{SQL: dialect.Wrap(fmt.Sprintf(`UPDATE %s SET "idx" = %s || "idx" WHERE "idx" IN (%s)`, table, text(mark), textList(indexes))),
			Note: "DROP INDEX would delete what ANALYZE knows of the indexes"})
		show = append(show, dialect.Stmt{SQL: dialect.Wrap(fmt.Sprintf(`UPDATE %s SET "idx" = substr("idx", %d) WHERE "idx" IN (%s)`, table, len(mark)+1, textList(hidden))),
			Note: "what ANALYZE knows of the indexes is theirs again"})
	}
	return hide, show
}

// hasTexts compares the texts by which a table and its indexes were created. SQLite stores
// them from the name on.
func (d Dialect) hasTexts(table dialect.Ident, texts []string) string {
	sorted := slices.Sorted(slices.Values(texts))
	return `(SELECT group_concat("sql", ' ') FROM (SELECT "sql" FROM "main"."sqlite_master" WHERE "tbl_name" = ` + text(table.Name) +
		` COLLATE NOCASE AND "type" IN ('table', 'index') AND "sql" IS NOT NULL ORDER BY "sql" COLLATE BINARY)) IS ` + d.onLines(strings.Join(sorted, " "))
}

// isMentioned compares the views and triggers that mention the table.
func isMentioned(table dialect.Ident, names []string) string {
	query := strings.Replace(mentions, "?", text(table.Name), 1)
	if len(names) == 0 {
		return "NOT EXISTS (" + query + ")"
	}
	return `(SELECT group_concat("name", ', ') FROM (` + query + byName + `)) IS ` + text(strings.Join(names, ", "))
}
