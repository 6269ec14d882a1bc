package plan_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance/mysqltest"
	"github.com/tablesnap/tablesnap/plan"
)

var inspectAnew = flag.Bool("inspect", false, "rewrite the schemas under testdata with what the servers of TABLESNAP_TEST_* say")

// serverGolden is a situation on a database server. What inspection finds there and the
// expected script are in testdata/{database}/{strategy}/{name}.schema.json and .sql.
type serverGolden struct {
	name     string
	strategy dialect.Strategy
	// on are the databases with a golden file. The scripts of the others would show
	// nothing new.
	on []string
	// setup are statements and uploads, in order.
	setup   []any
	request exec.Request
	// change sets properties of the target that a shared test server cannot have.
	change func(*dialect.Target)
	json   bool // also compares the plan as JSON
}

const (
	mySQL   = "mysql"
	mariaDB = "mariadb"
	tiDB    = "tidb"
)

func serverGoldens() []serverGolden {
	all := []string{mySQL, mariaDB, tiDB}
	const (
		people = "CREATE TABLE people (email VARCHAR(80) NOT NULL PRIMARY KEY, name VARCHAR(40)) CHARACTER SET utf8mb4"
		review = "ALTER TABLE people ADD COLUMN initial_status VARCHAR(20), ADD COLUMN final_status VARCHAR(20)"
		must   = "ALTER TABLE people ADD COLUMN initial_status VARCHAR(20) NOT NULL, ADD COLUMN final_status INT NOT NULL"
		count  = "CREATE TABLE people (n INT NOT NULL AUTO_INCREMENT PRIMARY KEY, email VARCHAR(80) NOT NULL) CHARACTER SET utf8mb4"
		utf8   = " CHARACTER SET utf8mb4"
		grown  = "ALTER TABLE people MODIFY COLUMN name VARCHAR(400), ADD COLUMN age INT"
	)
	first := upload("doc_1", lines("email,name", "ada@example.com,Ada", "alan@example.com,"))
	second := upload("doc_2", lines("email,name", "grace@example.com,Grace", "alan@example.com,Alan"))
	panel1 := upload("doc_1", lines("email,name", "ada@example.com,Ada"), kind(plan.Panel()))
	panel2 := upload("doc_2", lines("email,name", "alan@example.com,Alan"), kind(plan.Panel()))
	counted := upload("doc_1", lines("n,email", "7,ada@example.com", "0,alan@example.com"))
	wider := upload("doc_3", lines("email,name,age", "joan@example.com,Joan,36"))
	smaller := upload("doc_2", lines("email,name", "alan@example.com,Alan"))
	larger := upload("doc_1", lines("email,name", "ada@example.com,Ada", "joan@example.com,Joan", "kay@example.com,Kay"))
	noted := upload("doc_1", lines("email,name", "ada@example.com,Ada"), allow(plan.TriggersFire, plan.FKCascade))
	managed := upload("doc_2", lines("email,name,badge,boss", "alan@example.com,Alan,2,grace@example.com", "grace@example.com,Grace,1,"))
	return []serverGolden{
		{name: "first_upload", strategy: dialect.InPlace, on: all, request: first},
		{name: "first_upload_with_types", strategy: dialect.InPlace, on: []string{mySQL}, request: upload("doc_1", typed, inferTypes)},
		{name: "first_upload_to_existing_table", strategy: dialect.InPlace, on: all, setup: []any{people}, request: first},
		{name: "panel_with_status_columns", strategy: dialect.InPlace, on: []string{mySQL}, setup: []any{people, panel1, review}, request: panel2},
		{name: "panel_with_required_status", strategy: dialect.InPlace, on: all, setup: []any{people, panel1, must}, request: panel2, json: true},
		{name: "widened_backup", strategy: dialect.InPlace, on: []string{mySQL}, setup: []any{people, first, second, grown}, request: wider},
		{name: "by_insert", strategy: dialect.InPlace, on: []string{mySQL}, setup: []any{people, first}, request: second,
			change: func(t *dialect.Target) { t.Server.LoadsWith = "INSERT" }},
		{name: "hazard_shrinks", strategy: dialect.InPlace, on: []string{mySQL}, setup: []any{people, larger}, request: smaller},
		{name: "triggers_and_cascades", strategy: dialect.InPlace, on: []string{mySQL, mariaDB}, setup: []any{people,
			"CREATE TABLE notes (author VARCHAR(80) CHARACTER SET utf8mb4, FOREIGN KEY written (author) REFERENCES people (email) ON DELETE CASCADE)",
			"CREATE TRIGGER noting AFTER INSERT ON people FOR EACH ROW SET @noted = 1"}, request: noted},
		{name: "foreign_key", strategy: dialect.InPlace, on: []string{tiDB}, setup: []any{
			"CREATE TABLE towns (name VARCHAR(40) PRIMARY KEY) CHARACTER SET utf8mb4",
			"CREATE TABLE people (email VARCHAR(80) PRIMARY KEY, name VARCHAR(40), FOREIGN KEY lives (name) REFERENCES towns (name)) CHARACTER SET utf8mb4"}, request: first},
		{name: "first_upload_to_existing_table", strategy: dialect.Swap, on: []string{mySQL}, setup: []any{people}, request: first},
		{name: "panel_with_required_status", strategy: dialect.Swap, on: all, setup: []any{people, panel1, must}, request: panel2, json: true},
		{name: "late_indexes", strategy: dialect.Swap, on: []string{mySQL}, setup: []any{people, "ALTER TABLE people ADD KEY by_name (name(10) DESC) COMMENT 'it''s', ADD KEY a (name)"},
			request: upload("doc_1", lines("email,name", "ada@example.com,Ada"), func(r *exec.Request) { r.Options.IndexesAfter = 1 })},
		{name: "auto_increment", strategy: dialect.Swap, on: all, setup: []any{count}, request: counted},
		{name: "widened_backup", strategy: dialect.Swap, on: []string{mariaDB}, setup: []any{people, first, second, grown}, request: wider},
		{name: "references", strategy: dialect.Sync, on: all, setup: []any{
			"CREATE TABLE people (email VARCHAR(80) NOT NULL PRIMARY KEY, name VARCHAR(40), badge INT UNIQUE, boss VARCHAR(80), note VARCHAR(40), " +
				"FOREIGN KEY reports (boss) REFERENCES people (email)) CHARACTER SET utf8mb4", first,
			"CREATE TABLE notes (author VARCHAR(80), FOREIGN KEY written (author) REFERENCES people (email) ON DELETE CASCADE) CHARACTER SET utf8mb4"}, request: managed},
		{name: "wide_first", strategy: dialect.InPlace, on: all, setup: wideFirst(utf8), request: upload("doc_1", wide)},
		{name: "wide", strategy: dialect.InPlace, on: all, setup: wideBefore(utf8), request: upload("doc_2", wide)},
		{name: "wide", strategy: dialect.Swap, on: all, setup: wideBefore(utf8), request: upload("doc_2", wide)},
		{name: "wide", strategy: dialect.Sync, on: all, setup: wideBefore(utf8), request: upload("doc_2", wide)},
		{name: "hazard_shrinks", strategy: dialect.Swap, on: []string{tiDB}, setup: []any{people, larger}, request: smaller},
	}
}

