package postgres

import (
	"database/sql"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/internal/lookup"
)

// typeName is an SQL expression for the type of a column with its collation, in a form
// that does not depend on the search path. It needs a, t and co from columnSource. An
// array is in the schema of its elements.
const typeName = `CASE WHEN t.typnamespace = 'pg_catalog'::regnamespace OR starts_with(format_type(a.atttypid, a.atttypmod), t.typnamespace::regnamespace || '.') ` +
	`THEN '' ELSE t.typnamespace::regnamespace || '.' END || format_type(a.atttypid, a.atttypmod) || ` +
	`CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || ` + collationName + ` ELSE '' END`

const collationName = `co.collnamespace::regnamespace || '.' || quote_ident(co.collname)`

// columnSource are the columns of a table with their types. With one more join, planning
// the query would take longer than running it.
const columnSource = `pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid LEFT JOIN pg_collation AS co ON co.oid = a.attcollation`

// thisTable is the table of $1 as a subquery. The planner does not look into it, so that it
// finds no plan for one table better than the plan for all, and a prepared query is planned
// once (https://www.postgresql.org/docs/current/sql-prepare.html).
const thisTable = `(SELECT to_regclass($1))`

// named is an SQL condition that is true for an object of pg_class AS c with this name. It
// compares the name as text, since PostgreSQL cuts a name to 63 bytes, and as a name for the
// index.
func named(parameter string) string {
	return "c.relname = " + parameter + "::text::name AND c.relname::text = " + parameter
}

// table returns the definition of a table or view, or nil if there is none.
func (in *inspection) table(i dialect.Ident) *dialect.Table {
	var t *dialect.Table
	var hidesRows bool // from this user, by policies
	in.Each(func(r *sql.Rows) error {
		var kind, persistence string
		t = &dialect.Table{Ident: i}
		err := r.Scan(&kind, &persistence, &hidesRows)
		t.Kind = tableKind(kind)
		if kind == "p" {
			t.Traits = append(t.Traits, traitPartitioned)
		}
		if persistence == "u" {
			t.Traits = append(t.Traits, traitUnlogged)
		}
		return err
	}, `SELECT c.relkind::text, c.relpersistence::text, row_security_active(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname::text = $1 AND `+named("$2"), i.Schema, i.Name)
	if t == nil || t.Kind != dialect.BaseTable && t.Kind != dialect.View {
		return t
	}
	in.columns(t)
	if len(t.Columns) == 0 && len(in.Names(`SELECT 1 WHERE to_regclass($1) IS NOT NULL`, in.d.QuoteTable(i))) == 0 {
		in.Fail(lookup.ErrVanished) // otherwise the table has no columns
	}
	if t.Kind == dialect.BaseTable {
		in.indexes(t)
		in.foreignKeys(t)
		for i := range t.ReferencedBy {
			t.ReferencedBy[i].Occupied = in.occupied(t.ReferencedBy[i])
		}
		t.Triggers = in.Names(firing, in.d.QuoteTable(t.Ident))
		t.UpdateTriggers = in.Names(updating, in.d.QuoteTable(t.Ident))
		in.relatives(t)
		if hidesRows {
			t.Traits = append(t.Traits, traitRowSecurity)
		}
	}
	return t
}

// tableKind is the usual name for an object that is not a plain table
// (https://www.postgresql.org/docs/current/catalog-pg-class.html).
func tableKind(relkind string) dialect.TableKind {
	switch relkind {
	case "r", "p":
		return dialect.BaseTable
	case "v", "m":
		return dialect.View
	case "f":
		return "foreign table"
	case "S":
		return "sequence"
	case "c":
		return "composite type"
	default:
		return "index"
	}
}

// isComputed is an SQL condition that is true if a default of pg_attrdef may give each
// row another value: it uses the time, the user, sequences, or functions and operators
// that are not immutable (https://www.postgresql.org/docs/current/xfunc-volatility.html).
// It searches the text of the expression's tree, since the catalog has nothing else.
// String literals are encoded there, so they cannot be mistaken for a node.
const isComputed = `d.adbin::text ~ 'SQLVALUEFUNCTION|NEXTVALUEEXPR|COERCEVIAIO' OR EXISTS (
			SELECT 1 FROM regexp_matches(d.adbin::text, ':(?:func|opfunc)id ([0-9]+)', 'g') AS used
			WHERE NOT EXISTS (SELECT 1 FROM pg_proc p WHERE p.oid = used[1]::oid AND p.provolatile = 'i'))`

