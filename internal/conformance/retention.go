package conformance

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// Retention: an upload deletes older snapshots at its end.
func retentionCases() []testCase {
	return []testCase{
		{name: "retention: the newest are kept", run: retainKeep},
		{name: "retention: by age", run: retainOld},
		{name: "retention: what is nowhere else, and what is pinned, stays", run: retainOnlyHere},
		{name: "retention: a pin at the last moment", run: retainPinnedLate},
		{name: "retention: a preserved table", run: retainPreserved, unless: bySwap},
		{name: "retention: without a snapshot of its own, nothing is deleted", run: retainWithoutBackup, unless: bySwap},
		{name: "retention: nothing to delete", run: retainNothing},
		{name: "retention: a first upload", run: retainFirst},
		{name: "retention: script equals apply", run: retainScript, begins: withNothing},
		{name: "retention: cut off before it deletes", run: retainCutOff, unless: atomic},
	}
}

func retaining(r exec.Request, rule plan.Retention) exec.Request {
	r.Options.Retention = rule
	return r
}

// fifth is an upload to a table that has four versions.
func fifth(rule plan.Retention) exec.Request {
	return retaining(request("doc_5", csv("email", "x", "y")), rule)
}

func (w *world) pruneSteps(res exec.Result) (found []exec.StepResult) {
	for _, s := range res.Steps {
		if s.Step.Event == plan.EventPrune {
			found = append(found, s)
		}
	}
	return found
}

// failureCodes returns the codes of the warnings without READERS_WAIT.
func failureCodes(ws []plan.Warning) []plan.Code {
	return slices.DeleteFunc(warningCodes(ws), func(c plan.Code) bool { return c == plan.ReadersWait })
}

func retainKeep(w *world) {
	w.fourVersions()
	res := w.upload(fifth(plan.Retention{Keep: 2}))
	w.same("the table", w.lines("people"), "x", "y")
	w.same("the backup", w.lines("people_backup", "snapshot_version", "email"), "3 | doc_3_a", "3 | doc_3_b", "4 | doc_4_a", "4 | doc_4_b")
	versions := w.history("people")
	w.same("the history", historyLines(versions), "5 doc_5 2 rows in people", "4 doc_4 2 rows in people_backup", "3 doc_3 2 rows in people_backup",
		"2 doc_2 2 rows in nowhere", "1 doc_1 2 rows in nowhere")
	if versions[4].Pruned == "" || versions[2].Pruned != "" {
		w.Errorf("pruned at %q and %q", versions[4].Pruned, versions[2].Pruned)
	}
	run := w.lastRun("people")
	equal(w, "the run", []any{run.Operation, run.State, *run.RowsLoaded, *run.RowsBackedUp}, []any{"upload", "done", int64(2), int64(2)})
	var audited []string
	for _, s := range run.Steps {
		if deref(s.Event) == plan.EventPrune {
			audited = append(audited, s.State+" "+strings.TrimSuffix(deref(s.Message), ", in pieces"))
		}
	}
	equal(w, "the audit", audited, []string{"done version 1", "done version 2"})
	if steps := w.pruneSteps(res); len(steps) != 2 || steps[0].Rows != 2 {
		w.Errorf("the steps are %v", steps)
	}
	w.upload(retaining(request("doc_6", csv("email", "z", "z2")), plan.Retention{Keep: 2}))
	w.same("the backup, one upload later", w.lines("people_backup", "snapshot_version"), "4", "4", "5", "5")
	w.restore(4)
	w.same("the table, restored", w.lines("people"), "doc_4_a", "doc_4_b")
}

func retainOld(w *world) {
	w.fourVersions()
	w.upload(fifth(plan.Retention{Before: time.Now().Add(-time.Hour), OlderThan: "1h"}))
	w.same("the backup", w.lines("people_backup", "snapshot_version"), "1", "1", "2", "2", "3", "3", "4", "4")
	w.upload(retaining(request("doc_6", csv("email", "z", "z2")), plan.Retention{Before: time.Now().Add(time.Hour), OlderThan: "-1h"}))
	w.same("the backup", w.lines("people_backup", "snapshot_version"), "5", "5")
}

func retainOnlyHere(w *world) {
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('zero')")
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.upload(request("doc_2", csv("email", "d", "e")))
	w.other("INSERT INTO people VALUES ('c')")
	w.upload(request("doc_3", csv("email", "f", "g")))
	w.upload(request("doc_4", csv("email", "h", "i")))
	if err := w.client.Pin(context.Background(), "people", 1, actor); err != nil {
		w.Fatal(err)
	}
	r := fifth(plan.Retention{Keep: 1})
	p, err := w.client.Plan(context.Background(), w.by(r))
	if err != nil {
		w.Fatal(err)
	}
	equal(w, "what the plan says", p.Retention, &plan.Retained{Rule: "keep 1", Deletes: []int64{3}, Stays: []plan.Kept{
		{Version: 2, Why: "another program changed its rows after they were loaded; to delete it, prune it by its number", Remedy: plan.RemedyVersion},
		{Version: 1, Why: "it is pinned"},
		{Version: 0, Why: "no upload has brought its rows; to delete it, prune it by its number", Remedy: plan.RemedyVersion},
	}})
	script := w.script(p, r.Source)
	for _, says := range []string{"-- retention keep 1: version 3 goes at the end", "version 1 stays: it is pinned"} {
		if !strings.Contains(script, says) {
			w.Errorf("the script does not say %q", says)
		}
	}
	w.upload(r)
	w.same("the backup", w.lines("people_backup", "snapshot_version"), "0", "1", "1", "2", "2", "2", "4", "4")
}

