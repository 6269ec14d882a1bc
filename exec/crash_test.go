package exec_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/testservers"
)

// waysOf are the ways in which the tests run on a server. If DDL commits by itself, a run
// has many boundaries, and the tests use only one way, another one on each server. With
// everyOne they use all ways.
func waysOf(server string) []way {
	d := databaseOf(server)
	ways := d.ways()
	if everyOne() || !d.backend.Facts().CommitsDefinitions {
		return ways
	}
	nth := slices.Index(everywhere, server) % len(ways)
	return ways[nth : nth+1]
}

// onEach runs a test on every server.
func onEach(t *testing.T, names []string, test func(*crashWorld)) {
	t.Helper()
	for _, server := range names {
		for _, way := range waysOf(server) {
			t.Run(server+"/"+way.String(), func(t *testing.T) {
				t.Parallel()
				test(newCrashWorld(t, server, way))
			})
		}
	}
}

// TestKilledUpload kills the process at every step boundary of an upload.
func TestKilledUpload(t *testing.T) {
	onEach(t, everywhere, func(w *crashWorld) {
		w.reset()
		w.upload("doc_0", oldEmails) // creates the ledger's tables
		w.reset()
		statements, _ := w.child(job{Does: uploads, Doc: "doc_1", Rows: newEmails})
		w.sound()
		w.reset()
		for _, when := range w.moments {
			w.killAtEach(statements, when, job{Does: uploads, Doc: "doc_1", Rows: newEmails}, w.reset)
		}
	})
}

// TestKilledFirstUpload kills the process at the boundaries of the first upload to a
// database, which creates the ledger's tables.
func TestKilledFirstUpload(t *testing.T) {
	for _, server := range everywhere {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			w := newCrashWorld(t, server, way{Strategy: dialect.InPlace})
			first := job{Does: uploads, Doc: "doc_1", Rows: newEmails}
			w.reset()
			statements, _ := w.child(first)
			w.resetAll()
			for _, when := range w.moments {
				w.killAtEach(w.upToTheRun(statements), when, first, w.resetAll)
			}
		})
	}
}

// upToTheRun returns the statements before the run's row, since TestKilledUpload covers
// the later ones. If the upload is one transaction, it returns all of them, which is cheap.
func (w *crashWorld) upToTheRun(statements []string) []string {
	if !w.backend.Facts().CommitsDefinitions {
		return statements
	}
	row := "INSERT INTO " + w.backend.QuoteTable(dialect.LedgerTable(w.backend, dialect.RunTable))
	return statements[:slices.IndexFunc(statements, func(s string) bool { return strings.HasPrefix(s, row) })]
}

// resetAll is reset, and also drops the ledger's tables.
func (w *crashWorld) resetAll() {
	w.Helper()
	w.reset()
	for _, name := range w.allTables() {
		if name != panel {
			w.exec("DROP TABLE " + name)
		}
	}
}

// TestKilledRecover kills recover itself at its boundaries. It recovers a run that was cut
// off before its swap, after it, or before dropping the old table; or, if the upload is
// one transaction, before its commit.
func TestKilledRecover(t *testing.T) {
	onEach(t, quick(everywhere), func(w *crashWorld) {
		w.reset()
		w.upload("doc_0", oldEmails)
		w.reset()
		upload := job{Does: uploads, Doc: "doc_1", Rows: newEmails, When: before}
		statements, _ := w.child(upload)
		for _, upload.Kill = range w.turningPoints(statements) {
			prepare := func() {
				w.reset()
				w.child(upload)
				w.untilGone()
			}
			prepare()
			w.recoverTwice()
			prepare()
			recovery, _ := w.child(job{Does: recovers})
			prepare()
			for _, when := range w.moments {
				w.killAtEach(recovery, when, job{Does: recovers}, prepare)
			}
		}
	})
}

// turningPoints are the numbers of statements. Depending on which of them an upload is
// killed at, recover has different work to do.
func (w *crashWorld) turningPoints(statements []string) []int {
	if !w.backend.Facts().CommitsDefinitions {
		return []int{lastCommit(statements)}
	}
	var points []int
	for i, s := range statements {
		switch {
		case strings.HasPrefix(s, "RENAME TABLE"):
			points = append(points, i+1, i+2)
		case strings.HasPrefix(s, "DROP TABLE"),
			w.way.Strategy == dialect.Sync && strings.HasPrefix(s, "DELETE"), // the stage is there, and the table as it was
			w.way.Strategy == dialect.InPlace && strings.HasPrefix(s, "ALTER TABLE") && len(points) == 0:
			points = append(points, i+1)
		}
	}
	return points
}

func lastCommit(statements []string) int {
	for i, s := range slices.Backward(statements) {
		if strings.HasPrefix(s, "COMMIT") {
			return i + 1
		}
	}
	return 0
}

// everyVariable makes the tests kill a process at every statement that writes, and not
// only at the boundaries of steps. These are three times as many.
const everyVariable = "TABLESNAP_TEST_KILL_EVERY"