func (in *inspection) columns(t *dialect.Table) {
	domains, collations, own := map[int]uint32{}, map[int]string{}, map[int]uint32{}
	in.Each(func(r *sql.Rows) error {
		var c dialect.Column
		var notNull, identity, owned, computed bool
		var generated, kind, collation string
		var oid uint32
		err := r.Scan(&c.Name, &c.Type, &notNull, &c.Default, &generated, &identity, &owned, &computed, &kind, &oid, &collation)
		c.Nullable = !notNull
		c.Generated = map[string]dialect.Generated{"s": dialect.GeneratedStored, "v": dialect.GeneratedVirtual}[generated]
		if c.Generated != "" {
			c.Default = nil
		}
		if c.Default != nil && computed {
			c.DefaultIs = dialect.ComputedDefault
		}
		c.Assigned = identity || owned && parseType(c.Type).family() == familyInteger
		if kind == "d" {
			domains[len(t.Columns)], collations[len(t.Columns)] = oid, collation
		}
		own[len(t.Columns)] = oid
		t.Columns = append(t.Columns, c)
		return err
	}, `SELECT a.attname, `+typeName+`, a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attgenerated::text, a.attidentity <> '',
		d.adbin IS NOT NULL AND pg_get_serial_sequence($1, a.attname) IS NOT NULL, coalesce(`+isComputed+`, false), t.typtype::text, t.oid,
		coalesce(`+collationName+`, '')
		FROM `+columnSource+` LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
		WHERE a.attrelid = `+thisTable+` AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`, in.d.QuoteTable(t.Ident))
	in.sequences(t)
	for i, domain := range domains {
		t.Columns[i].BaseType, own[i], t.Columns[i].Nullable = in.baseType(domain, collations[i], t.Columns[i].Nullable)
	}
	for i, c := range t.Columns {
		of := parseType(bareType(c))
		t.Columns[i].JSON = of.family() == familyJSON || of.family() == familyJSONB
		if strings.Contains(of.base, ".") { // a type in a schema of the user
			t.Columns[i].Members = in.members(own[i])
		}
	}
}

// members are the values of an enumeration, or of the elements of an array of one, in their
// order.
func (in *inspection) members(oid uint32) []string {
	return in.Names(`SELECT enumlabel FROM pg_enum WHERE enumtypid = $1 OR enumtypid = (SELECT typelem FROM pg_type WHERE oid = $1)
		ORDER BY enumsortorder`, oid)
}

// baseType is the type below a domain, through several domains if needed, and its number in
// the catalog. It also reports whether all of them allow NULL.
func (in *inspection) baseType(domain uint32, collation string, nullable bool) (string, uint32, bool) {
	for kind := "d"; kind == "d" && in.Err == nil; {
		var base uint32
		var name string
		in.Each(func(r *sql.Rows) error {
			var notNull, collates bool
			err := r.Scan(&base, &kind, &name, &notNull, &collates)
			nullable = nullable && !notNull
			if collates {
				name += collateWord + collation
			}
			return err
		}, `SELECT b.oid, b.typtype::text, CASE WHEN b.typnamespace = 'pg_catalog'::regnamespace OR starts_with(format_type(b.oid, d.typtypmod), b.typnamespace::regnamespace || '.')
			THEN '' ELSE b.typnamespace::regnamespace || '.' END || format_type(b.oid, d.typtypmod), d.typnotnull,
			$2 <> '' AND b.typcollation <> 0 AND b.typcollation <> coalesce(to_regcollation($2)::oid, 0)
			FROM pg_type d JOIN pg_type b ON b.oid = d.typbasetype WHERE d.oid = $1`, domain, collation)
		if kind != "d" {
			return name, base, nullable
		}
		domain = base
	}
	return "", 0, nullable
}

