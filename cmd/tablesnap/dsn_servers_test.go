package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/internal/dsn"
	"github.com/tablesnap/tablesnap/internal/testservers"
)

// TestServerAddresses connects to a server at [::1] and at a socket with each form of DSN.
// The servers listen only at 127.0.0.1, so the test forwards the connections.
func TestServerAddresses(t *testing.T) {
	for name, scheme := range map[string]string{"mysql": "mysql", "mariadb": "mariadb", "tidb": "tidb", "postgres": "postgres"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			user, server, database := testServer(t, name)
			folder := t.TempDir()
			socket := filepath.Join(folder, ".s.PGSQL.5432")
			relay(t, "unix", socket, server)
			escaped := url.PathEscape(folder)
			dsns := []string{
				"postgres://" + user + "@/" + database + "?host=" + folder,
				"postgres://" + user + "@" + escaped + "/" + database,
				"postgres://" + user + "@unix(" + folder + ")/" + database,
			}
			if scheme != "postgres" {
				dsns = []string{
					scheme + "://" + user + "@/" + database + "?socket=" + socket,
					scheme + "://" + user + "@unix(" + socket + ")/" + database,
					scheme + "://" + user + "@" + url.PathEscape(socket) + "/" + database,
				}
			}
			if address := relay(t, "tcp6", "[::1]:0", server); address != "" {
				dsns = append(dsns, scheme+"://"+user+"@"+address+"/"+database)
			}
			for _, d := range dsns {
				var out, diagnostics bytes.Buffer
				root := newRoot()
				root.SetArgs([]string{"inspect", "nosuch_table", "--dsn", d})
				root.SetOut(&out)
				root.SetErr(&diagnostics)
				if err := root.ExecuteContext(t.Context()); err != nil || !strings.Contains(out.String(), fmt.Sprintf("%q: %q", "dialect", scheme)) {
					t.Errorf("%s: %v\n%s%s", d, err, &out, &diagnostics)
				}
			}
		})
	}
}

// testServer returns the address, user and database of a server of the tests.
func testServer(t *testing.T, name string) (user, address, database string) {
	t.Helper()
	d, err := dsn.Parse(testservers.DSN(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return d.Login.String(), d.Host, d.Name
}

// relay listens, forwards connections, and returns its address. It returns "" if the
// machine has no addresses of that network.
func relay(t *testing.T, network, at, to string) string {
	t.Helper()
	return relayAfter(t, network, at, to, func(client net.Conn) (net.Conn, error) { return client, nil })
}

// relayAfter is relay with a greeting, which answers a client ahead of the server.
func relayAfter(t *testing.T, network, at, to string, greet func(net.Conn) (net.Conn, error)) string {
	t.Helper()
	l, err := net.Listen(network, at)
	if err != nil {
		t.Logf("not tried at %s: %v", at, err)
		return ""
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go connect(client, to, greet)
		}
	}()
	return l.Addr().String()
}

// connect connects a client to a server until one of them ends.
func connect(client net.Conn, to string, greet func(net.Conn) (net.Conn, error)) {
	defer client.Close()
	from, err := greet(client)
	if err != nil {
		return
	}
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer server.Close()
	go func() { _, _ = io.Copy(server, from); server.Close() }()
	_, _ = io.Copy(from, server)
}