var (
	// writes matches the statements that change the database.
	writes = regexp.MustCompile(`(?i)^\s*(insert|update|delete|truncate|load|copy|select setval|create|alter|rename|drop|execute|commit)`)
	// commits matches those of them that commit.
	commits = regexp.MustCompile(`(?i)^\s*(create|alter|rename|drop|execute|commit)`)
	// records matches those that record a run's progress. Their rows are committed together
	// with the step itself, or describe a step that is already committed.
	records = regexp.MustCompile(`(?i)^\s*(insert into|update) [^( ]*tablesnap_(run|audit)\b`)
)

// isBoundary reports whether a job is killed at a statement: usually before each step and
// each commit, and after sending a statement that commits.
func isBoundary(statement string, when moment) bool {
	switch {
	case !writes.MatchString(statement):
		return false // the same as before the next statement that writes
	case os.Getenv(everyVariable) != "":
		return true
	case when == sent:
		return commits.MatchString(statement)
	default:
		return !records.MatchString(statement)
	}
}

// killAtEach kills a job at each boundary of its statements. If the killed process has
// changed nothing, the next one starts at once. Otherwise killAtEach checks what the
// process has left (once for each state of the database), and calls prepare to restore
// the beginning.
func (w *crashWorld) killAtEach(statements []string, when moment, j job, prepare func()) {
	w.Helper()
	w.killAt(statements, func(statement string) bool { return isBoundary(statement, when) }, when, j, prepare)
}

// killAt is killAtEach for the statements that at reports.
func (w *crashWorld) killAt(statements []string, at func(statement string) bool, when moment, j job, prepare func()) {
	w.Helper()
	beginning, cases := w.fingerprint(), 0
	for i, statement := range statements {
		if !at(statement) {
			continue
		}
		j.Kill, j.When = i+1, when
		if _, killed := w.child(j); !killed {
			w.Fatalf("the child came to its end before statement %d", j.Kill)
		}
		w.untilGone()
		cases++
		left := w.fingerprint()
		if left == beginning {
			continue
		}
		w.lost()
		if w.isNew(left) {
			w.after()
		}
		if w.Failed() {
			w.Fatalf("killed %s statement %d, %s, which left\n%s", when, j.Kill, statement, left)
		}
		prepare()
		if again := w.fingerprint(); again != beginning {
			w.Fatalf("a new beginning is\n%s\nand was\n%s", again, beginning)
		}
	}
	w.tried(j.Does+" killed", cases)
	w.Logf("killed %s %d statements; states of the database so far: %d", when, cases, len(w.seen))
}

// tried counts faults of a kind for docs/reliability.md.
func (w *crashWorld) tried(kind string, n int) {
	w.Helper()
	testservers.Tried(w, w.server, kind, n)
}

// afterTheDeath checks that after a killed run, recover and the next upload work and no
// row is lost.
func (w *crashWorld) afterTheDeath() {
	w.Helper()
	if !w.has(dialect.VersionTable) || !w.has(dialect.RunTable) || !w.has(dialect.AuditTable) {
		w.nextUpload()
		return
	}
	if w.isGuarded() {
		w.recoverTwice()
	} else if w.cutOff() {
		w.Error("plan says that a run was cut off, and the next upload closes it")
	}
	w.nothingIsLost()
	w.nextUpload()
}

// isGuarded reports whether a lock shows if a run is active or was cut off. Only then must
// recover run before the next upload.
func (w *crashWorld) isGuarded() bool { return dialect.HasSessionLock(w.backend) }

// recoverTwice does a dry run of recover, then recovers, and checks that a second recover
// has nothing to do.
func (w *crashWorld) recoverTwice() {
	w.Helper()
	runs := len(w.lines("SELECT id FROM tablesnap_run WHERE state = 'started' OR id IN (SELECT run_id FROM tablesnap_audit WHERE state = 'started')"))
	if got, want := w.cutOff(), runs > 0 && w.isGuarded(); got != want {
		w.Errorf("plan says that a run was cut off: %t, and there are %d open ones", got, runs)
	}
	found := w.fingerprint()
	would := w.recover(exec.DryRun)
	if got := w.fingerprint(); got != found {
		w.Errorf("a dry run changed the database from\n%s\nto\n%s", found, got)
	}
	did := w.recover(exec.DoRecover)
	if fmt.Sprint(did) != fmt.Sprint(would) || len(did) != runs {
		w.Errorf("recover of %d runs did\n%+v\nand said before\n%+v", runs, did, would)
	}
	recovered := w.fingerprint()
	if again := w.recover(exec.DoRecover); len(again) > 0 || w.fingerprint() != recovered {
		w.Errorf("recover did something the second time: %+v", again)
	}
	if w.cutOff() {
		w.Error("after recover, plan says that a run was cut off")
	}
}

