package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

func restoreCases() []testCase {
	return []testCase{
		{name: "restore: the version before last, and back", run: restoreAndUndo},
		{name: "restore: what stood there before the first upload", run: restoreNobodys},
		{name: "restore: a dropped column comes back", run: restoreDroppedColumn},
		{name: "restore: the table's shape is left alone", run: restoreKeepingShape},
		{name: "restore: a column that the table gained gets its default", run: restoreWithoutGained},
		{name: "restore: a column that no row can go without is refused", run: restoreWithoutRequired},
		{name: "restore: generated columns are left to the database", run: restoreGenerated},
		{name: "restore: a value that no longer fits", run: restoreUnfit},
		{name: "restore: a snapshot of which rows are gone is refused", run: restoreIncomplete},
		{name: "restore: versions that cannot be brought back", run: restoreRefused},
		{name: "restore: less rows than the table has", run: restoreShrinks},
		{name: "restore: a snapshot that a failed backup has preserved", run: restorePreserved, unless: bySwap},
		{name: "restore: a table that a swap has kept", run: restoreKept, unless: inPlace},
		{name: "restore: another program's snapshot", run: restoreForeign},
		{name: "restore: numbers go on", run: restoreNumbers},
		{name: "restore: more rows than fit in one piece", run: restoreManyRows},
		{name: "restore: script equals apply", run: restoreScript, begins: withNothing},
		{name: "restore: a database's own column names", run: restoreMetadataNames},
	}
}

// restoreRequest is the request to restore a version of people.
func (w *world) restoreRequest(version int64) exec.RestoreRequest {
	r := w.by(request("", csv("none")))
	return exec.RestoreRequest{Table: "people", Version: &version, Options: r.Options}
}

func (w *world) restore(version int64, allow ...plan.Code) exec.Result {
	w.Helper()
	r := w.restoreRequest(version)
	r.Options.Allow = allow
	res, err := w.client.Restore(context.Background(), r)
	if err != nil {
		w.Fatalf("restore version %d: %v", version, err)
	}
	return res
}

func (w *world) planRestore(r exec.RestoreRequest) plan.Plan {
	w.Helper()
	p, err := w.client.PlanRestore(context.Background(), r)
	if err != nil {
		w.Fatalf("plan a restore: %v", err)
	}
	return p
}

func restoreAndUndo(w *world) {
	w.other("CREATE TABLE people (email {text}, age {int})", "INSERT INTO people VALUES ('zero', NULL)")
	w.upload(request("doc_1", csv("email,age", "a,1", `"",`, ",3")))
	first := w.exact("people")
	w.upload(request("doc_2", csv("email,age", "b,2", "c,3")))
	second := w.exact("people")

	res := w.restore(1)
	w.same("the table", w.exact("people"), first...)
	equal(w, "the result", []any{res.Version, *res.Replaced, res.RowsBackedUp, res.RowsLoaded}, []any{int64(3), int64(2), int64(2), int64(3)})
	run := w.lastRun("people")
	equal(w, "the run", []any{run.Operation, run.Event, run.VersionMade, *run.VersionReplaced, run.DocID, run.UploadTimestamp, run.SourceName, run.SourceRows, run.State},
		[]any{"restore", "RESTORE", int64(3), int64(2), "doc_1", "time of doc_1", "version 1", int64(3), "done"})
	w.restore(2)
	w.same("the table, after taking it back", w.exact("people"), second...)
	w.same("the history", historyLines(w.history("people")), "4 doc_2 2 rows in people", "3 doc_1 3 rows in people_backup",
		"2 doc_2 2 rows in people_backup", "1 doc_1 3 rows in people_backup", "0 - 1 rows in people_backup")
	w.same("the snapshot of what was restored", w.exactSnapshot("people_backup", 3, "email", "age"), first...)
	w.upload(request("doc_5", csv("email,age", "d,4")))
	w.restore(3)
	w.same("the table, from the snapshot of a restore", w.exact("people"), first...)
}

// restoreEveryColumn replaces tables that another program filled, restores their rows and
// replaces them again. It compares the table and its snapshot exactly.
func restoreEveryColumn(w *world) {
	w.eachColumnTable(manyColumns, func(t columnTable) outcome {
		before := t.contents(w, t.name, "")
		kept := func() {
			backup := t.name + "_backup"
			w.same("the backup of "+t.String(), t.contents(w, backup, w.ofVersion(backup, 0)), before...)
		}
		upload := resetting(request("doc_1", csv("n", rowsOf("1", t.len())...)))
		upload.Table = t.name
		if err := w.tryUpload(upload); err != nil {
			w.Errorf("upload to a table of %s: %v", t, err)
			return checked
		}
		kept()
		after := t.contents(w, t.name, "")
		for version, want := range [][]string{before, after} {
			r := w.restoreRequest(int64(version))
			r.Table = t.name
			if _, err := w.client.Restore(context.Background(), r); err != nil {
				w.Errorf("restore version %d of a table of %s: %v", version, t, err)
				continue
			}
			w.same(fmt.Sprintf("%s, version %d", t, version), t.contents(w, t.name, ""), want...)
		}
		kept()
		return checked
	})
}

