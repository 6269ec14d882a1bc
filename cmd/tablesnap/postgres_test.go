package main

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tablesnap/tablesnap/internal/conformance/postgrestest"
)

// TestPostgresScripts runs the command line on PostgreSQL servers. Each script has a database
// of its own: one locks all of it, and one pipes a plan for a database in which nobody else has
// made tablesnap's own tables meanwhile.
func TestPostgresScripts(t *testing.T) {
	scripts, err := filepath.Glob("testdata/postgres/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range postgrestest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			for _, script := range scripts {
				runPostgresScript(t, s, script)
			}
		})
	}
}

func runPostgresScript(t *testing.T, s postgrestest.Server, script string) {
	t.Helper()
	config := s.Create(t)
	d := postgresDesk{t, s, config, postgrestest.Open(t, config)}
	testscript.Run(t, testscript.Params{
		Files:               []string{script},
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               d.setUp,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":         scriptExits,
			"for-each-verb": scriptForEachVerb,
			"rows":          d.rows,
			"psql":          d.psql,
			"hold":          scriptHoldOn(d.other),
			"release":       scriptRelease,
		},
	})
}

type postgresDesk struct {
	t      *testing.T
	server postgrestest.Server
	config *pgx.ConnConfig
	other  *sql.DB
}

func (d postgresDesk) setUp(e *testscript.Env) error {
	setUpHolder(e)
	e.Setenv("HOST", fmt.Sprintf("%s:%d", d.config.Host, d.config.Port))
	e.Setenv("DB", d.config.Database)
	e.Setenv("DBUSER", d.config.User)
	e.Setenv("PASSWORD", password)
	e.Setenv("TABLESNAP_DSN", fmt.Sprintf("postgres://%s:%s@%s:%d/%s?sslmode=disable", d.config.User, password, d.config.Host, d.config.Port, d.config.Database))
	return nil
}

// rows STATEMENT… runs statements and prints the rows of the last one.
func (d postgresDesk) rows(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: rows STATEMENT…")
	}
	for i, s := range args {
		lines, err := queryLines(d.other, s)
		ts.Check(err)
		for _, l := range lines {
			if i == len(args)-1 {
				fmt.Fprintln(ts.Stdout(), l)
			}
		}
	}
}

// psql SCRIPT pipes a script into psql.
func (d postgresDesk) psql(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: psql SCRIPT")
	}
	if err := d.server.Client(d.t, d.config, ts.ReadFile(args[0])); neg == (err == nil) {
		ts.Fatalf("psql: %v", err)
	}
}
