package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"slices"
	"strings"

	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/internal/lookup"
)

// Inspect reads only the catalog. It counts no rows.
func (d Dialect) Inspect(ctx context.Context, c dialect.Conn, table dialect.Reference) (dialect.Target, error) {
	return lookup.Inspect(func() (dialect.Target, error) { return d.inspect(ctx, c, table, lookup.WithDrops) }, vanished)
}

// InspectWithoutDrops saves a copy of the schema.
func (d Dialect) InspectWithoutDrops(ctx context.Context, c dialect.Conn, table dialect.Reference) (dialect.Target, error) {
	return lookup.Inspect(func() (dialect.Target, error) { return d.inspect(ctx, c, table, lookup.WithoutDrops) }, vanished)
}

// vanished reports whether a table no longer exists. tablesnap's own queries are valid,
// so any SQL error in them means that.
func vanished(err error) bool {
	var e *sqlitedriver.Error
	return errors.As(err, &e) && (e.Code() == sqlite3.SQLITE_ERROR || e.Code() == sqlite3.SQLITE_SCHEMA)
}

func (d Dialect) inspect(ctx context.Context, c dialect.Conn, table dialect.Reference, drops lookup.Drops) (dialect.Target, error) {
	t := dialect.Target{Format: dialect.TargetFormat, Server: dialect.Server{Dialect: Name}}
	in := inspection{Reader: lookup.Reader{Ctx: ctx, Conn: c}}
	found := in.find(table)
	t.Ident = dialect.Ident{Schema: mainSchema, Name: found}
	t.Table = in.table(t.Ident)
	t.Backup = in.table(t.Ident.InSchemaOf(dialect.SuffixedName(d, found, dialect.BackupSuffix)))
	t.Preserved = in.Names(`SELECT name FROM main.sqlite_master WHERE type = 'table'
		AND substr(name, 1, length(?1)) = ?1 ORDER BY name`, found+dialect.PreservedSuffix)
	t.Server.ReadersWait = in.readersWait()
	statistics := in.statistics()
	t.EstimatedRows = in.estimatedRows(found, statistics)
	t.Ledger, t.LastRun = in.ledger(found)
	if t.Table != nil {
		if drops == lookup.WithDrops {
			in.dryRunDrops(t.Table)
		}
		in.defaults(t.Table)
		in.indexDefinitions(t.Table)
		t.Statistics = statistics
	}
	return t, in.Inspected(table.Name.Text)
}

// find returns the catalog's spelling of a name, or the name that a new table will get.
func (in *inspection) find(table dialect.Reference) string {
	if schema := table.Schema.Text; schema != "" && !strings.EqualFold(schema, mainSchema) {
		if len(in.Names(`SELECT name FROM pragma_database_list WHERE name = ? COLLATE NOCASE`, schema)) > 0 {
			in.Fail(dialect.OtherSchema(table, "database", mainSchema, "open that file by a DSN of its own"))
		}
		in.Fail(dialect.NoSchema(table, "database"))
	}
	for _, name := range table.Name.Spellings() {
		found := in.Names(`SELECT name FROM main.sqlite_master WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE`, name)
		if len(found) > 0 {
			return found[0]
		}
	}
	return table.Name.Made()
}

// onConflict matches the clause with any blanks and comments in it.
var onConflict = regexp.MustCompile(`(?is)\bON(\s|/\*.*?\*/|--[^\n]*\n)+CONFLICT\b`)

// inspection reads what planning needs to know.
type inspection struct {
	lookup.Reader
}

// table returns the definition of a table or view, or nil if there is none.
func (in *inspection) table(i dialect.Ident) *dialect.Table {
	var t *dialect.Table
	in.Each(func(r *sql.Rows) error {
		var kind, definition string
		var strict bool
		t = &dialect.Table{Ident: i}
		err := r.Scan(&t.Ident.Name, &kind, &strict, &definition)
		t.Kind = tableKind(kind)
		if strict {
			t.Traits = append(t.Traits, traitStrict)
		}
		if onConflict.MatchString(definition) {
			t.Traits = append(t.Traits, traitOnConflict)
		}
		return err
	}, `SELECT l.name, `+typeOfTable+`, l.strict, coalesce(m.sql, '') FROM main.sqlite_master m
		JOIN pragma_table_list(m.name) l ON l.schema = 'main' AND l.name = m.name
		WHERE m.type IN ('table', 'view') AND m.name = ? COLLATE NOCASE`, i.Name)
	if t == nil {
		return nil
	}
	in.columns(t)
	if len(t.Columns) == 0 && t.Kind == dialect.BaseTable {
		in.Fail(lookup.ErrVanished)
	}
	in.indexes(t)
	in.foreignKeys(t)
	for i := range t.ReferencedBy {
		t.ReferencedBy[i].Occupied = in.occupied(t.ReferencedBy[i])
	}
	t.Triggers = in.Names(`SELECT name FROM main.sqlite_master
		WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE ORDER BY name`, t.Ident.Name)
	return t
}

