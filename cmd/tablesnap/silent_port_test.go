//go:build unix

package main

import (
	"net"
	"strings"
	"testing"
)

// TestSilentPort: connecting to a port that accepts connections but never answers fails
// after the timeout, with the same exit code as a closed port.
func TestSilentPort(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	for _, c := range []struct{ scheme, settings string }{
		{"mysql", "timeout=100ms"}, {"mariadb", "timeout=100ms"}, {"tidb", "timeout=100ms"},
		{"mysql", "timeout=100ms&tls=skip-verify"},
		{"postgres", "connect_timeout=1"}, {"postgres", "connect_timeout=1&sslmode=disable"}, {"postgres", "connect_timeout=1&sslmode=require"},
	} {
		t.Run(c.scheme+" "+c.settings, func(t *testing.T) {
			t.Parallel()
			r := runTablesnap(t, t.TempDir(), "history", "t", "--dsn", c.scheme+"://user:"+password+"@"+silent.Addr().String()+"/shop?"+c.settings)
			if r.code != exitNoEntry || r.stdout != "" || !strings.Contains(r.stderr, string(noAnswer)) || strings.Contains(r.stderr, password) {
				t.Errorf("want exit code %d and that nobody answers: %s", exitNoEntry, r)
			}
		})
	}
}
