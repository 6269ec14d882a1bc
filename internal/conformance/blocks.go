package conformance

import (
	"context"
	"fmt"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// The client's methods that run a single part of an upload.
func blockCases() []testCase {
	return []testCase{
		{name: "block: create the backup table", run: blockCreateBackup},
		{name: "block: back up the rows", run: blockBackUp},
		{name: "block: a backup on its own, and then an upload", run: blockBackUpThenUpload},
		{name: "block: clear", run: blockClear},
		{name: "block: remove a column", run: blockRemoveColumn},
		{name: "block: the previous upload", run: blockPreviousUpload},
		{name: "block: history", run: blockHistory},
		{name: "block: what fails leaves nothing behind", run: blockFails},
	}
}

func blockCreateBackup(w *world) {
	ctx := context.Background()
	w.other("CREATE TABLE people (email {text} NOT NULL UNIQUE)", "INSERT INTO people VALUES ('a')")
	for range 2 {
		name, err := w.client.CreateBackupTable(ctx, "People")
		if err != nil {
			w.Fatal(err)
		}
		equal(w, "the name", name, "people_backup")
	}
	w.same("its columns", w.columns("people_backup"), "id", "doc_id", "upload_timestamp", "snapshot_version", "email")
	w.same("its rows", w.lines("people_backup"), nothing...)
	w.other("ALTER TABLE people ADD COLUMN age {int}")
	if _, err := w.client.CreateBackupTable(ctx, "people"); err != nil {
		w.Fatal(err)
	}
	w.same("its columns, widened", w.columns("people_backup"), "id", "doc_id", "upload_timestamp", "snapshot_version", "email", "age")
	w.other("CREATE VIEW seen AS SELECT email FROM people")
	if _, err := w.client.CreateBackupTable(ctx, "seen"); err == nil {
		w.Error("a view got a backup table")
	}
	_, err := w.client.CreateBackupTable(ctx, "nowhere")
	w.says(mustBe[*plan.RefusedError](w, err), "nowhere", "does not exist")
}

func blockBackUp(w *world) {
	ctx := context.Background()
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('a'), ('b')")
	rows, err := w.client.BackUpExistingData(ctx, "people", "doc_theirs", "then")
	if err != nil || rows != 2 {
		w.Errorf("backed up %d rows (%v), want 2", rows, err)
	}
	w.same("the backup", w.lines("people_backup", "doc_id", "upload_timestamp", "snapshot_version", "email"),
		"doc_theirs | then | NULL | a", "doc_theirs | then | NULL | b")
	w.same("the table", w.lines("people"), "a", "b")
}

// blockBackUpThenUpload checks that a separate backup gets no version: the rows of
// version 1 are in the backup once, and the history lists both snapshots.
func blockBackUpThenUpload(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	if _, err := w.client.BackUpExistingData(context.Background(), "people", "doc_1", "time of doc_1"); err != nil {
		w.Fatal(err)
	}
	w.upload(request("doc_2", csv("email", "c", "d")))
	w.same("version 1 in the backup", w.snapshot("people_backup", 1, "doc_id", "email"), "doc_1 | a", "doc_1 | b")
	w.same("the history", historyLines(w.history("people")), "2 doc_2 2 rows in people", "1 doc_1 2 rows in people_backup",
		"- doc_1 2 rows in people_backup")
}

func blockClear(w *world) {
	ctx := context.Background()
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('a'), ('b')")
	for _, want := range []int64{2, 0} {
		rows, err := w.client.ClearTable(ctx, "people")
		if err != nil || rows != want {
			w.Errorf("cleared %d rows (%v), want %d", rows, err, want)
		}
	}
	w.same("the table", w.lines("people"), nothing...)
	w.noTable("people_backup")
	_, err := w.client.ClearTable(ctx, "nowhere")
	w.says(err, "nowhere")
}

func blockRemoveColumn(w *world) {
	ctx := context.Background()
	w.other("CREATE TABLE people (email {text}, initial_status {text})", "INSERT INTO people VALUES ('a', 'keep')")
	for _, want := range []bool{true, false} {
		removed, err := w.client.RemoveColumnIfExists(ctx, "people", "initial_status")
		if err != nil || removed != want {
			w.Errorf("removed the column: %t (%v), want %t", removed, err, want)
		}
	}
	w.same("the table", w.lines("people"), "a")
	w.other("CREATE VIEW seen AS SELECT email FROM people") // for databases that would allow a table without columns
	removed, err := w.client.RemoveColumnIfExists(ctx, "people", "email")
	if err == nil || removed {
		w.Errorf("removed the only column: %t (%v)", removed, err)
	}
	mustBe[*exec.StepError](w, err)
	_, err = w.client.RemoveColumnIfExists(ctx, "nowhere", "email")
	w.says(err, "nowhere")
}

func blockPreviousUpload(w *world) {
	ctx := context.Background()
	previous := func(doc, timestamp string) string {
		run, err := w.client.PreviousUpload(ctx, "people", doc, timestamp)
		if err != nil {
			w.Fatal(err)
		}
		if run == nil {
			return "none"
		}
		return fmt.Sprintf("%s %s version %d", run.DocID, run.UploadTimestamp, run.VersionMade)
	}
	equal(w, "before tablesnap has any tables", previous("doc_1", "x"), "none")
	w.upload(request("doc_1", csv("email", "a")))
	equal(w, "of the first upload", previous("doc_1", "time of doc_1"), "none")
	equal(w, "of the next", previous("doc_2", "time of doc_2"), "doc_1 time of doc_1 version 1")
	w.upload(request("doc_2", csv("email", "b")))
	equal(w, "of the second upload", previous("doc_2", "time of doc_2"), "doc_1 time of doc_1 version 1")
	equal(w, "of the second document at another time", previous("doc_2", "later"), "doc_2 time of doc_2 version 2")
	equal(w, "of a third", previous("doc_3", "x"), "doc_2 time of doc_2 version 2")
}

func blockHistory(w *world) {
	equal(w, "of a table that does not exist", historyLines(w.history("people")), []string{})
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('a')")
	equal(w, "of a table that nobody uploaded to", historyLines(w.history("people")), []string{"0 - ? rows in people"})
	w.upload(request("doc_1", csv("email", "b")))
	equal(w, "after an upload", historyLines(w.history("people")), []string{"1 doc_1 1 rows in people", "0 - 1 rows in people_backup"})
	versions := w.history("people")
	equal(w, "who and what", []string{versions[0].Actor, versions[0].Event}, []string{actor, "TABLE_UPLOAD"})
}

func blockFails(w *world) {
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('refused'), ('fine')",
		"CREATE TABLE people_backup (id {id}, doc_id {text}, upload_timestamp {text}, email {text}, CHECK (email <> 'refused'))")
	_, err := w.client.BackUpExistingData(context.Background(), "people", "doc", "then")
	mustBe[*exec.StepError](w, err)
	w.same("the backup", w.lines("people_backup", "email"), nothing...)
	w.same("the table", w.lines("people"), "fine", "refused")
}
