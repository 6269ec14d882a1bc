package conformance

import (
	"context"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// A version's snapshot is stored once, and an old table is dropped only after the backup
// has all of its rows.
func oneSnapshotCases() []testCase {
	return []testCase{
		{name: "snapshot: the backup has rows of the version already: preserve", run: versionTaken},
		{name: "snapshot: the backup has rows of the version already: abort", run: versionTakenAbort},
		{name: "snapshot: the backup has rows of the version already: a script stops", run: versionTakenScript},
		{name: "swap: a row of the backup is deleted ahead of the old table's end", run: backupLosesRow, unless: inPlace},
		{name: "swap: recover deletes no row of the backup that the run did not copy", run: recoverForeignRows, unless: inPlace},
		{name: "swap: recover keeps an old table with a column of its own", run: recoverLateColumn, unless: inPlace},
	}
}

// takenVersion returns a plan for a table. Since then, its backup has got a row of the
// version that the plan copies.
func (w *world) takenVersion(r exec.Request) plan.Plan {
	w.Helper()
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.upload(request("doc_2", csv("email", "c", "d")))
	p := w.plan(r)
	w.other("UPDATE people_backup SET snapshot_version = 2 WHERE email = 'a'")
	return p
}

func versionTaken(w *world) {
	r := request("doc_3", csv("email", "e", "f"))
	res, err := w.client.Run(context.Background(), w.takenVersion(r), r.Source, nil)
	if err != nil {
		w.Fatal(err)
	}
	equal(w, "the warnings", slices.Contains(warningCodes(res.Warnings), plan.BackupPreserved), true)
	w.same("the table", w.lines("people", "email"), "e", "f")
	w.same("the snapshot", w.lines("people_preserved_v2", "email"), "c", "d")
	w.same("what was there before", w.snapshot("people_backup", 2, "email"), "a")
}

func versionTakenAbort(w *world) {
	r := request("doc_3", csv("email", "e", "f"))
	r.Options.OnBackupFailure = plan.Abort
	_, err := w.client.Run(context.Background(), w.takenVersion(r), r.Source, nil)
	w.says(err, "people_backup has no rows yet of the version")
	w.same("what was there before", w.snapshot("people_backup", 2, "email"), "a")
	mustBe[*exec.StepError](w, err)
	w.same("the table", w.lines("people", "email"), "c", "d")
}

func versionTakenScript(w *world) {
	r := request("doc_3", csv("email", "e", "f"))
	if err := w.in.Client(w.T, w.script(w.takenVersion(r), r.Source)); err == nil {
		w.Error("the script ran to its end")
	}
	w.same("what was there before", w.snapshot("people_backup", 2, "email"), "a")
	if !w.swaps() {
		w.same("the table", w.lines("people", "email"), "c", "d")
	}
}

// backupLosesRow deletes a copied row from the backup before the old table is dropped.
func backupLosesRow(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	r := request("doc_2", csv("email", "c", "d"))
	p := w.plan(r)
	dropped, _ := p.Find(plan.DropOld)
	err := w.runWith(p, r.Source, moment{statement: dropped.Before[0].SQL}, func() { w.other("DELETE FROM people_backup WHERE email = 'a'") })
	mustBe[*exec.CutOffError](w, err)
	old := w.inspect("people").Old
	if old == nil {
		w.Fatal("the old table is gone, and with it a row")
	}
	w.same("the old table", w.lines(old.Ident.Name, "email"), "a", "b")
	_, err = w.client.Recover(context.Background(), "people", exec.DoRecover)
	w.says(err, dialect.DropTable(w.d, old.Ident).SQL)
	w.same("the old table after recover", w.lines(old.Ident.Name, "email"), "a", "b")
	w.other(dialect.DropTable(w.d, old.Ident).SQL)
	w.tidied("people")
	w.upload(request("doc_3", csv("email", "e")))
}

// recoverLateColumn checks that recovery keeps an old table with a column that the backup
// does not have.
func recoverLateColumn(w *world) {
	lateColumn(w)
	old := w.inspect("people").Old
	_, err := w.client.Recover(context.Background(), "people", exec.DoRecover)
	w.says(err, `"late"`, dialect.DropTable(w.d, old.Ident).SQL)
	w.same("the old table", w.lines(old.Ident.Name), "a | kept", "b | kept")
	w.other(dialect.DropTable(w.d, old.Ident).SQL)
	w.tidied("people")
	w.upload(request("doc_3", csv("email", "e")))
}

// recoverForeignRows cuts the run off before its copy. The backup's rows of that version
// are not from this run, so recovery must not delete them.
func recoverForeignRows(w *world) {
	r := request("doc_3", csv("email", "e", "f"))
	p := w.takenVersion(r)
	copied, _ := p.Find(plan.CopyToBackup)
	w.cutAhead(p, r.Source, copied)
	for range 2 {
		_, err := w.client.Recover(context.Background(), "people", exec.DoRecover)
		w.says(mustBe[*exec.CutOffError](w, err), "people_backup", "snapshot_version = 2", "recover again")
	}
	w.same("the foreign row", w.snapshot("people_backup", 2, "email"), "a")
	w.same("the old table", w.lines(w.inspect("people").Old.Ident.Name, "email"), "c", "d")
	w.other("UPDATE people_backup SET snapshot_version = 1 WHERE email = 'a'")
	w.tidied("people")
	w.same("the table", w.lines("people", "email"), "e", "f")
	w.same("version 2", w.snapshot("people_backup", 2, "email"), "c", "d")
	w.same("version 1", w.snapshot("people_backup", 1, "email"), "a", "b")
}
