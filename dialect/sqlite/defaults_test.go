package sqlite_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
)

// TestDefaultsAreValues checks which defaults count as the same value for all rows.
func TestDefaultsAreValues(t *testing.T) {
	db, err := sql.Open("sqlite", t.TempDir()+"/x.db")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx := context.Background()
	if _, err := db.ExecContext(ctx, `CREATE TABLE people (id INTEGER PRIMARY KEY, none, nil DEFAULT NULL, word DEFAULT email, quoted DEFAULT "email", email DEFAULT 'it''s',
		number DEFAULT -1.50, bytes DEFAULT x'00ff', yes DEFAULT true, parens DEFAULT (0), joined DEFAULT ('a' || 1),
		now DEFAULT CURRENT_TIMESTAMP, today DEFAULT (date('now')), dice DEFAULT (random()))`); err != nil {
		t.Fatal(err)
	}
	found, err := sqlite.New().Inspect(ctx, db, dialect.Named("people"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"id": "none", "none": "none", "nil": "none", "word": "'email'", "quoted": "'email'", "email": "'it''s'", "number": "-1.5", "bytes": "X'00FF'", "yes": "1",
		"parens": "0", "joined": "'a1'", "now": "computed", "today": "computed", "dice": "computed",
	}
	for _, c := range found.Table.Columns {
		got := "none"
		switch {
		case c.DefaultIs == dialect.ComputedDefault:
			got = "computed"
		case c.Default != nil:
			got = *c.Default
		}
		if got != want[c.Name] {
			t.Errorf("the default of %s is %s, want %s", c.Name, got, want[c.Name])
		}
	}
}
