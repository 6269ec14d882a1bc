package exec_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"hash/crc32"
	"net"
	"strings"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/mysql"
	"github.com/tablesnap/tablesnap/internal/testservers"
	"github.com/tablesnap/tablesnap/plan"
)

func onMySQL(server string) database {
	backend := map[string]dialect.Backend{
		"mysql": mysql.New(), "mariadb": mysql.NewMariaDB(), "mariadb11": mysql.NewMariaDB(), "tidb": mysql.NewTiDB(),
		"galera": mysql.NewMariaDB(), "groupreplication": mysql.New(),
	}[server]
	var only dialect.Strategy
	if testservers.IsCluster(server) {
		only = dialect.Swap
	}
	return database{
		backend: backend,
		only:    only,
		key:     "INT AUTO_INCREMENT PRIMARY KEY",
		text:    "VARCHAR(40)",
		tables:  "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name",
		busy:    "SELECT info FROM information_schema.processlist WHERE db = DATABASE() AND info IS NOT NULL AND id <> CONNECTION_ID()",
		load:    "LOAD DATA",
		clears:  []plan.ClearMode{plan.ClearByDelete},
		moments: []moment{before, sent},
		deadlock: deadlock{
			// The server rolls back the transaction that has changed fewer rows.
			begins: []string{
				"CREATE TABLE ballast (n INT)", "START TRANSACTION",
				"INSERT INTO ballast VALUES (1)" + strings.Repeat(", (1)", 1000),
				"SELECT * FROM " + panel + " WHERE id = 7 FOR UPDATE",
			},
			at:     (*crashWorld).copies, // it has locked the first rows when it waits for the last one
			wants:  "SELECT * FROM " + panel + " WHERE id = 1 FOR UPDATE",
			closes: true,
			waits: "EXISTS (SELECT * FROM information_schema.innodb_trx JOIN information_schema.processlist ON processlist.id = trx_mysql_thread_id" +
				" WHERE trx_state = 'LOCK WAIT' AND db = DATABASE())",
		},
		create:    createMySQL,
		connector: mysqlConnector,
		address:   func(dsn string) string { return mysqlConfig(dsn).Addr },
		through: func(dsn, address string) string {
			config := mysqlConfig(dsn)
			config.Addr = address
			return config.FormatDSN()
		},
		query: mysqlQuery,
	}
}

// mysqlQuery returns the statement in a packet, which has a length, a number, a command
// and the text
// (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query.html).
func mysqlQuery(packet []byte) string {
	const header, comQuery = 5, 3
	if len(packet) < header || packet[header-1] != comQuery {
		return ""
	}
	return string(packet[header:])
}

func mysqlConfig(dsn string) *mysqldriver.Config {
	config, err := mysqldriver.ParseDSN(dsn)
	if err != nil {
		panic(err)
	}
	return config
}

func mysqlConnector(dsn string, f *fuse) driver.Connector {
	config := mysqlConfig(dsn)
	if f != nil {
		config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			return fusedConn{conn, f}, err
		}
	}
	config.Logger = &mysqldriver.NopLogger{} // the tests cut connections on purpose
	c, err := mysqldriver.NewConnector(config)
	if err != nil {
		panic(err)
	}
	return c
}

func createMySQL(t *testing.T, server string) string {
	t.Helper()
	config := testservers.MySQL(t, server)
	admin, err := sql.Open("mysql", config.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	config.DBName = nameOf(t)
	recreate(t, admin, "DROP DATABASE IF EXISTS "+config.DBName, "CREATE DATABASE "+config.DBName)
	return config.FormatDSN()
}

// nameOf returns a name for the test's database.
func nameOf(t *testing.T) string {
	return fmt.Sprintf("crash_%08x", crc32.ChecksumIEEE([]byte(t.Name())))
}

// recreate drops a database, creates it again, and drops it at the end of the test.
func recreate(t *testing.T, admin *sql.DB, drop, create string) {
	t.Helper()
	for _, s := range []string{drop, create} {
		if _, err := admin.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	t.Cleanup(func() {
		if _, err := admin.Exec(drop); err != nil {
			t.Error(err)
		}
		admin.Close()
	})
}
