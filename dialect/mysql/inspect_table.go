package mysql

import (
	"database/sql"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/internal/lookup"
)

// The kinds of objects that look like tables but cannot be uploaded to.
const (
	kindSequence  dialect.TableKind = "sequence"
	kindTemporary dialect.TableKind = "temporary table"
)

// table returns the definition of a table or view, or nil if there is none.
func (in *inspection) table(i dialect.Ident) *dialect.Table {
	t := in.tableFacts(i)
	if t == nil || in.Err != nil {
		return nil
	}
	in.columns(t)
	if len(t.Columns) == 0 && t.Kind == dialect.BaseTable {
		in.Fail(lookup.ErrVanished)
	}
	in.sequences(t)
	in.keys(t)
	in.autoRandom(t)
	in.foreignKeys(t)
	if in.v.catalog().triggers == hasTriggers {
		t.Triggers = in.Names(`SELECT trigger_name FROM information_schema.triggers
			WHERE event_object_schema = ? AND event_object_table = ? ORDER BY trigger_name`, t.Ident.Schema, t.Ident.Name)
	}
	return t
}

// lostInSwap finds properties that a table created LIKE this one would not have.
func (in *inspection) lostInSwap(t dialect.Ident) (traits []string) {
	c := in.v.catalog()
	if c.checkNames == checksStay && len(in.optional(c.checks, t)) > 0 {
		traits = append(traits, traitChecked)
	}
	if c.checkNames == checksCounted {
		in.namedChecks = in.optional(c.namedChecks, t)
		for i, name := range in.namedChecks {
			if name != fmt.Sprintf("%s_chk_%d", t.Name, i+1) {
				traits = append(traits, traitNamedCheck+name)
			}
		}
	}
	if in.says(t, "ignored") {
		for _, index := range in.optional(c.ignored, t) {
			traits = append(traits, traitIgnored+index)
		}
	}
	for _, column := range in.optional(c.histograms, t) {
		traits = append(traits, traitHistogram+column)
	}
	if c.statistics != "" {
		if kept, err := in.TryNames(c.statistics, t.Schema, t.Name); err == nil && len(kept) > 0 {
			traits = append(traits, traitStatistics)
		}
	}
	return traits
}

func tableKind(kind string) dialect.TableKind {
	switch kind {
	case "BASE TABLE", "SYSTEM VERSIONED":
		return dialect.BaseTable
	case "SEQUENCE":
		return kindSequence
	case "TEMPORARY":
		return kindTemporary
	default: // VIEW, SYSTEM VIEW
		return dialect.View
	}
}

func tableTraits(kind string, options *string) []string {
	var traits []string
	if kind == "SYSTEM VERSIONED" {
		traits = append(traits, traitVersioned)
	}
	if options != nil && strings.Contains(*options, "partitioned") {
		traits = append(traits, traitPartitioned)
	}
	if options != nil && strings.Contains(*options, "cached=on") {
		traits = append(traits, traitCached)
	}
	return traits
}

// isShadowed reports whether a temporary table of this session hides the table. The
// catalog shows the table, but statements would use the temporary one.
func (in *inspection) isShadowed(t dialect.Ident) bool {
	shadowed := false
	in.Each(func(r *sql.Rows) error {
		columns, err := r.Columns()
		if err != nil {
			return err
		}
		values := make([]sql.NullString, len(columns)) // SHOW CREATE returns 2 columns for a table, 4 for a view
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := r.Scan(into...); err != nil {
			return err
		}
		in.created[t.Name] = values[1].String
		shadowed = strings.HasPrefix(values[1].String, "CREATE TEMPORARY TABLE") ||
			strings.HasPrefix(values[1].String, "CREATE GLOBAL TEMPORARY TABLE")
		return nil
	}, "SHOW CREATE TABLE "+in.v.QuoteTable(t))
	return shadowed
}

// says reports whether the table's definition, as the server writes it, has the word. It
// spares a query for what the table plainly does not have.
func (in *inspection) says(t dialect.Ident, word string) bool {
	return strings.Contains(strings.ToLower(in.created[t.Name]), word)
}

// catalogColumn is a row of information_schema.columns.
type catalogColumn struct {
	name, columnType    string
	nullable            string
	defaultText         *string
	extra               string
	charset, collation  *string
	generated, dataType string
}

