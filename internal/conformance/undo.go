package conformance

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// undoCases undo the upload of each situation with a script of the upload and its undo.
// They also compare that undo with a restore that is planned after the upload.
func undoCases() []testCase {
	var cases []testCase
	for _, s := range situations() {
		cases = append(cases, testCase{name: "undo: " + s.name, run: func(w *world) { undoes(w, s) }, unless: s.unless})
	}
	return append(cases,
		testCase{name: "undo: rows that another program changed after the plan", run: undoChanged},
		testCase{name: "undo: an upload without a timestamp of its own", run: undoWithoutTimestamp},
		testCase{name: "undo: of retention", run: undoRetained},
		testCase{name: "undo: run by the library", run: undoRun},
	)
}

func undoes(w *world, s situation) {
	r := s.request()
	s.setup(w)
	before := w.inspect(r.Table)
	if before.Table == nil {
		w.nothingToUndo(r)
		return
	}
	columns := dialect.ColumnNames(before.Table.StoredColumns())
	rows := w.comparable(before.Ident.Name, columns)
	upload, undo := w.plan(r), w.undo(r)
	scripts := w.script(upload, r.Source) + w.script(undo, nil)

	if r.UploadTimestamp != "" { // otherwise only the restore knows the timestamp, which is the time of the run
		behind := newWorld(w.T, w.family)
		s.setup(behind)
		p := behind.plan(r)
		if err := behind.in.Client(w.T, behind.script(p, r.Source)); err != nil {
			w.Fatalf("run the script of the upload: %v", err)
		}
		behind.undoneLike(r, *p.Upload.Replaces, undo, w)
	}

	if err := w.in.Client(w.T, scripts); err != nil {
		w.Fatalf("run the script of the upload and its undo: %v", err)
	}
	equal(w, "the rows of the table", w.comparable(before.Ident.Name, columns), rows)
	run := w.lastRun(before.Ident.Name)
	equal(w, "the run", []any{run.Operation, run.State, *run.VersionReplaced, run.SourceRows, *run.RowsLoaded},
		[]any{"restore", "done", upload.Upload.Version, int64(len(rows)), int64(len(rows))})
}

// nothingToUndo checks that a first upload has no undo, because there is no version
// before it.
func (w *world) nothingToUndo(r exec.Request) {
	w.Helper()
	if _, err := plan.BuildUndo(w.d, w.input(r)); !errors.Is(err, plan.ErrNothingToUndo) {
		w.Errorf("the undo of a first upload: %v", err)
	}
}

func (w *world) undo(r exec.Request) plan.Plan {
	w.Helper()
	p, err := plan.BuildUndo(w.d, w.input(r))
	if err != nil {
		w.Fatalf("plan the undo of %s: %v", r.DocID, err)
	}
	return p
}

// undoneLike compares an undo, planned before the upload in another world, with the
// restore planned after it.
func (w *world) undoneLike(r exec.Request, version int64, undo plan.Plan, other *world) {
	w.Helper()
	options := w.by(r).Options
	options.Allow = slices.DeleteFunc(plan.Codes(), func(c plan.Code) bool {
		return c == plan.TriggersRewrite && !slices.Contains(r.Options.Allow, c) // allowing it would remove an assertion
	})
	restore := w.planRestore(exec.RestoreRequest{Table: r.Table, Version: &version, Actor: actor, Options: options})
	if diff := cmp.Diff(other.planned(undo), w.planned(restore)); diff != "" {
		w.Errorf("planned ahead of the upload (-), planned behind it (+):\n%s", diff)
	}
}

// planned returns the lines of a plan without those that depend on the number of rows.
func (w *world) planned(p plan.Plan) []string {
	w.Helper()
	p.Backup = nil // the catalog may name the type of a metadata column differently
	p.Upload.Allow, p.Hazards, p.Upload.Source.Rows, p.Restored.Rows = nil, nil, 0, ""
	lines := strings.Split(w.withoutNames(encoded(w, p)), "\n")
	for i, l := range lines {
		// Where a statement is wrapped depends on the length of the schema's name.
		l = strings.Join(strings.Fields(strings.ReplaceAll(l, `\n`, " ")), " ")
		lines[i] = l
		for _, counts := range []string{`"message": `, "json_extract", "tablesnap_proof", "proved:", "hash\":", "checksum\":", "count(*)"} {
			if strings.Contains(l, counts) {
				lines[i] = ""
			}
		}
	}
	return lines
}

