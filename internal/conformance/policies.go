package conformance

import (
	"context"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// The policies for an upload whose backup fails.
func policyCases() []testCase {
	return []testCase{
		{name: "the backup fails: preserve", run: preserve, unless: bySwap},
		{name: "the backup fails twice: each snapshot is preserved", run: preserveTwice, unless: bySwap},
		{name: "the backup fails: abort", run: abortOnBackupFailure, unless: bySwap},
		{name: "the backup fails: continue", run: continueWithoutBackup, unless: bySwap},
		{name: "the backup fails and then works again", run: backupRecovers, unless: bySwap},
		{name: "a script stops when the backup fails", run: scriptAndBackupFailure, unless: bySwap},
		{name: "the backup fails and the source shrinks", run: preserveAndShrink, unless: bySwap},
	}
}

// failingBackup creates a valid backup table with a CHECK that refuses the row "refused".
func (w *world) failingBackup() {
	w.Helper()
	w.other(
		"CREATE TABLE people_backup (id {id}, doc_id {text}, upload_timestamp {text}, email {text}, age {int}, CHECK (email <> 'refused'))",
		"CREATE TABLE people (email {text}, age {int})",
		"INSERT INTO people VALUES ('refused', 1), ('fine', 2)",
	)
}

func preserve(w *world) {
	w.failingBackup()
	res := w.upload(request("doc_1", csv("email,age", "a,3", "b,4")))

	w.same("the table", w.lines("people"), "a | 3", "b | 4")
	w.same("the old rows are kept whole", w.lines("people_preserved_v0", "doc_id", "snapshot_version", "email", "age"),
		"NULL | 0 | fine | 2", "NULL | 0 | refused | 1")
	w.same("the backup has no half of a snapshot", w.lines("people_backup", "email"), nothing...)
	if !slices.Contains(warningCodes(res.Warnings), plan.BackupPreserved) {
		w.Errorf("no warning: %v", res.Warnings)
	}
	equal(w, "rows backed up", res.RowsBackedUp, int64(2))
	w.same("the history", historyLines(w.history("people")), "1 doc_1 2 rows in people", "0 - 2 rows in people_preserved_v0")

	run := w.lastRun("people")
	equal(w, "the run's state and rows", []any{run.State, deref(run.RowsBackedUp), deref(run.RowsLoaded)}, []any{"done", int64(2), int64(2)})
	w.warned("people", plan.UnknownPrevious, plan.BackupPreserved)
	w.states(run, map[plan.StepKind]ledger.State{
		plan.CopyToBackup: ledger.Failed, plan.Clear: ledger.Done, plan.LoadRows: ledger.Done,
		plan.CreatePreserve: ledger.Done, plan.CopyToPreserve: ledger.Done,
	})
}

// warned checks the warnings in the newest run's row.
func (w *world) warned(table string, codes ...plan.Code) {
	w.Helper()
	run := w.lastRun(table)
	for _, code := range codes {
		if !slices.Contains(strings.Fields(run.Warnings), string(code)) {
			w.Errorf("the run's warnings are %q, without %s", run.Warnings, code)
		}
	}
}

func (w *world) states(run ledger.Run, want map[plan.StepKind]ledger.State) {
	w.Helper()
	got := map[plan.StepKind]ledger.State{}
	for _, s := range run.Steps {
		if _, asked := want[plan.StepKind(s.Kind)]; asked {
			got[plan.StepKind(s.Kind)] = ledger.State(s.State)
		}
	}
	equal(w, "the states", got, want)
}

func preserveTwice(w *world) {
	w.failingBackup()
	w.upload(request("doc_1", csv("email,age", "refused,3", "b,4")))
	w.upload(request("doc_2", csv("email,age", "c,5", "d,6")))
	w.same("version 0", w.lines("people_preserved_v0", "email"), "fine", "refused")
	w.same("version 1", w.lines("people_preserved_v1", "doc_id", "email"), "doc_1 | b", "doc_1 | refused")
	w.same("the history", historyLines(w.history("people")), "2 doc_2 2 rows in people",
		"1 doc_1 2 rows in people_preserved_v1", "0 - 2 rows in people_preserved_v0")
}

func abortOnBackupFailure(w *world) {
	w.failingBackup()
	r := request("doc_1", csv("email,age", "a,3", "b,4"))
	r.Options.OnBackupFailure = plan.Abort
	p := w.plan(r)
	_, err := w.client.Run(context.Background(), p, r.Source, nil)
	equal(w, "the step that failed", mustBe[*exec.StepError](w, err).Step.Kind, plan.CopyToBackup)
	w.same("the table", w.lines("people"), "fine | 2", "refused | 1")
	w.same("the backup", w.lines("people_backup", "email"), nothing...)
	w.failedAt(p, plan.CopyToBackup)
	w.noTable("people_preserved_v0")
}

func (w *world) noTable(name string) {
	w.Helper()
	if slices.Contains(w.tables(), name) {
		w.Errorf("there is a table %s", name)
	}
}

func continueWithoutBackup(w *world) {
	w.failingBackup()
	r := request("doc_1", csv("email,age", "a,3", "b,4"))
	r.Options.OnBackupFailure = plan.Continue
	res := w.upload(r)
	w.same("the table", w.lines("people"), "a | 3", "b | 4")
	w.same("the backup", w.lines("people_backup", "email"), nothing...)
	w.noTable("people_preserved_v0")
	if !slices.Contains(warningCodes(res.Warnings), plan.NoBackup) {
		w.Errorf("no warning: %v", res.Warnings)
	}
	w.states(w.lastRun("people"), map[plan.StepKind]ledger.State{
		plan.CopyToBackup: ledger.Failed, plan.Clear: ledger.Done, plan.LoadRows: ledger.Done,
	})
	w.same("the history says that the rows are gone", historyLines(w.history("people")), "1 doc_1 2 rows in people", "0 - ? rows in nowhere")
}

func backupRecovers(w *world) {
	w.failingBackup()
	w.upload(request("doc_1", csv("email,age", "a,3", "b,4")))
	w.upload(request("doc_2", csv("email,age", "c,5", "d,6")))
	w.same("the backup", w.lines("people_backup", "doc_id", "snapshot_version", "email"), "doc_1 | 1 | a", "doc_1 | 1 | b")
	w.same("the history", historyLines(w.history("people")), "2 doc_2 2 rows in people",
		"1 doc_1 2 rows in people_backup", "0 - 2 rows in people_preserved_v0")
}

func scriptAndBackupFailure(w *world) {
	w.failingBackup()
	r := request("doc_1", csv("email,age", "a,3", "b,4"))
	if err := w.in.Client(w.T, w.script(w.plan(r), r.Source)); err == nil {
		w.Error("the script ran to its end")
	}
	w.same("the table", w.lines("people"), "fine | 2", "refused | 1")
	w.tidied("people")
}

// preserveAndShrink checks that the exact row count for SHRINKS also applies if the rows
// are preserved or not backed up.
func preserveAndShrink(w *world) {
	w.failingBackup()
	for _, policy := range []plan.Policy{plan.Preserve, plan.Continue} {
		w.other("INSERT INTO people VALUES ('c', 1), ('d', 1), ('e', 1)")
		r := request("doc_1", csv("email,age", "a,3"))
		r.Options.OnBackupFailure = policy
		err := w.tryUpload(r)
		if hazard := mustBe[*plan.HazardError](w, err); !slices.Equal(hazardCodes(hazard.Hazards), []plan.Code{plan.Shrinks}) {
			w.Errorf("%s: the hazards are %v", policy, hazard)
		}
		w.noTable("people_preserved_v0")
	}
}
