package postgres_test

import (
	"context"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/postgres"
)

// TestNetworkTimeouts: the server gives the settings to the system, and shows what the
// system has.
func TestNetworkTimeouts(t *testing.T) {
	onEach(t, func(c client) {
		c.db.SetMaxOpenConns(1)
		for _, s := range (postgres.Dialect{}).NetworkTimeouts(dialect.ForWriting) {
			if _, err := c.db.Exec(s.SQL); err != nil {
				c.Fatalf("%s: %v", s.SQL, err)
			}
		}
		var got string
		if err := c.db.QueryRow(`SELECT concat_ws(' ', current_setting('tcp_keepalives_idle'), current_setting('tcp_keepalives_interval'),
			current_setting('tcp_keepalives_count'), current_setting('tcp_user_timeout'))`).Scan(&got); err != nil {
			c.Fatal(err)
		}
		c.same("the settings", []string{got}, "10 5 4 30000")
		if len(postgres.Dialect{}.NetworkTimeouts(dialect.ForReading)) > 0 {
			c.Error("a slow reader of rows would lose its connection")
		}
	})
}

// TestSessionIsPutBack: after an upload, whether it has succeeded or failed, the caller's
// connection has the same session with the same settings.
func TestSessionIsPutBack(t *testing.T) {
	onEach(t, func(c client) {
		c.run("CREATE TABLE t (v text UNIQUE)", "CREATE SCHEMA \"it's\"")
		c.db.SetMaxOpenConns(1)
		ask := func() (session string) {
			const settings = "SELECT pg_backend_pid() || ' ' || string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings WHERE name NOT LIKE 'plpgsql.%'" // listed only once the server has loaded PL/pgSQL
			if err := c.db.QueryRow(settings).Scan(&session); err != nil {
				c.Fatal(err)
			}
			return session
		}
		for _, s := range []string{
			"SET lock_timeout = '1h'", "SET DateStyle = 'German'", "SET TimeZone = 'Asia/Kolkata'", "SET search_path = public, \"it's\"",
			"SET statement_timeout = '2h'", "SET synchronous_commit = off", "SET row_security = on", "SET bytea_output = escape",
		} {
			if _, err := c.db.Exec(s); err != nil {
				c.Fatalf("%s: %v", s, err)
			}
		}
		before := ask()
		c.upload(request("doc_1", "v", "x"))
		c.same("the session, after an upload", []string{ask()}, before)
		if err := c.try(request("doc_2", "v", "y", "y")); err == nil {
			c.Error("a key was loaded twice")
		}
		c.same("the session, after one that failed", []string{ask()}, before)
		if _, err := c.exec.Plan(context.Background(), request("doc_3", "v", "z")); err != nil {
			c.Fatal(err)
		}
		c.same("the session, after a plan", []string{ask()}, before)
	})
}
