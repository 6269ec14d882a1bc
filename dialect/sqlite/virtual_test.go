package sqlite_test

import (
	"context"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
)

// TestShadowTables: the tables in which a full-text index stores its data cannot be
// uploaded to, even if this program lacks the module. A hidden column of a virtual table
// is not listed.
func TestShadowTables(t *testing.T) {
	file := sqlitetest.File(t)
	sqlitetest.Query(t, file, "CREATE VIRTUAL TABLE four USING fts4(a, b); CREATE VIRTUAL TABLE five USING fts5(a, b);")
	db := sqlitetest.Open(t, file, "CREATE TABLE four_backup (a TEXT)", "CREATE TABLE five_other (a TEXT)")
	for table, want := range map[string]dialect.TableKind{
		"four_content": dialect.VirtualTable, "Four_Segments": dialect.VirtualTable, "four_segdir": dialect.VirtualTable,
		"five": dialect.VirtualTable, "five_data": dialect.VirtualTable, "five_content": dialect.VirtualTable,
		"four_backup": dialect.BaseTable, "five_other": dialect.BaseTable,
	} {
		target, err := sqlite.New().Inspect(context.Background(), db, dialect.Named(table))
		if err != nil || target.Table == nil {
			t.Errorf("inspect %s: %v", table, err)
			continue
		}
		if target.Table.Kind != want {
			t.Errorf("%s is a %s, want a %s", table, target.Table.Kind, want)
		}
		for _, c := range target.Table.Columns {
			if table == "five" && c.Name != "a" && c.Name != "b" {
				t.Errorf("%s has the column %q", table, c.Name)
			}
		}
	}
}
