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
	withServers = firstOfEach(testservers.Named("mysql", "mariadb", "mariadb11", "postgres", "postgres18", "tidb"), product)
	everywhere  = append([]string{onSQLite}, withServers...)
)

// firstOfEach leaves out the servers that are of one kind with an earlier one,
// unless all are asked for: to die takes long.
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

// quick leaves out TiDB, unless all are asked for: with it each death takes a
// second, and it swaps as MySQL does.
func quick(names []string) []string {
	if everyOne() {
		return names
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "tidb" })
}

// everyOne reports whether processes are to die on every server, in every way.
func everyOne() bool { return testservers.Whole() || os.Getenv(everyVariable) != "" }

// product is a server without its version.
func product(server string) string { return strings.TrimRight(server, "0123456789") }

// family is the SQL that a server speaks.
func family(server string) sqlbuilder.Flavor { return databaseOf(server).backend.Facts().Flavor }

// database is what these tests have to know of a server's family.
type database struct {
	backend dialect.Backend
	// key and text are the types of a key that numbers itself, and of short texts.
	key, text string
	// countOn has the key of the panel go on behind the numbers that its rows were
	// given; empty where it does that by itself.
	countOn []string
	// tables is a query for the names of all tables.
	tables string
	// lives is an SQL condition: the session of a process that a test has killed is
	// still there. It is empty where the backend can tell.
	lives string
	// busy is a query for the statements that other sessions are running; empty if
	// nobody can kill the server.
	busy string
	// load begins the statement that loads.
	load string
	// clears are the ways to clear a table in place.
	clears []plan.ClearMode
	// moments are those at which a child can kill itself.
	moments  []moment
	deadlock deadlock

	// create makes an empty database for a test, and returns its DSN in the driver's
	// own form. Without its server the test ends here, and says so.
	create func(t *testing.T, server string) (dsn string)
	// connector connects by such a DSN, as a child or another that is cut off where
	// there is a fuse.
	connector func(dsn string, f *fuse) driver.Connector
	// address is where the server of a DSN listens; through is the same DSN for
	// another address.
	address func(dsn string) string
	through func(dsn, address string) string
	// query is the text of a packet that is a query, else empty.
	query func(packet []byte) string
}

// deadlock is how another session and a run come to wait for one another.
type deadlock struct {
	// begins has the session take what the run will want.
	begins []string
	// at begins the statement with which the run waits, and wants is the session's.
	at    func(*crashWorld) string
	wants string
	// closes is whether the session closes the circle; otherwise the run does.
	closes bool
	// waits is whether one of the two waits for the other already.
	waits string
}

// databaseOf returns the family of a server of testfixtures/servers, or SQLite.
func databaseOf(server string) database {
	switch server {
	case "mysql", "mariadb", "mariadb11", "tidb":
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

// ways are all that a family knows.
func (d database) ways() []way {
	var ways []way
	for _, s := range d.backend.Facts().Strategies {
		if s == dialect.Swap {
			ways = append(ways, way{Strategy: s})
			continue
		}
		for _, c := range d.clears {
			ways = append(ways, way{s, c})
		}
	}
	return ways
}

// recorded connects, and has the recorder see also what a dialect sends past
// database/sql.
func (d database) recorded(dsn string, r *conformance.Recorder, f *fuse) driver.Connector {
	f.unseen = r.Record
	return r.Connector(d.connector(dsn, f))
}
