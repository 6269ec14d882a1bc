//go:build unix

package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
	"github.com/tablesnap/tablesnap/internal/testservers"
	"github.com/tablesnap/tablesnap/internal/wait"
)

func signalTo(t *testing.T, p *process, signal syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

const (
	newRows = 300_000
	oldRows = 50_000
	// midLoad and lateInLoad are growths in bytes of the database and its log, whose total
	// growth is about 30 MB. In between, the old rows are copied and cleared, and many new
	// rows are loaded, but not all.
	midLoad    = 10 << 20
	lateInLoad = 25 << 20
)

// loadStopped starts an upload and stops its process in the middle of the load, until
// SIGCONT. On a fast machine the load may be over by then. In that case it tries again,
// with a fresh database.
func loadStopped(t *testing.T, fresh func() (db string), args ...string) *process {
	t.Helper()
	var p *process
	wait.Until(t, "a load is stopped in its middle", func() bool {
		db := fresh()
		p = startTablesnap(t, filepath.Dir(db), args...)
		if p.stopMidLoad(t, db) {
			return true
		}
		p.wait(t)
		return false
	})
	return p
}

// stopMidLoad reports whether the process was stopped in the middle of its load.
func (p *process) stopMidLoad(t *testing.T, db string) bool {
	t.Helper()
	before, ended := sizeOf(db), false
	wait.Until(t, "the load is in its middle, or has ended", func() bool {
		select {
		case err := <-p.ended:
			p.ended <- err // for wait
			ended = true
		default:
		}
		return ended || sizeOf(db)-before >= midLoad
	})
	if ended || p.cmd.Process.Signal(syscall.SIGSTOP) != nil { // it has ended meanwhile
		return false
	}
	if sizeOf(db)-before < lateInLoad {
		return true
	}
	_ = p.cmd.Process.Signal(syscall.SIGCONT)
	return false
}

func sizeOf(db string) (size int64) {
	for _, suffix := range []string{"", "-wal"} {
		if info, err := os.Stat(db + suffix); err == nil {
			size += info.Size()
		}
	}
	return size
}

// largeTable returns a folder with files to upload and a database. Its table t has oldRows
// rows and a backup.
func largeTable(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		testservers.Lacks(t, "a large load takes minutes under the race detector (-short)")
	}
	dir := t.TempDir()
	writeRows(t, filepath.Join(dir, "first.csv"), "first", 1000)
	writeRows(t, filepath.Join(dir, "old.csv"), "old", oldRows)
	writeRows(t, filepath.Join(dir, "large.csv"), "new", newRows)
	writeRows(t, filepath.Join(dir, "next.csv"), "next", 10)
	mustRun(t, dir, "apply", "first.csv", "--table", "t", "--create", "--doc-id", "d1", "--yes")
	mustRun(t, dir, "apply", "old.csv", "--table", "t", "--doc-id", "d2", "--yes")
	return dir
}

func writeRows(t *testing.T, name, who string, rows int) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "id,email,name,note")
	for i := range rows {
		fmt.Fprintf(w, "%d,%s%d@example.com,Name %d,\"a note, of some length, on row %d\"\n", i, who, i, i, i)
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

const (
	allRows   = "SELECT id, email, name, note FROM t"
	allBackup = "SELECT * FROM t_backup"
)

// TestCutOff interrupts or kills a large load in the middle, and checks the state of the
// database.
func TestCutOff(t *testing.T) {
	dir := largeTable(t)
	base := filepath.Join(dir, "tablesnap.db")
	rows, backup := digest(t, base, allRows), digest(t, base, allBackup)
	for _, journal := range []string{"delete", "wal"} {
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL} {
			if journal == "wal" && signal == syscall.SIGTERM {
				continue // handled like SIGINT
			}
			t.Run(journal+"/"+signal.String(), func(t *testing.T) {
				name := journal + signal.String()[:4] + ".db"
				db := filepath.Join(dir, name)
				fresh := func() string { return copyWith(t, journal, base, db) }
				p := loadStopped(t, fresh, "apply", "large.csv", "--dsn", "sqlite:"+name, "--table", "t", "--doc-id", "d3", "--yes")
				signalTo(t, p, signal)
				signalTo(t, p, syscall.SIGCONT)
				r := p.wait(t)
				if signal == syscall.SIGKILL {
					checkKilled(t, r, db)
				} else {
					checkInterrupted(t, r, db)
				}
				if got := digest(t, db, allRows); got != rows {
					t.Error("the old rows are not there")
				}
				if got := digest(t, db, allBackup); got != backup {
					t.Error("the backup was changed")
				}
			})
		}
	}
}

