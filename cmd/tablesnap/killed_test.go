//go:build unix

package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/internal/conformance/mysqltest"
	"github.com/tablesnap/tablesnap/internal/conformance/postgrestest"
	"github.com/tablesnap/tablesnap/internal/wait"
)

// killing has the statements of a session that makes an upload wait and then kills its
// connection.
type killing struct {
	hold string
	// waiting selects the id of the waiting connection.
	waiting string
	kill    string
}

// TestConnectionKilled kills the connection of an upload. The command must print only its
// own lines, and none of the driver's log.
func TestConnectionKilled(t *testing.T) {
	for _, s := range mysqltest.Servers() {
		if s.Name == "tidb" { // TiDB has no LOCK TABLES that an upload would wait for
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			d := newServerDesk(t, s)
			dsn := fmt.Sprintf("%s://%s:%s@%s/%s", d.scheme, d.user, password, d.host, d.in.Schema)
			killsConnection(t, d.in.Other, dsn, killing{
				hold: "LOCK TABLES t READ",
				// A statement may also wait for its own commit for a moment.
				waiting: "SELECT id FROM information_schema.processlist WHERE user = '" + d.user + "' AND state LIKE 'Waiting for table%'",
				kill:    "KILL %d",
			})
		})
	}
	for _, s := range postgrestest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			c := s.Create(t)
			dsn := fmt.Sprintf("postgres://%s:%s@%s:%d/%s?sslmode=disable", c.User, password, c.Host, c.Port, c.Database)
			killsConnection(t, postgrestest.Open(t, c), dsn, killing{
				hold:    "BEGIN; SELECT v FROM t FOR UPDATE",
				waiting: "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
				kill:    "SELECT pg_terminate_backend(%d)",
			})
		})
	}
}

// ownLine matches a line that the command itself writes to standard error, including its
// progress.
var ownLine = regexp.MustCompile(`^(tablesnap: |note: |warning [A-Z_]+: |([0-9]{2}-[a-z-]+|commit): (running|[0-9,]+( of ~?[0-9,]+)? rows, [0-9,]+/s), [0-9hms]+(, ~[0-9hms]+ left)?\n?$)`)

func killsConnection(t *testing.T, other *sql.DB, dsn string, k killing) {
	t.Helper()
	dir := t.TempDir()
	for name, v := range map[string]string{"a.csv": "v\n1\n", "b.csv": "v\n2\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(v), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	mustRun(t, dir, "apply", "a.csv", "--table", "t", "--create", "--doc-id", "d1", "--yes", "--dsn", dsn)
	h := &holder{}
	defer h.release()
	if err := h.hold(other, strings.Split(k.hold, "; ")...); err != nil {
		t.Fatal(err)
	}
	p := startTablesnap(t, dir, "apply", "b.csv", "--table", "t", "--doc-id", "d2", "--yes", "--lock-timeout", "2m", "--dsn", dsn)
	var connection int64
	wait.Until(t, "the upload waits", func() bool {
		return other.QueryRowContext(context.Background(), k.waiting).Scan(&connection) == nil
	})
	if _, err := other.Exec(fmt.Sprintf(k.kill, connection)); err != nil {
		t.Fatal(err)
	}
	if err := h.release(); err != nil {
		t.Fatal(err)
	}
	r := p.wait(t)
	if r.code != exitFailed || r.stdout != "" || !strings.Contains(r.stderr, `"t" is as it was`) || strings.Contains(r.stderr, password) {
		t.Errorf("want exit code %d and that the table is as it was: %s", exitFailed, r)
	}
	for line := range strings.Lines(r.stderr) {
		if !ownLine.MatchString(line) {
			t.Errorf("a line is not the command's own: %q", line)
		}
	}
	if left := mustRun(t, dir, "export", "t", "--dsn", dsn); left.stdout != "v\n1\n" {
		t.Errorf("the table is not as it was: %s", left)
	}
	mustRun(t, dir, "apply", "b.csv", "--table", "t", "--doc-id", "d2", "--yes", "--dsn", dsn)
}
