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
