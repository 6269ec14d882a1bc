package exec_test

import (
	"context"
	"database/sql/driver"
	"path/filepath"
	"testing"

	sqlitedriver "modernc.org/sqlite"

	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/plan"
)

// onSQLite is the name of SQLite in the lists of servers.
const onSQLite = "sqlite"

func sqliteFile() database {
	return database{
		backend: sqlite.New(),
		key:     "INTEGER PRIMARY KEY AUTOINCREMENT",
		text:    "TEXT",
		tables:  `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`,
		clears:  []plan.ClearMode{plan.ClearByDelete},
		moments: []moment{before}, // SQLite runs a statement in the process itself
		create: func(t *testing.T, _ string) string {
			return filepath.Join(t.TempDir(), "crash.db")
		},
		connector: func(file string, _ *fuse) driver.Connector { return sqliteConnector{file} },
	}
}

type sqliteConnector struct{ file string }

func (c sqliteConnector) Connect(context.Context) (driver.Conn, error) {
	return c.Driver().Open(c.file)
}
func (c sqliteConnector) Driver() driver.Driver { return &sqlitedriver.Driver{} }
