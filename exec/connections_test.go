package exec_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
	"github.com/tablesnap/tablesnap/rowsource"
)

// TestOneConnectionIsEnough: a pool may be limited to one connection, and a database in
// memory has only one. Under synctest, the deadline passes only if all goroutines are
// blocked, that is, if they wait for a connection that is never returned.
func TestOneConnectionIsEnough(t *testing.T) { synctest.Test(t, oneConnectionIsEnough) }

func oneConnectionIsEnough(t *testing.T) {
	db := sql.OpenDB(sqlitetest.Connector(":memory:", sqlitetest.RollbackJournal))
	defer db.Close()
	db.SetMaxOpenConns(1)
	d := testDatabase{T: t, db: db, client: exec.New(db, sqlite.New(), exec.Identity{})}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	for n := range 3 {
		if _, err := d.client.Upload(ctx, request(fmt.Sprint("doc_", n), "email", fmt.Sprint(n))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.client.BackupHistory(ctx, "people", 0); err != nil {
		t.Fatal(err)
	}
	if _, err := d.client.PreviousUpload(ctx, "people", "doc_9", "ts"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.client.BackUpExistingData(ctx, "people", "doc_2", "ts"); err != nil {
		t.Fatal(err)
	}
	d.same("the table", d.rows("SELECT email FROM people"), "2")
	if open := db.Stats().InUse; open != 0 {
		t.Errorf("%d connections were not given back", open)
	}
}

// TestOneClientManyTables: a client may be used by several goroutines.
func TestOneClientManyTables(t *testing.T) {
	d := newTestDatabase(t)
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			r := request("doc_1", "email", fmt.Sprint(n))
			r.Table = fmt.Sprint("people_", n)
			if _, err := d.client.Upload(context.Background(), r); err != nil {
				t.Errorf("upload to %s: %v", r.Table, err)
			}
		})
	}
	all.Wait()
	for n := range 4 {
		d.same("the table", d.rows(fmt.Sprint("SELECT email FROM people_", n)), fmt.Sprint(n))
	}
	if open := d.db.Stats().InUse; open != 0 {
		t.Errorf("%d connections were not given back", open)
	}
}

// TestNothingGoesOnAfterTheRun: a goroutine reads rows before they are loaded. If the run
// fails, it must stop reading. The source is slow, so that otherwise it would still be
// read after the run. Under synctest, time passes only while all goroutines are blocked.
func TestNothingGoesOnAfterTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestDatabase(t, "CREATE TABLE people (email TEXT, n INT CHECK (n <> 4000))", "INSERT INTO people VALUES ('old', 1)")
		r := request("doc_1", manyPeople(20_000)...)
		var read, late atomic.Int64
		var over atomic.Bool
		src := watched{r.Source, func() {
			if read.Add(1) > 4000 {
				time.Sleep(time.Minute)
			}
			if over.Load() {
				late.Add(1)
			}
		}}
		_, err := d.client.Run(t.Context(), d.plan(r), src, nil)
		over.Store(true)
		if err == nil || read.Load() <= 4000 {
			t.Errorf("a row that a CHECK refuses: got %v after %d rows were read", err, read.Load())
		}
		time.Sleep(24 * time.Hour)
		if late.Load() > 0 {
			t.Error("the source was still being read after the run had returned")
		}
	})
}

// watched is a source that calls next for each row that is read.
type watched struct {
	rowsource.Source
	next func()
}

func (w watched) With(o rowsource.Options) rowsource.Source { return watched{w.Source.With(o), w.next} }

func (w watched) Open() (rowsource.Reader, error) {
	r, err := w.Source.Open()
	return watchedReader{r, w.next}, err
}

type watchedReader struct {
	rowsource.Reader
	next func()
}

func (r watchedReader) Next() (rowsource.Row, error) {
	row, err := r.Reader.Next()
	r.next()
	return row, err
}

