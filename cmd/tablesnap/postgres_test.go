package main

import (
	"database/sql"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tablesnap/tablesnap/internal/conformance/postgrestest"
)

// TestPostgresScripts runs the command line on PostgreSQL servers. The scripts of a server
// share a database, and each uses tables of its own.
func TestPostgresScripts(t *testing.T) { runPostgresScripts(t, "testdata/postgres") }

// TestPostgresLocks has scripts that lock a whole database, so it uses one of its own.
func TestPostgresLocks(t *testing.T) { runPostgresScripts(t, "testdata/postgres_locks") }

func runPostgresScripts(t *testing.T, dir string) {
	t.Helper()
	for _, s := range postgrestest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			config := s.Create(t)
			d := postgresDesk{t, s, config, postgrestest.Open(t, config)}
			testscript.Run(t, testscript.Params{
				Dir:                 dir,
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
		})
	}
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
