package conformance

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// Backups without an upload, and prunes.
func snapshotCases() []testCase {
	return []testCase{
		{name: "backup: a snapshot without an upload", run: backUp},
		{name: "backup: under a doc_id of its own", run: backUpNamed},
		{name: "backup: of nobody's rows", run: backUpNobodys},
		{name: "backup: a snapshot that the backup table refuses", run: backUpRefused},
		{name: "backup: rows that refer to one another", run: backUpReferences},
		{name: "backup: script equals apply", run: backUpScript, begins: withNothing},
		{name: "prune: the newest are kept", run: pruneKeep},
		{name: "prune: by age", run: pruneOld},
		{name: "prune: what is nowhere else must be named", run: pruneOnlyHere},
		{name: "prune: a pin", run: prunePinned},
		{name: "prune: a pin at the last moment", run: prunePinnedLate},
		{name: "prune: a preserved table", run: prunePreserved, unless: bySwap},
		{name: "prune: nothing to delete", run: pruneNothing},
		{name: "prune: script equals apply", run: pruneScript, begins: withNothing},
		{name: "prune: versions go on", run: pruneAndGoOn},
		{name: "prune: cut off before it deletes", run: pruneCutOff},
	}
}

func (w *world) backup(r exec.BackupRequest) exec.Result {
	w.Helper()
	r.Table = "people"
	res, err := w.client.Backup(context.Background(), r)
	if err != nil {
		w.Fatalf("back up: %v", err)
	}
	return res
}

func backUp(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.other("UPDATE people SET email = 'changed' WHERE email = 'b'", "INSERT INTO people VALUES ('c')")
	res := w.backup(exec.BackupRequest{})
	equal(w, "the result", []any{res.Version, *res.Replaced, res.RowsBackedUp, res.RowsLoaded}, []any{int64(2), int64(1), int64(3), int64(0)})
	w.same("the table", w.lines("people"), "a", "c", "changed")
	w.same("the backup", w.lines("people_backup", "doc_id", "snapshot_version", "email"), "doc_1 | 1 | a", "doc_1 | 1 | c", "doc_1 | 1 | changed")
	run := w.lastRun("people")
	equal(w, "the run", []any{run.Operation, run.Event, run.DocID, run.UploadTimestamp, deref(run.RowsBackedUp), deref(run.RowsLoaded)},
		[]any{"backup", "BACKUP", "doc_1", "time of doc_1", int64(3), int64(3)})
	w.warned("people", plan.ChangedSince)

	w.upload(request("doc_3", csv("email", "x", "y")))
	if slices.Contains(warningCodes(w.backup(exec.BackupRequest{}).Warnings), plan.ChangedSince) {
		w.Error("a warning says that the rows changed, and they did not")
	}
	w.same("the history", historyLines(w.history("people")), "4 doc_3 2 rows in people", "3 doc_3 2 rows in people_backup",
		"2 doc_1 3 rows in people_backup", "1 doc_1 2 rows in people_backup")
	w.restore(2)
	w.same("the table", w.lines("people"), "a", "c", "changed")
}

func backUpNamed(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	w.backup(exec.BackupRequest{DocID: "before the fair", UploadTimestamp: "noon"})
	w.upload(request("doc_2", csv("email", "b")))
	w.same("the backup", w.lines("people_backup", "doc_id", "upload_timestamp", "snapshot_version", "email"),
		"doc_1 | time of doc_1 | 1 | a", "before the fair | noon | 2 | a")
}

func backUpNobodys(w *world) {
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('a')")
	w.backup(exec.BackupRequest{})
	w.upload(request("doc_2", csv("email", "b")))
	w.same("the backup", w.lines("people_backup", "doc_id", "snapshot_version", "email"), "NULL | 0 | a", "NULL | 1 | a")
	_, err := w.client.Backup(context.Background(), exec.BackupRequest{Table: "nobody"})
	w.says(mustBe[*plan.RefusedError](w, err), "refuse to back up", "does not exist")
}

// backUpReferences backs up rows that no strategy could replace: a snapshot leaves them.
func backUpReferences(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, boss {text}, FOREIGN KEY (boss) REFERENCES people (email))",
		"INSERT INTO people VALUES ('a', NULL)", "INSERT INTO people VALUES ('b', 'a')",
		"CREATE TABLE notes (author {text}, FOREIGN KEY (author) REFERENCES people (email) ON DELETE CASCADE)", "INSERT INTO notes VALUES ('a')")
	w.backup(exec.BackupRequest{})
	w.same("the backup", w.lines("people_backup", "snapshot_version", "email", "boss"), "0 | a | NULL", "0 | b | a")
	w.same("the table", w.lines("people"), "a | NULL", "b | a")
	w.same("the notes", w.lines("notes"), "a")
}

