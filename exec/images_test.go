package exec_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/plan"

	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
)

func isLocked(err error) bool {
	_, ok := errors.AsType[*exec.LockedError](err)
	return ok
}

// TestCrashAtAnyStatement copies the database files before every statement of a run, as
// kill -9 would leave them, and opens each copy. The table must have all old rows or all
// new ones, and the next run must close the run that was cut off.
func TestCrashAtAnyStatement(t *testing.T) {
	for _, journal := range []sqlitetest.Journal{sqlitetest.RollbackJournal, sqlitetest.WriteAheadLog} {
		t.Run(string(journal), func(t *testing.T) {
			t.Parallel()
			file := sqlitetest.File(t)
			setup := openDesk(t, file, "PRAGMA journal_mode = "+string(journal), "CREATE TABLE people (email TEXT, initial_status TEXT)",
				"INSERT INTO people VALUES ('old', 'keep'), ('older', NULL)")
			first := request("doc_1", "email", "first", "second")
			first.Options.Allow = []plan.Code{plan.ColumnsReset}
			setup.upload(first)
			if err := setup.db.Close(); err != nil {
				t.Fatal(err)
			}
			for _, image := range imagesOfRun(t, file, journal) {
				checkImage(t, image)
			}
		})
	}
}

// image is a copy of a database's files.
type image struct{ file, before string }

// imagesOfRun runs an upload and takes an image before every statement and after the last
// one.
func imagesOfRun(t *testing.T, file string, journal sqlitetest.Journal) []image {
	t.Helper()
	var images []image
	take := func(statement string) {
		copied := filepath.Join(t.TempDir(), "image.db")
		for _, suffix := range []string{"", "-journal", "-wal", "-shm"} {
			content, err := os.ReadFile(file + suffix)
			if errors.Is(err, os.ErrNotExist) {
				continue
			}
			if err == nil {
				err = os.WriteFile(copied+suffix, content, 0o600)
			}
			if err != nil {
				t.Error(err)
			}
		}
		images = append(images, image{copied, statement})
	}
	recorder := &conformance.Recorder{}
	db := sql.OpenDB(recorder.Connector(sqlitetest.Connector(file, journal)))
	defer db.Close()
	recorder.BeforeEach(take)
	if _, err := exec.New(db, sqlite.New(), exec.Identity{}).Upload(context.Background(), request("doc_2", "email", "third", "fourth")); err != nil {
		t.Fatal(err)
	}
	take("the end")
	return images
}

func checkImage(t *testing.T, i image) {
	t.Helper()
	d := openDesk(t, i.file)
	defer d.db.Close()
	rows := strings.Join(d.rows("SELECT email FROM people ORDER BY rowid"), " ")
	backup := strings.Join(d.rows("SELECT email FROM people_backup WHERE snapshot_version = 1 ORDER BY id"), " ")
	if got := rows + ", backup " + backup; got != "first second, backup " && got != "third fourth, backup first second" {
		t.Errorf("cut off ahead of %s: the table has %s", i.before, got)
	}
	d.upload(request("doc_3", "email", "fifth", "sixth"))
	for _, run := range d.runs() {
		if strings.Contains(run, "started") {
			t.Errorf("cut off ahead of %s: after the next upload the audit still says: %s", i.before, run)
		}
	}
	done := strings.HasPrefix(rows, "third")
	if versions := d.rows("SELECT max(version_made) FROM tablesnap_run WHERE state = 'done'")[0]; done && versions != "3" || !done && versions != "2" {
		t.Errorf("cut off ahead of %s: the newest version is %s, the table had %s", i.before, versions, rows)
	}
}

// TestCrashInTheLoad: if a load does not fit in the cache, the file has some of its
// uncommitted rows when the process is killed.
func TestCrashInTheLoad(t *testing.T) {
	d := newTestDatabase(t, "CREATE TABLE people (email TEXT, n INT)", "INSERT INTO people VALUES ('old', 1)")
	d.db.SetMaxOpenConns(1)
	sqlitetest.Exec(t, d.db, "PRAGMA cache_size = 10")
	copied := filepath.Join(t.TempDir(), "image.db")
	r := request("doc_1", manyPeople(30_000)...)
	taken := false
	r.Events = func(p exec.Event) {
		if p.Bytes == 0 || taken {
			return
		}
		taken = true
		for _, suffix := range []string{"", "-journal"} {
			content, err := os.ReadFile(d.file + suffix)
			if err == nil {
				err = os.WriteFile(copied+suffix, content, 0o600)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
	d.upload(r)
	crashed := openDesk(t, copied)
	crashed.same("the table", crashed.rows("SELECT email FROM people"), "old")
	crashed.same("the runs", crashed.runs(), "doc_1 started: create-backup started, create-backup started, copy-to-backup started, clear started, load started")
	crashed.upload(request("doc_2", "email,n", "new,1"))
	crashed.same("the runs, after the next upload", crashed.runs(),
		"doc_1 rolled_back: create-backup rolled_back, create-backup rolled_back, copy-to-backup rolled_back, clear rolled_back, load rolled_back",
		"doc_2 done: create-backup done, create-backup done, copy-to-backup done, clear done, load done")
	crashed.same("the backup", crashed.rows("SELECT email, snapshot_version FROM people_backup"), "old | 0")
}
