package conformance

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

func uploadCases() []testCase {
	return []testCase{
		{name: "first upload", run: firstUpload},
		{name: "first upload to a table that another program made", run: firstUploadToExisting},
		{name: "repeated uploads", run: repeatedUploads},
		{name: "a failed run uses up no version", run: failedRunUsesNoVersion},
		{name: "upload without a timestamp", run: uploadWithoutTimestamp},
		{name: "rows handed over as Go values", run: goValues},
		{name: "equal rows without a key", run: equalRows},
		{name: "NULL and the empty text", run: nullAndEmpty},
		{name: "columns that the file lacks take their default", run: missingColumns},
		{name: "columns that the table lacks are added when asked", run: addedColumns},
		{name: "indexes are made after the rows", run: lateIndexes},
		{name: "history is limited and newest first", run: limitedHistory},
	}
}

// wantStep has the expected values of an audit row, without those that come from the
// plan.
type wantStep struct {
	Kind  plan.StepKind
	Event string
	State ledger.State
	Rows  int64 // -1 if none were counted
}

func (w *world) steps(run ledger.Run) []wantStep {
	var got []wantStep
	for _, s := range run.Steps {
		step := wantStep{plan.StepKind(s.Kind), deref(s.Event), ledger.State(s.State), -1}
		if s.RowCount != nil {
			step.Rows = *s.RowCount
		}
		got = append(got, step)
	}
	return got
}

func deref[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}

func firstUpload(w *world) {
	src := csv("email,name", "ada@example.com,Ada", "alan@example.com,")
	r := request("doc_1", src)
	r.Kind = plan.Panel()
	p := w.plan(r)
	res := w.upload(r)

	w.same("the table", w.lines("people"), "ada@example.com | Ada", "alan@example.com | NULL")
	w.same("the backup", w.lines("people_backup"), nothing...)
	equal(w, "the result", []int64{res.Version, res.RowsBackedUp, res.RowsLoaded}, []int64{1, 0, 2})
	if res.Replaced != nil {
		w.Errorf("the upload says that it replaced version %d, and there was no table", *res.Replaced)
	}
	run := w.lastRun("people")
	w.soundTimes(run)
	equal(w, "the steps", w.steps(run), []wantStep{
		{plan.CreateTable, "", ledger.Done, -1},
		{plan.LoadRows, "PANEL_UPLOAD", ledger.Done, 2},
	})
	two := int64(2)
	equal(w, "the run", run, ledger.Run{
		ID: res.RunID, Table: "people", Operation: "upload", Event: "PANEL_UPLOAD", VersionMade: 1,
		DocID: "doc_1", UploadTimestamp: "time of doc_1", SourceName: "people.csv",
		SourceSHA256: p.Upload.Source.SHA256, SourceRows: 2, RowsLoaded: &two, State: "done", ToolVersion: tool,
	}, cmpopts.IgnoreFields(ledger.Run{}, "PlanHash", "Actor", "StartedAt", "FinishedAt", "Steps"))
	if deref(run.Actor) != actor {
		w.Errorf("the run's actor is %q, want %q", deref(run.Actor), actor)
	}
	for i, s := range run.Steps {
		if want := p.Steps()[i].SQL; s.SQLText != want {
			w.Errorf("the audit of step %s says that %q ran, and planned was %q", s.Step, s.SQLText, want)
		}
	}
}

// soundTimes checks that the times of a run and its steps are in UTC and in order.
func (w *world) soundTimes(run ledger.Run) {
	w.Helper()
	check := func(what, started string, finished *string) {
		w.Helper()
		begin, err := time.Parse("2006-01-02T15:04:05.000Z", started)
		if err != nil {
			w.Errorf("%s started at %q: %v", what, started, err)
			return
		}
		end, err := time.Parse("2006-01-02T15:04:05.000Z", deref(finished))
		if err != nil {
			w.Errorf("%s finished at %q: %v", what, deref(finished), err)
			return
		}
		if end.Before(begin) {
			w.Errorf("%s ended (%s) before it began (%s)", what, end, begin)
		}
		if begin.Before(w.began.Add(-time.Minute)) || begin.After(time.Now().Add(time.Minute)) {
			w.Errorf("%s began at %s, and the test at %s: not in UTC?", what, begin, w.began.UTC())
		}
	}
	check("the run", run.StartedAt, run.FinishedAt)
	for _, s := range run.Steps {
		check("step "+s.Step, s.StartedAt, s.FinishedAt)
		if s.DurationMS == nil || *s.DurationMS < 0 {
			w.Errorf("step %s has no duration", s.Step)
		}
	}
}