func backUpRefused(w *world) {
	w.failingBackup()
	_, err := w.client.Backup(context.Background(), exec.BackupRequest{Table: "people"})
	mustBe[*exec.StepError](w, err)
	w.same("the backup", w.lines("people_backup", "email"), nothing...)
	equal(w, "the run's state", w.lastRun("people").State, string(ledger.Failed))
	w.same("the history", historyLines(w.history("people")), "0 - ? rows in people")
}

func backUpScript(w *world) {
	w.scriptEquals(func(w *world) plan.Plan {
		w.upload(request("doc_1", csv("email", "a", "b")))
		p, err := w.client.PlanBackup(context.Background(), exec.BackupRequest{Table: "people", Actor: actor})
		if err != nil {
			w.Fatal(err)
		}
		return p
	})
}

// fourVersions makes four uploads of two rows each.
func (w *world) fourVersions() {
	w.Helper()
	for _, doc := range []string{"doc_1", "doc_2", "doc_3", "doc_4"} {
		w.upload(request(doc, csv("email", doc+"_a", doc+"_b")))
	}
}

func (w *world) prune(r exec.PruneRequest) []plan.Kept {
	w.Helper()
	r.Table = "people"
	_, kept, err := w.client.Prune(context.Background(), r)
	if err != nil {
		w.Fatalf("prune: %v", err)
	}
	return kept
}

func (w *world) planPrune(r exec.PruneRequest) plan.Plan {
	w.Helper()
	r.Table, r.Actor = "people", actor
	p, _, err := w.client.PlanPrune(context.Background(), r)
	if err != nil {
		w.Fatal(err)
	}
	return p
}

func (w *world) pruneRefused(r exec.PruneRequest, says ...string) {
	w.Helper()
	before := w.fingerprint()
	r.Table = "people"
	_, _, err := w.client.Prune(context.Background(), r)
	w.says(mustBe[*plan.RefusedError](w, err), append(says, "refuse to prune")...)
	equal(w, "the database", w.fingerprint(), before)
}

func pruneKeep(w *world) {
	w.fourVersions()
	w.prune(exec.PruneRequest{Keep: 1})
	w.same("the backup", w.lines("people_backup", "snapshot_version", "email"), "3 | doc_3_a", "3 | doc_3_b")
	w.same("the table", w.lines("people"), "doc_4_a", "doc_4_b")
	versions := w.history("people")
	w.same("the history", historyLines(versions), "4 doc_4 2 rows in people", "3 doc_3 2 rows in people_backup",
		"2 doc_2 2 rows in nowhere", "1 doc_1 2 rows in nowhere")
	if versions[3].Pruned == "" || versions[1].Pruned != "" {
		w.Errorf("pruned at %q and %q", versions[3].Pruned, versions[1].Pruned)
	}
	run := w.lastRun("people")
	equal(w, "the run", []any{run.Operation, run.Event, run.VersionMade, run.SourceName, run.State}, []any{"prune", "PRUNE", int64(0), "versions 1, 2", "done"})
	_, err := w.client.Restore(context.Background(), w.restoreRequest(1))
	w.says(mustBe[*plan.RefusedError](w, err), "version 1 were pruned at")
	w.pruneRefused(exec.PruneRequest{Versions: []int64{1}}, "pruned at")
	w.pruneRefused(exec.PruneRequest{Versions: []int64{3}}, "newest")
}

func pruneOld(w *world) {
	w.fourVersions()
	w.pruneRefused(exec.PruneRequest{Before: time.Now().Add(-time.Hour)}, "no snapshot to delete")
	w.prune(exec.PruneRequest{Before: time.Now().Add(time.Hour)})
	w.same("the backup", w.lines("people_backup", "snapshot_version"), "3", "3")
}

// pruneOnlyHere keeps snapshots that exist nowhere else: version 0 came from no file, and
// version 1 was changed after its upload.
func pruneOnlyHere(w *world) {
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('zero')")
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.other("INSERT INTO people VALUES ('c')")
	w.upload(request("doc_2", csv("email", "d", "e")))
	w.upload(request("doc_3", csv("email", "f", "g")))
	w.upload(request("doc_4", csv("email", "h", "i")))
	kept := w.prune(exec.PruneRequest{Keep: 1})
	w.same("the backup", w.lines("people_backup", "snapshot_version"), "0", "1", "1", "1", "3", "3")
	equal(w, "what is kept", []int64{kept[0].Version, kept[1].Version}, []int64{1, 0})
	w.prune(exec.PruneRequest{Versions: []int64{0}})
	w.same("the backup", w.lines("people_backup", "snapshot_version"), "1", "1", "1", "3", "3")
}

