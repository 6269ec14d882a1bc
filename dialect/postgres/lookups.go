package postgres

import (
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// Unqualified keeps the schema, which has the same name in every database.
func (Dialect) Unqualified(i dialect.Ident) dialect.Ident { return i }

// SetVar stores a value in a setting that ends with the transaction. A setting cannot be
// NULL, so NULL is stored as an empty text.
func (Dialect) SetVar(name, expr string) []dialect.Stmt {
	return []dialect.Stmt{{SQL: "SELECT set_config(" + setting(name) + ", (" + expr + ")::text, true)"}}
}

// Var reads the setting.
func (Dialect) Var(name string) string { return "nullif(current_setting(" + setting(name) + "), '')" }

// VarNumber casts the text to a number.
func (d Dialect) VarNumber(name string) string { return d.Var(name) + "::bigint" }

func setting(name string) string { return text("tablesnap." + name) }

// Quoted uses quote_nullable
// (https://www.postgresql.org/docs/current/functions-string.html).
func (Dialect) Quoted(expr string) string { return "quote_nullable(" + expr + ")" }

func (Dialect) Concat(texts ...string) string { return strings.Join(texts, " || ") }

// Detail uses the operator #>>
// (https://www.postgresql.org/docs/current/functions-json.html).
func (Dialect) Detail(column string, path ...string) string {
	return "(" + column + " #>> " + text("{"+strings.Join(path, ",")+"}") + ")"
}

func (Dialect) AsJSON(text string) string { return "(" + text + ")::jsonb" }

// JSONText uses to_json, which returns NULL and not JSON's null for NULL.
func (Dialect) JSONText(text string) string {
	return "coalesce(to_json((" + text + ")::text)::text, 'null')"
}

// LongText continues the literal on the next lines. It is still one untyped literal
// (https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS).
func (Dialect) LongText(s string, bytes int) string {
	var lines []string
	for _, part := range dialect.Cut(s, bytes) {
		lines = append(lines, strings.TrimPrefix(escaped(part), "E"))
	}
	return "E" + strings.Join(lines, "\n")
}

// CountChanges counts in the same statement, since SQL has no expression for the row
// count of the statement before
// (https://www.postgresql.org/docs/current/queries-with.html#QUERIES-WITH-MODIFYING).
func (d Dialect) CountChanges(s dialect.Stmt) (counted dialect.Stmt, rows string) {
	return dialect.Stmt{Note: s.Note, SQL: "WITH touched AS (\n" + s.SQL + "\nRETURNING 1\n) SELECT set_config(" + setting("touched") + ", count(*)::text, true) FROM touched"},
		d.VarNumber("touched")
}

func (d Dialect) CreateMissing(t dialect.Table) dialect.Stmt { return d.IfNotExists(d.CreateTable(t)) }

// CreateMissingIndex needs no setup: PostgreSQL has CREATE INDEX IF NOT EXISTS.
func (d Dialect) CreateMissingIndex(table dialect.Ident, i dialect.Index) ([]dialect.Stmt, dialect.Stmt) {
	return nil, d.IfNotExists(d.CreateIndex(table, i))
}

// IfNotExists uses IF NOT EXISTS, or a check of the catalog for the ledger's tables (see
// ownTableThere).
func (Dialect) IfNotExists(s dialect.Stmt) dialect.Stmt {
	if there := ownTableThere(s.SQL); there != "" {
		return dialect.Stmt{SQL: "DO $own$ BEGIN\nIF NOT " + there + " THEN\n" + s.SQL + ";\nEND IF;\nEND $own$"}
	}
	for _, what := range []string{"CREATE TABLE ", "CREATE INDEX "} {
		if rest, ok := strings.CutPrefix(s.SQL, what); ok {
			s.SQL = what + "IF NOT EXISTS " + rest
		}
	}
	return s
}

// ownTableThere is an SQL condition that is true if what a statement on the ledger's
// tables creates exists anywhere in the search path. IF NOT EXISTS looks only where the
// table would be created. ADD COLUMN IF NOT EXISTS locks the table until the commit, even
// if the column exists, which would block every other run.
func ownTableThere(statement string) string {
	relation := func(name string) string { return "to_regclass('\"" + name + "\"') IS NOT NULL" }
	switch statement {
	case createVersion:
		return "(" + relation(dialect.VersionTable) + ")"
	case createRun:
		return "(" + relation(dialect.RunTable) + ")"
	case createRunIndex:
		return "(" + relation(dialect.RunTable+"_table") + ")"
	case createAudit:
		return "(" + relation(dialect.AuditTable) + ")"
	case createPin:
		return "(" + relation(dialect.PinTable) + ")"
	case addDetails:
		return "EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass('\"" + dialect.AuditTable + "\"') AND attname = 'details' AND NOT attisdropped)"
	default:
		return ""
	}
}

// CountColumns compares columns with the catalog as [Dialect.HasShape] does.
func (d Dialect) CountColumns(table dialect.Ident, cols []dialect.Column) string {
	expr := fmt.Sprintf(`(SELECT count(*) FROM %s WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped`, columnSource, text(d.QuoteTable(table)))
	if cols == nil {
		return expr + ")"
	}
	shown := make([]string, len(cols))
	for i, c := range cols {
		shown[i] = text(d.shownColumn(c))
	}
	return expr + " AND " + shownNow + " IN (" + strings.Join(shown, ", ") + "))"
}

// CountNamed compares only names with the catalog.
func (d Dialect) CountNamed(table dialect.Ident, names []string) string {
	return strings.TrimSuffix(d.CountColumns(table, nil), ")") + " AND a.attname IN (" + texts(names) + "))"
}

func texts(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = text(n)
	}
	return strings.Join(quoted, ", ")
}

// SaveSession saves nothing: the settings end with the transaction.
func (Dialect) SaveSession() (keep, restore []dialect.Stmt) { return nil, nil }
