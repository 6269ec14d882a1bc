package goosesql_test

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
	"github.com/tablesnap/tablesnap/internal/goosecmd"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

var update = flag.Bool("update", false, "write the migration anew")

const made = "migrations/00002_upload_prices.sql"

// TestMigration runs the files by goose's command, and sees to it that the second
// is what plan --format goose writes.
func TestMigration(t *testing.T) {
	ctx, file := context.Background(), sqlitetest.File(t)
	db := sqlitetest.Open(t, file)
	goose := func(command ...string) {
		t.Helper()
		if err := goosecmd.Run(t, "migrations", "sqlite3", file, command...); err != nil {
			t.Fatal(err)
		}
	}
	goose("up-to", "1")

	client := exec.New(db, sqlite.New(), exec.Identity{Tool: "example"})
	src := rowsource.File("prices.csv", rowsource.Options{})
	m, err := client.PlanMigration(ctx, exec.Request{Table: "prices", Kind: plan.AnyTable(), DocID: "prices-2026-11", Source: src})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := plan.WriteGoose(&text, dialect.InExternalTx(sqlite.New()), m, src); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(made, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(kept), text.String()); diff != "" {
		t.Errorf("%s (-kept +made now; -update writes it):\n%s", made, diff)
	}

	prices := func(want string) {
		t.Helper()
		if diff := cmp.Diff(want, sqlitetest.Query(t, file, "SELECT item || ' ' || cents FROM prices ORDER BY item;")); diff != "" {
			t.Errorf("the prices (-want +got):\n%s", diff)
		}
	}
	prices("tea 250\n")
	goose("up")
	prices("milk 119\ntea 275\n")
	goose("down")
	prices("tea 250\n")
}