func prunePinned(w *world) {
	w.fourVersions()
	ctx := context.Background()
	if err := w.client.Pin(ctx, "people", 1, actor); err != nil {
		w.Fatal(err)
	}
	if err := w.client.Pin(ctx, "people", 1, actor); err != nil {
		w.Errorf("pin a version twice: %v", err)
	}
	pinned := slices.DeleteFunc(w.history("people"), func(v ledger.Version) bool { return !v.Pinned })
	w.same("the pinned versions", historyLines(pinned), "1 doc_1 2 rows in people_backup")
	kept := w.prune(exec.PruneRequest{Keep: 1})
	equal(w, "what is kept", kept, []plan.Kept{{Version: 1, Why: "it is pinned"}})
	w.same("the backup", w.lines("people_backup", "snapshot_version"), "1", "1", "3", "3")
	w.pruneRefused(exec.PruneRequest{Versions: []int64{1}}, "pinned")
	if err := w.client.Unpin(ctx, "people", 1); err != nil {
		w.Fatal(err)
	}
	w.prune(exec.PruneRequest{Versions: []int64{1}})
	w.same("the backup", w.lines("people_backup", "snapshot_version"), "3", "3")
	for version, says := range map[int64]string{9: "no version 9", 1: "gone"} {
		w.says(mustBe[*plan.RefusedError](w, w.client.Pin(ctx, "people", version, actor)), says)
	}
	w.says(mustBe[*plan.RefusedError](w, w.client.Unpin(ctx, "people", 3)), "not pinned")
}

func prunePinnedLate(w *world) {
	w.fourVersions()
	p := w.planPrune(exec.PruneRequest{Keep: 2})
	if err := w.client.Pin(context.Background(), "people", 1, actor); err != nil {
		w.Fatal(err)
	}
	_, err := w.client.Run(context.Background(), p, nil, nil)
	w.says(mustBe[*exec.StepError](w, err), "version 1 is not pinned")
	w.same("the backup", w.lines("people_backup", "snapshot_version"), "1", "1", "2", "2", "3", "3")
}

func prunePreserved(w *world) {
	w.failingBackup()
	w.upload(request("doc_1", csv("email,age", "refused,3", "b,4")))
	w.upload(request("doc_2", csv("email,age", "c,5", "d,6")))
	w.upload(request("doc_3", csv("email,age", "e,7", "f,8")))
	w.noTable("people_preserved_v9")
	w.prune(exec.PruneRequest{Keep: 1})
	w.noTable("people_preserved_v1")
	w.same("nobody's rows", w.lines("people_preserved_v0", "email"), "fine", "refused")
	w.same("the backup", w.lines("people_backup", "email"), "c", "d")
	w.same("the history", historyLines(w.history("people")), "3 doc_3 2 rows in people", "2 doc_2 2 rows in people_backup",
		"1 doc_1 2 rows in nowhere", "0 - 2 rows in people_preserved_v0")
}

func pruneNothing(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	w.pruneRefused(exec.PruneRequest{Keep: 1}, "no snapshot to delete")
	w.pruneRefused(exec.PruneRequest{Versions: []int64{7}}, "no version 7")
}

func pruneScript(w *world) {
	w.scriptEquals(func(w *world) plan.Plan {
		w.fourVersions()
		return w.planPrune(exec.PruneRequest{Keep: 1})
	})
}

func pruneAndGoOn(w *world) {
	w.fourVersions()
	w.prune(exec.PruneRequest{Keep: 1})
	w.upload(request("doc_5", csv("email", "x", "y")))
	w.same("the history", historyLines(w.history("people"))[:3], "5 doc_5 2 rows in people", "4 doc_4 2 rows in people_backup", "3 doc_3 2 rows in people_backup")
	w.restore(3)
	w.same("the table", w.lines("people"), "doc_3_a", "doc_3_b")
}

// pruneCutOff ends a script after it has announced its steps.
func pruneCutOff(w *world) {
	w.fourVersions()
	ctx := context.Background()
	r := exec.PruneRequest{Table: "people", Keep: 2}
	w.announced(w.planPrune(r))
	if dialect.HasSessionLock(w.d) {
		_, _, err := w.client.PlanPrune(ctx, r)
		mustBe[*exec.CutOffError](w, err)
		done, err := w.client.Recover(ctx, "people", exec.DoRecover)
		if err != nil || len(done) != 1 || !strings.Contains(done[0].Message, "deleting snapshots") {
			w.Errorf("recover says %v, %v", done, err)
		}
	}
	w.prune(r)
	w.same("the backup", w.lines("people_backup", "snapshot_version"), "2", "2", "3", "3")
}

// announced runs only the beginning of a plan's script, which writes the run and its
// steps.
func (w *world) announced(p plan.Plan) {
	w.Helper()
	begun, _, _ := strings.Cut(w.script(p, nil), "\n-- group 1 of")
	if err := w.in.Client(w.T, begun); err != nil {
		w.Fatalf("run the beginning of the script: %v", err)
	}
}
