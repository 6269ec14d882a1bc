package mysqltest

import (
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/mysql"
	"github.com/tablesnap/tablesnap/internal/conformance"
	"github.com/tablesnap/tablesnap/internal/testservers"
)

// Conformance runs the suite on the servers for which on returns true.
func Conformance(t *testing.T, on func(Server) bool) {
	t.Helper()
	shards := testservers.Tested("mysql", "mariadb", "mariadb11", "mysql", "mariadb", "mariadb11", "tidb",
		"mysql", "mariadb", "mariadb11", "mysql", "mariadb", "mariadb11") // TiDB is slow
	for _, s := range Servers() {
		if !on(s) {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			for _, strategy := range s.strategies() {
				t.Run(string(strategy), func(t *testing.T) {
					t.Parallel()
					d := s.Database(t, strategy)
					conformance.Run(t, d, conformance.ShareOf(d, shards))
				})
			}
			if !testservers.IsCluster(s.Name) { // its nodes take no sync
				conformance.RunBySync(t, s.Database(t, dialect.Sync))
			}
		})
	}
}

// IsTiDB reports whether a server is TiDB.
func IsTiDB(s Server) bool { return s.Backend.Facts().Name == mysql.NameTiDB }
