package postgres

import (
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// Unqualified keeps the schema, which has the same name in every database.
func (Dialect) Unqualified(i dialect.Ident) dialect.Ident { return i }

// Keep keeps a value in a setting that ends with the transaction, which cannot
// be NULL, and is empty then.
func (Dialect) SetVar(name, expr string) []dialect.Stmt {
	return []dialect.Stmt{{SQL: "SELECT set_config(" + setting(name) + ", (" + expr + ")::text, true)"}}
}

// Kept reads what Keep kept.
func (Dialect) Var(name string) string { return "nullif(current_setting(" + setting(name) + "), '')" }

// VarNumber reads it as a number.
func (d Dialect) VarNumber(name string) string { return d.Var(name) + "::bigint" }

func setting(name string) string { return text("tablesnap." + name) }

// Quoted is quote_nullable
// (https://www.postgresql.org/docs/current/functions-string.html).
func (Dialect) Quoted(expr string) string { return "quote_nullable(" + expr + ")" }

// Concat puts texts together.
func (Dialect) Concat(texts ...string) string { return strings.Join(texts, " || ") }

// Detail is #>> (https://www.postgresql.org/docs/current/functions-json.html).
func (Dialect) Detail(column string, path ...string) string {
	return "(" + column + " #>> " + text("{"+strings.Join(path, ",")+"}") + ")"
}

// AsJSON is a cast.
func (Dialect) AsJSON(text string) string { return "(" + text + ")::jsonb" }

// JSONText is quoted by the server, which knows no JSON for NULL.
func (Dialect) JSONText(text string) string {
	return "coalesce(to_json((" + text + ")::text)::text, 'null')"
}

// LongText goes on with the literal on the next line, which is still one literal
// and has no type of its own
// (https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS).
func (Dialect) LongText(s string, bytes int) string {
	var lines []string
	for _, part := range dialect.Cut(s, bytes) {
		lines = append(lines, strings.TrimPrefix(escaped(part), "E"))
	}
	return "E" + strings.Join(lines, "\n")
}

// CountChanges counts in the same statement: a statement has no expression for
// how many rows the one before has touched
// (https://www.postgresql.org/docs/current/queries-with.html#QUERIES-WITH-MODIFYING).
func (d Dialect) CountChanges(s dialect.Stmt) (counted dialect.Stmt, rows string) {
	return dialect.Stmt{Note: s.Note, SQL: "WITH touched AS (\n" + s.SQL + "\nRETURNING 1\n) SELECT set_config(" + setting("touched") + ", count(*)::text, true) FROM touched"},
		d.VarNumber("touched")
}

// CreateMissing has the server look.
func (d Dialect) CreateMissing(t dialect.Table) dialect.Stmt { return d.IfNotExists(d.CreateTable(t)) }

// CreateMissingIndex has the server look.
func (d Dialect) CreateMissingIndex(table dialect.Ident, i dialect.Index) ([]dialect.Stmt, dialect.Stmt) {
	return nil, d.IfNotExists(d.CreateIndex(table, i))
}

// IfNotExists has the server look.
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

// ownTableThere is an SQL condition for a statement on tablesnap's own tables: what it
// makes is there, wherever the search path leads. IF NOT EXISTS would look for a
// table where it would be made, and ADD COLUMN would keep every other run out of
// the table until the commit, although the column is there.
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

// CountColumns looks at the columns as [Dialect.HasShape] does.
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

// CountNamed looks at names alone.
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

// SaveSession is nothing: what a joined transaction sets ends with it.
func (Dialect) SaveSession() (keep, restore []dialect.Stmt) { return nil, nil }
