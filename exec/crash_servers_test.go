package exec_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"hash/crc32"
	"net"
	"path/filepath"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"
	sqlitedriver "modernc.org/sqlite"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/mysql"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/testfixtures/servers"
)

// onSQLite is the database that needs no server.
const onSQLite = "sqlite"

func backendOf(server string) dialect.Backend {
	switch server {
	case "mysql":
		return mysql.New()
	case "mariadb", "mariadb11":
		return mysql.NewMariaDB()
	case "tidb":
		return mysql.NewTiDB()
	default:
		return sqlite.New()
	}
}

// connector connects by a DSN in the driver's own form. The fuse may be nil.
func connector(server, dsn string, f *fuse) driver.Connector {
	if server == onSQLite {
		return sqliteConnector{dsn}
	}
	config, err := mysqldriver.ParseDSN(dsn)
	if err != nil {
		panic(err)
	}
	if f != nil {
		config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			return fusedConn{conn, f}, err
		}
	}
	config.Logger = &mysqldriver.NopLogger{} // that connections end is what these tests are about
	c, err := mysqldriver.NewConnector(config)
	if err != nil {
		panic(err)
	}
	return c
}

type sqliteConnector struct{ file string }

func (c sqliteConnector) Connect(context.Context) (driver.Conn, error) {
	return c.Driver().Open(c.file)
}
func (c sqliteConnector) Driver() driver.Driver { return &sqlitedriver.Driver{} }

// newDSN makes an empty database for a test. Without its server the test ends
// here, and says so.
func newDSN(t *testing.T, server string) string {
	t.Helper()
	if server == onSQLite {
		return filepath.Join(t.TempDir(), "crash.db")
	}
	config := servers.MySQL(t, server)
	admin, err := sql.Open("mysql", config.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	config.DBName = fmt.Sprintf("crash_%08x", crc32.ChecksumIEEE([]byte(t.Name())))
	for _, s := range []string{"DROP DATABASE IF EXISTS " + config.DBName, "CREATE DATABASE " + config.DBName} {
		if _, err := admin.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP DATABASE " + config.DBName); err != nil {
			t.Error(err)
		}
		admin.Close()
	})
	return config.FormatDSN()
}
