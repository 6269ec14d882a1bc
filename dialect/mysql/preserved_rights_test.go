package mysql_test

import (
	"errors"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance/mysqltest"
	"github.com/tablesnap/tablesnap/plan"
)

// TestRestoreOfPreservedTable: a version whose rows stand in a table of their own is
// restored by a user who has rights on single tables alone. Without the right to read
// that table, the refusal says so.
func TestRestoreOfPreservedTable(t *testing.T) {
	for _, s := range mysqltest.Servers() {
		if s.Backend.Facts().Strategies[0] != dialect.InPlace {
			continue // the table of its own is a rename of the old one there: a swap keeps it
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
	l.admin("ALTER TABLE " + l.table("people_backup") + " ADD CONSTRAINT nothing_more CHECK (snapshot_version < 1)") // so that the next copy fails
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
	says(t, err, "you lack SELECT on the table that keeps them") // whose name the catalog does not show
	l.rows("3")
	l.admin("GRANT SELECT ON " + l.table(preserved) + " TO " + l.user)
	if err := restore(); err != nil {
		t.Errorf("restore: %v", err)
	}
	l.rows("2")
}
