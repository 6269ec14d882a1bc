package mysql_test

import (
	"errors"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance/mysqltest"
	"github.com/tablesnap/tablesnap/plan"
)

// TestRestoreOfPreservedTable: a user with privileges only on single tables can restore a
// version from a preserved table. Without the privilege to read it, the error says so.
func TestRestoreOfPreservedTable(t *testing.T) {
	for _, s := range mysqltest.Servers() {
		if s.Backend.Facts().Strategies[0] != dialect.InPlace {
			continue // with swap, the preserved table is the renamed old table
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			preservedRights(t, s)
		})
	}
}

func preservedRights(t *testing.T, s mysqltest.Server) {
	l := newLimited(t, s)
	if err := l.uploadBy(dialect.InPlace, "doc_1", "2\n"); err != nil {
		t.Fatal(err)
	}
	l.admin("ALTER TABLE " + l.table("people_backup") + " ADD CONSTRAINT nothing_more CHECK (snapshot_version < 1)") // makes the next copy fail
	if err := l.uploadBy(dialect.InPlace, "doc_2", "3\n"); err != nil {
		t.Fatal(err)
	}
	const preserved = "people_preserved_v1"
	l.admin("ALTER TABLE "+l.table("people_backup")+" DROP CONSTRAINT nothing_more", "REVOKE ALL PRIVILEGES, GRANT OPTION FROM "+l.user)
	for _, table := range []string{"people", "people_backup", dialect.RunTable, dialect.AuditTable, dialect.PinTable, dialect.LeaseTable, dialect.VersionTable} {
		l.admin("GRANT SELECT, INSERT, UPDATE, DELETE, TRIGGER ON " + l.table(table) + " TO " + l.user)
	}
	version := int64(1)
	restore := func() error {
		_, err := l.c.Restore(t.Context(), exec.RestoreRequest{Table: "people", Version: &version, Options: plan.Options{Strategy: dialect.InPlace, Allow: plan.Codes()}})
		return err
	}
	err := restore()
	if _, ok := errors.AsType[*plan.RefusedError](err); !ok {
		t.Errorf("restore without the right to read %s ended with %T: %v", preserved, err, err)
	}
	says(t, err, "you lack SELECT on the table that keeps them") // the catalog does not show its name to this user
	l.rows("3")
	l.admin("GRANT SELECT ON " + l.table(preserved) + " TO " + l.user)
	if err := restore(); err != nil {
		t.Errorf("restore: %v", err)
	}
	l.rows("2")
}