// copyWith copies a database, and sets the journal of the copy.
func copyWith(t *testing.T, journal, from, to string) (db string) {
	t.Helper()
	db = copyDatabase(t, from, to)
	if got := rowsOf(t, db, "PRAGMA journal_mode = "+journal); got[0] != fmt.Sprintf("%q", journal) {
		t.Fatal(got)
	}
	return db
}

// checkInterrupted checks the state after Ctrl-C: the run is rolled back, and the audit
// shows the step that was interrupted.
func checkInterrupted(t *testing.T, r result, db string) {
	t.Helper()
	if r.code != exitFailed || !strings.Contains(r.stderr, "tablesnap: interrupted; nothing was changed: ") {
		t.Error(r)
	}
	audit := mustRun(t, filepath.Dir(db), "audit", "--dsn", "sqlite:"+filepath.Base(db), "--run", "3").stdout
	for _, want := range []string{"run 3: upload of t, version 3, failed\n", "03-load            failed "} {
		if !strings.Contains(audit, want) {
			t.Errorf("the audit does not say %q:\n%s", want, audit)
		}
	}
	checkNextApply(t, copyDatabase(t, db, db+"-next"), "failed")
}

// checkKilled checks the state after kill -9, before any program has repaired the database.
func checkKilled(t *testing.T, r result, db string) {
	t.Helper()
	if r.code != -1 {
		t.Error(r)
	}
	dir, name := filepath.Dir(db), filepath.Base(db)
	before, err := listing(dir)
	if err != nil {
		t.Fatal(err)
	}
	plan := runTablesnap(t, dir, "plan", "next.csv", "--dsn", "sqlite:"+name, "--table", "t", "--doc-id", "d4", "--max-shrink", "0")
	if _, err := os.Stat(db + "-journal"); err == nil {
		if plan.code != exitRefused || !strings.Contains(plan.stderr, "apply does it by itself, and so does: sqlite3 '"+name+"' 'PRAGMA schema_version'") {
			t.Error(plan)
		}
	} else if plan.code != exitDone || !strings.Contains(plan.stdout, "-- version   3,") {
		t.Error(plan)
	}
	if after, err := listing(dir); err != nil || withoutIndex(after) != withoutIndex(before) {
		t.Errorf("plan changed the files (%v):\n%s\n%s", err, before, after)
	}
	checkWithSQLite(t, copyDatabase(t, db, db+"-copy"))
	checkNextApply(t, copyDatabase(t, db, db+"-next"), "rolled_back")
}

