// Package mysqltest provides tests with databases on MySQL, MariaDB and TiDB servers,
// with the vendors' command-line clients, and with these servers as databases for the
// conformance suite.
package mysqltest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/mysql"
	"github.com/tablesnap/tablesnap/internal/conformance"
	"github.com/tablesnap/tablesnap/internal/testservers"
)

// Server is a server for tests.
type Server struct {
	// Name is the server's name in testfixtures/servers and, in capitals, the end of the
	// variable with its DSN.
	Name    string
	Backend dialect.Backend
	traits  traits
}

// traits are what differs between the servers in the suite.
type traits struct {
	columns []conformance.Column
	types   []string
	names   []string
	// definitions are tables whose definition a swap must keep.
	definitions []conformance.Definition
	// setup are global settings that the tests need.
	setup    []string
	triggers triggers
}

type triggers string

const (
	withTriggers    triggers = "triggers"
	withoutTriggers triggers = ""
)

// Servers returns all servers. A cluster is represented by its first node, which may
// refuse what a single server allows.
func Servers() []Server {
	all := []Server{
		{"mysql", mysql.New(), traits{columns: mysqlColumns(), types: mysqlTypes(), names: hostileNames(), triggers: withTriggers, definitions: mysqlDefinitions()}},
		{"mariadb", mysql.NewMariaDB(), traits{columns: mariadbColumns(), types: mariadbTypes(), names: hostileNames(), triggers: withTriggers, definitions: mariadbDefinitions()}},
		{"mariadb11", mysql.NewMariaDB(), traits{columns: mariadb11Columns(), types: mariadbTypes(), names: hostileNames(), triggers: withTriggers, definitions: mariadbDefinitions()}},
		{"tidb", mysql.NewTiDB(), traits{
			columns: commonColumns(), types: commonTypes(), names: hostileNames(), triggers: withoutTriggers, definitions: tidbDefinitions(),
			// Unlike the others, TiDB by default parses CHECK and ignores it
			// (https://docs.pingcap.com/tidb/stable/constraints/).
			setup: []string{"SET GLOBAL tidb_enable_check_constraint = ON"},
		}},
	}
	galera, group := all[1], all[0]
	galera.Name, group.Name = "galera", "groupreplication"
	// Galera has each node number rows by its own share of the numbers, and the suite
	// expects all of them.
	galera.traits.setup = []string{"SET GLOBAL wsrep_auto_increment_control = OFF", "SET GLOBAL auto_increment_increment = 1", "SET GLOBAL auto_increment_offset = 1"}
	// A replication group refuses rows in tables without a primary key, and few tables of
	// the suite have one. The server adds a key. It is hidden, so that tests see only
	// their own columns. It adds none to a partitioned table, nor beside an AUTO_INCREMENT
	// column that is not the key, and has the name my_row_id for it.
	group.traits.columns = slices.DeleteFunc(slices.Clone(group.traits.columns), func(c conformance.Column) bool {
		return c.Name == "my_row_id" || strings.Contains(c.Type, "PARTITION") || strings.Contains(c.Type, "AUTO_INCREMENT") && !strings.Contains(c.Type, "PRIMARY KEY")
	})
	group.traits.setup = []string{"SET GLOBAL sql_generate_invisible_primary_key = ON", "SET GLOBAL show_gipk_in_create_table_and_information_schema = OFF"}
	all = append(all, galera, group)
	named := testservers.Named("mysql", "mariadb", "mariadb11", "tidb", "galera", "groupreplication")
	return slices.DeleteFunc(all, func(s Server) bool { return !slices.Contains(named, s.Name) })
}

// Database returns a server with a strategy, for the conformance suite. Without the
// server, the test is skipped, or fails if TABLESNAP_REQUIRE names the server.
func (s Server) Database(t *testing.T, strategy dialect.Strategy) conformance.Database {
	t.Helper()
	testservers.MySQL(t, s.Name)
	words, columns := s.words(), s.traits.columns
	if strategy == dialect.Swap && words.CheckedSwap == conformance.RefusesChecks {
		columns = slices.DeleteFunc(slices.Clone(columns), func(c conformance.Column) bool { return strings.Contains(c.Type, "CHECK") })
	}
	return conformance.Database{
		Name:     s.Name,
		Backend:  s.Backend,
		Strategy: strategy,
		Open:     s.own,
		Lend:     s.lent,
		Words:    words,
		Goose:    s.goose(),
		GooseLock: func(t *testing.T) goose.ProviderOption {
			l, err := lock.NewMySQLTableLocker()
			if err != nil {
				t.Fatal(err)
			}
			return goose.WithLocker(l)
		},
		Columns: columns,
		Odd:     odd(),
		Bounds:  s.bounds(),
	}
}

