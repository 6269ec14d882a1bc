package sqlite

import (
	"database/sql"

	"github.com/tablesnap/tablesnap/dialect"
)

// defaults tells the defaults that are one value from those that are computed for
// each row, and writes the former as literals: a bare word is a text as a default
// (https://www.sqlite.org/lang_createtable.html#dfltval), and a column's name
// elsewhere. A column of an empty database in memory is given the default, and then
// computed by it, which SQLite lets nothing do that may change
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

// constant returns a default as a literal, if it is one value.
func (in *inspection) constant(db *sql.DB, expr string) (literal string, ok bool) {
	if in.given(db, expr) != nil && in.given(db, "("+expr+")") != nil { // the catalog leaves the parentheses away
		return "", false
	}
	if err := db.QueryRowContext(in.Ctx, "SELECT quote(value) FROM given").Scan(&literal); err != nil {
		return "", false
	}
	var value any
	if db.QueryRowContext(in.Ctx, "SELECT ("+expr+")").Scan(&value) != nil {
		return literal, true // a bare word: no expression, but a text
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

// inMemory makes a table anew, whose column value is defined so, and gives it a row.
func (in *inspection) inMemory(db *sql.DB, table, definition string) error {
	for _, s := range []string{"DROP TABLE IF EXISTS " + table, "CREATE TABLE " + table + " (n, value " + definition + ")", "INSERT INTO " + table + " (n) VALUES (1)"} {
		if _, err := db.ExecContext(in.Ctx, s); err != nil {
			return err
		}
	}
	return nil
}
