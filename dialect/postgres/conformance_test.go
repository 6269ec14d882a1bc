package postgres_test

import (
	"testing"

	"github.com/tablesnap/tablesnap/testfixtures/conformance"
	"github.com/tablesnap/tablesnap/testfixtures/conformance/postgrestest"
	"github.com/tablesnap/tablesnap/testfixtures/servers"
)

func TestConformance(t *testing.T) {
	shards := servers.Tested("postgres", "postgres18")
	for _, s := range postgrestest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			d := s.Database(t)
			conformance.Run(t, d, conformance.ShareOf(d, shards))
		})
	}
}
