package sqlite_test

import (
	"testing"

	"github.com/tablesnap/tablesnap/internal/conformance"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
)

// TestConformance runs each case with one of the two journal modes, and the cases about
// locks with both.
func TestConformance(t *testing.T) {
	journals := []sqlitetest.Journal{sqlitetest.RollbackJournal, sqlitetest.WriteAheadLog}
	var shards []string
	for _, j := range journals {
		shards = append(shards, sqlitetest.Database(j).Name)
	}
	for _, j := range journals {
		t.Run(string(j), func(t *testing.T) {
			d := sqlitetest.Database(j)
			conformance.Run(t, d, conformance.ShareOf(d, shards).WithLocks())
			conformance.RunBySync(t, d)
			conformance.RunByKeeping(t, d)
		})
	}
}
