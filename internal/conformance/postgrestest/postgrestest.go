// Package postgrestest provides tests with databases on PostgreSQL servers, with psql,
// and with PostgreSQL as a database for the conformance suite.
package postgrestest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/postgres"
	"github.com/tablesnap/tablesnap/internal/conformance"
	"github.com/tablesnap/tablesnap/internal/testservers"
)

// Server is a server for tests. Its name is that in testfixtures/servers and, in
// capitals, the end of the variable with its DSN.
type Server struct {
	Name    string
	columns []conformance.Column
}

// Servers returns all servers.
func Servers() []Server {
	all := []Server{
		{"postgres", columns()},
		{"postgres18", append(columns(), columnsOf18()...)},
	}
	named := testservers.Named("postgres", "postgres18")
	return slices.DeleteFunc(all, func(s Server) bool { return !slices.Contains(named, s.Name) })
}

// Database returns a server for the conformance suite. Without the server, the test is
// skipped, or fails if TABLESNAP_REQUIRE names the server.
func (s Server) Database(t *testing.T) conformance.Database {
	t.Helper()
	s.Config(t)
	return conformance.Database{
		Name:     s.Name,
		Backend:  postgres.New(),
		Strategy: dialect.InPlace,
		Open:     s.instance,
		Words:    words(),
		Goose:    goose.DialectPostgres,
		GooseLock: func(t *testing.T) goose.ProviderOption {
			l, err := lock.NewPostgresSessionLocker()
			if err != nil {
				t.Fatal(err)
			}
			return goose.WithSessionLocker(l)
		},
		Columns: s.columns,
		Odd:     odd(),
		Bounds:  bounds(),
	}
}

// Config returns the configuration to connect to the server.
func (s Server) Config(t testing.TB) *pgx.ConnConfig {
	t.Helper()
	c, err := pgx.ParseConfig(testservers.DSN(t, s.Name))
	if err != nil {
		t.Fatalf("%s cannot be read", testservers.Variable(s.Name))
	}
	return c
}

// unusual are settings of a database that change the meaning of statements and values. An
// upload must work with them.
var unusual = []string{
	"DateStyle = 'SQL, DMY'", "IntervalStyle = 'iso_8601'", "TimeZone = 'Asia/Kolkata'", "extra_float_digits = 0", "bytea_output = 'escape'",
	"default_transaction_isolation = 'serializable'", "default_transaction_read_only = on", "lock_timeout = '1min'", "statement_timeout = '1min'",
	"xmloption = 'document'", "array_nulls = off", "synchronous_commit = off",
}

// Create lends the test an empty database and returns its configuration.
func (s Server) Create(t testing.TB) *pgx.ConnConfig {
	t.Helper()
	return s.lender("plain", nil).lend(t).config.Copy()
}

func (s Server) instance(t *testing.T) conformance.Instance {
	t.Helper()
	config := s.lender("unusual", unusual).lend(t).config.Copy()
	asOther := config.Copy()
	asOther.RuntimeParams = map[string]string{
		"default_transaction_isolation": "read committed", "default_transaction_read_only": "off", "extra_float_digits": "1", "TimeZone": "UTC",
		"DateStyle": "ISO", "IntervalStyle": "postgres", "bytea_output": "hex", "xmloption": "content", "array_nulls": "on", "lock_timeout": "2s",
	}
	other := Open(t, asOther)
	asPool := config.Copy()
	// goose writes in sessions that tablesnap does not set up.
	asPool.RuntimeParams = map[string]string{"default_transaction_read_only": "off", "default_transaction_isolation": "read committed"}
	return conformance.Instance{
		Connector:   Connector(t, asPool),
		Other:       other,
		GooseDSN:    s.GooseDSN(t, asPool),
		Client:      func(t *testing.T, script string) error { return s.Client(t, config, script) },
		Fingerprint: func(t *testing.T) string { return fingerprint(t, other) },
	}
}

// GooseDSN returns the server's DSN with the database and the session settings of c.
func (s Server) GooseDSN(t testing.TB, c *pgx.ConnConfig) string {
	t.Helper()
	u, err := url.Parse(testservers.DSN(t, s.Name))
	if err != nil {
		t.Fatalf("%s cannot be read", testservers.Variable(s.Name)) // the error would show the password
	}
	u.Path = c.Database
	query := u.Query()
	for name, value := range c.RuntimeParams {
		query.Set(name, value)
	}
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // PostgreSQL's URLs do not accept + for a blank
	return u.String()
}

// Open opens a database and closes it after the test.
func Open(t testing.TB, config *pgx.ConnConfig) *sql.DB {
	t.Helper()
	// The default mode caches prepared statements, which fail after a table's definition
	// has changed.
	c := config.Copy()
	c.DefaultQueryExecMode = pgx.QueryExecModeExec
	db := sql.OpenDB(Connector(t, c))
	db.SetMaxIdleConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

// Exec runs each of the statements.
func Exec(t testing.TB, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.ExecContext(context.Background(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// definitions is a query for the definitions of all relations in the schema.
const definitions = `SELECT c.relname, concat_ws(' ', c.oid, c.relkind, c.relfilenode, c.relacl,
	(SELECT string_agg(concat_ws(' ', attname, atttypid::regtype, atttypmod, attnotnull, attidentity, attgenerated, attisdropped), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = c.oid),
	(SELECT string_agg(pg_get_constraintdef(oid), ', ' ORDER BY oid) FROM pg_constraint WHERE conrelid = c.oid),
	(SELECT string_agg(pg_get_triggerdef(oid), ', ' ORDER BY oid) FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal),
	CASE WHEN c.relkind = 'S' THEN pg_sequence_last_value(c.oid) END, CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END)
	FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace ORDER BY c.relname`

// fingerprint is the SHA-256 of all definitions and all rows of the database.
func fingerprint(t *testing.T, db *sql.DB) string {
	t.Helper()
	sum := sha256.New()
	fmt.Fprintf(sum, "%q\n", pairs(t, db, definitions))
	for _, table := range pairs(t, db, `SELECT relname, '' FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname`) {
		quoted := postgres.New().Quote(table[0])
		fmt.Fprintf(sum, "%q\n", pairs(t, db, `SELECT r::text, r.xmin::text FROM public.`+quoted+` AS r ORDER BY 1, 2`))
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func pairs(t *testing.T, db *sql.DB, query string) [][2]string {
	t.Helper()
	found, err := db.QueryContext(context.Background(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer found.Close()
	var all [][2]string
	for found.Next() {
		var p [2]sql.NullString
		if err := found.Scan(&p[0], &p[1]); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		all = append(all, [2]string{p[0].String, p[1].String})
	}
	if err := found.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return all
}
