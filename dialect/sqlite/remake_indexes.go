package sqlite

import (
	"database/sql"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// statistics are the tables in which ANALYZE stores what it finds, if it was ever run.
func (in *inspection) statistics() []string {
	return in.Names(`SELECT name FROM main.sqlite_master WHERE type = 'table' AND name GLOB 'sqlite_stat[0-9]' ORDER BY name`)
}

// indexDefinitions copies the texts of indexes that cannot reject a row: not those of an
// expression, a generated column or a condition, since a function in it may fail on a value. A
// comment at a text's end would hide the semicolon of a script.
func (in *inspection) indexDefinitions(t *dialect.Table) {
	if len(t.Indexes) == 0 {
		return
	}
	in.Each(func(r *sql.Rows) error {
		var name, definition string
		err := r.Scan(&name, &definition)
		if i := slices.IndexFunc(t.Indexes, func(index dialect.Index) bool { return index.Name == name }); i >= 0 {
			t.Indexes[i].Definition = definition
		}
		return err
	}, `SELECT m.name, m.sql FROM main.sqlite_master m JOIN pragma_index_list(?1, 'main') l ON l.name = m.name
		WHERE m.type = 'index' AND instr(m.sql, ?2) = 1 AND NOT l.partial AND instr(m.sql, '--') = 0 AND instr(m.sql, '/*') = 0
		AND NOT EXISTS (SELECT 1 FROM pragma_index_info(m.name, 'main') k
			LEFT JOIN pragma_table_xinfo(?1, 'main') c ON c.cid = k.cid WHERE k.cid = -2 OR c.hidden > 0)`, t.Ident.Name, stored)
}

// RemakeIndexes is about the indexes by which nothing is looked up during the load: a
// trigger may use any of them, and SQLite finds the rows that refer to a row by one that begins
// with their column (https://www.sqlite.org/foreignkeys.html#fk_indexes).
func (d Dialect) RemakeIndexes(t dialect.Target) (r dialect.RemadeIndexes) {
	if len(t.Table.Triggers) > 0 {
		return r
	}
	var names, texts []string
	var drop, create []dialect.Stmt
	for _, index := range t.Table.Indexes {
		if index.Definition == "" || refersBy(*t.Table, index.Columns[0]) {
			continue
		}
		names, texts = append(names, index.Name), append(texts, index.Definition)
		drop = append(drop, dialect.Stmt{SQL: "DROP INDEX " + d.QuoteTable(t.Table.Ident.InSchemaOf(index.Name))})
		create = append(create, d.createIn(t.Table.Ident, index.Definition))
	}
	if len(names) == 0 {
		return r
	}
	drop[0].Note = "it is made after the rows, which takes less time than to keep it up to date"
	hide, show := d.moveStatistics(t.Statistics, names)
	return dialect.RemadeIndexes{
		Drop: append(hide, drop...), Create: append(create, show...),
		AsPlanned: d.hasIndexes(t.Table.Ident, names, texts) + " AND " + d.hasStatistics(t.Statistics),
	}
}

// stored begins the text of an index that is not unique. SQLite stores it without the schema.
const stored = "CREATE INDEX "

// createIn names the schema, so that a temporary table of the same name is not meant.
func (d Dialect) createIn(table dialect.Ident, definition string) dialect.Stmt {
	return dialect.Stmt{SQL: stored + d.Quote(table.Schema) + "." + strings.TrimPrefix(definition, stored)}
}

func refersBy(t dialect.Table, column string) bool {
	return slices.ContainsFunc(t.ForeignKeys, func(f dialect.ForeignKey) bool {
		return slices.ContainsFunc(f.Columns, func(c string) bool { return Dialect{}.SameName(c, column) })
	})
}

// hasIndexes compares the texts by which indexes of the table were created, in the order of
// their names.
func (d Dialect) hasIndexes(table dialect.Ident, names, texts []string) string {
	return `(SELECT group_concat("sql", ' ') FROM (SELECT "sql" FROM "main"."sqlite_master" WHERE "type" = 'index' AND "tbl_name" = ` + text(table.Name) +
		` COLLATE NOCASE AND "name" IN (` + textList(names) + `) ORDER BY "name" COLLATE BINARY)) IS ` + d.onLines(strings.Join(texts, " "))
}

// hasStatistics compares the tables whose rows would be deleted with an index.
func (d Dialect) hasStatistics(tables []string) string {
	const found = `FROM "main"."sqlite_master" WHERE "type" = 'table' AND "name" GLOB 'sqlite_stat[0-9]'`
	if len(tables) == 0 {
		return "NOT EXISTS (SELECT 1 " + found + ")"
	}
	return `(SELECT group_concat("name", ', ') FROM (SELECT "name" ` + found + ` ORDER BY "name")) IS ` + text(strings.Join(tables, ", "))
}
