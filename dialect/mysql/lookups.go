package mysql

import (
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// Unqualified drops the database's name, so that the table is in the current database,
// whatever its name.
func (Dialect) Unqualified(i dialect.Ident) dialect.Ident { return dialect.Ident{Name: i.Name} }

// schemaOf is an SQL expression for the name of a table's database.
func schemaOf(i dialect.Ident) string {
	if i.Schema == "" {
		return "DATABASE()"
	}
	return text(i.Schema)
}

// SetVar stores a value in a session variable. SELECT … INTO locks nothing.
func (Dialect) SetVar(name, expr string) []dialect.Stmt {
	return []dialect.Stmt{{SQL: "SELECT " + expr + " INTO @tablesnap_" + name}}
}

// SetVar uses SET: TiDB has no SELECT … INTO a variable, and its SET locks nothing
// (https://docs.pingcap.com/tidb/stable/sql-statement-select/).
func (TiDB) SetVar(name, expr string) []dialect.Stmt {
	return []dialect.Stmt{{SQL: "SET @tablesnap_" + name + " = " + expr}}
}

// Var is the session variable.
func (Dialect) Var(name string) string { return "@tablesnap_" + name }

// VarNumber needs no cast: the value has kept its type.
func (d Dialect) VarNumber(name string) string { return d.Var(name) }

// Quoted uses quote, which writes NULL without quotes
// (https://dev.mysql.com/doc/refman/8.4/en/string-functions.html#function_quote).
func (Dialect) Quoted(expr string) string { return "quote(" + expr + ")" }

func (Dialect) Concat(texts ...string) string { return "concat(" + strings.Join(texts, ", ") + ")" }

// Detail is a value of the JSON without its quotes
// (https://dev.mysql.com/doc/refman/8.4/en/json-search-functions.html).
func (Dialect) Detail(column string, path ...string) string {
	return "json_unquote(json_extract(" + column + ", " + text("$."+strings.Join(path, ".")) + "))"
}

// AsJSON needs no cast: the column's type reads the text.
func (Dialect) AsJSON(text string) string { return text }

// JSONText uses json_quote, which returns NULL and not JSON's null for NULL.
func (Dialect) JSONText(text string) string { return "coalesce(json_quote(" + text + "), 'null')" }

// LongText writes consecutive literals, which the server joins
// (https://dev.mysql.com/doc/refman/8.4/en/string-literals.html).
func (Dialect) LongText(s string, bytes int) string {
	var lines []string
	for _, part := range dialect.Cut(s, bytes) {
		lines = append(lines, text(part))
	}
	return strings.Join(lines, "\n")
}

// CountChanges leaves the statement as it is: ROW_COUNT() has the number.
func (d Dialect) CountChanges(s dialect.Stmt) (dialect.Stmt, string) { return s, d.Ledger().Changes }

func (d Dialect) CreateMissing(t dialect.Table) dialect.Stmt { return d.IfNotExists(d.CreateTable(t)) }

// CreateMissingIndex checks the catalog, since MySQL has no CREATE INDEX IF NOT EXISTS.
// It prepares the statement, or one that does nothing.
func (d Dialect) CreateMissingIndex(table dialect.Ident, i dialect.Index) ([]dialect.Stmt, dialect.Stmt) {
	there := fmt.Sprintf("EXISTS (SELECT 1 FROM information_schema.statistics WHERE table_schema = %s AND table_name = %s AND index_name = %s)",
		schemaOf(table), text(table.Name), text(i.Name))
	return []dialect.Stmt{
		{SQL: "SET @tablesnap_index = IF(" + there + ", 'DO 0', " + text(d.CreateIndex(table, i).SQL) + ")", Note: "only where there is no such index"},
		{SQL: "PREPARE tablesnap_index FROM @tablesnap_index"},
	}, ddl("EXECUTE tablesnap_index")
}

func (Dialect) IfNotExists(s dialect.Stmt) dialect.Stmt {
	if rest, ok := strings.CutPrefix(s.SQL, "CREATE TABLE "); ok && !strings.HasPrefix(rest, "IF NOT EXISTS ") {
		s.SQL = "CREATE TABLE IF NOT EXISTS " + rest
	}
	return s
}

// CountColumns compares names and types with the catalog.
func (Dialect) CountColumns(table dialect.Ident, cols []dialect.Column) string {
	return countColumns(table, cols, "column_type")
}

// CountColumns escapes types in SQL as typeText does.
func (TiDB) CountColumns(table dialect.Ident, cols []dialect.Column) string {
	return countColumns(table, cols, tidbColumnType)
}

func countColumns(table dialect.Ident, cols []dialect.Column, columnType string) string {
	expr := "(SELECT count(*) FROM information_schema.columns WHERE table_schema = " + schemaOf(table) + " AND table_name = " + text(table.Name)
	if cols == nil {
		return expr + ")"
	}
	shown := make([]string, len(cols))
	for i, c := range cols {
		shown[i] = text(c.Name + " " + c.Type)
	}
	return expr + " AND CAST(concat(" + nameAndType(columnType) + ") AS BINARY) IN (" + strings.Join(shown, ", ") + "))"
}

// CountNamed compares only names with the catalog.
func (d Dialect) CountNamed(table dialect.Ident, names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = text(n)
	}
	return strings.TrimSuffix(d.CountColumns(table, nil), ")") + " AND column_name IN (" + strings.Join(quoted, ", ") + "))"
}

// nameAndType are the arguments of a concat with a column's name and type.
func nameAndType(columnType string) string {
	return "column_name, ' ', " + columnType + ", coalesce(concat(' CHARACTER SET ', character_set_name, ' COLLATE ', collation_name), '')"
}

// SaveSession stores in variables the settings that [Dialect.Session] changes and that
// others may rely on.
func (Dialect) SaveSession() (keep, restore []dialect.Stmt) {
	return borrow(append(commonSettings(), "explicit_defaults_for_timestamp", "join_buffer_size"))
}

// SaveSession leaves out variables that are read-only in TiDB, and adds TiDB's own.
func (TiDB) SaveSession() (keep, restore []dialect.Stmt) {
	return borrow(append(commonSettings(), "tidb_enable_reuse_chunk", "allow_auto_random_explicit_insert"))
}

func commonSettings() []string {
	return []string{
		"sql_mode", "time_zone", "lock_wait_timeout", "innodb_lock_wait_timeout", "foreign_key_checks", "unique_checks", "sql_safe_updates",
		"group_concat_max_len", "character_set_client", "character_set_results", "collation_connection",
	}
}

func borrow(settings []string) (keep, restore []dialect.Stmt) {
	var kept, back []string
	for _, name := range settings {
		kept = append(kept, "@tablesnap_"+name+" = @@SESSION."+name)
		back = append(back, "SESSION "+name+" = @tablesnap_"+name)
	}
	return []dialect.Stmt{{SQL: "SET " + strings.Join(kept, ", "), Note: "what the session is set to, for the end"}},
		[]dialect.Stmt{{SQL: "SET " + strings.Join(back, ", "), Note: "the session is as it was"}}
}