func (in *inspection) columns(t *dialect.Table) {
	in.Each(func(r *sql.Rows) error {
		var c catalogColumn
		if err := r.Scan(&c.name, &c.columnType, &c.nullable, &c.defaultText, &c.extra, &c.charset, &c.collation, &c.generated, &c.dataType); err != nil {
			return err
		}
		t.Columns = append(t.Columns, in.column(c))
		t.Traits = append(t.Traits, columnTraits(c)...)
		return nil
	}, `SELECT column_name, column_type, is_nullable, column_default, extra, character_set_name, collation_name,
			coalesce(generation_expression, ''), data_type
		FROM information_schema.columns WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position`, t.Ident.Schema, t.Ident.Name)
	if !in.says(t.Ident, "json_valid") {
		return
	}
	for _, check := range in.optional(in.v.catalog().jsonChecks, t.Ident) {
		for i, c := range t.Columns {
			t.Columns[i].JSON = c.JSON || strings.EqualFold(check, "json_valid("+in.v.Quote(c.Name)+")")
		}
	}
}

func (in *inspection) column(c catalogColumn) dialect.Column {
	col := dialect.Column{
		Name:     c.name,
		Type:     in.v.typeText(c.columnType),
		Nullable: c.nullable == "YES",
		Default:  in.v.defaultExpr(c),
		Assigned: c.has("auto_increment"),
		JSON:     parseType(c.columnType).family() == familyJSON,
	}
	if c.charset != nil && c.collation != nil {
		col.Type += charsetText(*c.charset, *c.collation)
	}
	switch {
	case c.has("VIRTUAL GENERATED"):
		col.Generated = dialect.GeneratedVirtual
	case c.has("STORED GENERATED"), c.has("PERSISTENT"):
		col.Generated = dialect.GeneratedStored
	}
	if col.Generated != "" {
		expr := "(" + c.generated + ")"
		col.Default = &expr // the expression is part of the reviewed definition
	} else if col.Default != nil {
		col.DefaultIs = in.v.defaultIs(c)
	}
	return col
}

func (c catalogColumn) has(word string) bool {
	return strings.Contains(strings.ToLower(c.extra), strings.ToLower(word))
}

func columnTraits(c catalogColumn) []string {
	var traits []string
	if c.has("on update") {
		traits = append(traits, traitOnUpdate+c.name)
	}
	if c.has("INVISIBLE") {
		traits = append(traits, traitInvisible+c.name)
	}
	return traits
}

// typeText: MySQL and MariaDB write a type as SQL reads it.
func (Dialect) typeText(columnType string) string { return columnType }

// defaultExpr: MySQL stores a literal without its quotes, and marks an expression as one
// (https://dev.mysql.com/doc/refman/8.4/en/information-schema-columns-table.html).
func (Dialect) defaultExpr(c catalogColumn) *string {
	if c.defaultText == nil {
		return nil
	}
	expr := *c.defaultText
	if !c.isExpression() && c.dataType != "bit" {
		expr = text(expr)
	}
	return &expr
}

func (c catalogColumn) isExpression() bool {
	return c.has("DEFAULT_GENERATED") || strings.HasPrefix(strings.ToUpper(*c.defaultText), "CURRENT_TIMESTAMP")
}

// defaultIs: the server returns no value for a default that is an expression
// (https://dev.mysql.com/doc/refman/8.4/en/miscellaneous-functions.html#function_default).
func (Dialect) defaultIs(c catalogColumn) dialect.DefaultKind {
	if c.isExpression() {
		return dialect.ComputedDefault
	}
	return ""
}

// indexRow is a row of information_schema.statistics.
type indexRow struct {
	name, column string
	nonUnique    int
}

// begin adds an empty index, and extend adds a column to it.
func (i indexRow) begin(t *dialect.Table) {
	switch {
	case i.name == primaryKey:
	case i.nonUnique == 0:
		t.Uniques = append(t.Uniques, nil)
	default:
		t.Indexes = append(t.Indexes, dialect.Index{Name: i.name})
	}
}

func (i indexRow) extend(t *dialect.Table) {
	into := &t.PrimaryKey
	switch {
	case i.name == primaryKey:
	case i.nonUnique == 0:
		into = &t.Uniques[len(t.Uniques)-1]
	default:
		into = &t.Indexes[len(t.Indexes)-1].Columns
	}
	*into = append(*into, i.column)
}

const (
	primaryKey    = "PRIMARY"
	expressionKey = "<expression>" // in place of a column
)

// keys reads the primary key, the unique keys, and the other indexes.
func (in *inspection) keys(t *dialect.Table) {
	last := ""
	in.Each(func(r *sql.Rows) error {
		var i indexRow
		if err := r.Scan(&i.name, &i.column, &i.nonUnique); err != nil {
			return err
		}
		if i.name != last {
			i.begin(t)
		}
		i.extend(t)
		last = i.name
		return nil
	}, `SELECT index_name, coalesce(column_name, '`+expressionKey+`'), non_unique FROM information_schema.statistics
		WHERE table_schema = ? AND table_name = ? ORDER BY index_name, seq_in_index`, t.Ident.Schema, t.Ident.Name)
}