// typeOfTable is SQLite's own type of a table, except for shadow tables of a module that
// this program lacks: SQLite reports those of a full-text index or an R-tree as tables
// (https://www.sqlite.org/vtab.html#the_xshadowname_method).
const typeOfTable = `CASE WHEN l.type = 'table' AND EXISTS (SELECT 1 FROM main.sqlite_master v
	JOIN (SELECT value AS suffix FROM json_each('["content", "segments", "segdir", "docsize", "stat", "data", "idx", "config", "node", "parent", "rowid"]'))
	WHERE v.type = 'table' AND substr(v.sql, 1, 20) = 'CREATE VIRTUAL TABLE' AND l.name = v.name || '_' || suffix COLLATE NOCASE)
	THEN 'shadow' ELSE l.type END`

func tableKind(kind string) dialect.TableKind {
	switch kind {
	case "table":
		return dialect.BaseTable
	case "view":
		return dialect.View
	default: // virtual tables, and the shadow tables in which they keep their data
		return dialect.VirtualTable
	}
}

func (in *inspection) columns(t *dialect.Table) {
	primary := map[int]string{}
	withoutRowid := false
	in.Each(func(r *sql.Rows) error {
		var c dialect.Column
		var notNull bool
		var pk, hidden int
		err := r.Scan(&c.Name, &c.Type, &notNull, &c.Default, &pk, &hidden, &withoutRowid)
		c.Nullable, c.JSON = !notNull, strings.EqualFold(c.Type, "JSON")
		c.Generated = map[int]dialect.Generated{2: dialect.GeneratedVirtual, 3: dialect.GeneratedStored}[hidden]
		if hidden == 1 {
			return err // a column of a virtual table that SELECT * does not show, such as FTS5's rank
		}
		t.Columns = append(t.Columns, c)
		if pk > 0 {
			primary[pk] = c.Name
		}
		return err
	}, `SELECT x.name, x.type, x."notnull", x.dflt_value, x.pk, x.hidden, l.wr
		FROM pragma_table_xinfo(?1, 'main') x JOIN pragma_table_list(?1) l ON l.schema = 'main' AND l.name = ?1
		ORDER BY x.cid`, t.Ident.Name)
	for i := range len(primary) {
		t.PrimaryKey = append(t.PrimaryKey, primary[i+1])
	}
	for i, c := range t.Columns {
		// https://www.sqlite.org/lang_createtable.html#rowid
		t.Columns[i].Assigned = len(primary) == 1 && c.Name == primary[1] && !withoutRowid && strings.EqualFold(c.Type, "INTEGER")
	}
}

// partly ends the columns of a unique index that is not about all rows.
const partly = "<where>"

// index is an index of a table, with its key.
type index struct {
	name                          string
	unique, partial, ofPrimaryKey bool
	key                           []keyColumn
}

// keyColumn is a column of an index with the collation that it sorts by, or an expression
// without one.
type keyColumn struct{ name, collation string }

func (i index) columns() (names []string) {
	for _, k := range i.key {
		names = append(names, k.name)
	}
	if i.unique && i.partial {
		names = append(names, partly)
	}
	return names
}

// indexes reads all indexes in one query. The primary key's is not among the unique ones, but
// counts first for the collations.
func (in *inspection) indexes(t *dialect.Table) {
	var all []index
	in.Each(func(r *sql.Rows) error {
		var i index
		var k keyColumn
		err := r.Scan(&i.name, &i.unique, &i.partial, &i.ofPrimaryKey, &k.name, &k.collation)
		if len(all) == 0 || all[len(all)-1].name != i.name {
			all = append(all, i)
		}
		last := &all[len(all)-1]
		last.key = append(last.key, k)
		return err
	}, `SELECT l.name, l."unique", l.partial, l.origin = 'pk', coalesce(x.name, '<expression>'), iif(x.name IS NULL, '', x.coll)
		FROM pragma_index_list(?1, 'main') l JOIN pragma_index_xinfo(l.name, 'main') x
		WHERE x.key ORDER BY l.origin <> 'pk', l.name, x.seqno`, t.Ident.Name)
	for _, i := range all {
		switch {
		case !i.unique:
			t.Indexes = append(t.Indexes, dialect.Index{Name: i.name, Columns: i.columns()})
		case !i.ofPrimaryKey:
			t.Uniques = append(t.Uniques, i.columns())
		}
	}
	t.Traits = append(t.Traits, collations(all)...)
}