// nothingIsLost checks that the table has all old rows or all new ones, and that the old
// rows are in the table, in the backup or in the old table.
func (w *crashWorld) nothingIsLost() {
	w.Helper()
	now := w.emails(panel, "")
	if slices.Equal(now, oldEmails) {
		if got := w.lines("SELECT id, initial_status, final_status FROM " + panel + " ORDER BY id"); !slices.Equal(got, oldRest) {
			w.Errorf("the old rows have become %q", got)
		}
		return
	}
	if !slices.Equal(now, newEmails) {
		w.Errorf("the table holds %q", now)
	}
	if kept := w.keptOldRows(); !slices.Equal(kept, oldRest) {
		w.Errorf("of the old rows, there are only %q", kept)
	}
}

// oldRest are the values of the old rows in the other columns.
var oldRest = []string{"1 open ", "2 open kept", "7 open "}

func (w *crashWorld) keptOldRows() []string {
	w.Helper()
	if w.has(panel + dialect.OldSuffix) {
		return w.lines("SELECT id, initial_status, final_status FROM " + panel + dialect.OldSuffix + " ORDER BY id")
	}
	target := w.inspect()
	if target.Backup == nil {
		w.Error("there is neither an old table nor a backup")
		return nil
	}
	key := target.Backup.Columns[4].Name // after the metadata columns
	return w.lines("SELECT " + key + ", initial_status, final_status FROM " + panel + "_backup WHERE snapshot_version = 0 ORDER BY " + key)
}

// nextUpload checks that the next upload works, and that it closes everything that the
// killed run has left.
func (w *crashWorld) nextUpload() {
	w.Helper()
	replaced := w.emails(panel, "")
	w.upload("doc_next", nextEmails)
	if got := w.emails(panel, ""); !slices.Equal(got, nextEmails) {
		w.Errorf("after the next upload the table holds %q", got)
	}
	w.sound()
	if table := w.inspect().Table; w.indexed && !slices.ContainsFunc(table.Indexes, func(i dialect.Index) bool { return i.Name == panelIndex }) {
		w.Errorf("after the next upload the table has lost its index: it has %v", table.Indexes)
	}
	last := w.lines("SELECT version_replaced FROM tablesnap_run ORDER BY id DESC LIMIT 1")
	if got := w.emails(panel+"_backup", "WHERE snapshot_version = "+last[0]); !slices.Equal(got, replaced) {
		w.Errorf("the backup holds %q of version %s, and the table had %q", got, last[0], replaced)
	}
	w.numbersGoOn()
}

// sound checks that no run is open, that no table is left over, and that the rows of every
// version are where the history says.
func (w *crashWorld) sound() {
	w.Helper()
	for _, name := range w.allTables() {
		passing := slices.ContainsFunc([]string{dialect.ShadowSuffix, dialect.OldSuffix, dialect.StageSuffix, dialect.ListSuffix}, func(suffix string) bool { return strings.HasSuffix(name, suffix) })
		if passing || strings.Contains(name, dialect.PreservedSuffix) {
			w.Errorf("the table %s is left over", name)
		}
	}
	if open := w.lines("SELECT run_id, step FROM tablesnap_audit WHERE state = 'started'"); len(open) > 0 {
		w.Errorf("these steps say started: %q", open)
	}
	if open := w.lines("SELECT id FROM tablesnap_run WHERE state = 'started'"); len(open) > 0 {
		w.Errorf("these runs say started: %q", open)
	}
	if got := w.lines("SELECT version_made FROM tablesnap_run WHERE state = 'done' ORDER BY id"); !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) < len(got) {
		w.Errorf("the versions are %q", got)
	}
	versions, err := w.client.BackupHistory(context.Background(), panel, 0)
	if err != nil {
		w.Fatal(err)
	}
	for i, v := range versions {
		where := ""
		if i > 0 {
			where = fmt.Sprintf(" WHERE snapshot_version = %d", *v.Number)
		}
		if *v.Number == 0 && v.Where == panel {
			continue // before the first upload, the rows are not counted
		}
		if v.Where == "" || v.Rows == nil {
			w.Errorf("the history does not say where the rows of version %d are: %+v", *v.Number, v)
			continue
		}
		if got := w.lines("SELECT count(*) FROM " + v.Where + where)[0]; got != fmt.Sprint(*v.Rows) {
			w.Errorf("version %d has %d rows, and there are %s in %s", *v.Number, *v.Rows, got, v.Where)
		}
	}
}

// numbersGoOn checks that a new row gets a number that no earlier row had.
func (w *crashWorld) numbersGoOn() {
	w.Helper()
	key := w.inspect().Backup.Columns[4].Name
	w.exec("INSERT INTO " + panel + " (email) VALUES ('later')")
	if again := w.lines("SELECT b." + key + " FROM " + panel + "_backup b JOIN " + panel + " t ON t.id = b." + key + " WHERE t.email = 'later'"); len(again) > 0 {
		w.Errorf("a new row got the number %s of an old one", again[0])
	}
}