// selectForeignKeys has the tables' names as constants, so that MariaDB looks up only
// these tables. If the names were joined, MariaDB would open all tables.
const selectForeignKeys = `SELECT k.constraint_name, k.table_schema, k.table_name, k.column_name,
		k.referenced_table_schema, k.referenced_table_name, k.referenced_column_name, r.delete_rule
	FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r
		ON r.constraint_name = k.constraint_name
	WHERE k.table_schema = ? AND k.table_name = ? AND r.constraint_schema = ? AND r.table_name = ?
		AND k.referenced_table_name IS NOT NULL%s
	ORDER BY k.constraint_name, k.ordinal_position`

// selectReferences finds out whether a table has foreign keys at all. selectForeignKeys
// joins the servers' slowest views, and is run only then.
const selectReferences = `SELECT constraint_name FROM information_schema.referential_constraints
	WHERE constraint_schema = ? AND table_name = ?`

const selectReferring = `SELECT DISTINCT constraint_schema, table_name FROM information_schema.referential_constraints
	WHERE unique_constraint_schema = ? AND referenced_table_name = ? AND constraint_schema ` + notOfServer + ` ORDER BY constraint_schema, table_name`

// notOfServer leaves out the databases that the server makes for itself. A query that
// looks at all databases has MariaDB open all tables and parse all views, and sys alone
// has a hundred.
const notOfServer = "NOT IN ('sys', 'performance_schema', 'information_schema')"

// foreignKeys reads the table's foreign keys and those that refer to it. The servers
// check each row at once, so none is deferred.
func (in *inspection) foreignKeys(t *dialect.Table) {
	if len(in.Names(selectReferences, t.Ident.Schema, t.Ident.Name)) > 0 {
		t.ForeignKeys = in.selectForeignKeys(t.Ident, "")
	}
	for i, f := range t.ForeignKeys {
		t.ForeignKeys[i].Occupied = f.RefTable == f.Table && in.occupied(f)
	}
	if in.isUnreferred(t.Ident) {
		return
	}
	var referring []dialect.Ident
	in.Each(func(r *sql.Rows) error {
		var other dialect.Ident
		err := r.Scan(&other.Schema, &other.Name)
		referring = append(referring, other)
		return err
	}, selectReferring, t.Ident.Schema, t.Ident.Name)
	for _, other := range referring {
		if other == t.Ident {
			continue
		}
		for _, f := range in.selectForeignKeys(other, " AND k.referenced_table_schema = ? AND k.referenced_table_name = ?", t.Ident.Schema, t.Ident.Name) {
			f.Occupied = in.occupied(f)
			t.ReferencedBy = append(t.ReferencedBy, f)
		}
	}
}

// isUnreferred reports whether InnoDB knows that no foreign key refers to the table. If the
// table is InnoDB's, so is each that refers to it. Otherwise the catalog has to tell.
func (in *inspection) isUnreferred(t dialect.Ident) bool {
	l := in.listedAs(t)
	if in.v.catalog().referring != innodbSooner || l == nil || l.engine == nil || *l.engine != "InnoDB" {
		return false
	}
	all, known := in.innodbReferences(t)
	return known && len(all) == 0
}

// selectForeignKeys reads the foreign keys of a table that meet a further condition.
func (in *inspection) selectForeignKeys(t dialect.Ident, more string, args ...any) []dialect.ForeignKey {
	var keys []dialect.ForeignKey
	in.Each(func(r *sql.Rows) error {
		var f dialect.ForeignKey
		var column, refColumn string
		if err := r.Scan(&f.Name, &f.Table.Schema, &f.Table.Name, &column, &f.RefTable.Schema, &f.RefTable.Name, &refColumn, &f.OnDelete); err != nil {
			return err
		}
		if n := len(keys); n == 0 || keys[n-1].Name != f.Name {
			keys = append(keys, f)
		}
		k := &keys[len(keys)-1]
		k.Columns, k.RefColumns = append(k.Columns, column), append(k.RefColumns, refColumn)
		return nil
	}, fmt.Sprintf(selectForeignKeys, more), append([]any{t.Schema, t.Name, t.Schema, t.Name}, args...)...)
	return keys
}

// occupied reports whether any row refers to the target. If the user may not read the
// table, it is assumed to have such a row.
func (in *inspection) occupied(f dialect.ForeignKey) bool {
	set := make([]string, len(f.Columns))
	for i, c := range f.Columns {
		set[i] = in.v.Quote(c) + " IS NOT NULL"
	}
	rows, err := in.TryNames("SELECT 1 FROM " + in.v.QuoteTable(f.Table) + " WHERE " + strings.Join(set, " AND ") + " LIMIT 1")
	return err != nil || len(rows) > 0
}