func firstUploadToExisting(w *world) {
	w.other(
		"CREATE TABLE people (email {text}, age {int})",
		"INSERT INTO people VALUES ('old@example.com', 41), (NULL, 42)",
	)
	r := request("doc_1", csv("email,age", "new@example.com,30", "b@example.com,31"))
	r.Kind = plan.SourceOfTruth()
	res := w.upload(r)

	w.same("the table", w.lines("people"), "b@example.com | 31", "new@example.com | 30")
	w.same("the backup: nobody's rows are version 0, without a doc_id",
		w.lines("people_backup", "doc_id", "upload_timestamp", "snapshot_version", "email", "age"),
		"NULL | NULL | 0 | NULL | 42", "NULL | NULL | 0 | old@example.com | 41")
	equal(w, "the warnings", warningCodes(res.Warnings), []plan.Code{plan.UnknownPrevious}, cmpopts.IgnoreSliceElements(readersWait))
	created := wantStep{plan.CreateBackup, "", ledger.Done, -1}
	equal(w, "the steps", w.steps(w.lastRun("people")), append([]wantStep{created, created}, w.replacing("SOT_UPLOAD", 0, 2, 2)...))
	run := w.lastRun("people")
	equal(w, "rows in the run", []int64{deref(run.RowsBackedUp), deref(run.RowsLoaded)}, []int64{2, 2})
	if run.VersionReplaced == nil || *run.VersionReplaced != 0 || run.VersionMade != 1 {
		w.Errorf("the run replaced version %v and made %d, want 0 and 1", run.VersionReplaced, run.VersionMade)
	}
}

// readersWait is a warning about the server, not the upload.
func readersWait(c plan.Code) bool { return c == plan.ReadersWait }

func repeatedUploads(w *world) {
	for n := 1; n <= 4; n++ {
		var rows []string
		for i := range n {
			rows = append(rows, fmt.Sprintf("%c@example.com,%d", 'a'+i, n))
		}
		res := w.upload(request(fmt.Sprintf("doc_%d", n), csv("email,round", rows...)))
		equal(w, "the result", []int64{res.Version, res.RowsBackedUp, res.RowsLoaded}, []int64{int64(n), int64(n - 1), int64(n)})
	}
	w.same("the table", w.lines("people", "round"), "4", "4", "4", "4")
	w.same("each backup row carries the upload that its row came from",
		w.lines("people_backup", "doc_id", "upload_timestamp", "snapshot_version", "email", "round"),
		"doc_1 | time of doc_1 | 1 | a@example.com | 1",
		"doc_2 | time of doc_2 | 2 | a@example.com | 2", "doc_2 | time of doc_2 | 2 | b@example.com | 2",
		"doc_3 | time of doc_3 | 3 | a@example.com | 3", "doc_3 | time of doc_3 | 3 | b@example.com | 3", "doc_3 | time of doc_3 | 3 | c@example.com | 3")
	w.same("the history", historyLines(w.history("people")),
		"4 doc_4 4 rows in people", "3 doc_3 3 rows in people_backup", "2 doc_2 2 rows in people_backup", "1 doc_1 1 rows in people_backup")
}

// historyLines formats versions as "3 doc_3 7 rows in people_backup".
func historyLines(versions []ledger.Version) []string {
	lines := make([]string, len(versions))
	for i, v := range versions {
		number, doc, rows, where := "-", "-", "?", v.Where
		if v.Number != nil {
			number = fmt.Sprint(*v.Number)
		}
		if v.DocID != nil {
			doc = *v.DocID
		}
		if v.Rows != nil {
			rows = fmt.Sprint(*v.Rows)
		}
		if where == "" {
			where = "nowhere"
		}
		lines[i] = fmt.Sprintf("%s %s %s rows in %s", number, doc, rows, where)
	}
	return lines
}

func failedRunUsesNoVersion(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL, age {int})")
	w.upload(request("doc_1", csv("email,age", "a@example.com,1")))
	if err := w.tryUnchecked(request("doc_bad", csv("email,age", ",100"))); err == nil {
		w.Fatal("a row without an email was uploaded")
	}
	res := w.upload(request("doc_2", csv("email,age", "c@example.com,3")))

	equal(w, "the version after a failed run", res.Version, int64(2))
	w.same("the backup has nothing of the failed run", w.lines("people_backup", "doc_id", "snapshot_version", "email"),
		"doc_1 | 1 | a@example.com")
	states := []string{}
	for _, r := range w.audit("people") {
		states = append(states, r.DocID+" "+r.State)
	}
	equal(w, "the runs, newest first", states, []string{"doc_2 done", "doc_bad failed", "doc_1 done"})
	w.same("the history does not list the failed run", historyLines(w.history("people")),
		"2 doc_2 1 rows in people", "1 doc_1 1 rows in people_backup", "0 - 0 rows in people_backup")
}

