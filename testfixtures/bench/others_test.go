package bench

import (
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/internal/testservers"
)

// What people load files with. None of them makes a backup, or checks what it loads.

// BenchmarkPgloader is an upload in place against pgloader, which clears the table and loads.
func BenchmarkPgloader(b *testing.B) {
	program(b, "pgloader")
	for _, name := range familyOfPostgres {
		onEachSizeOf(b, name, func(b *testing.B, rows int) {
			s := newPostgres(b, name, rows)
			into := *s.dsn
			into.RawQuery = "tablename=t"
			args := []string{"--on-error-stop", "--type", "csv", "--with", "truncate", "--with", "skip header = 1", "--with", "fields terminated by ','"}
			for column := range strings.SplitSeq(columns, ", ") {
				args = append(args, "--field", column)
			}
			against(b, s, func() usage { return run(b, nil, "pgloader", append(args, s.rows, into.String())...) })
		})
	}
}

// BenchmarkSQLiteUtils is an upload in place against sqlite-utils, which clears the table and
// loads.
func BenchmarkSQLiteUtils(b *testing.B) {
	program(b, "sqlite-utils")
	onEachSizeOf(b, "sqlite", func(b *testing.B, rows int) {
		s := newSQLite(b, rows, keyed)
		against(b, s, func() usage { return run(b, nil, "sqlite-utils", "insert", s.work, "t", s.rows, "--csv", "--truncate") })
	})
}

// mostOfCSVSQL is the number of rows up to which csvsql is tried: it has the file in memory.
const mostOfCSVSQL = million

// BenchmarkCSVSQL is an upload in place against csvkit's csvsql, which clears the table and
// loads. It may not look for types, which would take most of its time.
func BenchmarkCSVSQL(b *testing.B) {
	program(b, "csvsql")
	onEachSizeOf(b, "sqlite", func(b *testing.B, rows int) {
		s := newSQLite(b, rows, keyed)
		csvsql(b, s, rows, "sqlite:///"+s.work)
	})
	for _, name := range familyOfPostgres {
		onEachSizeOf(b, name, func(b *testing.B, rows int) {
			s := newPostgres(b, name, rows)
			csvsql(b, s, rows, strings.Replace(s.dsn.String(), "postgres:", "postgresql:", 1))
		})
	}
	for _, name := range familyOfMySQL {
		onEachSizeOf(b, name, func(b *testing.B, rows int) {
			s := newServer(b, name, rows)
			u := url.URL{Scheme: "mysql+pymysql", User: s.dsn.User, Host: s.dsn.Host, Path: s.dsn.Path, RawQuery: "charset=utf8mb4"}
			csvsql(b, s, rows, u.String())
		})
	}
}

func csvsql(b *testing.B, d database, rows int, dsn string) {
	b.Helper()
	if rows > mostOfCSVSQL {
		b.Skip("csvsql is tried with fewer rows")
	}
	against(b, d, func() usage {
		return run(b, nil, "csvsql", "--db", dsn, "--no-inference", "--insert", "--no-create", "--no-constraints", "--before-insert", "DELETE FROM t", "--tables", "t", "--chunk-size", "1000", d.file())
	})
}

func against(b *testing.B, d database, theirs func() usage) {
	b.Helper()
	pair(b, func() { d.reset(b) }, func() usage { return apply(b, d, "--strategy", "in-place") }, theirs)
}

func program(b *testing.B, name string) {
	b.Helper()
	if _, err := exec.LookPath(name); err != nil {
		testservers.Lacks(b, "%s is not installed", name)
	}
}
