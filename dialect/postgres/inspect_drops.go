package postgres

import (
	"database/sql"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// dropBreaks finds what dropping a column would break, and what PostgreSQL would silently
// drop with it: a unique key, a foreign key, a check of several columns
// (https://www.postgresql.org/docs/current/sql-altertable.html).
func (in *inspection) dropBreaks(t *dialect.Table) {
	if t.Kind != dialect.BaseTable || in.Err != nil {
		return
	}
	why := map[string][]string{}
	in.Each(func(r *sql.Rows) error {
		var column, reason string
		err := r.Scan(&column, &reason)
		if !slices.Contains(why[column], reason) {
			why[column] = append(why[column], reason)
		}
		return err
	}, breaks, in.d.QuoteTable(t.Ident))
	for i, c := range t.Columns {
		t.Columns[i].DropBreaks = strings.Join(why[c.Name], ", ")
	}
}

const (
	// breaks selects columns and reasons, in the order of its parts.
	breaks = "SELECT name, reason FROM (" + dependents + "\nUNION ALL " + keysAndChecks + "\nUNION ALL " + sources +
		") AS found (place, name, reason) ORDER BY place, name, reason"

	// dependents are views, policies, triggers, functions, generated columns and other
	// objects that depend on a column, so that PostgreSQL refuses to drop it
	// (https://www.postgresql.org/docs/current/catalog-pg-depend.html).
	dependents = `SELECT 1, a.attname, regexp_replace(pg_describe_object(d.classid, d.objid, d.objsubid), '^rule .* on (?=(materialized )?view)', '') || ' depends on it'
		FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
		WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = to_regclass($1) AND d.refobjsubid > 0
			AND (d.deptype = 'n' AND d.classid <> 'pg_constraint'::regclass
				OR d.deptype = 'a' AND d.classid = 'pg_class'::regclass AND d.objid = d.refobjid)
		UNION SELECT 1, a.attname, 'it is in the partition key'
		FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.objid AND a.attnum = d.objsubid
		WHERE d.classid = 'pg_class'::regclass AND d.objid = to_regclass($1) AND d.refclassid = d.classid AND d.refobjid = d.objid
			AND d.refobjsubid = 0 AND d.deptype = 'i'`

	// keysAndChecks are dropped with the column. A key that others refer to prevents the
	// drop.
	keysAndChecks = `SELECT 2, a.attname, CASE k.contype
			WHEN 'p' THEN 'the primary key ' || quote_ident(k.conname) || ' would go with it'
			WHEN 'u' THEN 'the unique key ' || quote_ident(k.conname) || ' would go with it'
			WHEN 'x' THEN 'the exclusion constraint ' || quote_ident(k.conname) || ' would go with it'
			WHEN 'f' THEN 'the foreign key ' || quote_ident(k.conname) || ' would go with it'
			ELSE 'the check ' || quote_ident(k.conname) || ' would go with it' END
		FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
		WHERE k.conrelid = to_regclass($1) AND (k.contype IN ('p', 'u', 'x', 'f') OR k.contype = 'c' AND cardinality(k.conkey) > 1)
		UNION ALL SELECT 2, a.attname, 'the foreign key ' || quote_ident(k.conname) || ' of ' || k.conrelid::regclass || ' refers to it'
		FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey)
		WHERE k.confrelid = to_regclass($1) AND k.contype = 'f'
		UNION ALL SELECT 2, a.attname, 'the unique index ' || i.indexrelid::regclass || ' would go with it'
		FROM pg_index i JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.refobjid = i.indrelid
		JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = d.refobjsubid
		WHERE i.indrelid = to_regclass($1) AND i.indisunique AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)`

	// sources are functions whose text names the column and either names the table or
	// runs in one of its triggers. PostgreSQL checks such a text only when the function
	// runs. The server's own functions, of which there are thousands, have lower numbers
	// (https://www.postgresql.org/docs/current/system-catalog-initial-data.html#SYSTEM-CATALOG-OID-ASSIGNMENT).
	sources = `SELECT 3, a.attname, 'the function ' || p.oid::regprocedure || ' names it'
		FROM pg_proc p JOIN pg_class c ON c.oid = to_regclass($1)
		JOIN pg_language l ON l.oid = p.prolang AND l.lanname NOT IN ('internal', 'c')
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE p.oid >= 16384 AND p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
			AND p.prosrc ~* ('(^|[^[:alnum:]_])' || regexp_replace(a.attname, '([][\\.^$*+?(){}|])', '\\\1', 'g') || '([^[:alnum:]_]|$)')
			AND (EXISTS (SELECT 1 FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgfoid = p.oid)
				OR p.prosrc ~* ('(^|[^[:alnum:]_])' || regexp_replace(c.relname, '([][\\.^$*+?(){}|])', '\\\1', 'g') || '([^[:alnum:]_]|$)'))`
)