// indexes reads the keys and the plain indexes. A unique index with an expression or a
// condition counts as unique, since it may reject a row; the condition stands behind its
// columns, since it is no key.
func (in *inspection) indexes(t *dialect.Table) {
	in.Each(func(r *sql.Rows) error {
		var name, columns string
		var unique, primary bool
		if err := r.Scan(&name, &columns, &unique, &primary); err != nil {
			return err
		}
		list := strings.Split(columns, "\x1f")
		switch {
		case primary:
			t.PrimaryKey = list
		case unique:
			t.Uniques = append(t.Uniques, list)
		default:
			t.Indexes = append(t.Indexes, dialect.Index{Name: name, Columns: list})
		}
		return nil
	}, `SELECT c.relname, (SELECT string_agg(coalesce(a.attname, '<expression>'), E'\x1f' ORDER BY k.place)
			FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
			LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
			WHERE k.place <= i.indnkeyatts) || CASE WHEN i.indisunique AND i.indpred IS NULL OR NOT (i.indisunique OR i.indisexclusion) THEN '' ELSE E'\x1f<where>' END, i.indisunique OR i.indisexclusion, i.indisprimary
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		WHERE i.indrelid = `+thisTable+` ORDER BY c.relname COLLATE "C"`, in.d.QuoteTable(t.Ident))
}

// foreignKeys reads the references from and to a table. A deferrable reference is checked
// at the commit, except RESTRICT
// (https://www.postgresql.org/docs/current/sql-createtable.html). The foreign keys of
// partitions are those of their parents.
func (in *inspection) foreignKeys(t *dialect.Table) {
	in.Each(func(r *sql.Rows) error {
		var f dialect.ForeignKey
		var own bool
		var columns, refColumns, action string
		err := r.Scan(&own, &f.Name, &f.Table.Schema, &f.Table.Name, &columns, &f.RefTable.Schema, &f.RefTable.Name, &refColumns, &action, &f.Waits)
		f.Columns, f.RefColumns = strings.Split(columns, "\x1f"), strings.Split(refColumns, "\x1f")
		f.OnDelete = onDelete[action]
		f.Waits = f.Waits && action == "a"
		if own {
			t.ForeignKeys = append(t.ForeignKeys, f)
		} else {
			t.ReferencedBy = append(t.ReferencedBy, f)
		}
		return err
	}, `SELECT k.conrelid = to_regclass($1), k.conname, cn.nspname, c.relname, `+columnsOfKey("k.conrelid", "k.conkey")+`,
		(SELECT nspname FROM pg_namespace WHERE oid = r.relnamespace), r.relname, `+columnsOfKey("k.confrelid", "k.confkey")+`,
		k.confdeltype::text, k.condeferrable
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace JOIN pg_class r ON r.oid = k.confrelid
		WHERE k.contype = 'f' AND k.conparentid = 0 AND to_regclass($1) IN (k.conrelid, k.confrelid)
		ORDER BY cn.nspname COLLATE "C", c.relname COLLATE "C", k.conname COLLATE "C"`, in.d.QuoteTable(t.Ident))
}

func columnsOfKey(table, key string) string {
	return `(SELECT string_agg(a.attname, E'\x1f' ORDER BY u.place) FROM unnest(` + key + `) WITH ORDINALITY AS u (attnum, place)
		JOIN pg_attribute a ON a.attrelid = ` + table + ` AND a.attnum = u.attnum)`
}

// onDelete maps the catalog's letters to referential actions
// (https://www.postgresql.org/docs/current/catalog-pg-constraint.html).
var onDelete = map[string]string{"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}

// occupied reports whether any row refers to the target. If the user may not read the
// table, it is assumed to have such a row.
func (in *inspection) occupied(f dialect.ForeignKey) bool {
	table := in.d.QuoteTable(f.Table)
	if len(in.Names(`SELECT 1 WHERE has_table_privilege(to_regclass($1), 'SELECT') AND NOT row_security_active(to_regclass($1))`, table)) == 0 {
		return true
	}
	var set []string
	for _, c := range f.Columns {
		set = append(set, in.d.Quote(c)+" IS NOT NULL")
	}
	return len(in.Names("SELECT 1 FROM "+table+" WHERE "+strings.Join(set, " AND ")+" LIMIT 1")) > 0
}
