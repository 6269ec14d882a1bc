package mysqltest

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/internal/testservers"
	"github.com/tablesnap/tablesnap/internal/wait"
)

// What makes and drops tables is most of what a case costs a server, and the greater
// part of that goes to the database itself and to tablesnap's own tables. So a process
// makes a database with these tables when a test needs one and none is free, and lends
// it to one test after the other: each finds the tables empty, and no others.

// lender has the databases of one server. Their names are the same in each process,
// which locks those that it has: they are made anew by the next process, and do not
// become more.
type lender struct {
	server Server
	free   testservers.Free[*lent]

	mu    sync.Mutex
	admin *sql.Conn // holds the locks
	last  int       // number of a database
}

// lent is a database that is lent to one test after the other.
type lent struct {
	name   string
	keeper *sql.Conn // looks after it
	own    []string  // tablesnap's own tables
	asNew  string    // their definitions
}

var (
	lenders  = map[string]*lender{}
	lenderMu sync.Mutex
)

func (s Server) lender() *lender {
	lenderMu.Lock()
	defer lenderMu.Unlock()
	if lenders[s.Name] == nil {
		lenders[s.Name] = &lender{server: s}
	}
	return lenders[s.Name]
}

// lend lends the test a database that has tablesnap's own tables and nothing else,
// until the test ends.
func (l *lender) lend(t *testing.T) string {
	t.Helper()
	d, used := l.free.Take()
	if !used {
		d = l.another(t)
	} else if why := d.empty(t, l.server.Backend); why != "" {
		t.Logf("the database %s is made anew: %s", d.name, why)
		d.create(t, l.server.Backend)
	}
	t.Cleanup(func() { l.free.Give(d) })
	return d.name
}

// another makes the next database that no process has.
func (l *lender) another(t *testing.T) *lent {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	config := testservers.MySQL(t, l.server.Name)
	if l.admin == nil {
		l.admin = connect(t, config)
		run(t, l.admin, l.server.traits.setup...)
	}
	for mine := false; !mine; {
		l.last++
		if err := l.admin.QueryRowContext(context.Background(), "SELECT GET_LOCK(?, 0)", l.name()).Scan(&mine); err != nil {
			t.Fatal(err)
		}
	}
	d := &lent{name: l.name(), keeper: connect(t, config)}
	d.create(t, l.server.Backend)
	return d
}

func (l *lender) name() string { return fmt.Sprint("tablesnap_lent_", l.last) }

// connect returns a connection that outlives the test.
func connect(t *testing.T, config *mysqldriver.Config) *sql.Conn {
	t.Helper()
	connector, err := mysqldriver.NewConnector(config.Clone())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := sql.OpenDB(connector).Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func (d *lent) create(t *testing.T, backend dialect.Backend) {
	t.Helper()
	d.run(t, "DROP DATABASE IF EXISTS "+d.name, newDatabase(d.name), "USE "+d.name, "SET foreign_key_checks = OFF")
	for _, s := range ledger.Updates(backend, 0, ledger.Exactly) {
		d.run(t, s.SQL)
	}
	d.own = d.names(t, "")
	d.asNew = d.definitions(t)
}

func newDatabase(name string) string {
	// The default character set cannot store most characters, so that tests fail if
	// anything relies on the default.
	return "CREATE DATABASE " + name + " CHARACTER SET latin1"
}

// empty leaves nothing but tablesnap's own tables without a row, or says why it cannot.
func (d *lent) empty(t *testing.T, backend dialect.Backend) string {
	t.Helper()
	d.alone(t)
	if now := d.query(t, "SELECT default_character_set_name FROM information_schema.schemata WHERE schema_name = DATABASE()")[0][0]; now != "latin1" {
		return "its character set is " + now
	}
	if routines := d.query(t, "SELECT routine_name FROM information_schema.routines WHERE routine_schema = DATABASE()"); len(routines) > 0 {
		return "it has routines"
	}
	for _, kind := range []string{"VIEW", "SEQUENCE"} {
		for _, name := range d.names(t, kind) {
			d.run(t, "DROP "+kind+" "+backend.Quote(name))
		}
	}
	for _, name := range d.names(t, "") {
		if !slices.Contains(d.own, name) {
			if _, err := d.keeper.ExecContext(context.Background(), "DROP TABLE "+backend.Quote(name)); err != nil {
				return err.Error() // as of a cached table
			}
		}
	}
	if !slices.Equal(d.names(t, ""), d.own) {
		return "some of tablesnap's own tables are gone"
	}
	if now := d.definitions(t); now != d.asNew {
		return "tablesnap's own tables have changed to " + now
	}
	for _, name := range d.own {
		if name != dialect.VersionTable {
			d.run(t, "DELETE FROM "+name)
		}
	}
	return ""
}

// names are those of the tables, sequences and views, or of one kind of them.
func (d *lent) names(t *testing.T, kind string) []string {
	t.Helper()
	query := "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
	if kind != "" {
		query += " AND table_type = '" + kind + "'"
	}
	var names []string
	for _, row := range d.query(t, query+" ORDER BY table_name") {
		names = append(names, row[0])
	}
	return names
}

// alone waits until no session uses the database, and kills those that stay. It does not
// kill one that is ending: when it did, a new connection to MariaDB 10.11 was killed
// instead, perhaps because it was served by the same thread.
func (d *lent) alone(t *testing.T) {
	t.Helper()
	const patience = 10 // looks, which is about a second
	own := d.query(t, "SELECT CONNECTION_ID()")[0][0]
	looks := 0
	wait.Until(t, "nobody uses the database "+d.name, func() bool {
		looks++
		alone := true
		for _, session := range d.query(t, "SHOW PROCESSLIST") {
			id, schema := session[0], session[3]
			if schema != d.name || id == own {
				continue
			}
			alone = false
			if looks > patience {
				_, _ = d.keeper.ExecContext(context.Background(), "KILL "+id) // it may be gone by now
			}
		}
		return alone
	})
}

var counter = regexp.MustCompile(` AUTO_INCREMENT=\d+`)

// definitions are those of tablesnap's own tables, and their version.
func (d *lent) definitions(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, table := range d.own {
		fmt.Fprintln(&b, counter.ReplaceAllString(d.query(t, "SHOW CREATE TABLE "+table)[0][1], ""))
	}
	fmt.Fprintln(&b, d.query(t, "SELECT version_id, is_applied FROM "+dialect.VersionTable+" ORDER BY id"))
	return b.String()
}

func (d *lent) run(t *testing.T, statements ...string) {
	t.Helper()
	run(t, d.keeper, statements...)
}

func (d *lent) query(t *testing.T, query string) [][]string {
	t.Helper()
	var texts [][]string
	for _, row := range read(t, d.keeper, query) {
		var fields []string
		for _, v := range row {
			fields = append(fields, v.String)
		}
		texts = append(texts, fields)
	}
	return texts
}
