package main

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tablesnap/tablesnap/dialect/mysql"
	"github.com/tablesnap/tablesnap/dialect/postgres"
	"github.com/tablesnap/tablesnap/internal/dsn"
)

const ofTest = "TABLESNAP_DSN"

// secret is a part of each password. No output may contain it.
const secret = "hunter2"

// TestDSNIsAnswered: the error for a DSN that cannot be used says why or which form to
// write, and does not contain the password.
func TestDSNIsAnswered(t *testing.T) {
	for _, c := range []struct{ dsn, says string }{
		{"", "is empty"},
		{"prices.db", "write sqlite:PATH"},
		{"/srv/prices.db", "write sqlite:PATH"},
		{"./prices.sqlite3", "write sqlite:PATH"},
		{"sqlite:", "names no file"},
		{"sqlite::memory:", "in memory"},
		{"sqlite://:memory:", "write sqlite:PATH"},
		{"sqlite:x.db?mode=memory", "in memory"},
		{"sqlite:file:x.db?mode=memory", "write sqlite:PATH"},
		{"sqlite://prices.db", "write sqlite:PATH"},
		{"sqlite3://prices.db", "write sqlite:PATH"},
		{"sqlite+pysqlite:///prices.db", "SQLAlchemy; write sqlite:PATH"},
		{"file:prices.db?cache=shared", "write sqlite:PATH"},
		{"sqlite:x.db?a=%zz", "settings"},
		{"ada:hunter2@tcp(db:3306)/shop", "Go driver; write mysql://"},
		{"ada:hunter2@/shop", "Go driver; write mysql://"},
		{"ada:hun/ter2@unix(/run/sock)/shop", "Go driver; write mysql://"},
		{"tcp(db)/shop", "Go driver; write mysql://"},
		{"jdbc:mysql://db/shop?user=ada&password=hunter2", "JDBC; write mysql://"},
		{"jdbc:mariadb://db/shop?user=ada&password=hunter2", "JDBC; write mariadb://"},
		{"jdbc:postgresql://db/shop?user=ada&password=hunter2", "JDBC; write postgres://"},
		{"jdbc:sqlite:prices.db", "JDBC; write sqlite:PATH"},
		{"host=db user=ada password=hunter2 dbname=shop", "write postgres://"},
		{"user=ada password='hunter2'", "write postgres://"},
		{"Server=db;Database=shop;Uid=ada;Pwd=hunter2;", "write mysql://"},
		{"mysql+pymysql://ada:hunter2@db/shop", "SQLAlchemy; write mysql://"},
		{"mariadb+mariadbconnector://ada:hunter2@db/shop", "SQLAlchemy; write mariadb://"},
		{"postgresql+psycopg2://ada:hunter2@db/shop", "SQLAlchemy; write postgres://"},
		{"pgx://ada:hunter2@db/shop", "write postgres://"},
		{"mysqlx://ada:hunter2@db/shop", "write mysql://"},
		{"oracle://ada:hunter2@db/shop", "none of the schemes"},
		{"ada:hunter2@db", "none of the schemes"},
		{"hunter2", "no scheme"},
		{"mysql:ada:hunter2@db/shop", "no // after mysql:"},
		{"mysql://ada:hunter2@db", "names no database"},
		{"mysql://ada:hunter2@db/", "names no database"},
		{"mysql://ada:hunter2@a,b/shop", "more than one host"},
		{"mysql://ada:hunter2@::1/shop", "IPv6 address without brackets"},
		{"mysql://ada:hunter2@::1:3306/shop", "IPv6 address without brackets"},
		{"mysql://ada:hunter2@db:port/shop", "port that is none"},
		{"mysql://ada:hunter2@db:99999/shop", "port that is none"},
		{"mysql://db/shop?user=ada&password=hunter2", "after the ?"},
		{"mysql://db/shop?Password=hunter2", "after the ?"},
		{"mysql://db/shop?strict=true", "strict"},
		{"mysql://db/shop?parseTime=hunter2", "settings"},
		{"mysql://db/shop?hunter2", "without a value"},
		{"mysql://ada:hunter2@db/shop?socket=/run/sock", "names a host and a socket"},
		{"postgres://ada:hunter2@db/shop?sslmode=hunter2", "write postgres://"},
		{"postgres://ada:hunter2@/shop?socket=/run/sock", "?host=/FOLDER"},
		{"postgres://ada:hunter2@db/shop?sslrootcert=/nosuch/ca.pem&sslmode=verify-full", "/nosuch/ca.pem"},
		{"mysql://ada:hunter2\n@db/shop", "control character"},
		{"mysql://ada:hunter2@db/shop\n", "control character"},
	} {
		err := openDSN(c.dsn)
		switch {
		case err == nil:
			t.Errorf("%s is taken", c.dsn)
		case exitCode(err) != exitUsage:
			t.Errorf("%s: exit code %d: %v", c.dsn, exitCode(err), err)
		case !strings.Contains(err.Error(), c.says):
			t.Errorf("%s: does not say %q: %v", c.dsn, c.says, err)
		case strings.Contains(err.Error(), secret):
			t.Errorf("%s: says the password: %v", c.dsn, err)
		}
	}
}

