package postgres

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// firing selects the names of what PostgreSQL runs by itself when rows are inserted,
// deleted or truncated, updating those of what it runs only when rows are updated, and
// firingAtAll both: rules, and triggers other than those of foreign keys. tgtype has a bit
// for each event (https://www.postgresql.org/docs/current/catalog-pg-trigger.html).
const (
	firing      = triggersWith + `tgtype & 44 <> 0` + rulesFor + `'3', '4'` + byName
	updating    = triggersWith + `tgtype & 60 = 16` + rulesFor + `'2'` + byName
	firingAtAll = triggersWith + `tgtype & 60 <> 0` + rulesFor + `'2', '3', '4'` + byName

	triggersWith = `SELECT fires FROM (SELECT tgname::text AS fires FROM pg_trigger` +
		` WHERE tgrelid = to_regclass($1) AND NOT tgisinternal AND tgenabled IN ('O', 'A') AND `
	rulesFor = ` UNION ALL SELECT 'rule ' || rulename FROM pg_rewrite` +
		` WHERE ev_class = to_regclass($1) AND ev_enabled IN ('O', 'A') AND ev_type IN (`
	byName = `)) AS f` + orderByName

	orderByName = ` ORDER BY fires COLLATE "C"`
)

// HasShape compares the columns, the triggers and rules, and the foreign keys of other
// tables with the catalog. It also checks that no table inherits from t.
func (d Dialect) HasShape(t dialect.Table) string {
	table := text(d.QuoteTable(t.Ident))
	cols := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		cols[i] = d.shownColumn(c)
	}
	conditions := []string{
		fmt.Sprintf(`(SELECT encode(sha256(convert_to(string_agg(%s, ', ' ORDER BY a.attnum), 'UTF8')), 'hex') FROM %s WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped)%s`,
			shownNow, columnSource, table, isDigest(cols)),
		d.HasDependents(t),
	}
	return strings.Join(conditions, " AND ")
}

// shownNow is an SQL expression for a column of the catalog in the form of shownColumn.
const shownNow = `a.attname || ' ' || ` + typeName + ` || CASE WHEN a.attgenerated <> '' THEN ' GENERATED' ELSE '' END`

// HasDependents compares the triggers and rules, and the foreign keys of other tables. It
// also checks that no table inherits from t.
func (d Dialect) HasDependents(t dialect.Table) string {
	table := text(d.QuoteTable(t.Ident))
	fires := strings.ReplaceAll(firingAtAll, "$1", table)
	conditions := []string{"NOT EXISTS (" + strings.TrimSuffix(fires, orderByName) + ")", isReferredTo(t, table)}
	if firing := slices.Sorted(slices.Values(slices.Concat(t.Triggers, t.UpdateTriggers))); len(firing) > 0 {
		conditions[0] = fmt.Sprintf(`(SELECT string_agg(fires, ', '%s) FROM (%s) AS f) = %s`, orderByName, fires, text(strings.Join(firing, ", ")))
	}
	if !t.HasTrait(traitPartitioned) {
		conditions = append(conditions, fmt.Sprintf(`NOT EXISTS (SELECT 1 FROM pg_inherits WHERE inhparent = to_regclass(%s))`, table))
	}
	return strings.Join(conditions, " AND ")
}

func (d Dialect) shownColumn(c dialect.Column) string {
	shown := c.Name + " " + c.Type
	if c.Generated != "" {
		shown += " GENERATED"
	}
	return shown
}

// isReferredTo compares the tables that refer to t and their actions on a delete.
func isReferredTo(t dialect.Table, table string) string {
	var refs []string
	for _, f := range t.ReferencedBy {
		action := f.OnDelete
		for letter, name := range onDelete {
			if name == f.OnDelete {
				action = letter
			}
		}
		refs = append(refs, f.Table.Schema+"."+f.Table.Name+" "+f.Name+" "+action)
	}
	slices.Sort(refs)
	from := fmt.Sprintf(`FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_namespace AS cn ON cn.oid = c.relnamespace`+
		` WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid = to_regclass(%s) AND k.conrelid <> k.confrelid`, table)
	if len(refs) == 0 {
		return "NOT EXISTS (SELECT 1 " + from + ")"
	}
	return fmt.Sprintf(`(SELECT string_agg(refs, ', ' ORDER BY refs COLLATE "C") FROM (SELECT cn.nspname || '.' || c.relname || ' ' || k.conname || ' ' || k.confdeltype::text AS refs %s) AS r) = %s`,
		from, text(strings.Join(refs, ", ")))
}

// isDigest compares the digest of the columns. A table without a column has none.
func isDigest(columns []string) string {
	if len(columns) == 0 {
		return " IS NULL"
	}
	return " = '" + dialect.Digest(strings.Join(columns, ", ")) + "'"
}
