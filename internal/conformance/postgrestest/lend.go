package postgrestest

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tablesnap/tablesnap/internal/testservers"
)

// Creating a database takes 0.1 s of the server's CPU time, and opening a session half of
// that. So a process creates a database only if none is free. It lends databases and
// their sessions to one test after the other, and resets both in between.

// lender has the databases of one server with the same settings. Every process uses the
// same names and locks those that it uses. The next process recreates them, so that their
// number does not grow.
type lender struct {
	server   Server
	name     string
	settings []string

	mu    sync.Mutex
	admin *pgx.Conn // holds the advisory locks
	free  testservers.Free[*lent]
}

var (
	lenders  = map[string]*lender{}
	lendings = map[string]*lent{} // by host, port and name
	lendMu   sync.Mutex
)

func (s Server) lender(kind string, settings []string) *lender {
	lendMu.Lock()
	defer lendMu.Unlock()
	key := s.Name + " " + kind
	if lenders[key] == nil {
		lenders[key] = &lender{server: s, name: "tablesnap_lent_" + kind, settings: settings}
	}
	return lenders[key]
}

// lend lends the test an empty database until the test ends.
func (l *lender) lend(t testing.TB) *lent {
	t.Helper()
	ctx := context.Background()
	d, used := l.free.Take()
	if used {
		if err := d.empty(ctx); err != nil {
			t.Logf("the database %s is made anew: %v", d.config.Database, err)
			if err := d.remake(ctx); err != nil {
				t.Fatal(err)
			}
		}
	} else {
		var err error
		if d, err = l.another(ctx, l.server.Config(t)); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { l.free.Give(d) })
	return d
}

// another creates the first database that no process has locked.
func (l *lender) another(ctx context.Context, config *pgx.ConnConfig) (*lent, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.admin == nil {
		admin, err := pgx.ConnectConfig(ctx, config)
		if err != nil {
			return nil, err
		}
		l.admin = admin
	}
	for n := 1; ; n++ {
		config = config.Copy()
		config.Database = fmt.Sprint(l.name, n)
		mine := false
		if err := l.admin.QueryRow(ctx, "SELECT pg_try_advisory_lock(hashtextextended($1, 0))", config.Database).Scan(&mine); err != nil {
			return nil, err
		}
		// The session may already hold this lock, since advisory locks are reentrant.
		lendMu.Lock()
		mine = mine && lendings[place(config)] == nil
		lendMu.Unlock()
		if !mine {
			continue
		}
		d := &lent{lender: l, config: config, pools: map[string]*pgxpool.Pool{}}
		if err := d.create(ctx); err != nil {
			return nil, err
		}
		lendMu.Lock()
		defer lendMu.Unlock()
		lendings[place(config)] = d
		return d, nil
	}
}

// lent is a database that is lent to one test after the other.
type lent struct {
	lender *lender
	config *pgx.ConnConfig
	keeper *pgx.Conn // resets the database
	asNew  string    // the state of the new database

	mu    sync.Mutex
	pools map[string]*pgxpool.Pool
}

