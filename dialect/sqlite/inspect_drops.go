package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/tablesnap/tablesnap/dialect"
)

// dryRunDrops tries to drop columns in an empty copy of the schema, in memory. SQLite
// then reports every key, index, view and trigger that prevents it. The database itself
// is not changed.
func (in *inspection) dryRunDrops(t *dialect.Table) {
	if t.Kind != dialect.BaseTable || in.Err != nil {
		return
	}
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		in.Err = err
		return
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection to :memory: is a database of its own
	schema := in.schemaAround(t.Ident.Name)
	if !in.replay(db, schema, t.Ident.Name) {
		return // it needs a module or collation that this program lacks
	}
	triggers := triggersOf(schema)
	breaks := dropBreaks(t.Columns, namedElsewhere(*t, schema), func(column string) string {
		return cmp.Or(tryDrop(in.Ctx, db, t.Ident, column), triggerThatSets(triggers, t.Ident.Name, column))
	})
	for i := range breaks {
		t.Columns[i].DropBreaks = breaks[i]
	}
}

// object is a table, an index, a view or a trigger, with the text that creates it.
type object struct{ kind, name, sql string }

// schemaAround is what may depend on the table, in an order in which it can be created: the
// table itself, its indexes, and tables that refer to any. If there are views or triggers,
// which may name other tables, it is the whole schema.
func (in *inspection) schemaAround(table string) (schema []object) {
	in.Each(func(r *sql.Rows) error {
		var o object
		err := r.Scan(&o.kind, &o.name, &o.sql)
		schema = append(schema, o)
		return err
	}, `SELECT type, name, sql FROM main.sqlite_master WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*'
		AND (tbl_name = ? OR type = 'table' AND instr(upper(sql), 'REFERENCES') > 0
			OR EXISTS (SELECT 1 FROM main.sqlite_master WHERE type IN ('view', 'trigger')))
		ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 WHEN 'view' THEN 2 ELSE 3 END, rowid`, table)
	return schema
}

// replay creates the schema in an empty database, and reports whether the table could be
// created. It skips what this program cannot create, such as tables of a missing module.
func (in *inspection) replay(db *sql.DB, schema []object, table string) (created bool) {
	for _, o := range schema {
		_, err := db.ExecContext(in.Ctx, o.sql)
		created = created || err == nil && o.kind == "table" && o.name == table
	}
	return created
}

// dropBreaks returns what breaks if each of the columns is dropped. A try reads the whole
// schema several times. So the first unnamed column that can be dropped stands for all
// later unnamed ones: nothing depends on them either, and none of them is the table's
// last column.
func dropBreaks(columns []dialect.Column, named func(column string) bool, try func(column string) (breaks string)) []string {
	breaks := make([]string, len(columns))
	canDropUnnamed := false
	for i, c := range columns {
		isNamed := named(c.Name)
		if !isNamed && canDropUnnamed {
			continue
		}
		breaks[i] = try(c.Name)
		canDropUnnamed = canDropUnnamed || !isNamed && breaks[i] == ""
	}
	return breaks
}

// namedElsewhere returns a function that reports whether a column may be named outside
// its own definition: in a key, the rest of the table's definition, an index, a view, a
// trigger, or a foreign key of another table. If in doubt, the function returns true.
func namedElsewhere(t dialect.Table, around []object) func(column string) bool {
	var texts []string
	for _, o := range around {
		text := strings.ToUpper(o.sql)
		if o.kind != "table" || o.name == t.Ident.Name || strings.Contains(text, "REFERENCES") {
			texts = append(texts, text)
		}
	}
	schema := strings.Join(texts, "\n")
	words := map[string]int{}
	for _, w := range strings.FieldsFunc(schema, isNoWord) {
		words[w]++
	}
	count := func(name string) int {
		if strings.ContainsFunc(name, isNoWord) {
			return strings.Count(schema, name)
		}
		return words[name]
	}
	var keys []string
	for _, key := range append(slices.Clone(t.Uniques), t.PrimaryKey) {
		keys = append(keys, key...)
	}
	for _, f := range t.ForeignKeys {
		keys = append(keys, f.Columns...)
	}
	return func(column string) bool {
		inKey := func(k string) bool { return Dialect{}.SameName(k, column) }
		return count(strings.ToUpper(column)) != 1 || slices.ContainsFunc(keys, inKey)
	}
}

func isNoWord(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r) }

// trigger is a trigger with the statements that it runs, in capitals.
type trigger struct{ name, body string }

// triggersOf are the triggers in the order of their names.
func triggersOf(schema []object) (found []trigger) {
	for _, o := range schema {
		if o.kind == "trigger" {
			_, body, _ := strings.Cut(strings.ToUpper(o.sql), "BEGIN")
			found = append(found, trigger{o.name, body})
		}
	}
	slices.SortFunc(found, func(a, b trigger) int { return strings.Compare(a.name, b.name) })
	return found
}

// triggerThatSets finds a trigger that updates the column. SQLite drops the column
// anyway, and then rejects every statement that fires the trigger.
func triggerThatSets(triggers []trigger, table, column string) (breaks string) {
	if len(triggers) == 0 {
		return ""
	}
	words := regexp.MustCompile(`(?is)\bUPDATE\b.*` + word(table) + `.*\bSET\b.*` + word(column))
	for _, t := range triggers {
		if words.MatchString(t.body) {
			breaks = fmt.Sprintf("trigger %s updates it", t.name)
		}
	}
	return breaks
}

// word matches a name as a whole word, quoted or not.
func word(name string) string {
	return `(^|[^\pL\pN_])` + regexp.QuoteMeta(strings.ToUpper(name)) + `($|[^\pL\pN_])`
}

func tryDrop(ctx context.Context, db *sql.DB, table dialect.Ident, column string) string {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err.Error()
	}
	defer tx.Rollback() //nolint:errcheck // the database is thrown away
	if _, err = tx.ExecContext(ctx, dialect.DropColumn(Dialect{}, table, column).SQL); err != nil {
		return reason(err)
	}
	return ""
}

// reason is SQLite's message without the driver's prefix and code.
func reason(err error) string {
	s := strings.TrimPrefix(err.Error(), "SQL logic error: ")
	if i := strings.LastIndex(s, " ("); i > 0 && strings.HasSuffix(s, ")") {
		s = s[:i]
	}
	return s
}
