package conformance

import (
	"context"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// What holds of a swap alone.
func swapCases() []testCase {
	return []testCase{
		{"swap: a table with foreign keys is refused", swapOnly(swapForeignKeys)},
		{"swap: a table with triggers is refused", swapOnly(swapTriggers)},
		{"swap: readers never see the table empty", swapOnly(neverEmpty)},
		{"swap: the backup fails after the swap", swapOnly(swapBackupFails)},
		{"swap: a column is added at the last moment", swapOnly(lateColumn)},
		{"swap: nothing is left behind", swapOnly(nothingLeft)},
	}
}

func swapForeignKeys(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY)", "INSERT INTO people VALUES ('a')",
		"CREATE TABLE notes (author {text}, FOREIGN KEY (author) REFERENCES people (email))")
	w.refused(request("doc_1", csv("email", "b")), "notes", "swap")
	r := request("doc_1", csv("author", "a"))
	r.Table = "notes"
	w.refused(r, "author", "swap")
}

func swapTriggers(w *world) {
	if w.family.Words.Note == nil {
		w.Skip("this family has no triggers")
	}
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('a')", "CREATE TABLE noted (event {text})")
	w.other(w.family.Words.Note("noting", "people", "INSERT", "noted")...)
	w.refused(request("doc_1", csv("email", "b")), "noting", "swap")
}

// neverEmpty reads the table before each statement of an upload.
func neverEmpty(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	r := request("doc_2", csv("email", "x", "y", "z"))
	p := w.plan(r)
	var seen []int
	w.sent.BeforeEach(func(string) { seen = append(seen, len(w.lines("people"))) })
	_, err := w.client.Run(context.Background(), p, r.Source, nil)
	w.sent.BeforeEach(nil)
	if err != nil {
		w.Fatal(err)
	}
	if rest := slices.Compact(seen); !slices.Equal(rest, []int{2, 3}) {
		w.Errorf("the table had %v rows, want 2 and then 3", rest)
	}
}

// swapBackupFails: the new rows are in, and the old ones stay in the old table
// until the backup takes them.
func swapBackupFails(w *world) {
	w.other(
		"CREATE TABLE people_backup (id {id}, doc_id {text}, upload_timestamp {text}, email {text}, CONSTRAINT no_refused CHECK (email <> 'refused'))",
		"CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('refused'), ('fine')")
	cut := mustBe[*exec.CutOffError](w, w.tryUpload(request("doc_1", csv("email", "a", "b"))))
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
	equal(w, "the run's state", w.lastRun("people").State, string(dialect.Done))
	w.upload(request("doc_2", csv("email", "c", "d")))
}

// lateColumn: a column of which the plan knows nothing is not dropped with the
// old table.
func lateColumn(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	r := request("doc_2", csv("email", "x", "y"))
	p := w.plan(r)
	err := w.runWith(p, r.Source, w.lastMoment(p), func() {
		w.other("ALTER TABLE people ADD COLUMN late {text}", "UPDATE people SET late = 'kept'")
	})
	w.Logf("the upload: %v", err)
	kept := w.inspect("people").Old
	if kept == nil {
		w.Fatal("the old table is gone, and with it the values of the column late")
	}
	w.same("the old table", w.lines(kept.Ident.Name), "a | kept", "b | kept")
}

func nothingLeft(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.upload(request("doc_2", csv("email", "c", "d")))
	if err := w.tryUpload(request("doc_3", csv("email", "e"))); err != nil {
		w.Fatal(err)
	}
	equal(w, "the tables", w.tables(), []string{"people", "people_backup", dialect.AuditTable, dialect.VersionTable, dialect.RunTable})
	if _, left := w.plan(request("doc_4", csv("email", "f"))).Find(plan.CreateShadow); !left {
		w.Error("the next plan makes no shadow")
	}
}