// openDSN opens a DSN without connecting.
func openDSN(text string) error {
	d, err := dsn.Parse(text)
	if err != nil {
		return readFrom(ofTest, err)
	}
	db, err := openers()[d.Scheme](d, readOnly, time.Second)
	if db.db != nil {
		db.close()
	}
	return readFrom(ofTest, err)
}

// TestHostilePasswords: either the driver gets the password unchanged, or the error names
// the character to escape. No message contains the password.
func TestHostilePasswords(t *testing.T) {
	escapes := map[string]string{"#": "%23", "/": "%2F", "?": "%3F", "%": "%25"}
	for _, scheme := range []string{"mysql", "mariadb", "tidb", "postgres", "postgresql"} {
		for _, password := range []string{
			"hunter2#x", "#hunter2", "hunter2/x", "12/hunter2", "/hunter2", "hunter2?x", "12?hunter2", "12?a=hunter2", "hunter2%zz", "hunter2%", "%hunter2",
			"a b hunter2 ", "hunter2@x", "@hunter2", "hunter2:x", "12:hunter2", "hunter2&a=b", "hunter2=x", `hunter2"\^{}|<>`, "hunter2[1]", "hunter2ü😀", "hunter2'`$(x)",
			"hunter2)(x", "unix(/hunter2)", "hunter2+x", "tcp(hunter2", "hunter2\x00", "hunter2\r",
		} {
			raw := scheme + "://ada:" + password + "@db/shop"
			checkHostile(t, raw, password, escapes)
			if strings.Contains(password, "\x00") {
				continue // PostgreSQL allows none
			}
			escaped := scheme + "://ada:" + url.PathEscape(password) + "@db/shop"
			if err := arrives(escaped, password); err != nil {
				t.Errorf("%s: %v", escaped, err)
			}
		}
	}
}

func checkHostile(t *testing.T, raw, password string, escapes map[string]string) {
	t.Helper()
	err := arrives(raw, password)
	if err == nil {
		return
	}
	if strings.Contains(err.Error(), secret) || exitCode(err) != exitUsage {
		t.Errorf("%q: %v", raw, err)
	}
	if strings.ContainsAny(password, "\x00\r") {
		return
	}
	for char, escape := range escapes {
		if strings.Contains(password, char) && strings.Contains(err.Error(), escape) {
			return
		}
	}
	t.Errorf("%q: names no character to escape: %v", raw, err)
}

// arrives returns an error unless the driver gets this password.
func arrives(text, password string) error {
	got := ""
	if strings.HasPrefix(text, "postgres") {
		cfg, err := postgres.ParseDSN(text)
		if err != nil {
			return readFrom(ofTest, err)
		}
		got = cfg.Password
	} else {
		cfg, err := mysql.ParseDSN(text)
		if err != nil {
			return readFrom(ofTest, err)
		}
		got = cfg.Passwd
	}
	if got != password {
		return fmt.Errorf("another password arrives (of %d bytes)", len(got))
	}
	return nil
}
