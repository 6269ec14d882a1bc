package mysql_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tablesnap/tablesnap/dialect/mysql"
)

// TestDSNReachesTheDriver: the driver gets the settings of the DSN, and no others.
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
		cfg, err := mysql.ParseDSN(c.dsn)
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

// TestDSNOfAnotherDatabase: Open rejects a DSN of another family.
func TestDSNOfAnotherDatabase(t *testing.T) {
	for _, text := range []string{"postgres://ada@h/shop", "sqlite:a.db", "mysql://ada:hunter2@h/", ""} {
		if _, err := mysql.Open(text, time.Second); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
