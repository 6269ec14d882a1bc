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

// made are the migrations that plan --format goose has written.
var made = []struct {
	file, csv, docID string
	strategy         dialect.Strategy
}{
	{"migrations/00002_upload_prices.sql", "prices.csv", "prices-2026-11", ""},
	{"migrations/00004_sync_prices.sql", "prices-12.csv", "prices-2026-12", dialect.Sync},
}

// TestMigrations runs the files by goose's command, and sees to it that those which
// tablesnap has written are what plan --format goose writes.
func TestMigrations(t *testing.T) {
	file := sqlitetest.File(t)
	client := exec.New(sqlitetest.Open(t, file), sqlite.New(), exec.Identity{Tool: "example"})
	goose := func(command ...string) {
		t.Helper()
		if err := goosecmd.Run(t, "migrations", "sqlite3", file+"?_pragma=foreign_keys(1)", command...); err != nil {
			t.Fatal(err)
		}
	}
	prices := func(want string) {
		t.Helper()
		if diff := cmp.Diff(want, sqlitetest.Query(t, file, "SELECT item || ' ' || cents FROM prices ORDER BY item;")); diff != "" {
			t.Errorf("the prices (-want +got):\n%s", diff)
		}
	}
	written := func(nth int) {
		t.Helper()
		m := made[nth]
		src := rowsource.File(m.csv, rowsource.Options{})
		same(t, m.file, migration(t, client, exec.Request{Table: "prices", Kind: plan.AnyTable(), DocID: m.docID, Source: src, Options: plan.Options{Strategy: m.strategy}}))
	}

	goose("up-to", "1")
	written(0)
	prices("tea 250\n")
	goose("up-to", "3")
	prices("milk 119\ntea 275\n")
	written(1)
	goose("up")
	prices("milk 125\nrice 340\ntea 275\n")
	goose("down")
	prices("milk 119\ntea 275\n")
	goose("down-to", "1")
	prices("tea 250\n")
}

// migration is what plan --format goose writes.
func migration(t *testing.T, client *exec.Client, r exec.Request) string {
	t.Helper()
	m, err := client.PlanMigration(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := plan.WriteGoose(&text, dialect.InExternalTx(sqlite.New()), m, r.Source); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// same compares with a file, or writes it.
func same(t *testing.T, file, text string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(kept), text); diff != "" {
		t.Errorf("%s (-kept +made now; -update writes it):\n%s", file, diff)
	}
}
