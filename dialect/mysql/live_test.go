package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/testservers"
)

// server is a database server that the tests of this package use.
type server struct {
	name    string
	backend mysqlFamily
}

func allServers() []server {
	return []server{{"mysql", New()}, {"mariadb", NewMariaDB()}, {"mariadb11", NewMariaDB()}, {"tidb", NewTiDB()}}
}

// firstTested returns the first available server. Ok is false if there is none.
func firstTested() (first server, ok bool) {
	for _, s := range allServers() {
		if len(testservers.Tested(s.name)) > 0 {
			return s, true
		}
	}
	return first, false
}

// live is an empty database on one server.
type live struct {
	*testing.T
	server
	d      mysqlFamily
	db     *sql.DB
	config *mysqldriver.Config
}

// onEach runs a test on each server except those in but.
func onEach(t *testing.T, f func(*testing.T, live), but ...string) {
	t.Helper()
	for _, s := range allServers() {
		if slices.Contains(but, s.name) || !slices.Contains(loadServers, s.name) {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			f(t, open(t, s))
		})
	}
}

// open creates a database for the test. Its character set is latin1, so that a statement
// which relies on the default character set fails.
func open(t testing.TB, s server) live {
	t.Helper()
	config := testservers.MySQL(t, s.name)
	admin := connect(t, config)
	config.DBName = fmt.Sprintf("m1_%08x_%d", crc32.ChecksumIEEE([]byte(t.Name())), os.Getpid()) // fuzzing runs several processes
	run(t, admin, "DROP DATABASE IF EXISTS `"+config.DBName+"`", "CREATE DATABASE `"+config.DBName+"` CHARACTER SET latin1")
	l := live{server: s, d: s.backend, db: connect(t, config), config: config}
	l.T, _ = t.(*testing.T)
	t.Cleanup(func() { run(t, admin, "DROP DATABASE `"+config.DBName+"`") })
	return l
}

func connect(t testing.TB, c *mysqldriver.Config) *sql.DB {
	t.Helper()
	db, err := sql.Open("mysql", c.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// connection is one session.
type connection interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func run(t testing.TB, c connection, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := c.ExecContext(context.Background(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func runStmts(t testing.TB, c connection, statements ...dialect.Stmt) {
	t.Helper()
	for _, s := range statements {
		run(t, c, s.SQL)
	}
}

// lines returns the rows of a query, with blanks between the values.
func lines(t testing.TB, c connection, query string, args ...any) []string {
	t.Helper()
	found := []string{}
	_, rows := texts(t, c, "NULL", query, args...)
	for _, values := range rows {
		found = append(found, strings.Join(values, " "))
	}
	return found
}

// texts returns the columns and the rows of a query as texts, with one for NULL.
func texts(t testing.TB, c connection, null, query string, args ...any) (columns []string, found [][]string) {
	t.Helper()
	rows, err := c.QueryContext(context.Background(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	if columns, err = rows.Columns(); err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := make([]string, len(values))
		for i, v := range values {
			if row[i] = v.String; !v.Valid {
				row[i] = null
			}
		}
		found = append(found, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return columns, found
}

// session returns a connection with the settings of a tablesnap session, until the test
// ends.
func (l live) session() *sql.Conn {
	l.Helper()
	c, leave := l.enter()
	l.Cleanup(leave)
	return c
}

// enter is session, but the caller calls leave.
func (l live) enter() (c *sql.Conn, leave func()) {
	l.Helper()
	c, err := l.db.Conn(context.Background())
	if err != nil {
		l.Fatal(err)
	}
	left, err := l.d.Enter(context.Background(), c, l.d.Session(dialect.SessionOptions{LockTimeout: time.Second}))
	if err != nil {
		l.Fatal(err)
	}
	return c, func() {
		if err := errors.Join(left(), c.Close()); err != nil {
			l.Errorf("leave the session: %v", err)
		}
	}
}

func (l live) inspect(table string) dialect.Target {
	l.Helper()
	t, err := l.d.Inspect(context.Background(), l.db, dialect.Reference{Name: dialect.Word{Text: table}})
	if err != nil {
		l.Fatal(err)
	}
	return t
}

func (l live) ident(table string) dialect.Ident {
	return dialect.Ident{Schema: l.config.DBName, Name: table}
}

func (l live) same(what string, got, want any) {
	l.Helper()
	if g, w := fmt.Sprintf("%q", got), fmt.Sprintf("%q", want); g != w {
		l.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// client pipes a script into the vendor's own program.
func (l live) client(script string, options ...string) (string, error) {
	l.Helper()
	host, port, _ := strings.Cut(l.config.Addr, ":")
	options = append([]string{"--no-defaults"}, append(options, "--batch", "--skip-column-names", "--raw",
		"-h", host, "-P", port, "-u", l.config.User, l.config.DBName)...)
	cmd := exec.Command(testservers.Client(l.T, l.name), options...)
	cmd.Stdin = strings.NewReader(script)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("%w: %s", err, stderr.String())
	}
	return stdout.String(), nil
}

func sessionOptions() dialect.SessionOptions {
	return dialect.SessionOptions{LockTimeout: time.Second}
}
