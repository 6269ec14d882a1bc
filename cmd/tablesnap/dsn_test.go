package main

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

const ofTest = "TABLESNAP_DSN"

// TestDSNReachesTheDriver: what a DSN says is what the driver is told, and nothing
// that it does not say.
func TestDSNReachesTheDriver(t *testing.T) {
	for _, c := range []struct{ dsn, want string }{
		{"mysql://ada:pw@db.example.com:3307/shop", "ada|pw|tcp|db.example.com:3307|shop|map[]"},
		{"mysql://ada:pw@db.example.com/shop", "ada|pw|tcp|db.example.com:3306|shop|map[]"},
		{"MySQL://ada@db/shop", "ada||tcp|db:3306|shop|map[]"},
		{"mysql:///shop", "||tcp|127.0.0.1:3306|shop|map[]"},
		{"mysql://[::1]:3306/shop", "||tcp|[::1]:3306|shop|map[]"},
		{"mariadb://ada:pw@[::1]/shop", "ada|pw|tcp|[::1]:3306|shop|map[]"},
		{"tidb://root@[fe80::1%25eth0]:4000/shop", "root||tcp|[fe80::1%eth0]:4000|shop|map[]"},
		{"mysql://h/shop?charset=utf8mb4,utf8", "||tcp|h:3306|shop|map[]|SET utf8mb4 utf8"},
		{"mysql://h/shop?charset=utf8mb4%2Cutf8", "||tcp|h:3306|shop|map[]|SET utf8mb4 utf8"},
		{"mysql://h/shop?sql_mode=%27ORACLE%27&time_zone='%2B00:00'", "||tcp|h:3306|shop|map[sql_mode:'ORACLE' time_zone:'+00:00']"},
		{"mysql://h/shop?loc=Europe/Berlin", "||tcp|h:3306|shop|map[]"},
		{"mysql://ada:pw@/shop?socket=/run/mysqld/mysqld.sock", "ada|pw|unix|/run/mysqld/mysqld.sock|shop|map[]"},
		{"mysql://ada:pw@localhost/shop?unix_socket=%2Frun%2Fmysqld.sock", "ada|pw|unix|/run/mysqld.sock|shop|map[]"},
		{"mysql://ada:p@w@unix(/run/my sql.sock)/shop", "ada|p@w|unix|/run/my sql.sock|shop|map[]"},
		{"mariadb://unix(/run/sock)/shop?charset=utf8mb4", "||unix|/run/sock|shop|map[]|SET utf8mb4"},
		{"mysql://ada@(/run/sock)/shop", "ada||unix|/run/sock|shop|map[]"},
		{"mysql://ada@%2Frun%2Fsock/shop", "ada||unix|/run/sock|shop|map[]"},
		{"mysql://ada:pw@tcp(db:3307)/shop", "ada|pw|tcp|db:3307|shop|map[]"},
		{"mysql://h/sh%2Fop%40x%25", "||tcp|h:3306|sh/op@x%|map[]"},
	} {
		d, err := splitDSN(c.dsn, ofTest)
		if err != nil {
			t.Errorf("%s: %v", c.dsn, err)
			continue
		}
		cfg, err := mysqlConfig(d)
		if err != nil {
			t.Errorf("%s: %v", c.dsn, err)
			continue
		}
		got := fmt.Sprintf("%s|%s|%s|%s|%s|map%v", cfg.User, cfg.Passwd, cfg.Net, cfg.Addr, cfg.DBName, strings.TrimPrefix(fmt.Sprint(cfg.Params), "map"))
		if _, charset, found := strings.Cut(cfg.FormatDSN(), "charset="); found {
			got += "|SET " + strings.ReplaceAll(strings.SplitN(charset, "&", 2)[0], ",", " ")
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.dsn, got, c.want)
		}
	}
}