func uploadWithoutTimestamp(w *world) {
	r := request("doc_1", csv("email", "a@example.com"))
	r.UploadTimestamp = ""
	began := time.Now()
	w.upload(r)
	run := w.lastRun("people")
	stamp, err := time.Parse("2006-01-02T15:04:05.000Z", run.UploadTimestamp)
	if err != nil || stamp.Before(began.Add(-time.Minute)) || stamp.After(time.Now().Add(time.Minute)) {
		w.Errorf("upload_timestamp is %q (%v), want the time of the run", run.UploadTimestamp, err)
	}
	w.upload(request("doc_2", csv("email", "b@example.com")))
	w.same("the backup", w.lines("people_backup", "upload_timestamp"), shownText(run.UploadTimestamp))
}

func goValues(w *world) {
	w.other("CREATE TABLE people (email {text}, age {int})")
	w.upload(request("doc_1", rowsource.Records("service", []map[string]any{
		{"email": "a@example.com", "age": 30},
		{"email": "b@example.com"},
		{"email": `quote " and ' and \`, "age": int64(-1)},
	})))
	w.same("the table", w.lines("people", "email", "age"),
		"a@example.com | 30", "b@example.com | NULL", `"quote \" and ' and \\" | -1`)
	w.upload(resetting(request("doc_2", rowsource.Rows("service", []string{"age"}, [][]any{{1}, {2}}))))
	w.same("a second upload, with fewer columns", w.lines("people", "email", "age"), "NULL | 1", "NULL | 2")
}

func equalRows(w *world) {
	w.other("CREATE TABLE people (email {text}, age {int})",
		"INSERT INTO people VALUES ('a', 1), ('a', 1), ('a', 1), (NULL, NULL), (NULL, NULL)")
	w.upload(request("doc_1", csv("email,age", "x,9", "x,9", "x,9")))
	w.same("the table", w.lines("people"), "x | 9", "x | 9", "x | 9")
	w.same("every one of the equal rows is in the backup", w.snapshot("people_backup", 0, "email", "age"),
		"NULL | NULL", "NULL | NULL", "a | 1", "a | 1", "a | 1")
}

func nullAndEmpty(w *world) {
	w.upload(request("doc_1", csv("email,name", `a,`, `b,""`, `c,NULL`)))
	w.same("the table", w.lines("people"), `a | NULL`, `b | ""`, `c | "NULL"`)
	null := "NULL"
	r := request("doc_2", rowsource.Bytes([]byte("email,name\na,\nb,\"\"\nc,NULL\nd,\"NULL\"\n"), rowsource.Options{Name: "p.csv", Null: []string{null}}))
	w.upload(r)
	w.same("the table, where NULL is written as NULL", w.lines("people"), `a | ""`, `b | ""`, `c | NULL`, `d | "NULL"`)
	w.same("the backup", w.snapshot("people_backup", 1, "email", "name"), `a | NULL`, `b | ""`, `c | "NULL"`)
}

func missingColumns(w *world) {
	w.other("CREATE TABLE people (n {id}, email {text}, country {text} DEFAULT 'de' NOT NULL, age {int})")
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.same("the table", w.lines("people", "email", "country", "age"), "a | de | NULL", "b | de | NULL")
}

func addedColumns(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	r := request("doc_2", csv("phone,email", "1,b"))
	r.Options.NewColumns = plan.AddNewColumns
	w.upload(r)
	w.same("the table", w.lines("people", "email", "phone"), "b | 1")
	w.upload(request("doc_3", csv("email,phone", "c,2")))
	w.same("the backup has the new column from then on", w.lines("people_backup", "snapshot_version", "email", "phone"),
		"1 | a | NULL", "2 | b | 1")
}

func limitedHistory(w *world) {
	for n := 1; n <= 5; n++ {
		w.upload(request(fmt.Sprintf("doc_%d", n), csv("email", fmt.Sprintf("%d@example.com", n))))
	}
	versions, err := w.client.BackupHistory(w.Context(), "people", 2)
	if err != nil {
		w.Fatal(err)
	}
	equal(w, "the two newest", historyLines(versions), []string{"5 doc_5 1 rows in people", "4 doc_4 1 rows in people_backup"})
	versions = w.history("people")
	if !slices.IsSortedFunc(versions, func(a, b ledger.Version) int { return int(*b.Number - *a.Number) }) {
		w.Errorf("the history is not newest first: %q", historyLines(versions))
	}
}
