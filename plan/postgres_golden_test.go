package plan_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/postgres"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// onPostgres returns what inspection finds for the table people in the scripts under
// testdata/postgres.
func onPostgres(columns ...dialect.Column) dialect.Target {
	ident := dialect.Ident{Schema: "public", Name: "people"}
	t := dialect.Target{Format: dialect.TargetFormat, Server: dialect.Server{Dialect: postgres.Name}, Ident: ident}
	if len(columns) > 0 {
		t.Table = &dialect.Table{Ident: ident, Kind: dialect.BaseTable, Columns: columns}
		t.Ledger = dialect.Ledger{Migration: dialect.DetailsMigration}
	}
	return t
}

func pgColumn(name, typ string) dialect.Column {
	return dialect.Column{Name: name, Type: typ, Nullable: true}
}

// after returns the target after an upload, with its backup table.
func after(t dialect.Target, rows int64) dialect.Target {
	t.Ledger.Last = &dialect.VersionSummary{Number: 1, Event: "TABLE_UPLOAD", DocID: "doc_1", UploadTimestamp: "then", Rows: rows, SourceSHA256: "f00"}
	backup := postgres.New().BackupTable(*t.Table, t.Ident.InSchemaOf("people_backup"), [4]string{"id", "doc_id", "upload_timestamp", "snapshot_version"})
	backup.Indexes = []dialect.Index{{Name: "people_backup_snapshot", Columns: []string{"snapshot_version"}}}
	t.Backup = &backup
	return t
}

type postgresGolden struct {
	name   string
	target dialect.Target
	csv    string
	// drops are the columns that the kind drops.
	drops   []string
	options plan.Options
}

func postgresGoldens() []postgresGolden {
	email, status := pgColumn("email", "text"), pgColumn("initial_status", "character varying(20)")
	required := status
	required.Nullable = false
	id := dialect.Column{Name: "id", Type: "bigint", Assigned: true}
	waiting := after(onPostgres(email, status), 1)
	waiting.Table.PrimaryKey = []string{"email"}
	waiting.Table.ReferencedBy = []dialect.ForeignKey{{Name: "notes_author_fkey", Table: dialect.Ident{Schema: "public", Name: "notes"}, Columns: []string{"author"},
		RefTable: waiting.Ident, RefColumns: []string{"email"}, OnDelete: "NO ACTION", Waits: true, Occupied: true}}
	widened := after(onPostgres(email), 1)
	widened.Table.Columns = append(widened.Table.Columns, pgColumn("age", "integer"))
	retyped := after(onPostgres(email, pgColumn("code", "integer")), 1)
	retyped.Table.Columns[1].Type = "text"
	domain := dialect.Column{Name: "price", Type: "public.positive", BaseType: "numeric(6,2)"}
	stored := dialect.Column{Name: "twice", Type: "numeric", Nullable: true, Generated: dialect.GeneratedStored}
	keyed := after(onPostgres(email, pgColumn("badge", "integer"), pgColumn("boss", "text"), pgColumn("note", "text")), 1)
	keyed.Table.Columns[0].Nullable = false
	keyed.Table.PrimaryKey = []string{"email"}
	keyed.Table.Uniques = [][]string{{"badge"}}
	keyed.Table.ForeignKeys = []dialect.ForeignKey{{Name: "people_boss_fkey", Table: keyed.Ident, Columns: []string{"boss"},
		RefTable: keyed.Ident, RefColumns: []string{"email"}, OnDelete: "NO ACTION", Occupied: true}}
	keyed.Table.ReferencedBy = []dialect.ForeignKey{{Name: "notes_author_fkey", Table: dialect.Ident{Schema: "public", Name: "notes"}, Columns: []string{"author"},
		RefTable: keyed.Ident, RefColumns: []string{"email"}, OnDelete: "CASCADE", Occupied: true}}
	return []postgresGolden{
		{"first_upload", onPostgres(), "email,name\nada@example.com,Ada\nalan@example.com,\n", nil, plan.Options{}},
		{"first_upload_with_types", onPostgres(), typed, nil, plan.Options{Types: plan.InferTypes, PrimaryKey: []string{"code", "born"}}},
		{"first_upload_to_existing_table", onPostgres(email), "email\na\n", nil, plan.Options{}},
		{"second_upload", after(onPostgres(email), 1), "email\nb\nc\n", nil, plan.Options{}},
		{"identity", onPostgres(id, email), "id,email\n1,a\n2,b\n", nil, plan.Options{}},
		{"clear_by_truncate", after(onPostgres(email), 1), "email\nb\n", nil, plan.Options{Clear: plan.ClearByTruncate}},
		{"dropped_column", after(onPostgres(email, status), 1), "email\nb\n", []string{"initial_status"}, plan.Options{}},
		{"dropped_column_last", after(onPostgres(email, required), 1), "email\nb\n", []string{"initial_status"}, plan.Options{DropColumns: plan.DropLast}},
		{"references_that_wait", waiting, "email\na\n", []string{"initial_status"}, plan.Options{}},
		{"sync", keyed, "email,badge,boss\na,2,b\nb,1,\n", nil, plan.Options{Strategy: dialect.Sync}},
		{"kept_table", keptOnPostgres(onPostgres(id, email)), "id,email\n1,a\n2,b\n", nil, plan.Options{Strategy: dialect.Swap, Backup: plan.BackupTable}},
		{"widened_backup", widened, "email,age\nb,1\n", nil, plan.Options{}},
		{"retyped_backup", retyped, "email,code\nb,007\n", nil, plan.Options{}},
		{"kinds_of_column", onPostgres(pgColumn("mood", "elsewhere.mood[]"), pgColumn("name", `text COLLATE pg_catalog."C"`), domain, stored),
			"mood,name,price\n\"{sad,NULL}\",n,1.50\n", nil, plan.Options{}},
		{"wide_first", onPostgres(wideOnPostgres()...), wide, nil, plan.Options{}},
		{"wide", after(onPostgres(wideOnPostgres()...), 5), wide, nil, plan.Options{}},
		{"wide_sync", wideKeyed(), wide, nil, plan.Options{Strategy: dialect.Sync}},
		{"hostile_values", after(onPostgres(pgColumn("n", "integer"), pgColumn("value", "text")), 1),
			"n,value\n1,it's\n2,\"line\nend\"\n3,\"\r\n\\q\"\n4,back\\slash\n5,\\.\n6,\"\"\n7,\n8,:name\n9,😀\u202e\n", nil, plan.Options{}},
	}
}