// file returns the path of a situation's file below testdata.
func (g serverGolden) file(database, extension string) string {
	return filepath.Join(database, string(g.strategy), g.name+extension)
}

func eachServerGolden(t *testing.T, f func(*testing.T, mysqltest.Server, serverGolden)) {
	for _, s := range mysqltest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			for _, g := range serverGoldens() {
				if slices.Contains(g.on, s.Name) {
					g.request.Options.Strategy = g.strategy
					t.Run(string(g.strategy)+"/"+g.name, func(t *testing.T) { f(t, s, g) })
				}
			}
		})
	}
}

// TestGoldenScriptsOfServers plans from the saved schemas, without a server.
func TestGoldenScriptsOfServers(t *testing.T) {
	eachServerGolden(t, func(t *testing.T, s mysqltest.Server, g serverGolden) {
		p := g.plan(t, s)
		var script bytes.Buffer
		if err := plan.WriteScript(&script, s.Backend, p, g.request.Source, plan.ScriptOptions{Rows: plan.AllRows}); err != nil {
			t.Fatal(err)
		}
		compare(t, g.file(s.Name, ".sql"), script.Bytes())
		wholeLines(t, script.String())
		if g.json {
			var saved bytes.Buffer
			if err := plan.Encode(&saved, p); err != nil {
				t.Fatal(err)
			}
			compare(t, g.file(s.Name, ".json"), saved.Bytes())
		}
	})
}

func (g serverGolden) plan(t *testing.T, s mysqltest.Server) plan.Plan {
	t.Helper()
	schema, err := os.ReadFile(filepath.Join("testdata", g.file(s.Name, ".schema.json")))
	if err != nil {
		t.Fatal(err)
	}
	var target dialect.Target
	if err := json.Unmarshal(schema, &target); err != nil {
		t.Fatal(err)
	}
	if g.change != nil {
		g.change(&target)
	}
	r := g.request
	manifest, err := measured(r.Source, r.Options)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Build(s.Backend, plan.Input{Target: target, Source: manifest, Kind: r.Kind, DocID: r.DocID, Timestamp: r.UploadTimestamp,
		Actor: "tester", Tool: "v0.0.0", Options: r.Options})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestSchemasOfServers compares the saved schemas with what inspection finds on a server.
func TestSchemasOfServers(t *testing.T) {
	eachServerGolden(t, func(t *testing.T, s mysqltest.Server, g serverGolden) {
		got := g.inspect(t, s)
		file := filepath.Join("testdata", g.file(s.Name, ".schema.json"))
		if *inspectAnew {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s differs (-want +got); read it, and then run go test ./plan -run %s -inspect:\n%s", file, t.Name(), diff)
		}
	})
}

// inspect sets up the situation and returns what inspection finds. The database's name is
// replaced by shop, and the estimated number of rows, which varies, is removed.
func (g serverGolden) inspect(t *testing.T, s mysqltest.Server) []byte {
	t.Helper()
	in := s.Database(t, g.strategy).Open(t)
	db := sql.OpenDB(in.Connector)
	defer db.Close()
	client := exec.New(db, s.Backend, exec.Identity{Actor: "tester", Tool: "v0.0.0"})
	for _, step := range g.setup {
		switch step := step.(type) {
		case string:
			if _, err := in.Other.Exec(step); err != nil {
				t.Fatalf("%s: %v", step, err)
			}
		case exec.Request:
			step.Options.Strategy = dialect.InPlace
			if _, err := client.Upload(context.Background(), step); err != nil {
				t.Fatal(err)
			}
		}
	}
	target, err := client.Inspect(t.Context(), g.request.Table)
	if err != nil {
		t.Fatal(err)
	}
	target.EstimatedRows = nil
	text, err := json.MarshalIndent(target, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return []byte(strings.ReplaceAll(string(text), in.Schema, "shop") + "\n")
}
