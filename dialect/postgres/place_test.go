package postgres_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/postgres"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/goosecmd"
	"github.com/tablesnap/tablesnap/plan"
)

// TestScriptUnderAnotherSearchPath: if the search path would put the ledger's tables into
// another schema than the table's, a script or a goose migration fails and changes
// nothing.
func TestScriptUnderAnotherSearchPath(t *testing.T) {
	onEach(t, func(c client) {
		elsewhere := map[string][]string{
			"tablesnap's own tables are there": {"other", "other,public", "third"}, "they are made by the script": {"other", "other,public", "third", "third,public"},
		}
		for made, paths := range elsewhere {
			c.run("DROP SCHEMA IF EXISTS other CASCADE", "DROP SCHEMA IF EXISTS third CASCADE")
			c.fresh("CREATE SCHEMA other", "CREATE SCHEMA third", "CREATE TABLE public.t (n int)", "INSERT INTO public.t VALUES (1)",
				"CREATE TABLE other.t (n int)", "INSERT INTO other.t VALUES (7)")
			if made == "tablesnap's own tables are there" {
				c.as(c.in("other"))
				c.upload(request("doc_other", "n", "8"))
				c.as(c.config)
				c.upload(request("doc_1", "n", "2"))
			}
			script, up := c.scripts(request("doc_2", "n", "3"))
			before := c.everything()
			for _, path := range paths {
				err := c.server.Client(c, c.config, "SET search_path = "+path+";\n"+script)
				c.says(err, `it is not true that tablesnap's own tables are in "public"`)
				err = goosecmd.Run(c, up, "postgres", c.server.GooseDSN(c, c.in(path)), "up")
				c.says(err, `it is not true that tablesnap's own tables are in "public"`)
				c.run("DROP TABLE IF EXISTS other.goose_db_version, third.goose_db_version")
				c.same(made+", under "+path, c.everything(), before...)
			}
			if err := goosecmd.Run(c, up, "postgres", c.server.GooseDSN(c, c.in("public,other")), "up"); err != nil {
				c.Fatal(err)
			}
			c.same("the table", c.lines("SELECT n FROM public.t"), "3")
		}
	})
}

// in returns a configuration with another search path.
func (c client) in(path string) *pgx.ConnConfig {
	config := c.config.Copy()
	config.RuntimeParams["search_path"] = path
	return config
}

// scripts returns an upload as a script, and a folder with it as a goose migration.
func (c client) scripts(r exec.Request) (script, folder string) {
	c.Helper()
	p, err := c.exec.Plan(context.Background(), r)
	if err != nil {
		c.Fatal(err)
	}
	var b, m strings.Builder
	if err := plan.WriteScript(&b, postgres.New(), p, r.Source, plan.ScriptOptions{Rows: plan.AllRows}); err != nil {
		c.Fatal(err)
	}
	migration, err := c.exec.PlanMigration(context.Background(), r)
	if err != nil {
		c.Fatal(err)
	}
	if err := plan.WriteGoose(&m, dialect.InExternalTx(postgres.New()), migration, r.Source); err != nil {
		c.Fatal(err)
	}
	folder = c.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "00001_t.sql"), []byte(m.String()), 0o600); err != nil {
		c.Fatal(err)
	}
	return b.String(), folder
}

// everything lists the tables, and the rows of those that a run could have changed.
func (c client) everything() []string {
	c.Helper()
	found := c.lines("SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_schema IN ('public', 'other', 'third') ORDER BY 1")
	for _, table := range found {
		found = append(found, c.lines("SELECT '"+table+": ' || r::text FROM "+table+" AS r ORDER BY 1")...)
	}
	return found
}
