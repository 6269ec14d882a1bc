package postgres_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/postgres"
)

// TestPreparedQueries: a session that looks at tables again and again has prepared its
// queries. It sees what another session has defined meanwhile.
func TestPreparedQueries(t *testing.T) {
	onEach(t, func(c client) {
		c.connect(postgres.Connector(c.config, 0))
		s := c.oftenLooked()
		if len(s.prepared()) == 0 {
			c.Error("no query is prepared")
		}
		for _, change := range []string{
			"ALTER TABLE t ADD COLUMN more text DEFAULT 'x'", "ALTER TABLE t ALTER COLUMN v TYPE int USING 0", "CREATE UNIQUE INDEX more ON t (more)",
			"CREATE TABLE child (v text REFERENCES t (more))", "CREATE VIEW seen AS SELECT v FROM t",
			"CREATE FUNCTION asking() RETURNS text LANGUAGE sql AS 'SELECT more FROM t LIMIT 1'", "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
			"DROP TABLE t CASCADE", "CREATE TABLE t (other date)", "DROP TABLE t", "CREATE VIEW t AS SELECT 1 AS one", "DROP VIEW t",
			"CREATE TABLE t (v text)",
		} {
			c.run(change)
			s.looksAsNew(change)
		}
		c.fresh("CREATE TABLE t (v text)")
		s.looksAsNew("another schema of the same name")
		before := len(s.prepared())
		c.upload(request("doc_1", "v", "x"))
		s.looksAsNew("an upload")
		if now := len(s.prepared()); now < before {
			c.Errorf("%d queries are prepared, and %d were before", now, before)
		}
	})
}

// TestLostStatements: the session goes on without prepared statements if somebody else has
// removed or replaced them, as a pooler of sessions does. In a transaction none are used.
func TestLostStatements(t *testing.T) {
	onEach(t, func(c client) {
		c.connect(postgres.Connector(c.config, 0))
		for _, lost := range []string{"DISCARD ALL", "DEALLOCATE ALL"} {
			s := c.oftenLooked()
			s.run(lost)
			s.looksAsNew(lost)
			s.looksAsNew(lost + ", again")
			c.same("the prepared statements after "+lost, s.prepared())
		}
		names := c.oftenLooked().prepared()
		s := c.session()
		for _, name := range names {
			s.run(`PREPARE "` + name + `" AS SELECT 1`)
		}
		s.lookOften()
		s.looksAsNew("statements of these names")

		s = c.oftenLooked()
		s.run("DEALLOCATE ALL", "BEGIN")
		s.looksAsNew("a transaction has begun")
		s.run("COMMIT")
	})
}

// TestNothingPrepared: the settings of the DSN, and of a pool that is not tablesnap's, can
// turn prepared statements off.
func TestNothingPrepared(t *testing.T) {
	onEach(t, func(c client) {
		without, plain := c.config.Copy(), c.config.Copy()
		without.StatementCacheCapacity, plain.DefaultQueryExecMode = 0, pgx.QueryExecModeExec
		c.connect(postgres.Connector(without, 0))
		c.same("the statements without a cache", c.oftenLooked().prepared())
		c.connect(stdlib.GetConnector(*plain))
		c.same("the statements in another program's pool", c.oftenLooked().prepared())
	})
}

// session is one session in which a test looks at the table t.
type session struct {
	client
	conn *sql.Conn
}

func (c client) session() session {
	c.Helper()
	conn, err := c.db.Conn(context.Background())
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() { conn.Close() })
	return session{c, conn}
}

func (c client) oftenLooked() session {
	c.Helper()
	c.run("CREATE TABLE IF NOT EXISTS t (v text PRIMARY KEY)")
	s := c.session()
	s.lookOften()
	return s
}

// lookOften looks as often as the server needs to have planned the queries once for all
// (https://www.postgresql.org/docs/current/sql-prepare.html#SQL-PREPARE-NOTES).
func (s session) lookOften() {
	s.Helper()
	for range 12 {
		s.look(s.conn)
	}
}

func (s session) look(conn dialect.Conn) dialect.Target {
	s.Helper()
	ref, err := dialect.ParseReference("t")
	if err != nil {
		s.Fatal(err)
	}
	target, err := postgres.New().Inspect(context.Background(), conn, ref)
	if err != nil {
		s.Fatal(err)
	}
	return target
}

// looksAsNew checks that the session sees what others see, which use no prepared
// statements.
func (s session) looksAsNew(after string) {
	s.Helper()
	if diff := cmp.Diff(s.look(s.db), s.look(s.conn)); diff != "" {
		s.Errorf("the table after %s (-want +got):\n%s", after, diff)
	}
}

func (s session) run(statements ...string) {
	s.Helper()
	for _, statement := range statements {
		if _, err := s.conn.ExecContext(context.Background(), statement); err != nil {
			s.Fatalf("%s: %v", statement, err)
		}
	}
}

func (s session) prepared() (names []string) {
	s.Helper()
	rows, err := s.conn.QueryContext(context.Background(), "SELECT name FROM pg_prepared_statements ORDER BY name")
	if err != nil {
		s.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			s.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		s.Fatal(err)
	}
	return names
}