// restoreKeptAsText changes the columns to text for one backup. From then on, the backup
// table stores their values as text, and a restore must convert them back exactly.
func restoreKeptAsText(w *world) {
	w.eachColumnTable(fewColumns, func(t columnTable) outcome {
		before := t.contents(w, t.name, "")
		backup := exec.BackupRequest{Table: t.name}
		if _, err := w.client.Backup(context.Background(), backup); err != nil {
			w.Fatalf("back up a table of %s: %v", t, err)
		}
		texts := columnTable{name: t.name}
		for _, c := range t.columns {
			texts.columns = append(texts.columns, Column{Name: c.Name, Type: w.family.Words.LongText})
		}
		w.other("DROP TABLE "+t.name, texts.create(w), "INSERT INTO "+t.name+" (n) VALUES (1)")
		if _, err := w.client.Backup(context.Background(), backup); err != nil {
			w.says(mustBe[*plan.RefusedError](w, err), "no type keeps the values of both")
			return checked
		}
		w.other("DROP TABLE "+t.name, t.create(w))
		r := w.restoreRequest(0)
		r.Table = t.name
		if _, err := w.client.Restore(context.Background(), r); err != nil {
			w.Errorf("restore a table of %s from texts: %v", t, err)
			return checked
		}
		w.same(t.String(), t.contents(w, t.name, ""), before...)
		return checked
	})
}

func restoreNobodys(w *world) {
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('old'), (NULL)")
	w.upload(request("doc_1", csv("email", "a")))
	w.restore(0)
	w.same("the table", w.lines("people"), "NULL", "old")
	run := w.lastRun("people")
	equal(w, "the run", []any{run.DocID, run.VersionMade, run.SourceName}, []any{"", int64(2), "version 0"})
	w.upload(request("doc_3", csv("email", "b")))
	w.same("the backup", w.lines("people_backup", "doc_id", "upload_timestamp", "snapshot_version", "email"),
		"NULL | NULL | 0 | NULL", "NULL | NULL | 0 | old", "NULL | NULL | 2 | NULL", "NULL | NULL | 2 | old",
		"doc_1 | time of doc_1 | 1 | a")
}

// reviewed creates a table whose status column was dropped by an upload.
func (w *world) reviewed() {
	w.Helper()
	w.other("CREATE TABLE people (email {text}, final_status {text} NOT NULL)", "INSERT INTO people VALUES ('a', 'kept'), ('b', 'revoked')")
	r := request("doc_1", csv("email", "c", "d"))
	r.Kind = plan.Panel()
	w.upload(r)
	equal(w, "the columns", w.columns("people"), []string{"email"})
}

func restoreDroppedColumn(w *world) {
	w.reviewed()
	p := w.planRestore(w.restoreRequest(0))
	equal(w, "the columns that come back", p.Restored.Columns, []string{"final_status"})
	w.restore(0)
	w.same("the table", w.lines("people", "email", "final_status"), "a | kept", "b | revoked")
	w.restore(1, plan.ColumnsReset)
	w.same("the table, taken back", w.lines("people", "email", "final_status"), "c | NULL", "d | NULL")
	w.restore(2)
	w.same("the table, brought back again", w.lines("people", "email", "final_status"), "a | kept", "b | revoked")
}

func restoreKeepingShape(w *world) {
	w.reviewed()
	r := w.restoreRequest(0)
	r.LostColumns = plan.LeaveLost
	if _, err := w.client.Restore(context.Background(), r); err != nil {
		w.Fatal(err)
	}
	equal(w, "the columns", w.columns("people"), []string{"email"})
	w.same("the table", w.lines("people"), "a", "b")
}

func restoreWithoutGained(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.upload(request("doc_2", csv("email", "c", "d")))
	w.other("ALTER TABLE people ADD COLUMN age {int} DEFAULT 7", "ALTER TABLE people ADD COLUMN note {text}")
	w.upload(request("doc_3", csv("email,age,note", "e,1,x", "f,2,y")))
	w.restore(1, plan.ColumnsReset)
	w.same("the table", w.lines("people", "email", "age", "note"), "a | 7 | NULL", "b | 7 | NULL")
	w.restore(3)
	w.same("the table, taken back", w.lines("people", "email", "age", "note"), "e | 1 | x", "f | 2 | y")
}