func TestDSNReachesPostgres(t *testing.T) {
	for _, name := range []string{"PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSSLMODE", "PGSERVICE"} {
		t.Setenv(name, "")
	}
	for _, c := range []struct{ dsn, want string }{
		{"postgres://ada:pw@db.example.com:5433/shop?sslmode=disable", "ada|pw|db.example.com|5433|shop|map[]"},
		{"postgresql://ada@[::1]:5432/shop?sslmode=disable", "ada||::1|5432|shop|map[]"},
		{"postgres://ada@[::1]/shop?sslmode=disable", "ada||::1|5432|shop|map[]"},
		{"postgres://ada@/shop?host=/run/postgresql&sslmode=disable", "ada||/run/postgresql|5432|shop|map[]"},
		{"postgres://ada@%2Frun%2Fpostgresql/shop?sslmode=disable", "ada||/run/postgresql|5432|shop|map[]"},
		{"postgres://ada@unix(/run/postgresql)/shop?sslmode=disable", "ada||/run/postgresql|5432|shop|map[]"},
		{"postgres://ada:pw@a:5432,b:5433/shop?sslmode=disable", "ada|pw|a|5432|shop|map[]"},
		{"postgres://ada@h/shop?search_path=a,b&sslmode=disable", "ada||h|5432|shop|map[search_path:a,b]"},
		{"postgres://ada@h/sh%40op%25?sslmode=disable", "ada||h|5432|sh@op%|map[]"},
	} {
		d, err := splitDSN(c.dsn, ofTest)
		if err != nil {
			t.Errorf("%s: %v", c.dsn, err)
			continue
		}
		cfg, err := postgresConfig(d)
		if err != nil {
			t.Errorf("%s: %v", c.dsn, err)
			continue
		}
		if got := fmt.Sprintf("%s|%s|%s|%d|%s|%v", cfg.User, cfg.Password, cfg.Host, cfg.Port, cfg.Database, cfg.RuntimeParams); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.dsn, got, c.want)
		}
	}
}

func TestDSNOfAFile(t *testing.T) {
	for _, c := range []struct{ dsn, want string }{
		{"sqlite:a.db", "a.db"},
		{"sqlite3:a.db", "a.db"},
		{"SQLITE:a.db", "a.db"},
		{"sqlite:a#b.db", "a#b.db"},
		{"sqlite:a@b.db", "a@b.db"},
		{"sqlite:a b.db", "a b.db"},
		{"sqlite:a%20b.db", "a b.db"},
		{"sqlite:100%.db", "100%.db"},
		{"sqlite:c%3Fd.db?mode=rw", "c?d.db"},
		{"sqlite:/abs/x.db", "/abs/x.db"},
		{"sqlite:///abs/x.db", "/abs/x.db"},
		{"sqlite:////abs/x.db", "/abs/x.db"},
		{"sqlite3:////abs/x.db?_pragma=journal_mode(WAL)", "/abs/x.db"},
		{"sqlite:../x.db", "../x.db"},
	} {
		d, err := splitDSN(c.dsn, ofTest)
		if err != nil || d.name != c.want {
			t.Errorf("%s: %q, %v", c.dsn, d.name, err)
		}
	}
}

// secret is what must be in no output, whatever surrounds it in a password.
const secret = "hunter2"

// TestDSNIsAnswered: what can't be served is said, with the form to write, and
// without the password.
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

// openDSN goes as far as one can without a server.
func openDSN(text string) error {
	d, err := splitDSN(text, ofTest)
	if err != nil {
		return err
	}
	db, err := openers()[d.scheme](d, readOnly, time.Second)
	if db.db != nil {
		db.db.Close()
	}
	return err
}

// TestHostilePasswords: whatever is in a password, it arrives or is named as what
// has to be escaped; and it is in no message.
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
				continue // PostgreSQL takes none
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

// arrives tells whether the driver is told this password.
func arrives(text, password string) error {
	d, err := splitDSN(text, ofTest)
	if err != nil {
		return err
	}
	got := ""
	if strings.HasPrefix(d.scheme, "postgres") {
		cfg, err := postgresConfig(d)
		if err != nil {
			return err
		}
		got = cfg.Password
	} else {
		cfg, err := mysqlConfig(d)
		if err != nil {
			return err
		}
		got = cfg.Passwd
	}
	if got != password {
		return fmt.Errorf("another password arrives (of %d bytes)", len(got))
	}
	return nil
}
