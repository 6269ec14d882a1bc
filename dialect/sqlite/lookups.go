package sqlite

import (
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// Unqualified keeps the schema, which is always SQLite's main.
func (Dialect) Unqualified(i dialect.Ident) dialect.Ident { return i }

// SetVar stores a value in a temporary table.
func (Dialect) SetVar(name, expr string) []dialect.Stmt {
	return []dialect.Stmt{
		{SQL: `CREATE TEMPORARY TABLE IF NOT EXISTS "tablesnap_kept" ("name" TEXT PRIMARY KEY, "value")`},
		{SQL: `INSERT OR REPLACE INTO "temp"."tablesnap_kept" VALUES (` + text(name) + `, ` + expr + `)`},
	}
}

// Var reads the stored value.
func (Dialect) Var(name string) string {
	return `(SELECT "value" FROM "temp"."tablesnap_kept" WHERE "name" = ` + text(name) + `)`
}

// VarNumber needs no cast: the value has kept its type.
func (d Dialect) VarNumber(name string) string { return d.Var(name) }

// Quoted uses quote (https://www.sqlite.org/lang_corefunc.html#quote).
func (Dialect) Quoted(expr string) string { return "quote(" + expr + ")" }

func (Dialect) Concat(texts ...string) string { return strings.Join(texts, " || ") }

// Detail uses json_extract (https://www.sqlite.org/json1.html#jex).
func (Dialect) Detail(column string, path ...string) string {
	return "json_extract(" + column + ", " + text("$."+strings.Join(path, ".")) + ")"
}

// AsJSON returns the text unchanged: SQLite stores JSON as text.
func (Dialect) AsJSON(text string) string { return text }

// JSONText uses json_quote (https://www.sqlite.org/json1.html#the_json_quote_function).
func (Dialect) JSONText(text string) string { return "json_quote(" + text + ")" }

// LongText concatenates one literal for each line.
func (Dialect) LongText(s string, bytes int) string {
	var lines []string
	for _, part := range dialect.Cut(s, bytes) {
		lines = append(lines, text(part))
	}
	return "(" + strings.Join(lines, " ||\n") + ")"
}

// CountChanges leaves the statement as it is: changes() has the number.
func (d Dialect) CountChanges(s dialect.Stmt) (dialect.Stmt, string) { return s, d.Ledger().Changes }

func (d Dialect) CreateMissing(t dialect.Table) dialect.Stmt { return d.IfNotExists(d.CreateTable(t)) }

// CreateMissingIndex needs no setup: SQLite has CREATE INDEX IF NOT EXISTS.
func (d Dialect) CreateMissingIndex(table dialect.Ident, i dialect.Index) ([]dialect.Stmt, dialect.Stmt) {
	return nil, d.IfNotExists(d.CreateIndex(table, i))
}

// IfNotExists uses IF NOT EXISTS. SQLite has no ADD COLUMN IF NOT EXISTS: a table that a
// script creates already has the column, and a script rejects a table of an older
// tablesnap.
func (d Dialect) IfNotExists(s dialect.Stmt) dialect.Stmt {
	switch s.SQL {
	case createAudit:
		s.SQL = createAuditNow
	case addDetails:
		return d.Assertion("tablesnap's own tables are not older than this script (tablesnap migrate brings them up to date)",
			`(SELECT count(*) FROM pragma_table_xinfo('`+dialect.AuditTable+`', 'main') WHERE "name" = 'details') = 1`)
	}
	for _, what := range []string{"CREATE TABLE ", "CREATE INDEX "} {
		if rest, ok := strings.CutPrefix(s.SQL, what); ok {
			s.SQL = what + "IF NOT EXISTS " + rest
		}
	}
	return s
}

// CountColumns compares names and types with the catalog.
func (Dialect) CountColumns(table dialect.Ident, cols []dialect.Column) string {
	expr := `(SELECT count(*) FROM pragma_table_xinfo(` + text(table.Name) + `, 'main')`
	if cols == nil {
		return expr + ")"
	}
	shown := make([]string, len(cols))
	for i, c := range cols {
		shown[i] = c.Name + " " + c.Type
	}
	return expr + ` WHERE "name" || ' ' || "type" IN (` + textList(shown) + `))`
}

// CountNamed compares only names with the catalog.
func (d Dialect) CountNamed(table dialect.Ident, names []string) string {
	return strings.TrimSuffix(d.CountColumns(table, nil), ")") + ` WHERE "name" IN (` + textList(names) + "))"
}

// SaveSession saves nothing: a joined transaction changes no settings.
func (Dialect) SaveSession() (keep, restore []dialect.Stmt) { return nil, nil }