func restoreWithoutRequired(w *world) {
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('a')")
	w.upload(request("doc_1", csv("email", "b")))
	w.other("DROP TABLE people", "CREATE TABLE people (email {text}, age {int} NOT NULL)")
	_, err := w.client.PlanRestore(context.Background(), w.restoreRequest(0))
	w.says(mustBe[*plan.RefusedError](w, err), `refuse to restore "people"`, "age", "may not be NULL")
}

func restoreGenerated(w *world) {
	w.other("CREATE TABLE people (n {int}, double_n {int} GENERATED ALWAYS AS (n * 2) STORED)", "INSERT INTO people (n) VALUES (1), (2)")
	w.upload(request("doc_1", csv("n", "3", "4")))
	w.restore(0)
	w.same("the table", w.lines("people", "n", "double_n"), "1 | 2", "2 | 4")
}

// restoreUnfit changes the column to a number. Restoring 007 would make it 7, so the
// restore must fail.
func restoreUnfit(w *world) {
	w.upload(request("doc_1", csv("email,code", "a,007")))
	w.upload(request("doc_2", csv("email,code", "b,8")))
	w.other("DROP TABLE people", "CREATE TABLE people (email {text}, code {int})", "INSERT INTO people VALUES ('b', 8)")
	w.upload(request("doc_3", csv("email,code", "c,9")))
	_, err := w.client.Restore(context.Background(), w.restoreRequest(1))
	mustBe[*exec.StepError](w, err)
	w.same("the table", w.lines("people"), "c | 9")
	w.restore(2)
	w.same("the table", w.lines("people"), "b | 8")
}

func restoreIncomplete(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.upload(request("doc_2", csv("email", "c", "d")))
	p := w.planRestore(w.restoreRequest(1))
	w.other("DELETE FROM people_backup WHERE email = 'b'")
	_, err := w.client.Run(context.Background(), p, nil, nil)
	mustBe[*exec.DriftError](w, err)
	_, err = w.client.PlanRestore(context.Background(), w.restoreRequest(1))
	w.says(mustBe[*plan.RefusedError](w, err), "2 rows", "people_backup", "1 of them")
	w.same("the table", w.lines("people"), "c", "d")
}

func restoreRefused(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.upload(request("doc_2", csv("email", "c", "d")))
	before := w.fingerprint()
	for version, says := range map[int64]string{7: "there is no version 7", 2: "version 2 is what the table holds now", 0: "there is no version 0"} {
		_, err := w.client.Restore(context.Background(), w.restoreRequest(version))
		w.says(mustBe[*plan.RefusedError](w, err), says)
	}
	r := w.restoreRequest(0)
	r.Version, r.DocID = nil, "doc_2"
	_, err := w.client.Restore(context.Background(), r)
	w.says(mustBe[*plan.RefusedError](w, err), "doc_2")
	equal(w, "the database", w.fingerprint(), before)
	r.DocID = "doc_1"
	if _, err := w.client.Restore(context.Background(), r); err != nil {
		w.Fatal(err)
	}
	w.same("the table", w.lines("people"), "a", "b")
}

func restoreShrinks(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	w.upload(request("doc_2", csv("email", "b", "c", "d")))
	r := w.restoreRequest(1)
	_, err := w.client.Restore(context.Background(), r)
	w.says(mustBe[*plan.HazardError](w, err), "restore", "blocked", "SHRINKS", "version 1")
	r.Options.Allow = []plan.Code{plan.Shrinks}
	if _, err := w.client.Restore(context.Background(), r); err != nil {
		w.Fatal(err)
	}
	w.same("the table", w.lines("people"), "a")
}

func restorePreserved(w *world) {
	w.failingBackup()
	w.upload(request("doc_1", csv("email,age", "a,3", "b,4")))
	w.restore(0)
	w.same("the table", w.lines("people"), "fine | 2", "refused | 1")
	w.restore(1)
	w.same("the table, taken back", w.lines("people"), "a | 3", "b | 4")
}

func restoreKept(w *world) {
	w.refusingBackup()
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('refused'), ('fine')")
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.restore(0)
	w.same("the table", w.lines("people"), "fine", "refused")
	w.same("the backup", w.lines("people_backup", "email"), "a", "b")
}

