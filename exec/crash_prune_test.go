package exec_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// prunedVersions are the versions that a child prunes, with their row counts.
var prunedVersions = map[int64]int{0: len(oldEmails), 1: len(newEmails)}

func pruneRequest(versions ...int64) exec.PruneRequest {
	return exec.PruneRequest{Table: panel, Versions: versions, Options: plan.Options{ChunkRows: 2}}
}

// TestKilledPrune kills the process at every boundary of a prune in several transactions.
// One server of each family is enough.
func TestKilledPrune(t *testing.T) {
	for _, server := range firstOfEach(everywhere, family) {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			w := newCrashWorld(t, server, way{Strategy: dialect.InPlace})
			w.toPrune()
			statements, _ := w.child(job{Does: prunes})
			left := map[string]bool{}
			for i, statement := range statements {
				if !isBoundary(statement, before) {
					continue
				}
				w.toPrune()
				if _, killed := w.child(job{Does: prunes, Kill: i + 1, When: before}); !killed {
					t.Fatalf("the child came to its end before statement %d", i+1)
				}
				w.tried("prune killed", 1)
				w.untilGone()
				left[fmt.Sprint(w.rowsLeft())] = true
				w.afterTheDeathOfPrune()
				if t.Failed() {
					t.Fatalf("killed before statement %d, %s", i+1, statement)
				}
			}
			if want := 4; len(left) < want { // a version is complete, partly deleted, or deleted
				t.Errorf("the dead left %d states of the backup, want %d or more: %v", len(left), want, left)
			}
		})
	}
}

// toPrune prepares a backup table with the rows of three versions.
func (w *crashWorld) toPrune() {
	w.Helper()
	w.reset()
	w.upload("doc_1", newEmails)
	w.upload("doc_2", nextEmails)
	w.upload("doc_3", newEmails)
}

// rowsLeft returns how many rows the backup has of each version that a child prunes.
func (w *crashWorld) rowsLeft() map[int64]int {
	w.Helper()
	left := map[int64]int{}
	for version := range prunedVersions {
		left[version] = len(w.emails(panel+"_backup", fmt.Sprintf("WHERE snapshot_version = %d", version)))
	}
	return left
}

// afterTheDeathOfPrune checks that the history shows which rows were deleted, and that the
// next prune deletes the rest.
func (w *crashWorld) afterTheDeathOfPrune() {
	w.Helper()
	left := w.rowsLeft()
	w.recover(exec.DoRecover)
	if open := w.lines("SELECT id FROM tablesnap_run WHERE state = 'started'"); len(open) > 0 {
		w.Errorf("these runs say started: %q", open)
	}
	versions, err := w.client.BackupHistory(context.Background(), panel, 0)
	if err != nil {
		w.Fatal(err)
	}
	var rest []int64
	for _, v := range versions {
		whole, toGo := prunedVersions[*v.Number]
		if !toGo {
			continue
		}
		n := left[*v.Number]
		if v.Pruned != "" != (n == 0) || v.PartlyPruned != "" != (n > 0 && n < whole) {
			w.Errorf("version %d has %d of %d rows, and the history says pruned %q, partly %q", *v.Number, n, whole, v.Pruned, v.PartlyPruned)
		}
		if n > 0 {
			rest = append(rest, *v.Number)
		}
	}
	if len(rest) > 0 {
		if _, _, err := w.client.Prune(context.Background(), pruneRequest(rest...)); err != nil {
			w.Errorf("the next prune: %v", err)
		}
	}
	if got := w.lines("SELECT DISTINCT snapshot_version FROM " + panel + "_backup"); !slices.Equal(got, []string{"2"}) {
		w.Errorf("the backup has rows of the versions %q", got)
	}
	if got := w.emails(panel, ""); !slices.Equal(got, newEmails) {
		w.Errorf("the table holds %q", got)
	}
}
