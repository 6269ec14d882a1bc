package sqlite

import (
	"database/sql"

	"github.com/tablesnap/tablesnap/dialect"
)

// defaults finds out which defaults are the same for all rows, and replaces these by
// literals: in a default, a bare word is a text, but elsewhere it would be a column's
// name (https://www.sqlite.org/lang_createtable.html#dfltval). It tries each default in an
// empty database in memory, first as a column's default and then as the expression of a
// generated column. SQLite rejects a generated column whose value may change
// (https://www.sqlite.org/deterministic.html).
func (in *inspection) defaults(t *dialect.Table) {
	if in.Err != nil {
		return
	}
	var db *sql.DB
	for i, c := range t.Columns {
		if c.Default == nil || c.Generated != "" {
			continue
		}
		if db == nil {
			if db, in.Err = sql.Open("sqlite", ":memory:"); in.Err != nil {
				return
			}
			defer db.Close()
			db.SetMaxOpenConns(1) // each connection to :memory: is a database of its own
		}
		literal, ok := in.constant(db, *c.Default)
		if !ok {
			t.Columns[i].DefaultIs = dialect.ComputedDefault
			continue
		}
		t.Columns[i].Default = &literal
		if literal == "NULL" {
			t.Columns[i].Default = nil
		}
	}
}

// constant returns a default as a literal. Ok is false if rows may get different values.
func (in *inspection) constant(db *sql.DB, expr string) (literal string, ok bool) {
	if in.given(db, expr) != nil && in.given(db, "("+expr+")") != nil { // the catalog omits the parentheses
		return "", false
	}
	if err := db.QueryRowContext(in.Ctx, "SELECT quote(value) FROM given").Scan(&literal); err != nil {
		return "", false
	}
	var value any
	if db.QueryRowContext(in.Ctx, "SELECT ("+expr+")").Scan(&value) != nil {
		return literal, true // a bare word is no expression, and as a default it is a text
	}
	var same bool
	err := in.inMemory(db, "computed", "AS ("+expr+")")
	if err == nil {
		err = db.QueryRowContext(in.Ctx, "SELECT quote(value) = ? FROM computed", literal).Scan(&same)
	}
	return literal, err == nil && same
}

func (in *inspection) given(db *sql.DB, expr string) error {
	return in.inMemory(db, "given", "DEFAULT "+expr)
}

// inMemory creates a table, or replaces it. Its column value has the given definition, and
// it has one row.
func (in *inspection) inMemory(db *sql.DB, table, definition string) error {
	for _, s := range []string{"DROP TABLE IF EXISTS " + table, "CREATE TABLE " + table + " (n, value " + definition + ")", "INSERT INTO " + table + " (n) VALUES (1)"} {
		if _, err := db.ExecContext(in.Ctx, s); err != nil {
			return err
		}
	}
	return nil
}
