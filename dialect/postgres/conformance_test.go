package postgres_test

import (
	"testing"

	"github.com/tablesnap/tablesnap/internal/conformance"
	"github.com/tablesnap/tablesnap/internal/conformance/postgrestest"
	"github.com/tablesnap/tablesnap/internal/testservers"
)

func TestConformance(t *testing.T) {
	shards := testservers.Tested("postgres", "postgres18")
	for _, s := range postgrestest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			d := s.Database(t)
			conformance.Run(t, d, conformance.ShareOf(d, shards))
			conformance.RunBySync(t, d)
			conformance.RunByKeeping(t, d)
		})
	}
}
