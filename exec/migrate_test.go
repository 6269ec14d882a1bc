package exec_test

import (
	"context"
	"sync"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
)

// TestMigrate: Migrate creates the ledger's tables once, does not close the caller's
// database, and ignores the tables of other users of goose.
func TestMigrate(t *testing.T) {
	d := newTestDatabase(t, "CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY, version_id INTEGER, is_applied INTEGER)", "INSERT INTO goose_db_version VALUES (1, 42, 1)")
	for _, want := range [][]int64{{1, 2, 3}, {}} {
		applied, err := d.client.Migrate(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if len(applied) != len(want) {
			t.Errorf("the versions %v were applied, want %v", applied, want)
		}
	}
	d.same("the tables", d.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'tablesnap%' ORDER BY name"),
		dialect.AuditTable, dialect.VersionTable, dialect.PinTable, dialect.RunTable)
	d.same("the versions", d.rows("SELECT version_id, is_applied FROM "+dialect.VersionTable+" ORDER BY id"), "0 | 1", "1 | 1", "2 | 1", "3 | 1")
	d.same("another program's versions", d.rows("SELECT version_id FROM goose_db_version"), "42")
}

// TestMigrateAtOnce: several processes may find at the same time that the tables are
// missing.
func TestMigrateAtOnce(t *testing.T) {
	file := sqlitetest.File(t)
	var all sync.WaitGroup
	for range 4 {
		d := openDesk(t, file)
		all.Go(func() {
			if _, err := d.client.Migrate(context.Background()); err != nil {
				t.Errorf("migrate: %v", err)
			}
		})
	}
	all.Wait()
	d := openDesk(t, file)
	d.same("the versions", d.rows("SELECT version_id FROM "+dialect.VersionTable+" ORDER BY id"), "0", "1", "2", "3")
}

// TestAuditBeforeThereIsOne: reading the audit creates no tables.
func TestAuditBeforeThereIsOne(t *testing.T) {
	d := newTestDatabase(t, "CREATE TABLE people (email TEXT)")
	before := sqlitetest.Fingerprint(t, d.file)
	runs, err := d.client.Audit(context.Background(), exec.RunFilter{Table: "people"})
	if err != nil || len(runs) > 0 {
		t.Errorf("got %v, %v", runs, err)
	}
	if _, err := d.client.BackupHistory(context.Background(), "people", 0); err != nil {
		t.Error(err)
	}
	if sqlitetest.Fingerprint(t, d.file) != before {
		t.Error("reading changed the database")
	}
}
