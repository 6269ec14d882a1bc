//go:build unix

package main

import (
	"crypto/tls"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/internal/conformance/mysqltest"
	"github.com/tablesnap/tablesnap/internal/conformance/postgrestest"
	"github.com/tablesnap/tablesnap/internal/wait"
)

// refusedFor runs a command. It must end with exit code 5 and say what to write.
func refusedFor(t *testing.T, dsn, write string) {
	t.Helper()
	r := runTablesnap(t, t.TempDir(), "history", "t", "--dsn", dsn)
	if r.code != exitNoEntry || !strings.Contains(r.stderr, "tablesnap: connect to the database") || !strings.Contains(r.stderr, write) || strings.Contains(r.stderr, password) {
		t.Errorf("want exit code %d and the advice %q: %s", exitNoEntry, write, r)
	}
}

// TestMySQLWantsTLS: the error says what to write in the DSN if the server requires TLS,
// has no TLS, or has a certificate that is not signed by a known authority.
func TestMySQLWantsTLS(t *testing.T) {
	for _, s := range mysqltest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			d := newServerDesk(t, s)
			d.exec(fmt.Sprintf("ALTER USER '%s'@'%%' REQUIRE SSL", d.user))
			dsn := d.scheme + "://%s:" + password + "@" + d.host + "/" + d.in.Schema
			refusedFor(t, fmt.Sprintf(dsn, d.user), "then add tls=true after the ?")
			write := "tls=preferred"
			if hasTLS(t, d.in.Other) {
				write = "tls=skip-verify"
				r := runTablesnap(t, t.TempDir(), "inspect", "t", "--dsn", fmt.Sprintf(dsn, d.user)+"?tls=skip-verify")
				if r.code != exitDone {
					t.Errorf("the advice does not help: %s", r)
				}
			}
			refusedFor(t, fmt.Sprintf(dsn, d.limited)+"?tls=true", write)
			if r := runTablesnap(t, t.TempDir(), "inspect", "t", "--dsn", fmt.Sprintf(dsn, d.limited)+"?"+write); r.code != exitDone {
				t.Errorf("the advice does not help: %s", r)
			}
		})
	}
}

// hasTLS reports whether the server offers TLS. A MariaDB that has generated its own
// certificate shows no date for its end.
func hasTLS(t *testing.T, db *sql.DB) bool {
	t.Helper()
	ends, err := queryLines(db, "SHOW GLOBAL STATUS WHERE variable_name = 'Ssl_server_not_after' AND value <> ''")
	if err != nil {
		t.Fatal(err)
	}
	have, err := queryLines(db, "SHOW GLOBAL VARIABLES WHERE variable_name = 'have_ssl' AND value = 'YES'")
	if err != nil {
		t.Fatal(err)
	}
	return len(ends)+len(have) > 0
}

// TestPostgresWantsTLS: pg_hba.conf rejects a user without TLS, as it does with only
// hostssl lines; or the server has no TLS.
func TestPostgresWantsTLS(t *testing.T) {
	for _, s := range postgrestest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			c := s.Create(t)
			db := postgrestest.Open(t, c)
			const user = "tablesnap_with_tls"
			refuseWithoutTLS(t, db, user)
			dsn := fmt.Sprintf("postgres://%%s:%s@%s:%d/%s?sslmode=", password, c.Host, c.Port, c.Database)
			wait.Until(t, "the server reads its pg_hba.conf again", func() bool {
				r := runTablesnap(t, t.TempDir(), "history", "t", "--dsn", fmt.Sprintf(dsn, user)+"disable")
				return strings.Contains(r.stderr, "pg_hba.conf")
			})
			refusedFor(t, fmt.Sprintf(dsn, user)+"disable", "then write sslmode=require in the DSN")
			refusedFor(t, fmt.Sprintf(dsn, c.User)+"require", "write sslmode=prefer in the DSN")
			refusedFor(t, fmt.Sprintf(dsn, c.User)+"verify-full", "write sslmode=prefer in the DSN")
			if r := runTablesnap(t, t.TempDir(), "inspect", "t", "--dsn", fmt.Sprintf(dsn, c.User)+"prefer"); r.code != exitDone {
				t.Errorf("the advice does not help: %s", r)
			}
		})
	}
}

// TestPostgresUnsignedCertificate connects to a server whose certificate nobody has
// signed that this machine trusts.
func TestPostgresUnsignedCertificate(t *testing.T) {
	for _, s := range postgrestest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			c := s.Create(t)
			if _, err := postgrestest.Open(t, c).Exec("CREATE TABLE t (v int)"); err != nil {
				t.Fatal(err)
			}
			address := withTLS(t, net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))))
			dsn := fmt.Sprintf("postgres://%s:%s@%s/%s?sslmode=", c.User, password, address, c.Database)
			refusedFor(t, dsn+"verify-full", "or write sslmode=require without it")
			if r := runTablesnap(t, t.TempDir(), "inspect", "t", "--dsn", dsn+"require"); r.code != exitDone {
				t.Errorf("the advice does not help: %s", r)
			}
		})
	}
}

// withTLS returns the address at which a PostgreSQL server that has no TLS is reached with
// TLS until the test ends. A client asks for TLS ahead of everything else
// (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL).
func withTLS(t *testing.T, server string) string {
	t.Helper()
	const lengthOfRequest = 8
	certified := httptest.NewTLSServer(nil) // for its certificate
	t.Cleanup(certified.Close)
	return relayAfter(t, "tcp", "127.0.0.1:0", server, func(client net.Conn) (net.Conn, error) {
		if _, err := io.ReadFull(client, make([]byte, lengthOfRequest)); err != nil {
			return nil, err
		}
		_, err := client.Write([]byte("S"))
		return tls.Server(client, &tls.Config{Certificates: certified.TLS.Certificates}), err
	})
}

// refuseWithoutTLS adds a line for the user at the beginning of pg_hba.conf, until the test
// ends.
func refuseWithoutTLS(t *testing.T, db *sql.DB, user string) {
	t.Helper()
	var file, content string
	if err := db.QueryRow("SELECT current_setting('hba_file'), pg_read_file(current_setting('hba_file'))").Scan(&file, &content); err != nil {
		t.Fatal(err)
	}
	write := func(content string) {
		t.Helper()
		var object int64
		for _, step := range []struct {
			query string
			args  []any
		}{
			{"SELECT lo_from_bytea(0, $1)", []any{[]byte(content)}},
			{"SELECT lo_export($1, $2)", []any{&object, file}},
			{"SELECT lo_unlink($1)", []any{&object}},
			{"SELECT pg_reload_conf()::int", nil},
		} {
			var answer int64
			if err := db.QueryRow(step.query, step.args...).Scan(&answer); err != nil {
				t.Fatalf("%s: %v", step.query, err)
			}
			if object == 0 {
				object = answer
			}
		}
	}
	t.Cleanup(func() { write(content) })
	write("hostnossl all " + user + " all reject\n" + content)
}