// retainPinnedLate pins a version after the plan was made. The upload succeeds and warns
// that the snapshot was not deleted.
func retainPinnedLate(w *world) {
	w.fourVersions()
	r := w.by(fifth(plan.Retention{Keep: 2}))
	p, err := w.client.Plan(context.Background(), r)
	if err != nil {
		w.Fatal(err)
	}
	if err := w.client.Pin(context.Background(), "people", 2, actor); err != nil {
		w.Fatal(err)
	}
	res, err := w.client.Run(context.Background(), p, r.Source, nil)
	if err != nil {
		w.Fatal(err)
	}
	w.same("the table", w.lines("people"), "x", "y")
	equal(w, "the warnings", failureCodes(res.Warnings), []plan.Code{plan.SnapshotNotDeleted})
	if got := w.lines("people_backup", "snapshot_version"); !strings.Contains(strings.Join(got, " "), "2 2 3 3 4 4") {
		w.Errorf("the backup has the versions %v", got)
	}
	equal(w, "the run's state", w.lastRun("people").State, string(ledger.Done))
	w.upload(request("doc_6", csv("email", "z", "z2"))) // it would fail if a run were open
}

func retainPreserved(w *world) {
	w.failingBackup()
	w.upload(request("doc_1", csv("email,age", "refused,3", "b,4")))
	w.upload(request("doc_2", csv("email,age", "c,5", "d,6")))
	w.upload(retaining(request("doc_3", csv("email,age", "e,7", "f,8")), plan.Retention{Keep: 1}))
	w.noTable("people_preserved_v1")
	w.same("nobody's rows", w.lines("people_preserved_v0", "email"), "fine", "refused")
	w.same("the history", historyLines(w.history("people")), "3 doc_3 2 rows in people", "2 doc_2 2 rows in people_backup",
		"1 doc_1 2 rows in nowhere", "0 - 2 rows in people_preserved_v0")
}

// retainWithoutBackup has no new snapshot, so the newest one must not be deleted.
func retainWithoutBackup(w *world) {
	w.failingBackup()
	w.upload(request("doc_1", csv("email,age", "a,3", "b,4")))
	w.upload(request("doc_2", csv("email,age", "refused,5", "d,6")))
	r := retaining(request("doc_3", csv("email,age", "e,7", "f,8")), plan.Retention{Keep: 1})
	r.Options.OnBackupFailure = plan.Continue
	res := w.upload(r)
	equal(w, "the warnings", failureCodes(res.Warnings), []plan.Code{plan.NoBackup, plan.SnapshotNotDeleted})
	w.same("the backup", w.lines("people_backup", "email"), "a", "b")
}

func retainNothing(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	res := w.upload(retaining(request("doc_2", csv("email", "b")), plan.Retention{Keep: 1}))
	if steps := w.pruneSteps(res); len(steps) != 0 {
		w.Errorf("the steps are %v", steps)
	}
	w.same("the backup", w.lines("people_backup", "email"), "a")
}

func retainFirst(w *world) {
	w.upload(retaining(request("doc_1", csv("email", "a")), plan.Retention{Keep: 1}))
	w.same("the table", w.lines("people"), "a")
}

func retainScript(applied *world) {
	scripted := newWorld(applied.T, applied.family)
	r := fifth(plan.Retention{Keep: 1})
	r.Actor = actor
	var plans []plan.Plan
	for _, w := range []*world{applied, scripted} {
		w.fourVersions()
		p, err := w.client.Plan(context.Background(), w.by(r))
		if err != nil {
			w.Fatal(err)
		}
		w.offline(w.by(r), p)
		plans = append(plans, p)
	}
	script := scripted.script(plans[1], r.Source)
	applied.sent.Reset()
	if _, err := applied.client.Run(context.Background(), plans[0], r.Source, nil); err != nil {
		applied.Fatal(err)
	}
	sentAsPrinted(applied, plans[0], applied.script(plans[0], r.Source))
	if err := scripted.in.Client(applied.T, script); err != nil {
		applied.Fatal(err)
	}
	alike(applied, scripted, r, plans[0])
	decoded, err := plan.Decode(strings.NewReader(encoded(applied, plans[0])))
	if err != nil {
		applied.Fatal(err)
	}
	equal(applied, "the plan, saved and read", decoded, plans[0])
}

// retainCutOff ends a script after the new rows are live. Recovery deletes the remaining
// snapshots, but not one that was pinned since.
func retainCutOff(w *world) {
	w.fourVersions()
	r := w.by(fifth(plan.Retention{Keep: 2}))
	p, err := w.client.Plan(context.Background(), r)
	if err != nil {
		w.Fatal(err)
	}
	step, _ := p.Find(plan.DeleteSnapshot)
	w.cutAhead(p, r.Source, step)
	w.same("the table", w.lines("people"), "x", "y")
	_, err = w.client.Plan(context.Background(), r)
	mustBe[*exec.CutOffError](w, err)
	if err := w.client.Pin(context.Background(), "people", 2, actor); err != nil {
		w.Fatal(err)
	}
	if _, err := w.client.Recover(context.Background(), "people", exec.DoRecover); err != nil {
		w.Fatal(err)
	}
	w.same("the backup", w.lines("people_backup", "snapshot_version"), "2", "2", "3", "3", "4", "4")
	versions := w.history("people")
	if versions[4].Pruned == "" || versions[3].Pruned != "" {
		w.Errorf("pruned at %q and %q", versions[4].Pruned, versions[3].Pruned)
	}
}
