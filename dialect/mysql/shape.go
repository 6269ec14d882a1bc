package mysql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// HasShape compares the columns, the triggers and the foreign keys that refer to the
// table with the catalog.
func (d Dialect) HasShape(t dialect.Table) string { return hasShape(t, "column_type") }

// hasShape takes an SQL expression that converts the catalog's type to that of
// [dialect.Column].
func hasShape(t dialect.Table, columnType string) string {
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = c.Name + " " + c.Type
		if !c.Nullable {
			columns[i] += " NOT NULL"
		}
	}
	return fmt.Sprintf("(SELECT sha2(group_concat(concat(%s, if(is_nullable = 'NO', ' NOT NULL', ''))"+
		" ORDER BY ordinal_position SEPARATOR ', '), 256)"+
		" FROM information_schema.columns WHERE table_schema = %s AND table_name = %s) = '%s'",
		nameAndType(columnType), schemaOf(t.Ident), text(t.Ident.Name), dialect.Digest(strings.Join(columns, ", "))) + " AND " + hasDependents(t)
}

// HasDependents compares the triggers and the foreign keys that refer to the table.
func (Dialect) HasDependents(t dialect.Table) string { return hasDependents(t) }

func hasDependents(t dialect.Table) string {
	if len(t.Triggers) == 0 {
		return fmt.Sprintf("NOT EXISTS (SELECT 1 FROM information_schema.triggers WHERE event_object_schema = %s AND event_object_table = %s)",
			schemaOf(t.Ident), text(t.Ident.Name)) + " AND " + isReferredTo(t)
	}
	return fmt.Sprintf("(SELECT CAST(group_concat(trigger_name ORDER BY trigger_name SEPARATOR ', ') AS BINARY)"+
		" FROM information_schema.triggers WHERE event_object_schema = %s AND event_object_table = %s) = %s",
		schemaOf(t.Ident), text(t.Ident.Name), text(strings.Join(t.Triggers, ", "))) + " AND " + isReferredTo(t)
}

// isReferredTo compares the foreign keys of other tables that refer to t, with their ON
// DELETE actions.
func isReferredTo(t dialect.Table) string {
	refs := make([]string, len(t.ReferencedBy))
	for i, f := range t.ReferencedBy {
		refs[i] = f.Table.Schema + "." + f.Table.Name + "." + f.Name + " " + f.OnDelete
	}
	slices.Sort(refs)
	const ref = "CAST(concat(constraint_schema, '.', table_name, '.', constraint_name, ' ', delete_rule) AS BINARY)"
	schema, name := schemaOf(t.Ident), text(t.Ident.Name)
	from := fmt.Sprintf("FROM information_schema.referential_constraints WHERE unique_constraint_schema = %s AND referenced_table_name = %s AND constraint_schema "+notOfServer+
		" AND NOT (constraint_schema = %s AND table_name = %s)", schema, name, schema, name)
	if len(refs) == 0 {
		return "NOT EXISTS (SELECT 1 " + from + ")"
	}
	return fmt.Sprintf("(SELECT group_concat(%s ORDER BY %s SEPARATOR ', ') %s) = %s", ref, ref, from, text(strings.Join(refs, ", ")))
}
