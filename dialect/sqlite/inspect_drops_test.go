package sqlite_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
)

// TestInspectManyColumns: inspection does not try to drop each of 2,000 columns (see
// TestDropBreaksTries), but it tries those that something names.
func TestInspectManyColumns(t *testing.T) {
	var defs []string
	for i := range 1990 {
		defs = append(defs, fmt.Sprintf("column_%d TEXT", i))
	}
	db := sqlitetest.Open(t, sqlitetest.File(t),
		`CREATE TABLE wide (`+strings.Join(defs, ", ")+`, "in index" TEXT, "two words" TEXT, one_of_key INT, viewed TEXT, Checked INT CHECK (checked > 0), a UNIQUE, PRIMARY KEY (one_of_key))`,
		`CREATE INDEX wide_index ON wide ("in index")`, `CREATE VIEW seen AS SELECT VIEWED FROM wide`,
		`CREATE TABLE wide_backup (column_1 TEXT, "two words" TEXT)`)
	target, err := sqlite.New().Inspect(t.Context(), db, dialect.Named("wide"))
	if err != nil {
		t.Fatal(err)
	}
	breaks := map[string]bool{"in index": true, "one_of_key": true, "viewed": true, "a": true}
	for _, c := range target.Table.Columns {
		if got := c.DropBreaks != ""; got != breaks[c.Name] {
			t.Errorf("to drop %q breaks: %q", c.Name, c.DropBreaks)
		}
	}
}

// TestInspectDropsBehindABrokenView: if any view is broken, SQLite drops no column, not
// even one that nothing names.
func TestInspectDropsBehindABrokenView(t *testing.T) {
	db := sqlitetest.Open(t, sqlitetest.File(t), "CREATE TABLE people (email TEXT, name TEXT)",
		"CREATE TABLE gone (n INT)", "CREATE VIEW broken AS SELECT n FROM gone", "DROP TABLE gone")
	target, err := sqlite.New().Inspect(context.Background(), db, dialect.Named("people"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range target.Table.Columns {
		if !strings.Contains(c.DropBreaks, "broken") {
			t.Errorf("to drop %q breaks: %q", c.Name, c.DropBreaks)
		}
	}
}
