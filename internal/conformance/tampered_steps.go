package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// Somebody has changed the audit rows of a run that was cut off.
func tamperedStepCases() []testCase {
	return []testCase{
		{name: "tampered steps: the statements of a swap", run: tamperedSwap, unless: inPlace},
		{name: "tampered steps: the statements of columns to drop", run: tamperedColumns, unless: bySwap},
		{name: "tampered steps: the statements of a prune", run: tamperedPrune},
		{name: "tampered steps: the statements of older snapshots to delete", run: tamperedRetention, unless: atomic},
		{name: "tampered steps: a kind that nobody knows", run: unknownKind},
		{name: "tampered steps: details that say too little", run: damagedDetails},
		{name: "tampered steps: a copy of other tables", run: otherTables, unless: inPlace},
	}
}

// tamper replaces the statement and the message in every row of the audit. The returned
// function checks that none of it was run.
func (w *world) tamper() (check func()) {
	w.Helper()
	w.other("CREATE TABLE precious (n {int})", "UPDATE "+dialect.AuditTable+" SET sql_text = 'DROP TABLE precious', message = 'version 3, in pieces'")
	w.sent.Reset()
	return func() {
		w.Helper()
		if !slices.Contains(w.tables(), "precious") || slices.ContainsFunc(w.sent.Sent(), func(s string) bool { return strings.Contains(s, "precious") }) {
			w.Errorf("what stood in the audit was run: %q", w.sent.Sent())
		}
	}
}

func tamperedSwap(w *world) {
	w.upload(request("doc_1", csv("email,age", "a,1", "b,2", "c,3")))
	r := w.by(request("doc_2", csv("email,age", "d,4", "e,5")))
	p := w.plan(r)
	copied, _ := p.Find(plan.CopyToBackup)
	w.cutAhead(p, r.Source, copied)
	check := w.tamper()
	w.recovers("old rows are copied to the backup")
	check()
	w.same("the table", w.lines("people"), "d | 4", "e | 5")
	w.same("the backup", w.lines("people_backup", "doc_id", "upload_timestamp", "snapshot_version", "email", "age"),
		"doc_1 | time of doc_1 | 1 | a | 1", "doc_1 | time of doc_1 | 1 | b | 2", "doc_1 | time of doc_1 | 1 | c | 3")
	w.restore(1)
	w.same("version 1", w.lines("people"), "a | 1", "b | 2", "c | 3")
}

func tamperedColumns(w *world) {
	if !w.commitsDDL() {
		w.Log("columns are dropped in the one transaction of an upload")
		return
	}
	w.other("CREATE TABLE people (email {text}, initial_status {int}, final_status {int})")
	r := w.by(request("doc_1", csv("email", "a", "b")))
	r.Kind = plan.Panel()
	p := w.plan(r)
	drop, _ := p.Find(plan.DropColumn)
	w.cutAhead(p, r.Source, drop)
	check := w.tamper()
	w.recovers("what it had still to drop is dropped")
	check()
	w.same("the columns", w.columns("people"), "email")
}

func tamperedPrune(w *world) {
	w.cutOffPrune("DELETE FROM people_backup WHERE email = 'doc_2_a'")
	check := w.tamper()
	w.recoverPrune()
	w.partlyPruned()
	check()
	w.same("the backup", w.lines("people_backup", "snapshot_version"), "1", "1", "2", "3", "3")
}

func tamperedRetention(w *world) {
	w.fourVersions()
	r := w.by(fifth(plan.Retention{Keep: 2}))
	p := w.plan(r)
	step, _ := p.Find(plan.DeleteSnapshot)
	w.cutAhead(p, r.Source, step)
	check := w.tamper()
	w.recovers("what it had still to drop is dropped")
	check()
	w.same("the backup", w.lines("people_backup", "snapshot_version"), "3", "3", "4", "4")
}

// notRecovered checks that recovery changes nothing and that its error names the step,
// also with a dry run.
func (w *world) notRecovered(says ...string) {
	w.Helper()
	before := w.fingerprint()
	for _, mode := range []exec.RecoverMode{exec.DryRun, exec.DoRecover} {
		_, err := w.client.Recover(context.Background(), "people", mode)
		w.says(mustBe[*exec.CutOffError](w, err), says...)
	}
	equal(w, "the database", w.fingerprint(), before)
}

// openStep is how errors name a step of the run that was cut off.
func (w *world) openStep(step string) string {
	w.Helper()
	return fmt.Sprintf("%s of run %d", step, w.lastRun("people").ID)
}

func unknownKind(w *world) {
	w.cutOffPrune("DELETE FROM people_backup WHERE email = 'doc_2_a'")
	w.other("UPDATE " + dialect.AuditTable + " SET kind = 'merge-rows' WHERE state = 'started'")
	w.notRecovered(w.openStep("01-delete-snapshot"), `"merge-rows"`, "a newer one")
}

func damagedDetails(w *world) {
	w.cutOffPrune("DELETE FROM people_backup WHERE email = 'doc_2_a'")
	w.other("UPDATE " + dialect.AuditTable + ` SET details = '{"table": "people_backup", "more": 1}' WHERE state = 'started'`)
	w.notRecovered(w.openStep("01-delete-snapshot"), `"version"`)
}

// otherTables changes the details of a copy so that they name tables, columns or a
// version that do not fit.
func otherTables(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	r := w.by(request("doc_2", csv("email", "c", "d")))
	p := w.plan(r)
	copied, _ := p.Find(plan.CopyToBackup)
	w.cutAhead(p, r.Source, copied)
	details := copied.Details
	for _, c := range []struct {
		change func(*ledger.Details)
		says   string
	}{
		{func(d *ledger.Details) { d.From = "precious" }, `"precious"`},
		{func(d *ledger.Details) { d.Table = "precious" }, `"precious"`},
		{func(d *ledger.Details) { d.Columns = []string{"gone"} }, `"gone"`},
		{func(d *ledger.Details) { other := int64(7); d.Version = &other }, "has replaced"},
	} {
		changed := details
		c.change(&changed)
		w.other("UPDATE " + dialect.AuditTable + " SET details = '" + changed.JSON() + "' WHERE kind = 'copy-to-backup' AND state = 'started'")
		w.notRecovered(copied.ID, c.says)
	}
	w.other("UPDATE " + dialect.AuditTable + " SET details = '" + details.JSON() + "' WHERE kind = 'copy-to-backup' AND state = 'started'")
	w.tidied("people")
	w.same("the backup", w.lines("people_backup", "email"), "a", "b")
}
