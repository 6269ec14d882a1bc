package conformance

import (
	"context"
	"io"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Somebody has changed tablesnap's tables. tablesnap must refuse and say what to do.
func tamperedCases() []testCase {
	return []testCase{
		{name: "tampered: tablesnap's own tables were made by a newer one", run: newerLedger},
		{name: "tampered: one of tablesnap's own tables is missing", run: missingLedger},
		{name: "tampered: a column of the backup is gone", run: droppedBackupColumn},
		{name: "tampered: runs are gone", run: lostRuns},
		{name: "tampered: a foreign table has the name of a preserved one", run: foreignPreserved},
	}
}

// verbs are all operations of the client.
func (w *world) verbs() map[string]func() error {
	ctx, one := context.Background(), int64(1)
	r := allowed(request("doc_3", csv("email", "x", "y")))
	return map[string]func() error{
		"plan":    func() error { _, err := w.client.Plan(ctx, w.by(r)); return err },
		"upload":  func() error { return w.tryUpload(r) },
		"history": func() error { _, err := w.client.BackupHistory(ctx, "people", 0); return err },
		"audit":   func() error { _, err := w.client.Audit(ctx, ledger.RunFilter{}); return err },
		"inspect": func() error { _, err := w.client.Schema(ctx, "people"); return err },
		"restore": func() error { _, err := w.client.PlanRestore(ctx, w.restoreRequest(1)); return err },
		"backup": func() error {
			_, err := w.client.PlanBackup(ctx, exec.BackupRequest{Table: "people", DocID: "doc_1"})
			return err
		},
		"recover": func() error { _, err := w.client.Recover(ctx, "", exec.DoRecover); return err },
		"migrate": func() error { _, err := w.client.Migrate(ctx); return err },
		"prune": func() error {
			_, _, err := w.client.PlanPrune(ctx, exec.PruneRequest{Table: "people", Keep: 1})
			return err
		},
		"pin": func() error { return w.client.Pin(ctx, "people", one, actor) },
		"export": func() error {
			out, err := rowsource.NewWriter(io.Discard, rowsource.FormatCSV, "")
			if err != nil {
				return err
			}
			_, err = w.client.Export(ctx, exec.ExportRequest{Table: "people", Version: &one}, out)
			return err
		},
		"diff": func() error {
			_, err := w.client.Diff(ctx, exec.DiffRequest{Table: "people", From: &one}, nil)
			return err
		},
	}
}

func (w *world) refusesAll(says ...string) {
	w.Helper()
	before := w.fingerprint()
	for name, verb := range w.verbs() {
		err := verb()
		w.Logf("%s: %v", name, err)
		w.says(mustBe[*dialect.LedgerError](w, err), says...)
	}
	equal(w, "the database", w.fingerprint(), before)
}

func newerLedger(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.upload(request("doc_2", csv("email", "c", "d")))
	w.other("UPDATE " + dialect.VersionTable + " SET version_id = 99 WHERE version_id = 3")
	w.refusesAll("made by a newer tablesnap", "99")
}

func missingLedger(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.upload(request("doc_2", csv("email", "c", "d")))
	w.other("DROP TABLE " + dialect.AuditTable)
	w.refusesAll(dialect.AuditTable+" is missing", "backup of the database")
	w.other("DROP TABLE " + dialect.VersionTable)
	w.refusesAll(dialect.VersionTable, "missing", "backup of the database")
}

func droppedBackupColumn(w *world) {
	w.upload(request("doc_1", csv("email,age", "a,1", "b,2")))
	w.upload(request("doc_2", csv("email,age", "c,3", "d,4")))
	w.other("ALTER TABLE people_backup DROP COLUMN age")
	before := w.fingerprint()
	_, err := w.client.Restore(context.Background(), w.restoreRequest(1))
	w.says(mustBe[*plan.RefusedError](w, err), "version 1", `"age"`, "people_backup", "backup of the database")
	equal(w, "the database", w.fingerprint(), before)
}

// lostRuns deletes runs from the ledger. The backup then has rows of a version that the
// ledger does not know, and the next run would use the same version number.
func lostRuns(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.upload(request("doc_2", csv("email", "c", "d")))
	lost := "(SELECT id FROM " + dialect.RunTable + " WHERE version_made = 2)"
	w.other("DELETE FROM "+dialect.AuditTable+" WHERE run_id IN "+lost, "DELETE FROM "+dialect.RunTable+" WHERE version_made = 2")
	before := w.fingerprint()
	refused := mustBe[*plan.RefusedError](w, w.tryUpload(request("doc_3", csv("email", "e", "f"))))
	w.says(refused, "people_backup", "version 1", dialect.RunTable, "backup of the database")
	equal(w, "the database", w.fingerprint(), before)
	w.same("the backup", w.snapshot("people_backup", 1, "email"), "a", "b")
}

func foreignPreserved(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.upload(request("doc_2", csv("email", "c", "d")))
	w.other("CREATE TABLE people_preserved_v1 (email {text})", "INSERT INTO people_preserved_v1 VALUES ('foreign')")
	versions := w.history("people")
	at := slices.IndexFunc(versions, func(v ledger.Version) bool { return v.Number != nil && *v.Number == 1 })
	equal(w, "where version 1 is", versions[at].Where, "people_backup")
	if _, err := w.client.Restore(context.Background(), w.restoreRequest(1)); err != nil {
		w.Fatal(err)
	}
	w.same("the table", w.lines("people"), "a", "b")
	w.same("the foreign table", w.lines("people_preserved_v1"), "foreign")
}
