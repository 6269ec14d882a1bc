package exec_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/mysql"
	"github.com/tablesnap/tablesnap/dialect/postgres"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/testservers"
)

// TestKeptSession: the looks of a client share one session, and it has a new one if the
// server has ended it.
func TestKeptSession(t *testing.T) {
	for _, server := range []struct {
		name, end string
		open      func(dsn string) (*sql.DB, error)
		backend   dialect.Backend
	}{
		{"postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kept_session' AND pid <> pg_backend_pid()",
			func(dsn string) (*sql.DB, error) { return postgres.Open(dsn+"&application_name=kept_session", 0) }, postgres.New()},
		{"mysql", "", func(dsn string) (*sql.DB, error) { return mysql.Open(dsn, 0) }, mysql.New()},
	} {
		t.Run(server.name, func(t *testing.T) {
			db, err := server.open(testservers.DSN(t, server.name))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			kept := &exec.KeptSession{}
			client := exec.New(db, server.backend, exec.Identity{}).WithKeptSession(kept)
			look := func() {
				t.Helper()
				if _, err := client.Inspect(context.Background(), "there_is_no_such_table"); err != nil {
					t.Fatal(err)
				}
				if stats := db.Stats(); stats.InUse != 1 || stats.OpenConnections != 1 {
					t.Errorf("%d connections, of which %d are in use, after a look", stats.OpenConnections, stats.InUse)
				}
			}
			look()
			look()
			if server.end != "" {
				if _, err := db.Exec(server.end); err != nil {
					t.Fatal(err)
				}
				db.SetMaxIdleConns(0) // closes the one that has ended the session
				look()
			}
			kept.Close()
			if used := db.Stats().InUse; used != 0 {
				t.Errorf("%d connections were not given back", used)
			}
		})
	}
}

// TestKeptSessionOfRuns: the first run takes over the connection of the looks. Later runs share
// its session, beside a new one for the looks. One that fails gives it back, and the next run
// takes over the connection of the looks again.
func TestKeptSessionOfRuns(t *testing.T) {
	d := newTestDatabase(t, "CREATE TABLE people (email TEXT CHECK (email <> 'bad'))", "CREATE TABLE others (email TEXT)")
	d.db.SetMaxIdleConns(0)
	if _, err := d.client.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	kept := &exec.KeptSession{}
	client := d.client.WithKeptSession(kept)
	upload := func(table string, emails ...string) error {
		r := request("doc of "+table, append([]string{"email"}, emails...)...)
		r.Table = table
		_, err := client.Upload(context.Background(), r)
		return err
	}
	for _, run := range []struct {
		table  string
		emails []string
		fails  bool
		kept   int
	}{
		{table: "people", emails: []string{"a"}, kept: 1},
		{table: "others", emails: []string{"b", "b"}, kept: 2},
		{table: "people", emails: []string{"bad"}, fails: true, kept: 1},
		{table: "people", emails: []string{"d"}, kept: 1},
	} {
		if err := upload(run.table, run.emails...); (err != nil) != run.fails {
			t.Fatalf("upload %v to %s: got %v", run.emails, run.table, err)
		}
		if stats := d.db.Stats(); stats.InUse != run.kept || stats.OpenConnections != run.kept {
			t.Errorf("%d connections, %d of them in use, after the upload of %v to %s; want %d", stats.OpenConnections, stats.InUse, run.emails, run.table, run.kept)
		}
	}
	kept.Close()
	d.same("people", d.rows("SELECT email FROM people"), "d")
	d.same("others", d.rows("SELECT email FROM others ORDER BY 1"), "b", "b")
	if used := d.db.Stats().InUse; used != 0 {
		t.Errorf("%d connections were not given back", used)
	}
}