// strategies are those that the server allows.
func (s Server) strategies() []dialect.Strategy {
	if testservers.IsCluster(s.Name) {
		return []dialect.Strategy{dialect.Swap}
	}
	return s.Backend.Facts().Strategies
}

func (s Server) goose() goose.Dialect {
	if s.Backend.Facts().Name == mysql.NameTiDB {
		return goose.DialectTiDB
	}
	return goose.DialectMySQL
}

// otherMode allows another program to write zero dates, like old programs do.
const otherMode = "'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO'"

// own creates a database for the test.
func (s Server) own(t *testing.T) conformance.Instance {
	t.Helper()
	admin := s.open(t, testservers.MySQL(t, s.Name))
	schema := "ts_" + strings.ToLower(rand.Text()[:12])
	run(t, admin, s.traits.setup...)
	run(t, admin, newDatabase(schema))
	t.Cleanup(func() { run(t, admin, "DROP DATABASE "+schema) })
	return s.instance(t, schema)
}

// lent returns a database that an earlier test may have used.
func (s Server) lent(t *testing.T) conformance.Instance {
	t.Helper()
	return s.instance(t, s.lender().lend(t))
}

func (s Server) instance(t *testing.T, schema string) conformance.Instance {
	t.Helper()
	config := testservers.MySQL(t, s.Name)
	config.DBName = schema
	connector, err := mysqldriver.NewConnector(config.Clone())
	if err != nil {
		t.Fatal(err)
	}
	asGoose := config.Clone()
	asGoose.ParseTime = true // goose's lock scans times
	migrating, err := mysqldriver.NewConnector(asGoose)
	if err != nil {
		t.Fatal(err)
	}
	asOther := config.Clone()
	asOther.Params = map[string]string{"sql_mode": otherMode, "time_zone": "'+00:00'", "innodb_lock_wait_timeout": "2", "lock_wait_timeout": "5"}
	other := s.open(t, asOther)
	return conformance.Instance{
		Schema:      schema,
		Connector:   connector,
		Migrating:   migrating,
		Other:       other,
		GooseDSN:    asGoose.FormatDSN(),
		Client:      func(t *testing.T, script string) error { return s.client(t, config, script) },
		Fingerprint: func(t *testing.T) string { return fingerprint(t, other) },
	}
}

func (s Server) open(t testing.TB, config *mysqldriver.Config) *sql.DB {
	t.Helper()
	connector, err := mysqldriver.NewConnector(config.Clone())
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxIdleConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

// session is a database or one connection to it.
type session interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func run(t testing.TB, c session, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := c.ExecContext(context.Background(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// fingerprint is the SHA-256 of all definitions and all rows of the database.
func fingerprint(t *testing.T, db *sql.DB) string {
	t.Helper()
	sum := sha256.New()
	for _, object := range rows(t, db, `SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name`) {
		quoted := mysql.New().Quote(object[0])
		definition := rows(t, db, "SHOW CREATE TABLE "+quoted)
		contents := rows(t, db, "SELECT * FROM "+quoted)
		slices.SortFunc(contents, slices.Compare[[]string])
		fmt.Fprintf(sum, "%q %q\n", definition, contents)
	}
	fmt.Fprintf(sum, "%q\n", rows(t, db, `SELECT trigger_name, action_statement FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY 1`))
	return hex.EncodeToString(sum.Sum(nil))
}

func rows(t *testing.T, db *sql.DB, query string) [][]string {
	t.Helper()
	var all [][]string
	for _, row := range read(t, db, query) {
		var texts []string
		for _, v := range row {
			text := v.String
			if len(row) > 1 {
				text = fmt.Sprintf("%t %s", v.Valid, v.String)
			}
			texts = append(texts, text)
		}
		all = append(all, texts)
	}
	return all
}

func read(t *testing.T, c session, query string) [][]sql.NullString {
	t.Helper()
	found, err := c.QueryContext(context.Background(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer found.Close()
	columns, err := found.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all [][]sql.NullString
	for found.Next() {
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := found.Scan(into...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		all = append(all, values)
	}
	if err := found.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return all
}
