package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tablesnap/tablesnap/dialect/sqlite"
)

// TestOpen: Open accepts the same DSNs as the command, and creates no file by mistake.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a b.db")
	_, err := sqlite.Open("sqlite:"+path, time.Second)
	if missing, ok := errors.AsType[*sqlite.NoFileError](err); !ok || missing.Path != path {
		t.Errorf("a file that does not exist: %v", err)
	}
	if found, _ := os.ReadDir(dir); len(found) > 0 {
		t.Errorf("made %v", found)
	}
	db, err := sqlite.Open("sqlite:"+path+"?mode=rwc", 2*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var wait int
	if err := db.QueryRow("PRAGMA busy_timeout").Scan(&wait); err != nil || wait != 2000 {
		t.Errorf("waits for %d ms, %v", wait, err)
	}
	if _, err := db.Exec(`SELECT "no_such_name"`); err == nil {
		t.Error("a name that does not exist is a string")
	}
	other := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(other, []byte("these are notes, and no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = sqlite.Open("sqlite:"+other, time.Second)
	if _, ok := errors.AsType[*sqlite.FileError](err); !ok {
		t.Errorf("a file that is no database: %v", err)
	}
	if _, err := sqlite.Open("mysql://h/shop", time.Second); err == nil {
		t.Error("opened a server")
	}
}