// TestEvents: each step has an event for its start and its end, and a load has some for
// its progress, and the commit has one. The log names the steps and has no values of the
// file.
func TestEvents(t *testing.T) {
	d := newTestDatabase(t, "CREATE TABLE people (email TEXT, n INT)", "INSERT INTO people VALUES ('old', 1)")
	var logged bytes.Buffer
	d.client = d.client.WithLog(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
	r := request("doc_1", manyPeople(12_000)...)
	var mu sync.Mutex
	var told []string
	var read []int64
	r.Events = func(e exec.Event) {
		mu.Lock()
		defer mu.Unlock()
		switch e.Kind {
		case exec.StepGoesOn:
			read = append(read, e.Bytes)
		case exec.StepBegun:
			told = append(told, e.Step.ID)
		case exec.StepEnded:
			told = append(told, fmt.Sprintf("%s %s %d", e.Step.ID, e.Result.State, e.Result.Rows))
		case exec.CommitSent:
			told = append(told, "commit")
		}
	}
	d.upload(r)
	d.same("the steps", told, "01-create-backup", "01-create-backup done 0", "02-create-backup", "02-create-backup done 0",
		"03-copy-to-backup", "03-copy-to-backup done 1", "04-clear", "04-clear done 1", "05-load", "05-load done 12000", "commit")
	size := int64(len(strings.Join(manyPeople(12_000), "\n")) + 1)
	if len(read) != 2 || read[0] <= 0 || read[1] <= read[0] || read[1] > size {
		t.Errorf("the bytes reported are %v, want two growing numbers up to %d", read, size)
	}
	if log := logged.String(); strings.Count(log, "step begun") != 5 || strings.Count(log, "step ended") != 5 || !strings.Contains(log, "step=05-load state=done rows=12000") {
		t.Errorf("the log is:\n%s", log)
	}
	if strings.Contains(logged.String(), "@") {
		t.Errorf("the log holds a value of the file:\n%s", logged.String())
	}
}

// TestReaderHoldsUpTheCommit: with a rollback journal, a reader blocks the commit
// (https://www.sqlite.org/lockingv3.html). The run fails after the timeout, and the table
// is unchanged.
func TestReaderHoldsUpTheCommit(t *testing.T) {
	d := newTestDatabase(t, "CREATE TABLE people (email TEXT)", "INSERT INTO people VALUES ('old')")
	if _, err := d.client.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	reader := sqlitetest.Open(t, d.file)
	tx, err := reader.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var email string
	if err := tx.QueryRowContext(context.Background(), "SELECT email FROM people").Scan(&email); err != nil {
		t.Fatal(err)
	}
	r := request("doc_1", "email", "new")
	r.Options.LockTimeout = 200 * time.Millisecond
	_, err = d.client.Upload(context.Background(), r)
	if !isLocked(err) {
		t.Errorf("got %T (%v), want a *exec.LockedError", err, err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	d.same("the table", d.rows("SELECT email FROM people"), "old")
	d.upload(request("doc_2", "email", "new"))
	d.same("the table, the next time", d.rows("SELECT email FROM people"), "new")
	for _, run := range d.runs() {
		if strings.Contains(run, "started") {
			t.Errorf("the audit still says: %s", run)
		}
	}
}

// TestExclusiveLockKeepsThePlanFromReading: with a rollback journal, another program's
// exclusive lock blocks readers too, and planning fails.
func TestExclusiveLockKeepsThePlanFromReading(t *testing.T) {
	d := newTestDatabase(t, "CREATE TABLE people (email TEXT)", "INSERT INTO people VALUES ('old')")
	other, err := sqlitetest.Open(t, d.file).Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.ExecContext(context.Background(), "BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	d.db.SetMaxOpenConns(1)
	if _, err := d.db.Exec("PRAGMA busy_timeout = 100"); err != nil { // the caller's timeout applies to planning
		t.Fatal(err)
	}
	_, err = d.client.Upload(context.Background(), request("doc_1", "email", "new"))
	if !isLocked(err) {
		t.Errorf("got %T (%v), want a *exec.LockedError", err, err)
	}
	if _, err := other.ExecContext(context.Background(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	d.same("the table", d.rows("SELECT email FROM people"), "old")
}
