//go:build unix

package main

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/internal/conformance/mysqltest"
	"github.com/tablesnap/tablesnap/internal/conformance/postgrestest"
)

// TestInterruptedOnServer interrupts an upload while the server executes a statement for a
// minute. The command says so at once, stops the statement, and waits for its own session
// and not for the run's lock, whose timeout is short.
func TestInterruptedOnServer(t *testing.T) {
	for _, s := range mysqltest.Servers() {
		if s.Name == "tidb" { // TiDB has no triggers
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			d := newServerDesk(t, s)
			interruptsServer(t, d.in.Other, fmt.Sprintf("%s://%s:%s@%s/%s", d.scheme, d.user, password, d.host, d.in.Schema),
				"CREATE TRIGGER slow BEFORE INSERT ON t FOR EACH ROW BEGIN DECLARE ends DATETIME DEFAULT SYSDATE() + INTERVAL 1 MINUTE; WHILE SYSDATE() < ends DO SET @n = 1; END WHILE; END")
		})
	}
	for _, s := range postgrestest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			c := s.Create(t)
			interruptsServer(t, postgrestest.Open(t, c), fmt.Sprintf("postgres://%s:%s@%s:%d/%s?sslmode=disable", c.User, password, c.Host, c.Port, c.Database),
				"CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NEW; END'",
				"CREATE TRIGGER slow BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION slow()")
		})
	}
}

func interruptsServer(t *testing.T, other *sql.DB, dsn string, slow ...string) {
	t.Helper()
	dir := twoUploads(t, dsn)
	for _, s := range slow {
		if _, err := other.ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	x := startOnTerminal(t, dir, "apply", "b.csv", "--table", "t", "--doc-id", "d2", "--yes", "--strategy", "in-place", "--allow", "TRIGGERS_FIRE",
		"--lock-timeout", "1s", "--dsn", dsn)
	x.waitFor(t, "load: running, 1s")
	r := x.end(t, ctrlC)
	for _, want := range []string{
		"interrupted; the server rolls back, which can take as long as the run did\n",
		"tablesnap: interrupted; nothing was changed: ",
	} {
		if r.code != exitFailed || !strings.Contains(r.stdout, want) {
			t.Errorf("want exit code %d and %q: %s", exitFailed, want, r)
		}
	}
	if rows := mustRun(t, dir, "export", "t", "--dsn", dsn).stdout; rows != "v\n1\n" {
		t.Errorf("the table has %q", rows)
	}
	if audit := mustRun(t, dir, "audit", "--dsn", dsn).stdout; !strings.Contains(audit, "version 2, failed\n") {
		t.Errorf("the audit says:\n%s", audit)
	}
}

// TestCountsOnServer has a copy wait for the last row, which another session has locked.
// The terminal shows how many rows the server has copied so far.
func TestCountsOnServer(t *testing.T) {
	for _, s := range mysqltest.Servers() {
		if s.Name == "tidb" { // TiDB does not count them
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			d := newServerDesk(t, s)
			dsn := fmt.Sprintf("%s://%s:%s@%s/%s", d.scheme, d.user, password, d.host, d.in.Schema)
			dir := t.TempDir()
			writeRows(t, filepath.Join(dir, "a.csv"), "a", 1000)
			mustRun(t, dir, "apply", "a.csv", "--table", "t", "--create", "--primary-key", "id", "--doc-id", "d1", "--yes", "--dsn", dsn)
			h := &holder{}
			defer h.release()
			if err := h.hold(d.in.Other, "BEGIN", "SELECT id FROM t WHERE id = '999' FOR UPDATE"); err != nil {
				t.Fatal(err)
			}
			x := startOnTerminal(t, dir, "apply", "a.csv", "--table", "t", "--doc-id", "d2", "--yes", "--strategy", "in-place", "--allow", "SAME_FILE", "--lock-timeout", "1m", "--dsn", dsn)
			x.waitFor(t, "copy-to-backup: 999 of ~1,000 rows, ")
			if err := h.release(); err != nil {
				t.Fatal(err)
			}
			if r := x.end(t, ""); r.code != exitDone {
				t.Error(r)
			}
		})
	}
}
