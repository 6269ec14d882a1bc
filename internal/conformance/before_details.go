package conformance

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
)

// Runs of older tablesnaps that were cut off. Those versions wrote no details of their
// steps. testdata/before_details has, for each family, the SQL that recreates what such a
// run left in the database.
func beforeDetailsCases() []testCase {
	return []testCase{
		{name: "before details: a swap, cut off while it was copying", run: beforeDetailsSwap, unless: inPlace},
		{name: "before details: a swap whose old table is kept", run: beforeDetailsKept, unless: inPlace},
		{name: "before details: columns still to drop", run: beforeDetailsColumns, unless: bySwap},
		{name: "before details: a prune in pieces", run: beforeDetailsPrune, unless: bySwap},
		{name: "before details: an upload leaves a prune in pieces open", run: beforeDetailsPruneLeftOpen, unless: locksToTheEnd},
		{name: "before details: an upload with older snapshots still to delete", run: beforeDetailsRetention, unless: bySwap},
		{name: "before details: a statement that is none of tablesnap's", run: beforeDetailsForeign, unless: inPlace},
	}
}

//go:embed testdata/before_details
var beforeDetails embed.FS

// leftBehind recreates what a run of an older tablesnap left in the database. It returns
// false if the family has no such file.
func (w *world) leftBehind(name string) bool {
	w.Helper()
	text, err := beforeDetails.ReadFile("testdata/before_details/" + string(w.d.Facts().Name) + "/" + name + ".sql")
	if errors.Is(err, fs.ErrNotExist) {
		w.Logf("a run of %s leaves nothing of that kind, or what another family does", w.d.Facts().Name)
		return false
	}
	if err != nil {
		w.Fatal(err)
	}
	if err := w.in.Client(w.T, strings.ReplaceAll(string(text), "{schema}", w.in.Schema)); err != nil {
		w.Fatalf("run what an older tablesnap has left: %v", err)
	}
	return true
}

func (w *world) recovers(says ...string) {
	w.Helper()
	done, err := w.client.Recover(context.Background(), "people", exec.DoRecover)
	if err != nil || len(done) != 1 {
		w.Fatalf("recover says %v, %v", done, err)
	}
	w.says(errors.New(done[0].Message), says...)
	equal(w, "what is said of an open run", w.openRun(), "")
}

func beforeDetailsSwap(w *world) {
	if !w.leftBehind("swap") {
		return
	}
	w.same("the backup, in the middle of the copy", w.lines("people_backup", "snapshot_version", "email"), "1 | a", "1 | b", "2 | c", "2 | d")
	w.recovers("old rows are copied to the backup")
	w.same("the table", w.lines("people"), "f | 1", "g | 2")
	w.same("the backup", w.lines("people_backup", "doc_id", "upload_timestamp", "snapshot_version", "email", "age"),
		"doc_1 | time of doc_1 | 1 | a | 1", "doc_1 | time of doc_1 | 1 | b | 2",
		"it's doc_2 | time of it's doc_2 | 2 | c | 1", "it's doc_2 | time of it's doc_2 | 2 | d | 2", "it's doc_2 | time of it's doc_2 | 2 | e | 3")
	w.noTable("people" + dialect.OldSuffix)
	w.restore(2)
	w.same("version 2", w.lines("people"), "c | 1", "d | 2", "e | 3")
}

func beforeDetailsKept(w *world) {
	if !w.leftBehind("kept") {
		return
	}
	w.recovers("kept whole in", "people_preserved_v2")
	w.same("the table", w.lines("people"), "f | 1", "g | 2")
	w.same("the places", w.places(w.client), "3 in people", "2 in people_preserved_v2", "1 in people_backup", "0 in people_backup")
	w.restore(2)
	w.same("version 2", w.lines("people"), "c | 1", "d | 2", "e | 3")
}

func beforeDetailsColumns(w *world) {
	if !w.leftBehind("columns") {
		return
	}
	w.other("ALTER TABLE people DROP COLUMN initial_status")
	w.recovers("what it had still to drop is dropped")
	w.same("the columns", w.columns("people"), "email")
}

func beforeDetailsPrune(w *world) {
	if !w.leftBehind("prune") {
		return
	}
	w.other("DELETE FROM people_backup WHERE email = 'doc_2_a'")
	w.partlyPrunedBefore()
	w.recoverPrune()
	w.partlyPrunedBefore()
	w.restore(3)
	w.same("version 3", w.lines("people"), "doc_3_a", "doc_3_b")
}

// partlyPrunedBefore checks that version 1 was pruned, version 2 partly, and no other.
func (w *world) partlyPrunedBefore() {
	w.Helper()
	for _, v := range w.history("people") {
		if pruned, partly := v.Pruned != "", v.PartlyPruned != ""; pruned != (*v.Number == 1) || partly != (*v.Number == 2) {
			w.Errorf("version %d was pruned at %q, partly at %q", *v.Number, v.Pruned, v.PartlyPruned)
		}
	}
}

func beforeDetailsPruneLeftOpen(w *world) {
	if !w.leftBehind("prune") {
		return
	}
	w.other("DELETE FROM people_backup WHERE email = 'doc_2_a'")
	w.upload(request("doc_5", csv("email", "x", "y")))
	w.partlyPrunedBefore()
	w.recoverPrune()
	w.partlyPrunedBefore()
}

func beforeDetailsRetention(w *world) {
	if !w.leftBehind("retention") {
		return
	}
	w.recovers("what it had still to drop is dropped")
	w.same("the backup", w.lines("people_backup", "snapshot_version"), "3", "3", "4", "4")
	versions := w.history("people")
	if versions[4].Pruned == "" || versions[3].Pruned == "" || versions[2].Pruned != "" {
		w.Errorf("pruned at %q, %q and %q", versions[4].Pruned, versions[3].Pruned, versions[2].Pruned)
	}
}

// beforeDetailsForeign changes the recorded statement by one blank. Recovery parses only
// statements exactly as tablesnap wrote them, so it refuses and changes nothing.
func beforeDetailsForeign(w *world) {
	if !w.leftBehind("swap") {
		return
	}
	w.other("UPDATE " + dialect.AuditTable + " SET sql_text = concat(sql_text, ' ') WHERE kind = 'copy-to-backup' AND state = 'started'")
	before := w.fingerprint()
	_, err := w.client.Recover(context.Background(), "people", exec.DoRecover)
	w.says(mustBe[*exec.CutOffError](w, err), "copy-to-backup of run 3", "an older tablesnap", "tool_version")
	equal(w, "the database", w.fingerprint(), before)
}
