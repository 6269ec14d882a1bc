package plan_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

var update = flag.Bool("update", false, "rewrite the golden files under testdata")

// golden is a situation with its expected script in testdata/{name}.sql, which a person
// has reviewed.
type golden struct {
	name string
	// setup are statements and uploads, in order.
	setup   []any
	request exec.Request
	rows    int
}

func goldens() []golden {
	review := []string{"ALTER TABLE people ADD COLUMN initial_status TEXT", "ALTER TABLE people ADD COLUMN final_status TEXT"}
	panel := kind(plan.Panel())
	return []golden{
		{"first_upload", nil, upload("doc_1", lines("email,name", "ada@example.com,Ada", "alan@example.com,")), plan.AllRows},
		{"first_upload_with_types", nil, upload("doc_1", typed, inferTypes), plan.AllRows},
		{"first_upload_own_tables_there", []any{"-- own tables"}, upload("doc_1", lines("email", "a")), plan.AllRows},
		{"first_upload_to_existing_table", []any{"CREATE TABLE people (email TEXT PRIMARY KEY, age INTEGER NOT NULL DEFAULT 0)"},
			upload("doc_1", lines("email,age", "a,1")), plan.AllRows},
		{"second_upload", []any{upload("doc_1", lines("email", "a"))}, upload("doc_2", lines("email", "b", "c")), plan.AllRows},
		{"second_upload_without_timestamp", []any{upload("doc_1", lines("email", "a"))}, upload("doc_2", lines("email", "b"), noTimestamp), plan.AllRows},
		{"panel_with_status_columns", []any{upload("doc_1", lines("email", "a"), panel), review}, upload("doc_2", lines("email", "b"), panel), plan.AllRows},
		{"panel_with_backup_there", []any{upload("doc_1", lines("email", "a"), panel), review, upload("doc_2", lines("email", "b"), panel), review},
			upload("doc_3", lines("email", "c"), panel), plan.AllRows},
		{"panel_drop_breaks_allowed", []any{upload("doc_1", lines("email", "a"), panel), review, "CREATE INDEX reviewed ON people (initial_status)"},
			upload("doc_2", lines("email", "b"), panel, allow(plan.DropBreaks)), plan.AllRows},
		{"widened_backup", []any{upload("doc_1", lines("email", "a")), upload("doc_2", lines("email", "b")), "ALTER TABLE people ADD COLUMN age INTEGER"},
			upload("doc_3", lines("email,age", "c,1")), plan.AllRows},
		{"rebuilt_backup", []any{"CREATE TABLE people (email TEXT, code INTEGER)", upload("doc_1", lines("email,code", "a,1")),
			"ALTER TABLE people DROP COLUMN code", "ALTER TABLE people ADD COLUMN code TEXT"}, upload("doc_2", lines("email,code", "b,007")), plan.AllRows},
		{"adopted_backup", []any{"CREATE TABLE people (email TEXT)",
			"CREATE TABLE people_backup (id INTEGER PRIMARY KEY AUTOINCREMENT, doc_id TEXT, upload_timestamp TEXT, email TEXT)"},
			upload("doc_1", lines("email", "a")), plan.AllRows},
		{"metadata_names", []any{upload("doc_1", lines("id,doc_id,upload_timestamp,snapshot_version", "1,2,3,4"))},
			upload("doc_2", lines("id,doc_id,upload_timestamp,snapshot_version", "5,6,7,8")), plan.AllRows},
		{"metadata_names_later", []any{upload("doc_1", lines("email", "a")), upload("doc_2", lines("email", "b")), "ALTER TABLE people ADD COLUMN id INTEGER"},
			upload("doc_3", lines("email,id", "c,1")), plan.AllRows},
		{"added_columns", []any{upload("doc_1", lines("email", "a"))}, upload("doc_2", lines("email,phone", "b,1"), addColumns), plan.AllRows},
		{"hazard_shrinks", []any{upload("doc_1", lines("email", "a", "b", "c"))}, upload("doc_2", lines("email", "d")), plan.AllRows},
		{"hazard_shrinks_allowed", []any{upload("doc_1", lines("email", "a", "b", "c"))}, upload("doc_2", lines("email", "d"), allow(plan.Shrinks)), plan.AllRows},
		{"empty_source_allowed", []any{upload("doc_1", lines("email", "a"))}, upload("doc_2", lines("email"), allow(plan.EmptySource)), plan.AllRows},
		{"foreign_keys_and_triggers", []any{"CREATE TABLE people (email TEXT PRIMARY KEY, boss TEXT REFERENCES people (email))",
			"CREATE TABLE notes (author TEXT REFERENCES people (email))", "CREATE TRIGGER noting AFTER INSERT ON people BEGIN SELECT 1; END"},
			upload("doc_1", lines("email,boss", "a,b", "b,"), allow(plan.TriggersFire)), plan.AllRows},
		{"on_backup_failure_abort", []any{upload("doc_1", lines("email", "a"))}, upload("doc_2", lines("email", "b"), onBackupFailure(plan.Abort)), plan.AllRows},
		{"on_backup_failure_continue", []any{upload("doc_1", lines("email", "a"))}, upload("doc_2", lines("email", "b"), onBackupFailure(plan.Continue)), plan.AllRows},
		{"kinds_of_column", []any{`CREATE TABLE people (n INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT COLLATE NOCASE UNIQUE, twice AS (n * 2), price DECIMAL(10, 2) DEFAULT 0 NOT NULL, odd "select", plain)`},
			upload("doc_1", lines("email,price", "a,1.10")), plan.AllRows},
		{"strict_table", []any{"CREATE TABLE people (email TEXT, v ANY, PRIMARY KEY (email, v)) STRICT, WITHOUT ROWID"}, upload("doc_1", lines("email,v", "a,007")), plan.AllRows},
		{"hostile_names", []any{"CREATE TABLE \"people\n; DROP TABLE people; --\" (\"a\"\"b\" TEXT, \"semi;colon\nnew line\" TEXT)"},
			upload("doc\n-- 1", lines(`"a""b"`, "x"), table("people\n; DROP TABLE people; --")), plan.AllRows},
		{"hostile_values", nil, upload("doc_1", lines("n,value", `1,"it's"`, "2,\"line\nend\"", "3,\"\r\n.quit\"", "4,back\\slash", "5,nul\x00byte", `6,""`, "7,", "8,-- comment", "9,😀")), plan.AllRows},
		{"sync", []any{"CREATE TABLE people (email TEXT NOT NULL PRIMARY KEY, name TEXT, badge INTEGER UNIQUE, boss TEXT REFERENCES people (email) ON DELETE CASCADE, note TEXT)",
			"CREATE TABLE notes (author TEXT REFERENCES people (email))"}, upload("doc_1", lines("email,name,badge,boss", "a,A,1,", "b,B,2,a"), bySync), plan.AllRows},
		{"kept_table", []any{"CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT UNIQUE, -- one each\n  name TEXT)",
			"CREATE INDEX people_by_name ON people (name)", "CREATE UNIQUE INDEX people_by_both ON people (email, name)", "ANALYZE", upload("doc_1", lines("id,email,name", "1,a,A"))},
			upload("doc_2", lines("id,email,name", "1,a,A", "2,b,B"), keepingTable), plan.AllRows},
		{"indexes_after_rows", []any{"CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT)",
			"CREATE INDEX people_by_name ON people (name COLLATE NOCASE DESC, email)", `CREATE INDEX "it's ""new""" ON people (email)`, "CREATE INDEX people_lower ON people (lower(name))", "ANALYZE",
			upload("doc_1", lines("id,email,name", "1,a,A"), panel), review}, upload("doc_2", lines("id,email,name", "1,a,A", "2,b,B"), panel, indexesAfter), plan.AllRows},
		{"checks", []any{"CREATE TABLE codes (code TEXT)", "CREATE TABLE people (email TEXT PRIMARY KEY, code TEXT)"}, upload("doc_1", lines("email,code", "a,x", "b,"), checks), plan.AllRows},
		{"checks_of_first_upload", nil, upload("doc_1", lines("email,code", "a,x", "b,"), checks), plan.AllRows},
		{"checks_of_sync", []any{"CREATE TABLE people (email TEXT PRIMARY KEY, code TEXT, note TEXT)"}, upload("doc_1", lines("email,code", "a,x", "b,"), checks, bySync), plan.AllRows},
		{"another_null", []any{upload("doc_1", lines("email,name", "a,"))}, upload("doc_2", "", nullText(lines("email,name", "b,-", "c,", `d,"-"`), "-")), plan.AllRows},
		{"wide_first", wideFirst(""), upload("doc_1", wide), plan.AllRows},
		{"wide", wideBefore(""), upload("doc_2", wide), plan.AllRows},
		{"wide_sync", wideBefore(""), upload("doc_2", wide, bySync), plan.AllRows},
		{"to_read", []any{upload("doc_1", lines("email", rows(9)...))}, upload("doc_2", lines("email", rows(12)...)), plan.SampleRows().Rows},
		{"to_read_no_rows", []any{upload("doc_1", lines("email", rows(9)...))}, upload("doc_2", lines("email", rows(12)...)), 0},
	}
}

