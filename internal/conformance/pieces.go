package conformance

import (
	"context"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// Prunes that delete in several transactions.
func pieceCases() []testCase {
	return []testCase{
		{name: "prune in pieces: row by row", run: pruneInPieces},
		{name: "prune in pieces: script equals apply", run: pruneInPiecesScript, begins: withNothing},
		{name: "prune in pieces: it fails between two", run: pruneFailsBetween},
		{name: "prune in pieces: cut off when it had deleted some rows", run: prunePartly},
		{name: "prune in pieces: cut off when it had deleted all rows", run: pruneUnwritten},
		{name: "prune in pieces: an upload between two", run: pruneLetsUploadIn, unless: locksToTheEnd},
		{name: "prune in pieces: recover between two", run: pruneEndedByRecover, unless: locksToTheEnd},
		{name: "prune in pieces: cut off, and then an upload", run: pruneLeftOpen, unless: locksToTheEnd},
	}
}

// planPieces plans a prune that deletes each row in its own transaction.
func (w *world) planPieces(versions ...int64) plan.Plan {
	w.Helper()
	return w.planPrune(exec.PruneRequest{Versions: versions, Options: plan.Options{ChunkRows: 1}})
}

// behindTheFirst is the moment after the first piece has committed. The first transaction
// of the run only writes its row.
func (w *world) behindTheFirst() moment {
	return moment{statement: w.d.Begin(dialect.Table{}, dialect.Replaces).Stmts[0].SQL, before: 2}
}

func pruneInPieces(w *world) {
	w.fourVersions()
	p := w.planPieces(1, 2)
	res, err := w.client.Run(context.Background(), p, nil, nil)
	if err != nil {
		w.Fatal(err)
	}
	w.same("the backup", w.lines("people_backup", "snapshot_version", "email"), "3 | doc_3_a", "3 | doc_3_b")
	w.same("the table", w.lines("people"), "doc_4_a", "doc_4_b")
	for i, s := range w.lastRun("people").Steps {
		equal(w, "what holds", p.Steps()[i].IfStopped, "stops here: people is unchanged, and what was deleted by then is gone")
		equal(w, "a step in the audit", []any{s.State, deref(s.RowCount), deref(s.Message)}, []any{"done", int64(2), []string{"version 1, in pieces", "version 2, in pieces"}[i]})
		equal(w, "its rows", res.Steps[i].Rows, int64(2))
	}
	versions := w.history("people")
	if versions[2].Pruned == "" || versions[3].Pruned == "" || versions[1].Pruned != "" {
		w.Errorf("pruned at %q, %q and %q", versions[1].Pruned, versions[2].Pruned, versions[3].Pruned)
	}
	w.restore(3)
	w.same("the table", w.lines("people"), "doc_3_a", "doc_3_b")
}

func pruneInPiecesScript(w *world) {
	w.scriptEquals(func(w *world) plan.Plan {
		w.fourVersions()
		return w.planPieces(1, 2)
	})
}

func pruneFailsBetween(w *world) {
	w.fourVersions()
	failed := w.runWith(w.planPieces(1, 2), nil, w.behindTheFirst(), func() { w.other("ALTER TABLE people_backup RENAME TO elsewhere") })
	w.other("ALTER TABLE elsewhere RENAME TO people_backup")
	w.says(mustBe[*exec.PartlyPrunedError](w, failed), "1 row", "stays deleted", "tablesnap history people")
	equal(w, "the run's state", w.lastRun("people").State, string(ledger.Failed))
	w.same("the backup", w.lines("people_backup", "snapshot_version"), "1", "2", "2", "3", "3")
	versions := w.history("people")
	if versions[3].PartlyPruned == "" || versions[2].PartlyPruned != "" {
		w.Errorf("partly pruned at %q and %q", versions[3].PartlyPruned, versions[2].PartlyPruned)
	}
	w.prune(exec.PruneRequest{Versions: []int64{1, 2}})
	w.same("the backup", w.lines("people_backup", "snapshot_version"), "3", "3")
}

// cutOffPrune leaves a prune of version 2 cut off after the given delete.
func (w *world) cutOffPrune(deleted string) {
	w.Helper()
	w.fourVersions()
	w.announced(w.planPieces(2))
	w.other(deleted)
}

func (w *world) recoverPrune() {
	w.Helper()
	done, err := w.client.Recover(context.Background(), "people", exec.DoRecover)
	if err != nil || len(done) != 1 || !strings.Contains(done[0].Message, "was deleting snapshots") {
		w.Errorf("recover says %v, %v", done, err)
	}
}

// prunePartly checks that the rest of a partly deleted snapshot cannot be restored, and
// that the next prune deletes it.
func prunePartly(w *world) {
	w.cutOffPrune("DELETE FROM people_backup WHERE email = 'doc_2_a'")
	w.recoverPrune()
	w.partlyPruned()
	w.prune(exec.PruneRequest{Keep: 2})
	w.same("the backup", w.lines("people_backup", "snapshot_version"), "1", "1", "3", "3")
	if v := w.history("people")[2]; v.Pruned == "" || v.PartlyPruned != "" {
		w.Errorf("pruned at %q, partly at %q", v.Pruned, v.PartlyPruned)
	}
}

// partlyPruned checks that the history shows version 2, and no other, as partly pruned.
func (w *world) partlyPruned() {
	w.Helper()
	for _, v := range w.history("people") {
		if partly := v.PartlyPruned != ""; partly != (*v.Number == 2) {
			w.Errorf("version %d was partly pruned at %q", *v.Number, v.PartlyPruned)
		}
	}
	_, err := w.client.Restore(context.Background(), w.restoreRequest(2))
	mustBe[*plan.RefusedError](w, err)
}

func pruneUnwritten(w *world) {
	w.cutOffPrune("DELETE FROM people_backup WHERE snapshot_version = 2")
	w.recoverPrune()
	if v := w.history("people")[2]; v.Pruned == "" || v.PartlyPruned != "" {
		w.Errorf("pruned at %q, partly at %q", v.Pruned, v.PartlyPruned)
	}
	_, err := w.client.Restore(context.Background(), w.restoreRequest(2))
	w.says(mustBe[*plan.RefusedError](w, err), "version 2 were pruned at")
}

// pruneLetsUploadIn checks that an upload can run between two pieces, and that neither
// run mistakes the other for one that was cut off.
func pruneLetsUploadIn(w *world) {
	w.fourVersions()
	err := w.runWith(w.planPieces(1, 2), nil, w.behindTheFirst(), func() { w.upload(request("doc_5", csv("email", "x", "y"))) })
	if err != nil {
		w.Errorf("the prune: %v", err)
	}
	for _, r := range w.audit("people") {
		equal(w, "the state of run "+r.Operation, r.State, string(ledger.Done))
	}
	w.same("the backup", w.lines("people_backup", "snapshot_version"), "3", "3", "4", "4")
	w.same("the table", w.lines("people"), "x", "y")
}

func pruneEndedByRecover(w *world) {
	w.fourVersions()
	err := w.runWith(w.planPieces(1, 2), nil, w.behindTheFirst(), w.recoverPrune)
	w.says(mustBe[*exec.PartlyPrunedError](w, err), "recover")
	w.same("the backup", w.lines("people_backup", "snapshot_version"), "1", "2", "2", "3", "3")
}

// pruneLeftOpen checks that an upload, which closes open runs that left nothing behind,
// does not close this prune.
func pruneLeftOpen(w *world) {
	w.cutOffPrune("DELETE FROM people_backup WHERE email = 'doc_2_a'")
	w.partlyPruned()
	w.upload(request("doc_5", csv("email", "x", "y")))
	w.partlyPruned()
	w.recoverPrune()
	w.partlyPruned()
}
