package exec_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/rowsource"
)

// TestDiffWithoutTemporaryFiles has no folder for temporary files, so that the database
// compares all rows.
func TestDiffWithoutTemporaryFiles(t *testing.T) {
	d := newTestDatabase(t, "CREATE TABLE people (email TEXT PRIMARY KEY, age INT)", "INSERT INTO people VALUES ('a', 1), ('b', 2)")
	if _, err := d.client.Backup(context.Background(), exec.BackupRequest{Table: "people"}); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "nosuch"))
	version := int64(0)
	found, err := d.client.Diff(context.Background(), exec.DiffRequest{Table: "people", From: &version}, nil)
	if err != nil || found.Differs() {
		t.Errorf("found %+v, %v", found, err)
	}
	file := rowsource.Rows("service", []string{"email", "age"}, [][]any{{"a", 1}, {"b", 3}, {"c", 4}})
	found, err = d.client.Diff(context.Background(), exec.DiffRequest{Table: "people", File: file}, nil)
	if err != nil || found.Changed != 1 || found.Added != 1 || found.Removed != 0 {
		t.Errorf("found %+v, %v", found, err)
	}
}
