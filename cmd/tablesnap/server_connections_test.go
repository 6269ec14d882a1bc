//go:build unix

package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestServerConnections: a verb plans and runs on the same connection, since a new one takes
// longer than most of the work for a small file. The sessions of MySQL cannot be set up
// twice, so that a run has a connection of its own there.
func TestServerConnections(t *testing.T) { onEachServer(t, connectsSeldom) }

func connectsSeldom(t *testing.T, server, dsn string) {
	t.Helper()
	dir := twoUploads(t, fmt.Sprintf(dsn, server))
	most := 2
	if strings.HasPrefix(dsn, "postgres:") {
		most = 1
	}
	for _, verb := range [][]string{
		{"apply", "b.csv", "--table", "t", "--doc-id", "d2"}, {"restore", "t", "--to", "1"}, {"prune", "t", "--keep", "1"},
	} {
		l := newLosing(t, server, 1_000_000, cut)
		mustRun(t, dir, append(verb, "--yes", "--dsn", fmt.Sprintf(dsn, l.Addr()))...)
		if n := l.connections(); n > most {
			t.Errorf("%s has made %d connections, want no more than %d", verb[0], n, most)
		}
	}
}