func restoreForeign(w *world) {
	w.other(plainBackup,
		"INSERT INTO people_backup (doc_id, upload_timestamp, email) VALUES ('theirs_1', '2024', 'x'), ('theirs_1', '2024', 'y'), ('theirs_2', '2025', 'z')",
		"CREATE TABLE people (email {text}, age {int})", "INSERT INTO people VALUES ('a', 1), ('b', 2)")
	r := w.restoreRequest(0)
	r.Version, r.DocID, r.Options.Allow = nil, "theirs_1", []plan.Code{plan.ColumnsReset}
	res, err := w.client.Restore(context.Background(), r)
	if err != nil {
		w.Fatal(err)
	}
	equal(w, "the version", res.Version, int64(1))
	w.same("the table", w.lines("people", "email", "age"), "x | NULL", "y | NULL")
	w.upload(request("doc_2", csv("email,age", "c,3")))
	w.same("the backup", w.snapshot("people_backup", 1, "doc_id", "upload_timestamp", "email"), "theirs_1 | 2024 | x", "theirs_1 | 2024 | y")
}

func restoreNumbers(w *world) {
	w.other("CREATE TABLE people (n {id}, email {text})", "INSERT INTO people VALUES (1, 'old'), (500, 'older')")
	w.upload(request("doc_1", csv("n,email", "1,a", "2,b")))
	w.restore(0)
	w.same("the table", w.lines("people"), "1 | old", "500 | older")
	if n := w.nextNumber(); n <= 500 {
		w.Errorf("a new row got the number %d, and 500 was given before", n)
	}
}

func restoreManyRows(w *world) {
	w.other("CREATE TABLE people (n {int} NOT NULL PRIMARY KEY, email {text})")
	lines := make([]string, 31)
	for i := range lines {
		lines[i] = fmt.Sprintf("%d,person %d", i, i)
	}
	w.upload(request("doc_1", csv("n,email", lines...)))
	before := w.exact("people")
	w.upload(request("doc_2", csv("n,email", append(slices.Clone(lines), "1000,x")...)))
	w.restore(1)
	w.same("the table", w.exact("people"), before...)
}

func restoreMetadataNames(w *world) {
	w.upload(request("doc_1", csv("id,doc_id,upload_timestamp,snapshot_version", "1,2,3,4")))
	w.upload(request("doc_2", csv("id,doc_id,upload_timestamp,snapshot_version", "5,6,7,8")))
	w.restore(1)
	w.same("the table", w.lines("people"), "1 | 2 | 3 | 4")
	w.other("DROP TABLE people", "CREATE TABLE people (backup_id {text}, id {text}, doc_id {text}, upload_timestamp {text}, snapshot_version {text})",
		"INSERT INTO people VALUES ('b', '1', '2', '3', '4')")
	w.restore(2, plan.ColumnsReset)
	w.same("the table, once a column has taken the backup's name", w.lines("people", "backup_id", "id", "doc_id", "snapshot_version"), "NULL | 5 | 6 | 8")
}

// restoreScript checks that a script of a restore has the same result as a run.
func restoreScript(w *world) {
	w.scriptEquals(func(w *world) plan.Plan {
		w.upload(request("doc_1", csv("email,final_status", "a,kept", "b,revoked")))
		panel := request("doc_2", csv("email", "c", "d", "e"))
		panel.Kind = plan.Panel()
		w.upload(panel)
		r := w.restoreRequest(1)
		r.Actor = actor
		return w.planRestore(r)
	})
	w.same("the table", w.lines("people", "email", "final_status"), "a | kept", "b | revoked")
}

// scriptEquals prepares the same plan in two databases. It runs one with the library and
// the other with the vendor's client, and compares the results.
func (w *world) scriptEquals(prepare func(*world) plan.Plan) {
	w.Helper()
	scripted := newWorld(w.T, w.family)
	p, q := prepare(w), prepare(scripted)
	script := scripted.script(q, nil)
	w.sent.Reset()
	if _, err := w.client.Run(context.Background(), p, nil, nil); err != nil {
		w.Fatalf("run the plan: %v", err)
	}
	sentAsPrinted(w, p, w.script(p, nil))
	if err := scripted.in.Client(w.T, script); err != nil {
		w.Fatalf("run the script: %v", err)
	}
	timed := exec.Request{UploadTimestamp: p.Upload.Timestamp}
	equal(w, "what the script left, against what the run left", forComparison(scripted, timed), forComparison(w, timed))
	decoded, err := plan.Decode(strings.NewReader(encoded(w, p)))
	if err != nil {
		w.Fatalf("decode the plan: %v", err)
	}
	equal(w, "the plan, saved and read", decoded, p)
}
