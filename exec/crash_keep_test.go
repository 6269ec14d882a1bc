package exec_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// crashKeeping is an upload by swap that keeps the old table as the snapshot.
func crashKeeping(d dialect.Dialect, doc string, names []string) exec.Request {
	r := exec.Request{Table: crews, Kind: plan.AnyTable(), DocID: doc, UploadTimestamp: "time of " + doc, Source: namesAsRows(crews, names),
		Options: plan.Options{Strategy: dialect.Swap, Backup: plan.BackupTable, IndexesAfter: 1, Allow: plan.Codes()}}
	if d.Facts().CommitsDefinitions { // otherwise it is one transaction
		r.Options.ChunkRows = 2
	}
	return r
}

// keepsTables reports whether the old table can be the snapshot.
func keepsTables(d dialect.Dialect) bool {
	_, swaps := dialect.As[dialect.Swapper](d)
	_, remakes := dialect.As[dialect.Remaker](d)
	return swaps || remakes
}

// keptName is the table that keeps the rows of a version.
func keptName(version int64) string { return fmt.Sprint(crews, dialect.PreservedSuffix, version) }

func (w *crashWorld) resetKept() {
	w.Helper()
	w.dropTables()
	w.exec("CREATE TABLE "+crews+" (name "+w.text+" NOT NULL PRIMARY KEY)", "CREATE INDEX crews_by_name ON "+crews+" (name)")
	w.fillWithOld(crews)
}

// nothingOfKeptIsLost checks that the table has the old rows, or the new ones and another table
// the old ones.
func (w *crashWorld) nothingOfKeptIsLost() {
	w.Helper()
	now := w.names(crews, "")
	if slices.Equal(now, oldEmails) {
		return
	}
	if !slices.Equal(now, newEmails) {
		w.Errorf("the table holds %q", now)
	}
	old := crews + dialect.OldSuffix
	if !w.has(old) {
		old = keptName(0)
	}
	if got := w.names(old, ""); !slices.Equal(got, oldEmails) {
		w.Errorf("of the old rows, there are only %q in %s", got, old)
	}
}

func (w *crashWorld) keepingGoesOn() {
	w.Helper()
	if w.has(dialect.RunTable) {
		w.recoverAll()
	}
	w.nothingOfKeptIsLost()
	replaced := w.names(crews, "")
	res, err := w.client.Upload(context.Background(), crashKeeping(w.backend, "doc_next", nextEmails))
	if err != nil {
		w.Fatalf("the next upload: %v", err)
	}
	if got := w.names(keptName(*res.Replaced), ""); !slices.Equal(got, replaced) {
		w.Errorf("%s holds %q, and the table had %q", keptName(*res.Replaced), got, replaced)
	}
	for _, name := range w.allTables() {
		if strings.HasSuffix(name, dialect.OldSuffix) || strings.HasSuffix(name, dialect.ShadowSuffix) {
			w.Errorf("the table %s is left over", name)
		}
	}
	if open := w.lines("SELECT run_id, step FROM tablesnap_audit WHERE state = 'started'"); len(open) > 0 {
		w.Errorf("these steps say started: %q", open)
	}
}

// TestKilledKeeping kills the process at every step boundary of an upload that keeps the old
// table.
func TestKilledKeeping(t *testing.T) {
	for _, server := range quick(everywhere) {
		if !keepsTables(databaseOf(server).backend) {
			continue
		}
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			w := newCrashWorld(t, server, way{Strategy: dialect.Swap})
			w.lost, w.after = w.nothingOfKeptIsLost, w.keepingGoesOn
			upload := job{Does: keeps, Doc: "doc_1", Rows: newEmails}
			w.resetKept()
			w.child(upload) // creates the ledger's tables
			w.resetKept()
			statements, _ := w.child(upload)
			w.resetKept()
			for _, when := range w.lateMoments() {
				w.killAtEach(statements, when, upload, w.resetKept)
			}
		})
	}
}
