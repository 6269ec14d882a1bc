package postgres_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tablesnap/tablesnap/dialect/postgres"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance/postgrestest"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// onEach runs a test on every server, in a database of its own.
func onEach(t *testing.T, test func(client)) {
	t.Helper()
	for _, s := range postgrestest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			config := s.Create(t)
			c := client{T: t, server: s, config: config, other: postgrestest.Open(t, config)}
			c.connect(postgrestest.Connector(t, config))
			test(c)
		})
	}
}

// client uploads to kinds of tables that only PostgreSQL has, which the conformance suite
// does not cover.
type client struct {
	*testing.T
	server postgrestest.Server
	config *pgx.ConnConfig
	// other is a connection of another program, as the owner of the database.
	other *sql.DB
	db    *sql.DB
	exec  *exec.Client
}

// as makes later uploads use new sessions with another configuration.
func (c *client) as(config *pgx.ConnConfig) { c.connect(stdlib.GetConnector(*config)) }

func (c *client) connect(connector driver.Connector) {
	c.db = sql.OpenDB(connector)
	c.Cleanup(func() { c.db.Close() })
	c.exec = exec.New(c.db, postgres.New(), exec.Identity{Actor: "tester"})
}

func (c client) run(statements ...string) {
	c.Helper()
	postgrestest.Exec(c, c.other, statements...)
}

// fresh drops everything that the test has created so far, and then runs statements.
func (c client) fresh(statements ...string) {
	c.Helper()
	c.run("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
	c.run(statements...)
}

// request is an upload to the table t.
func request(docID string, lines ...string) exec.Request {
	src := rowsource.Bytes([]byte(strings.Join(lines, "\n")+"\n"), rowsource.Options{Name: "t.csv"})
	return exec.Request{Table: "t", Kind: plan.AnyTable(), DocID: docID, UploadTimestamp: "ts", Source: src,
		Options: plan.Options{Create: true, Allow: []plan.Code{plan.Shrinks}}}
}

func dropping(r exec.Request, columns ...string) exec.Request {
	r.Kind = plan.Kind{Name: "own", Event: "OWN", DropColumns: columns}
	return r
}

// allowing lets the upload run in spite of the given warnings.
func allowing(r exec.Request, codes ...plan.Code) exec.Request {
	r.Options.Allow = append(r.Options.Allow, codes...)
	return r
}

func (c client) try(r exec.Request) error {
	_, err := c.exec.Upload(context.Background(), r)
	return err
}

func (c client) upload(r exec.Request) exec.Result {
	c.Helper()
	res, err := c.exec.Upload(context.Background(), r)
	if err != nil {
		c.Fatalf("upload %s: %v", r.DocID, err)
	}
	return res
}

// refused checks that an upload is rejected even if all warnings are allowed.
func (c client) refused(r exec.Request, says ...string) {
	c.Helper()
	r.Options.Allow = plan.Codes()
	err := c.try(r)
	if _, ok := errors.AsType[*plan.RefusedError](err); !ok {
		c.Errorf("got the error %T (%v), want a refusal", err, err)
		return
	}
	c.says(err, says...)
}

func (c client) says(err error, parts ...string) {
	c.Helper()
	if err == nil {
		c.Errorf("no error, want one that says %q", parts)
		return
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			c.Errorf("the error does not say %q:\n%v", p, err)
		}
	}
}

// lines returns the rows of a query that selects one text, sorted.
func (c client) lines(query string, args ...any) []string {
	c.Helper()
	rows, err := c.other.QueryContext(context.Background(), query, args...)
	if err != nil {
		c.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line sql.NullString
		if err := rows.Scan(&line); err != nil {
			c.Fatalf("%s: %v", query, err)
		}
		lines = append(lines, line.String)
	}
	if err := rows.Err(); err != nil {
		c.Fatalf("%s: %v", query, err)
	}
	slices.Sort(lines)
	return lines
}

func (c client) same(what string, got []string, want ...string) {
	c.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		c.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// script runs the upload's script in psql.
func (c client) script(r exec.Request) error {
	c.Helper()
	p, err := c.exec.Plan(context.Background(), r)
	if err != nil {
		c.Fatalf("plan %s: %v", r.DocID, err)
	}
	var b strings.Builder
	if err := plan.WriteScript(&b, postgres.New(), p, r.Source, plan.ScriptOptions{Rows: plan.AllRows}); err != nil {
		c.Fatalf("print the script of %s: %v", r.DocID, err)
	}
	return c.server.Client(c, c.config, b.String())
}

func (c client) warned(res exec.Result, code plan.Code) {
	c.Helper()
	if !slices.ContainsFunc(res.Warnings, func(w plan.Warning) bool { return w.Code == code }) {
		c.Errorf("the warnings are %v, without %s", res.Warnings, code)
	}
}
