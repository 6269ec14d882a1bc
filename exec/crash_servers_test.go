package exec_test

import (
	"database/sql/driver"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/huandu/go-sqlbuilder"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/conformance"
	"github.com/tablesnap/tablesnap/internal/testservers"
	"github.com/tablesnap/tablesnap/plan"
)

var (
	withServers = firstOfEach(testservers.Named("mysql", "mariadb", "mariadb11", "postgres", "postgres18", "tidb", "galera", "groupreplication"), product)
	everywhere  = append([]string{onSQLite}, withServers...)
)

// firstOfEach keeps only the first server of each kind, since these tests are slow. With
// everyOne it keeps all.
func firstOfEach[K comparable](names []string, kind func(string) K) []string {
	if everyOne() {
		return names
	}
	seen := map[K]bool{}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		k := kind(name)
		was := seen[k]
		seen[k] = true
		return was
	})
}

// quick leaves out TiDB, where each killed process takes a second. TiDB swaps in the same
// way as MySQL. With everyOne it keeps TiDB.
func quick(names []string) []string {
	if everyOne() {
		return names
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "tidb" })
}

// everyOne reports whether the tests kill processes on every server and in every way.
func everyOne() bool { return testservers.Whole() || os.Getenv(everyVariable) != "" }

// product is a server's name without its version.
func product(server string) string { return strings.TrimRight(server, "0123456789") }

// family identifies the family of a server.
func family(server string) sqlbuilder.Flavor { return databaseOf(server).backend.Facts().Flavor }

// database has the properties of a server's family that these tests use.
type database struct {
	backend dialect.Backend
	// key is the type of an auto-incremented key, and text that of short texts.
	key, text string
	// countOn are statements that advance the key's sequence past the explicit numbers of
	// the panel's rows. It is empty if the database does this by itself.
	countOn []string
	// tables selects the names of all tables.
	tables string
	// lives is an SQL condition that is true while the session of a killed process still
	// exists. It is empty if the backend has such a condition.
	lives string
	// busy selects the statements that other sessions are running. It is empty if there is
	// no server to kill.
	busy string
	// load is the prefix of the statement that loads.
	load string
	// only is the one strategy that the server allows. If it is empty, it allows all.
	only dialect.Strategy
	// clears are the ways to clear a table in place.
	clears []plan.ClearMode
	// moments are the moments at which a child can kill itself.
	moments  []moment
	deadlock deadlock

	// create creates an empty database for a test, and returns its DSN in the driver's own
	// form. If the server is not available, it skips or fails the test.
	create func(t *testing.T, server string) (dsn string)
	// connector connects to such a DSN. If f is not nil, the connection can kill the process.
	connector func(dsn string, f *fuse) driver.Connector
	// address is the address of the server in a DSN. Through returns the same DSN with
	// another address.
	address func(dsn string) string
	through func(dsn, address string) string
	// query returns the statement in a packet, or "" if the packet is no query.
	query func(packet []byte) string
}

// deadlock says how to make another session and a run wait for each other.
type deadlock struct {
	// begins are the statements with which the session takes a lock that the run will need.
	begins []string
	// at returns the prefix of the run's statement that waits. Wants is the statement with
	// which the session waits.
	at    func(*crashWorld) string
	wants string
	// closes states that the session waits last and closes the circle. Otherwise the run
	// does.
	closes bool
	// waits is an SQL condition that is true if one of the two waits for the other.
	waits string
}

// databaseOf returns the family of a server of testfixtures/servers, or SQLite.
func databaseOf(server string) database {
	switch server {
	case "mysql", "mariadb", "mariadb11", "tidb", "galera", "groupreplication":
		return onMySQL(server)
	case "postgres", "postgres18":
		return onPostgres()
	default:
		return sqliteFile()
	}
}

// way is how an upload replaces the rows.
type way struct {
	Strategy dialect.Strategy
	Clear    plan.ClearMode
}

func (w way) String() string {
	if w.Clear == plan.ClearByTruncate {
		return string(w.Strategy) + "-truncate"
	}
	return string(w.Strategy)
}

// ways are all ways that a family supports.
func (d database) ways() []way {
	var ways []way
	strategies := slices.Clone(d.backend.Facts().Strategies)
	target := dialect.Target{Server: dialect.Server{Dialect: d.backend.Facts().Name}, Table: &dialect.Table{PrimaryKey: []string{"email"}}}
	if _, can := dialect.As[dialect.Syncer](d.backend); can && len(d.backend.Unsupported(target, dialect.Sync)) == 0 {
		strategies = append(strategies, dialect.Sync)
	}
	for _, s := range strategies {
		if d.only != "" && s != d.only {
			continue
		}
		if s != dialect.InPlace {
			ways = append(ways, way{Strategy: s})
			continue
		}
		for _, c := range d.clears {
			ways = append(ways, way{s, c})
		}
	}
	return ways
}

// recorded connects with a recorder, which also gets the statements that a dialect does
// not send through database/sql.
func (d database) recorded(dsn string, r *conformance.Recorder, f *fuse) driver.Connector {
	f.unseen = r.Record
	return r.Connector(d.connector(dsn, f))
}
