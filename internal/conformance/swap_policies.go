package conformance

import (
	"context"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// refusingBackup creates a backup table with a CHECK that refuses a row.
func (w *world) refusingBackup() {
	w.Helper()
	w.other("CREATE TABLE people_backup (id {id}, doc_id {text}, upload_timestamp {text}, email {text}, CONSTRAINT no_refused CHECK (email <> 'refused'))")
}

// keptOld checks an upload by swap that kept the old table because its backup failed.
func (w *world) keptOld(res exec.Result, rows ...string) {
	w.Helper()
	w.same("the table", w.lines("people", "email"), "a", "b")
	w.same("the old rows are kept whole", w.lines("people_preserved_v0", "email"), rows...)
	w.same("the backup has no part of a snapshot", w.lines("people_backup", "email"), nothing...)
	equal(w, "rows backed up", res.RowsBackedUp, int64(len(rows)))
	if !slices.Contains(warningCodes(res.Warnings), plan.BackupPreserved) {
		w.Errorf("no warning: %v", res.Warnings)
	}
	for _, warning := range res.Warnings {
		if strings.Contains(warning.Message, "begin again") {
			w.Errorf("the warning tells of the run's own ways: %s", warning.Message)
		}
	}
	w.warned("people", plan.BackupPreserved)
	run := w.lastRun("people")
	equal(w, "the run's state and rows", []any{run.State, deref(run.RowsBackedUp), deref(run.RowsLoaded)}, []any{"done", int64(len(rows)), int64(2)})
	w.states(run, map[plan.StepKind]ledger.State{plan.SwapTables: ledger.Done, plan.KeepOld: ledger.Done, plan.DropOld: ledger.Skipped})
	if old := w.inspect("people").Old; old != nil {
		w.Errorf("there is still the table %q", old.Ident.Name)
	}
	w.upload(request("doc_2", csv("email", "c", "d")))
	w.same("the backup of the next upload", w.lines("people_backup", "doc_id", "email"), "doc_1 | a", "doc_1 | b")
}

func swapPreserve(w *world) {
	w.refusingBackup()
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('refused'), ('fine')")
	w.keptOld(w.upload(request("doc_1", csv("email", "a", "b"))), "fine", "refused")
}

// swapPreserveSecondPiece checks that the committed part of the snapshot is deleted.
func swapPreserveSecondPiece(w *world) {
	w.refusingBackup()
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY)", "INSERT INTO people VALUES ('a'), ('b'), ('c'), ('refused')")
	res := w.upload(request("doc_1", csv("email", "a", "b")))
	w.states(w.lastRun("people"), map[plan.StepKind]ledger.State{plan.CopyToBackup: ledger.Failed})
	w.keptOld(res, "a", "b", "c", "refused")
}

// swapBackupNotMade creates a table with the backup's name as another program.
func swapBackupNotMade(w *world) {
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('x'), ('y')")
	r := request("doc_1", csv("email", "a", "b"))
	p := w.plan(r)
	made, _ := p.Find(plan.CreateBackup)
	var res exec.Result
	done := false
	w.sent.BeforeEach(func(statement string) {
		if statement == made.SQL && !done {
			done = true
			w.other("CREATE TABLE people_backup (id {id}, doc_id {text}, upload_timestamp {text}, email {text})")
		}
	})
	res, err := w.client.Run(context.Background(), p, r.Source, nil)
	w.sent.BeforeEach(nil)
	if err != nil {
		w.Fatal(err)
	}
	w.keptOld(res, "x", "y")
}

func swapContinue(w *world) {
	w.refusingBackup()
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('refused'), ('fine')")
	r := request("doc_1", csv("email", "a", "b"))
	r.Options.OnBackupFailure = plan.Continue
	res := w.upload(r)
	w.same("the table", w.lines("people"), "a", "b")
	w.same("the backup", w.lines("people_backup", "email"), nothing...)
	if !slices.Contains(warningCodes(res.Warnings), plan.NoBackup) {
		w.Errorf("no warning: %v", res.Warnings)
	}
	w.states(w.lastRun("people"), map[plan.StepKind]ledger.State{plan.CopyToBackup: ledger.Failed, plan.DropOld: ledger.Done})
	if old := w.inspect("people").Old; old != nil {
		w.Errorf("there is still the table %q", old.Ident.Name)
	}
}

// swapAbort checks that the new rows are live and the old rows stay in the old table
// until the backup accepts them.
func swapAbort(w *world) {
	w.refusingBackup()
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('refused'), ('fine')")
	r := request("doc_1", csv("email", "a", "b"))
	r.Options.OnBackupFailure = plan.Abort
	cut := mustBe[*exec.CutOffError](w, w.tryUpload(r))
	w.says(cut, "tablesnap recover people")
	old := w.inspect("people").Old
	if old == nil {
		w.Fatalf("there is no old table among %q", w.tables())
	}
	w.same("the table", w.lines("people"), "a", "b")
	w.same("the old table", w.lines(old.Ident.Name), "fine", "refused")
	mustBe[*exec.CutOffError](w, w.tryUpload(request("doc_2", csv("email", "c", "d"))))
	if _, err := w.client.Recover(context.Background(), "people", exec.DoRecover); err == nil {
		w.Error("recover says that all is well, and the backup still refuses a row")
	}
	w.same("the old table, still", w.lines(old.Ident.Name), "fine", "refused")
	w.other("ALTER TABLE people_backup DROP CONSTRAINT no_refused")
	w.tidied("people")
	w.noTable(old.Ident.Name)
	w.same("the backup", w.lines("people_backup", "email"), "fine", "refused")
	w.same("the table", w.lines("people"), "a", "b")
	equal(w, "the run's state", w.lastRun("people").State, string(ledger.Done))
	w.upload(request("doc_2", csv("email", "c", "d")))
}

// swapInPieces copies in chunks of two rows along several kinds of keys, and in one
// statement if there is no key.
func swapInPieces(w *world) {
	rows := []string{"1 | a | x", "1 | b | x", "2 | Ab | x", "2 | aC | y", "3 | a | z", "10 | 1 | z", "20 | 10 | z"}
	for _, key := range []string{"PRIMARY KEY (n, c)", "PRIMARY KEY (c, n)", "UNIQUE (c, n)", "PRIMARY KEY (n, c, word)", ""} {
		w.other("CREATE TABLE people (n {int} NOT NULL, c {text} NOT NULL, word {text} NOT NULL" + comma(key) + ")")
		for _, row := range rows {
			w.other("INSERT INTO people VALUES ('" + strings.ReplaceAll(row, " | ", "', '") + "')")
		}
		r := request("doc_1", csv("n,c,word", "7,seven,q"))
		r.Options.Allow = []plan.Code{plan.Shrinks}
		p := w.plan(r)
		if copied, _ := p.Find(plan.CopyToBackup); (copied.Chunks != nil) != (key != "") {
			w.Errorf("%s: the pieces are %+v", key, copied.Chunks)
		}
		if _, err := w.client.Run(context.Background(), p, r.Source, nil); err != nil {
			w.Fatal(err)
		}
		w.same("the backup, "+key, w.lines("people_backup", "n", "c", "word"), rows...)
		equal(w, "rows backed up", deref(w.lastRun("people").RowsBackedUp), int64(len(rows)))
		w.other("DROP TABLE people", "DROP TABLE people_backup", "DELETE FROM "+dialect.RunTable)
	}
}

func comma(key string) string {
	if key == "" {
		return ""
	}
	return ", " + key
}
