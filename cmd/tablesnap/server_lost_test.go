//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/internal/conformance/mysqltest"
	"github.com/tablesnap/tablesnap/internal/conformance/postgrestest"
)

// TestServerLost cuts the connection to the server at one message of an upload after
// another. Before the run begins, nothing is changed, and the exit code is exitNoEntry.
// Once the run has begun, it is another one.
func TestServerLost(t *testing.T) {
	for _, s := range mysqltest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			d := newServerDesk(t, s)
			losesServer(t, d.host, d.scheme+"://"+d.user+":"+password+"@%s/"+d.in.Schema)
		})
	}
	for _, s := range postgrestest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			c := s.Create(t)
			losesServer(t, fmt.Sprintf("%s:%d", c.Host, c.Port), "postgres://"+c.User+"@%s/"+c.Database+"?sslmode=disable")
		})
	}
}

func losesServer(t *testing.T, server, dsn string) {
	t.Helper()
	dir := t.TempDir()
	for name, v := range map[string]string{"a.csv": "v\n1\n", "b.csv": "v\n2\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(v), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	direct := fmt.Sprintf(dsn, server)
	mustRun(t, dir, "apply", "a.csv", "--table", "t", "--create", "--doc-id", "d1", "--yes", "--dsn", direct)
	stands := func() string {
		return mustRun(t, dir, "audit", "--json", "--dsn", direct).stdout + mustRun(t, dir, "export", "t", "--dsn", direct).stdout
	}
	before := stands()
	lost := 0
	const stride = 67 // there are hundreds of messages
	for message := 1; ; message += stride {
		l := newLosing(t, server, message)
		r := runTablesnap(t, dir, "apply", "b.csv", "--table", "t", "--doc-id", "d2", "--yes", "--dsn", fmt.Sprintf(dsn, l.Addr()))
		if r.code != exitNoEntry {
			if r.code == exitFailed || r.code == exitDone && stands() == before {
				t.Errorf("the server was lost at message %d: %s", message, r)
			}
			break // the run had begun
		}
		if stands() != before {
			t.Errorf("the server was lost at message %d, and something was done: %s", message, r)
		}
		if strings.Contains(r.stderr, password) || !strings.Contains(r.stderr, "connect") {
			t.Errorf("the server was lost at message %d: %s", message, r)
		}
		lost++
	}
	if lost < 2 {
		t.Errorf("%d uploads were lost before their run, want more", lost)
	}
}