func undoChanged(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	r := request("doc_2", csv("email", "c", "d", "e", "f"))
	scripts := w.script(w.plan(r), r.Source) + w.script(w.undo(r), nil)
	w.other("INSERT INTO people VALUES ('later')", "UPDATE people SET email = 'B' WHERE email = 'b'")
	if err := w.in.Client(w.T, scripts); err != nil {
		w.Fatal(err)
	}
	w.same("the table", w.lines("people"), "B", "a", "later")
	equal(w, "the source's rows", w.lastRun("people").SourceRows, int64(3))
}

// undoWithoutTimestamp checks that the undo backs up the upload's rows with the time of
// the upload's run.
func undoWithoutTimestamp(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	r := request("doc_2", csv("email", "b"))
	r.UploadTimestamp = ""
	scripts := w.script(w.plan(r), r.Source) + w.script(w.undo(r), nil)
	if err := w.in.Client(w.T, scripts); err != nil {
		w.Fatal(err)
	}
	versions := w.history("people")
	w.same("the history", historyLines(versions), "3 doc_1 1 rows in people", "2 doc_2 1 rows in people_backup", "1 doc_1 1 rows in people_backup")
	w.same("the timestamps in the backup", w.query("SELECT DISTINCT "+w.d.Quote("upload_timestamp")+" FROM people_backup WHERE doc_id = 'doc_2'"), *versions[1].UploadTimestamp)
}

// undoRetained checks that the undo restores the replaced version but not the snapshots
// that retention deleted.
func undoRetained(w *world) {
	w.fourVersions()
	r := retaining(request("doc_5", csv("email", "x")), plan.Retention{Keep: 1})
	r.Options.Allow = []plan.Code{plan.Shrinks}
	in, err := w.client.Input(context.Background(), w.by(r))
	if err != nil {
		w.Fatal(err)
	}
	p, err := plan.Build(w.d, in)
	if err != nil {
		w.Fatal(err)
	}
	undo, err := plan.BuildUndo(w.d, in)
	if err != nil {
		w.Fatal(err)
	}
	if err := w.in.Client(w.T, w.script(p, r.Source)+w.script(undo, nil)); err != nil {
		w.Fatal(err)
	}
	w.same("the table", w.lines("people"), "doc_4_a", "doc_4_b")
	w.same("the history", historyLines(w.history("people")), "6 doc_4 2 rows in people", "5 doc_5 1 rows in people_backup",
		"4 doc_4 2 rows in people_backup", "3 doc_3 2 rows in nowhere", "2 doc_2 2 rows in nowhere", "1 doc_1 2 rows in nowhere")
}

// undoRun runs an undo that was planned before the first upload made the backup table.
func undoRun(w *world) {
	w.other("CREATE TABLE people (n {int} NOT NULL PRIMARY KEY, email {text})", "INSERT INTO people VALUES (1, 'a'), (2, NULL)")
	for _, doc := range []string{"doc_1", "doc_2"} {
		r := request(doc, csv("n,email", "1,"+doc, "3,c"))
		undo := w.undo(r)
		w.upload(r)
		if _, err := w.client.Run(context.Background(), undo, nil, nil); err != nil {
			w.Fatalf("undo %s: %v", doc, err)
		}
		w.same("the table after the undo of "+doc, w.lines("people"), "1 | a", "2 | NULL")
	}
	r := request("doc_3", csv("n,email", "1,x", "3,c"))
	undo := w.undo(r)
	w.upload(r)
	w.other("ALTER TABLE people_backup ADD COLUMN phone {text}")
	_, err := w.client.Run(context.Background(), undo, nil, nil)
	w.says(mustBe[*exec.DriftError](w, err), "the backup table was changed")
}