// collations say by which collation a column of a key is unique. If several indexes have the
// column, the first counts.
func collations(all []index) (traits []string) {
	var noted []string
	for _, i := range all {
		for _, k := range i.key {
			if !i.unique || k.collation == "" || slices.Contains(noted, k.name) {
				continue
			}
			if noted = append(noted, k.name); k.collation != "BINARY" {
				traits = append(traits, collated+k.name+" "+k.collation)
			}
		}
	}
	return traits
}

// foreignKeys reads the references from and to a table. One of the table to itself is among
// the former.
func (in *inspection) foreignKeys(t *dialect.Table) {
	var keys []dialect.ForeignKey
	last := ""
	in.Each(func(r *sql.Rows) error {
		var child, parent, id, column, action string
		var refColumn *string
		if err := r.Scan(&child, &parent, &id, &column, &refColumn, &action); err != nil {
			return err
		}
		if at := child + "\x00" + id; at != last {
			last = at
			keys = append(keys, dialect.ForeignKey{
				Table:    dialect.Ident{Schema: mainSchema, Name: child},
				RefTable: dialect.Ident{Schema: mainSchema, Name: parent},
				OnDelete: action,
				// The session defers all references but these
				// (https://www.sqlite.org/foreignkeys.html#fk_actions).
				Waits: action != "RESTRICT",
			})
		}
		k := &keys[len(keys)-1]
		k.Columns = append(k.Columns, column)
		if refColumn != nil {
			k.RefColumns = append(k.RefColumns, *refColumn)
		}
		return nil
	}, `SELECT m.name, f."table", f.id, f."from", f."to", f.on_delete
		FROM main.sqlite_master m JOIN pragma_foreign_key_list(m.name, 'main') f
		WHERE m.type = 'table' AND instr(upper(m.sql), 'REFERENCES') > 0 AND (m.name = ?1 COLLATE NOCASE OR f."table" = ?1 COLLATE NOCASE)
		ORDER BY m.name, f.id, f.seq`, t.Ident.Name)
	for _, k := range keys {
		if (Dialect{}).SameName(k.Table.Name, t.Ident.Name) {
			t.ForeignKeys = append(t.ForeignKeys, k)
		} else {
			t.ReferencedBy = append(t.ReferencedBy, k)
		}
	}
}

// occupied reports whether any row refers to the target.
func (in *inspection) occupied(f dialect.ForeignKey) bool {
	d := Dialect{}
	var set []string
	for _, c := range f.Columns {
		set = append(set, d.Quote(f.Table.Name)+"."+d.Quote(c)+" IS NOT NULL")
	}
	return len(in.Names("SELECT 1 FROM "+d.QuoteTable(f.Table)+" WHERE "+strings.Join(set, " AND ")+" LIMIT 1")) > 0
}

// Namesakes returns no other spelling, since names that differ only in case are the same.
// It searches attached files too.
func (d Dialect) Namesakes(ctx context.Context, c dialect.Conn, missing dialect.Ident) (dialect.Namesakes, error) {
	in := inspection{Reader: lookup.Reader{Ctx: ctx, Conn: c}}
	found := dialect.Namesakes{Chosen: true, Reach: "open that file by a DSN of its own"}
	in.Each(func(r *sql.Rows) error {
		var i dialect.Ident
		err := r.Scan(&i.Schema, &i.Name)
		found.Elsewhere = append(found.Elsewhere, i)
		return err
	}, `SELECT schema, name FROM pragma_table_list WHERE schema <> ? AND name = ? COLLATE NOCASE ORDER BY schema`, mainSchema, missing.Name)
	shortest, longest := dialect.NearlyAsLong(missing.Name)
	found.Beside = in.Names(`SELECT name FROM pragma_table_list WHERE schema = ? AND type = 'table' AND length(name) BETWEEN ? AND ? ORDER BY name`, mainSchema, shortest, longest)
	return found, in.Err
}
