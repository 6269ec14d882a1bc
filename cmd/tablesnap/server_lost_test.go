//go:build unix

package main

import (
	"encoding/json"
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
func TestServerLost(t *testing.T) { onEachServer(t, losesServer) }

// TestServerStalls has the server fall silent at several messages of an upload, while the
// connections stay. The command gives up after its stall timeout, and the rows are the
// old ones or the new ones once recover has been there.
func TestServerStalls(t *testing.T) { onEachServer(t, stallsServer) }

// onEachServer calls try with the address of a server, and a DSN with a place for it.
func onEachServer(t *testing.T, try func(t *testing.T, server, dsn string)) {
	t.Helper()
	for _, s := range mysqltest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			d := newServerDesk(t, s)
			try(t, d.host, d.scheme+"://"+d.user+":"+password+"@%s/"+d.in.Schema)
		})
	}
	for _, s := range postgrestest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			c := s.Create(t)
			try(t, fmt.Sprintf("%s:%d", c.Host, c.Port), "postgres://"+c.User+"@%s/"+c.Database+"?sslmode=disable")
		})
	}
}

// twoUploads makes a folder with two files, and uploads the first one.
func twoUploads(t *testing.T, dsn string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, v := range map[string]string{"a.csv": "v\n1\n", "b.csv": "v\n2\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(v), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	mustRun(t, dir, "apply", "a.csv", "--table", "t", "--create", "--doc-id", "d1", "--yes", "--dsn", dsn)
	return dir
}

func stallsServer(t *testing.T, server, dsn string) {
	t.Helper()
	direct := fmt.Sprintf(dsn, server)
	dir := twoUploads(t, direct)
	const many = 1_000_000
	whole := newLosing(t, server, many, stalled)
	mustRun(t, dir, "apply", "b.csv", "--table", "t", "--doc-id", "d2", "--yes", "--dsn", fmt.Sprintf(dsn, whole.Addr()))
	messages := many - whole.remaining()
	for i, quarter := range []int{1, 3} {
		l := newLosing(t, server, messages*quarter/4, stalled)
		r := runTablesnap(t, dir, "apply", "a.csv", "--table", "t", "--doc-id", fmt.Sprint("d", 3+i), "--yes", "--stall-timeout", "1s",
			"--dsn", fmt.Sprintf(dsn, l.Addr()))
		l.lose()
		atConnecting := r.code == exitNoEntry && strings.Contains(r.stderr, "it let nobody in")
		if r.code == exitDone || strings.Contains(r.stderr, password) || !atConnecting && !strings.Contains(r.stderr, "no sign of life") {
			t.Errorf("the server stalled at %d/4 of the messages: %s", quarter, r)
		}
		mustRun(t, dir, "recover", "--yes", "--dsn", direct)
		rows := mustRun(t, dir, "export", "t", "--dsn", direct).stdout
		if want := map[string]string{"d2": "v\n2\n", fmt.Sprint("d", 3+i): "v\n1\n"}[live(t, dir, direct)]; rows != want {
			t.Errorf("the server stalled at %d/4 of the messages: the table has %q, want %q", quarter, rows, want)
		}
	}
}

// live is the doc_id of the table's newest version.
func live(t *testing.T, dir, dsn string) string {
	t.Helper()
	var versions []struct {
		DocID string `json:"doc_id"`
	}
	if err := json.Unmarshal([]byte(mustRun(t, dir, "history", "t", "--json", "--dsn", dsn).stdout), &versions); err != nil || len(versions) == 0 {
		t.Fatalf("read the history: %v, %v", versions, err)
	}
	return versions[0].DocID
}

func losesServer(t *testing.T, server, dsn string) {
	t.Helper()
	direct := fmt.Sprintf(dsn, server)
	dir := twoUploads(t, direct)
	stands := func() string {
		return mustRun(t, dir, "audit", "--json", "--dsn", direct).stdout + mustRun(t, dir, "export", "t", "--dsn", direct).stdout
	}
	before := stands()
	lost := 0
	const stride = 67 // there are hundreds of messages
	for message := 1; ; message += stride {
		l := newLosing(t, server, message, cut)
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