// jsonGoldens are the situations with a plan in testdata/{name}.json.
var jsonGoldens = []string{"first_upload", "panel_with_status_columns", "hazard_shrinks", "foreign_keys_and_triggers"}

func TestGoldenScripts(t *testing.T) {
	for _, g := range goldens() {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			p, src := g.plan(t)
			var script bytes.Buffer
			if err := plan.WriteScript(&script, sqlite.New(), p, src, plan.ScriptOptions{Rows: g.rows}); err != nil {
				t.Fatal(err)
			}
			compare(t, g.name+".sql", script.Bytes())
			wholeLines(t, script.String())
			for _, name := range jsonGoldens {
				if name == g.name {
					var saved bytes.Buffer
					if err := plan.Encode(&saved, p); err != nil {
						t.Fatal(err)
					}
					compare(t, g.name+".json", saved.Bytes())
				}
			}
		})
	}
}

func compare(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test ./plan -update makes it)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); read it, and then run go test ./plan -update:\n%s", file, diff)
	}
}

// wholeLines checks that a script has no control characters, and no client commands but
// .bail.
func wholeLines(t *testing.T, script string) {
	t.Helper()
	for i, line := range strings.Split(script, "\n") {
		if strings.ContainsFunc(line, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
			t.Errorf("line %d has a control character: %q", i+1, line)
		}
		if strings.HasPrefix(line, ".") && line != ".bail on" {
			t.Errorf("line %d is a command for the client: %q", i+1, line)
		}
	}
}

func (g golden) plan(t *testing.T) (plan.Plan, rowsource.Source) {
	t.Helper()
	b := newBench(t)
	g.setUp(b)
	return b.plan(g.request), g.request.Source
}

func (g golden) setUp(b bench) {
	b.Helper()
	for _, s := range g.setup {
		switch s := s.(type) {
		case string:
			b.run(s)
		case []string:
			b.run(s...)
		case exec.Request:
			b.upload(s)
		}
	}
}
