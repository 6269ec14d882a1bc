package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tablesnap/tablesnap/dialect/postgres"
)

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
		cfg, err := postgres.ParseDSN(c.dsn)
		if err != nil {
			t.Errorf("%s: %v", c.dsn, err)
			continue
		}
		if got := fmt.Sprintf("%s|%s|%s|%d|%s|%v", cfg.User, cfg.Password, cfg.Host, cfg.Port, cfg.Database, cfg.RuntimeParams); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.dsn, got, c.want)
		}
	}
}

// TestDSNOfAnotherDatabase: Open rejects a DSN of another family.
func TestDSNOfAnotherDatabase(t *testing.T) {
	for _, text := range []string{"mysql://ada@h/shop", "sqlite:a.db", ""} {
		if _, err := postgres.Open(text, time.Second); err == nil {
			t.Errorf("%s: opened", text)
		}
	}
}
