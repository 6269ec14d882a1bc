package mysql_test

import (
	"testing"

	"github.com/tablesnap/tablesnap/internal/conformance"
	"github.com/tablesnap/tablesnap/internal/conformance/mysqltest"
	"github.com/tablesnap/tablesnap/internal/testservers"
)

func TestConformance(t *testing.T) {
	shards := testservers.Tested("mysql", "mariadb", "mariadb11", "mysql", "mariadb", "mariadb11", "tidb",
		"mysql", "mariadb", "mariadb11", "mysql", "mariadb", "mariadb11") // TiDB is slow
	for _, s := range mysqltest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			for _, strategy := range s.Backend.Facts().Strategies {
				t.Run(string(strategy), func(t *testing.T) {
					t.Parallel()
					d := s.Database(t, strategy)
					conformance.Run(t, d, conformance.ShareOf(d, shards))
				})
			}
		})
	}
}
