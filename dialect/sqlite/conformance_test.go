package sqlite_test

import (
	"testing"

	"github.com/tablesnap/tablesnap/internal/conformance"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
)

func TestConformance(t *testing.T) {
	for _, journal := range []sqlitetest.Journal{sqlitetest.RollbackJournal, sqlitetest.WriteAheadLog} {
		t.Run(string(journal), func(t *testing.T) { conformance.Run(t, sqlitetest.Database(journal), conformance.Share{}) })
	}
}