// withoutIndex removes the index of the write-ahead log from a listing, since reading also
// changes that file.
func withoutIndex(listing string) string {
	var kept strings.Builder
	for line := range strings.Lines(listing) {
		if !strings.Contains(line, "-shm ") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

func checkWithSQLite(t *testing.T, db string) {
	t.Helper()
	for _, c := range []struct{ query, want string }{
		{"PRAGMA integrity_check", "ok"},
		{"SELECT count(*), min(id + 0), max(id + 0), max(email) FROM t", fmt.Sprintf("%d|0|%d|old9@example.com", oldRows, oldRows-1)},
		{"SELECT count(*), min(email), max(snapshot_version) FROM t_backup", "1000|first0@example.com|1"},
		{"SELECT state FROM tablesnap_run WHERE id = 3", "started"},
		{"SELECT DISTINCT state FROM tablesnap_audit WHERE run_id = 3", "started"},
	} {
		if got := strings.TrimSpace(sqlitetest.Query(t, db, c.query+";")); got != c.want {
			t.Errorf("%s: %s, want %s", c.query, got, c.want)
		}
	}
}

// checkNextApply uploads again, and checks the state of the run that was cut off in the
// audit.
func checkNextApply(t *testing.T, db, state string) {
	t.Helper()
	dir, dsn := filepath.Dir(db), "sqlite:"+filepath.Base(db)
	r := mustRun(t, dir, "apply", "next.csv", "--dsn", dsn, "--table", "t", "--doc-id", "d4", "--max-shrink", "0", "--yes")
	if !strings.Contains(r.stdout, "t is at version 3: 10 rows") || !strings.Contains(r.stdout, fmt.Sprintf("the rows of version 2 are in t_backup: %d rows", oldRows)) {
		t.Error(r)
	}
	audit := mustRun(t, dir, "audit", "--dsn", dsn, "--run", "3").stdout
	if !strings.Contains(audit, "run 3: upload of t, version 3, "+state+"\n") {
		t.Error(audit)
	}
	if got := rowsOf(t, db, "SELECT count(*) FROM t_backup WHERE snapshot_version = 2 AND doc_id = 'd2'"); got[0] != fmt.Sprint(oldRows) {
		t.Errorf("the backup has %s rows of version 2", got)
	}
}

// TestTwoApplies runs a second upload during a large first one.
func TestTwoApplies(t *testing.T) {
	dir := largeTable(t)
	base := filepath.Join(dir, "tablesnap.db")
	for _, journal := range []string{"delete", "wal"} {
		t.Run(journal, func(t *testing.T) {
			name := journal + ".db"
			db := filepath.Join(dir, name)
			second := func(wait string) []string {
				return []string{"apply", "next.csv", "--dsn", "sqlite:" + name, "--table", "t", "--doc-id", "d4", "--max-shrink", "0", "--yes", "--lock-timeout", wait}
			}
			fresh := func() string { return copyWith(t, journal, base, db) }
			first := loadStopped(t, fresh, "apply", "large.csv", "--dsn", "sqlite:"+name, "--table", "t", "--doc-id", "d3", "--yes")
			r := runTablesnap(t, dir, second("100ms")...)
			if r.code != exitRefused || !strings.Contains(r.stderr, "try again") {
				t.Error(r)
			}
			patient := startTablesnap(t, dir, second("30s")...)
			signalTo(t, first, syscall.SIGCONT)
			if r := first.wait(t); r.code != exitDone {
				t.Error(r)
			}
			// The second upload has either planned before the first one ended, and its
			// plan no longer fits, or it has waited and planned afterwards.
			r = patient.wait(t)
			refused := r.code == exitRefused && strings.Contains(r.stderr, "version 2 is the newest of t")
			replaced := r.code == exitDone && strings.Contains(r.stdout, "t is at version 4: 10 rows")
			if !refused && !replaced {
				t.Error(r)
			}
			if got := rowsOf(t, db, "SELECT count(*) FROM t_backup WHERE snapshot_version = 2"); got[0] != fmt.Sprint(oldRows) {
				t.Errorf("the backup has %s rows of version 2", got)
			}
		})
	}
}

// TestReadOnlyFolder: planning works in a folder that the user may not write to.
func TestReadOnlyFolder(t *testing.T) {
	for _, journal := range []string{"delete", "wal"} {
		t.Run(journal, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "tablesnap-test-*") // other users may not read t.TempDir
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Chmod(dir, 0o755); os.RemoveAll(dir) })
			writeRows(t, filepath.Join(dir, "a.csv"), "a", 10)
			mustRun(t, dir, "apply", "a.csv", "--table", "t", "--create", "--doc-id", "d1", "--yes")
			rowsOf(t, filepath.Join(dir, "tablesnap.db"), "PRAGMA journal_mode = "+journal)
			unprivileged := lockUp(t, dir)
			before, err := listing(dir)
			if err != nil {
				t.Fatal(err)
			}
			r := unprivileged("plan", "a.csv", "--table", "t", "--doc-id", "d2", "--allow", "SAME_FILE")
			if r.code != exitDone || !strings.Contains(r.stdout, "-- version   2,") {
				t.Error(r)
			}
			if waits := strings.Contains(r.stdout, "READERS_WAIT"); waits != (journal == "delete") {
				t.Errorf("readers wait: %t", waits)
			}
			if r := unprivileged("history", "t"); r.code != exitDone {
				t.Error(r)
			}
			r = unprivileged("apply", "a.csv", "--table", "t", "--doc-id", "d2", "--allow", "SAME_FILE", "--yes")
			if r.code != exitFailed || !strings.Contains(r.stderr, "this user may not write to the file, or not to the folder that it is in") {
				t.Error(r)
			}
			if after, err := listing(dir); err != nil || after != before {
				t.Errorf("the files changed (%v):\n%s\n%s", err, before, after)
			}
		})
	}
}

// lockUp makes the folder read-only. The returned function runs tablesnap in it, and never
// as root, who may write anyway.
func lockUp(t *testing.T, dir string) func(args ...string) result {
	t.Helper()
	program, err := exec.LookPath("tablesnap")
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "tablesnap")
	if err := errors.Join(os.WriteFile(path, content, 0o755), os.Chmod(path, 0o755)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	return func(args ...string) result {
		p := &process{cmd: exec.Command(path, args...), ended: make(chan error, 1)}
		p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = dir, &p.stdout, &p.stderr
		if os.Geteuid() == 0 {
			const nobody = 65534
			p.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		}
		if err := p.cmd.Start(); err != nil {
			testservers.Lacks(t, "cannot run as a user without rights: %v", err)
		}
		go func() { p.ended <- p.cmd.Wait() }()
		return p.wait(t)
	}
}