// keptOnPostgres adds what inspection finds out about the making of the table.
func keptOnPostgres(t dialect.Target) dialect.Target {
	t.Making = &dialect.Making{
		Create: []string{`CREATE TABLE public.people_tablesnap_shadow (LIKE public.people INCLUDING ALL EXCLUDING INDEXES EXCLUDING IDENTITY EXCLUDING STATISTICS)`,
			"ALTER TABLE public.people_tablesnap_shadow OWNER TO staff", "GRANT SELECT ON public.people_tablesnap_shadow TO reader"},
		Parts: []dialect.Part{
			{Kind: dialect.SequencePart, Name: "people_id_seq", Create: []string{"ALTER TABLE public.people_tablesnap_shadow ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY" +
				" (SEQUENCE NAME public.people_id_seq START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1 NO CYCLE)"}},
			{Kind: dialect.KeyPart, Name: "people_pkey", Create: []string{"CREATE UNIQUE INDEX people_pkey ON public.people_tablesnap_shadow USING btree (id)",
				"ALTER TABLE public.people_tablesnap_shadow ADD CONSTRAINT people_pkey PRIMARY KEY USING INDEX people_pkey"}},
			{Kind: dialect.IndexPart, Name: "people_by_email", Create: []string{"CREATE INDEX people_by_email ON public.people_tablesnap_shadow USING btree (email)"}},
		},
	}
	return t
}

func (g postgresGolden) plan(t *testing.T) (plan.Plan, rowsource.Source) {
	t.Helper()
	src := rowsource.Bytes([]byte(g.csv), rowsource.Options{Name: "people.csv"})
	manifest, err := measured(src, g.options)
	if err != nil {
		t.Fatal(err)
	}
	k := plan.AnyTable()
	if len(g.drops) > 0 {
		k = plan.Kind{Name: "own", Event: "OWN_UPLOAD", DropColumns: g.drops}
	}
	g.options.Create = true
	p, err := plan.Build(postgres.New(), plan.Input{Target: g.target, Source: manifest, Kind: k, DocID: "doc_2", Timestamp: "now", Actor: "tester", Tool: "test", Options: g.options})
	if err != nil {
		t.Fatal(err)
	}
	return p, src
}

func TestGoldenPostgresScripts(t *testing.T) {
	for _, g := range postgresGoldens() {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			p, src := g.plan(t)
			var script bytes.Buffer
			if err := plan.WriteScript(&script, postgres.New(), p, src, plan.ScriptOptions{Rows: plan.AllRows}); err != nil {
				t.Fatal(err)
			}
			compare(t, "postgres/"+g.name+".sql", script.Bytes())
			wholeLines(t, script.String())
			for _, line := range strings.Split(script.String(), "\n") {
				if strings.HasPrefix(line, `\`) && !strings.HasPrefix(line, `\set `) {
					t.Errorf("a line is a command for psql: %q", line)
				}
			}
		})
	}
}