// create creates the database. The caller holds the lender's lock.
func (d *lent) create(ctx context.Context) error {
	statements := []string{
		"DROP DATABASE IF EXISTS " + d.config.Database + " WITH (FORCE)",
		"CREATE DATABASE " + d.config.Database + " STRATEGY file_copy", // takes a quarter of the time of the default strategy
	}
	for _, setting := range d.lender.settings {
		statements = append(statements, "ALTER DATABASE "+d.config.Database+" SET "+setting)
	}
	for _, s := range statements {
		if _, err := d.lender.admin.Exec(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	config := d.config.Copy()
	config.RuntimeParams = map[string]string{"default_transaction_read_only": "off", "default_transaction_isolation": "read committed", "statement_timeout": "0", "lock_timeout": "0"}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	var err error
	if d.keeper, err = pgx.ConnectConfig(ctx, config); err != nil {
		return err
	}
	return d.keeper.QueryRow(ctx, state).Scan(&d.asNew)
}

func (d *lent) remake(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.pools {
		p.Close()
	}
	clear(d.pools)
	d.keeper.Close(ctx)
	d.lender.mu.Lock()
	defer d.lender.mu.Unlock()
	return d.create(ctx)
}

// state is a query for everything that a used database may have in addition to a new one.
// Objects that initdb created have OIDs below 16384. The schemas of temporary tables
// remain, but empty.
const state = `SELECT concat_ws(' ',
	(SELECT count(*) FROM pg_namespace WHERE oid >= 16384 AND nspname <> 'public' AND nspname !~ '^pg_'),
	(SELECT count(*) FROM pg_class WHERE oid >= 16384), (SELECT count(*) FROM pg_type WHERE oid >= 16384),
	(SELECT count(*) FROM pg_proc WHERE oid >= 16384), (SELECT count(*) FROM pg_operator WHERE oid >= 16384),
	(SELECT count(*) FROM pg_cast WHERE oid >= 16384), (SELECT count(*) FROM pg_collation WHERE oid >= 16384),
	(SELECT count(*) FROM pg_ts_config WHERE oid >= 16384), (SELECT count(*) FROM pg_extension WHERE oid >= 16384),
	(SELECT count(*) FROM pg_event_trigger), (SELECT count(*) FROM pg_publication), (SELECT count(*) FROM pg_foreign_data_wrapper),
	(SELECT count(*) FROM pg_largeobject_metadata), (SELECT count(*) FROM pg_default_acl), (SELECT count(*) FROM pg_language WHERE oid >= 16384),
	(SELECT concat_ws(' ', nspacl, nspowner::regrole) FROM pg_namespace WHERE nspname = 'public'),
	(SELECT concat_ws(' ', datacl, datconnlimit, datallowconn, datdba) FROM pg_database WHERE datname = current_database()),
	(SELECT string_agg(concat_ws(' ', setrole, setconfig), ' ' ORDER BY setrole) FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())))`

// emptying drops all schemas and creates the schema public as in a new database.
const emptying = `DO $$ DECLARE s text; BEGIN
	FOR s IN SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
		EXECUTE 'DROP SCHEMA ' || s || ' CASCADE';
	END LOOP; END $$;
	CREATE SCHEMA public AUTHORIZATION pg_database_owner;
	GRANT USAGE ON SCHEMA public TO PUBLIC`

// empty makes the database like new. It returns an error if it cannot.
func (d *lent) empty(ctx context.Context) error {
	if err := d.alone(ctx); err != nil {
		return err
	}
	var now string
	if err := d.keeper.QueryRow(ctx, state).Scan(&now); err != nil || now == d.asNew {
		return err
	}
	if _, err := d.keeper.Exec(ctx, emptying, pgx.QueryExecModeSimpleProtocol); err != nil {
		return err
	}
	if err := d.keeper.QueryRow(ctx, state).Scan(&now); err != nil {
		return err
	}
	if now != d.asNew {
		return fmt.Errorf("after everything was dropped it is not as it was when it was new:\n%s\n%s", now, d.asNew)
	}
	return nil
}

// alone terminates all sessions that are neither the keeper nor idle in a pool.
func (d *lent) alone(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	ours := []uint32{d.keeper.PgConn().PID()}
	for _, p := range d.pools {
		for _, c := range p.AcquireAllIdle(ctx) {
			ours = append(ours, c.Conn().PgConn().PID())
			defer c.Release()
		}
	}
	var ended []bool
	err := d.keeper.QueryRow(ctx, `SELECT array_agg(pg_terminate_backend(pid, 60000)) FROM pg_stat_activity
		WHERE datid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND backend_type = 'client backend' AND pid <> ALL ($1::int[])`, ours).Scan(&ended)
	if err != nil {
		return fmt.Errorf("end the sessions of the last test: %w", err)
	}
	return nil
}

// place identifies a database.
func place(c *pgx.ConnConfig) string { return fmt.Sprint(c.Host, " ", c.Port, " ", c.Database) }

// Connector reuses the sessions of a lent database. For another database or user, it
// opens new ones.
func Connector(t testing.TB, config *pgx.ConnConfig) driver.Connector {
	t.Helper()
	lendMu.Lock()
	d := lendings[place(config)]
	lendMu.Unlock()
	if d == nil || config.User != d.config.User {
		return stdlib.GetConnector(*config)
	}
	return d.connector(t, config)
}

// connector returns a connector that reuses the database's sessions. Each session is
// reset before it is used again.
func (d *lent) connector(t testing.TB, config *pgx.ConnConfig) driver.Connector {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	key := fmt.Sprint(config.DefaultQueryExecMode, config.RuntimeParams)
	if d.pools[key] == nil {
		pool, err := keep(config)
		if err != nil {
			t.Fatal(err)
		}
		d.pools[key] = pool
	}
	return stdlib.GetPoolConnector(d.pools[key])
}

func keep(config *pgx.ConnConfig) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig("")
	if err != nil {
		return nil, err
	}
	c.ConnConfig = config.Copy()
	c.MaxConns = 50
	c.PrepareConn = func(ctx context.Context, conn *pgx.Conn) (bool, error) {
		_, err := conn.PgConn().Exec(ctx, "DISCARD ALL").ReadAll()
		return errors.Join(err, conn.DeallocateAll(ctx)) == nil, nil
	}
	return pgxpool.NewWithConfig(context.Background(), c)
}
