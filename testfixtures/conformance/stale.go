package conformance

import (
	"bytes"
	"context"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// A plan runs only against what it was made for.
func staleCases() []testCase {
	return []testCase{
		{"a plan that is stale is refused, and nothing is written", stalePlans},
		{"the script of a stale plan stops", staleScript},
		{"the table changes at the last moment", lateSchemaChange},
		{"a version is made at the last moment", lateVersion},
		{"a foreign key that cascades appears at the last moment", lateCascade},
		{"a foreign key that cascades appears after the script was printed", cascadeAfterScript},
		{"a saved plan runs", savedPlan},
	}
}

func stalePlans(w *world) {
	w.other("CREATE TABLE people (email {text}, age {int})", "INSERT INTO people VALUES ('old', 1)", "CREATE TABLE noted (event {text})")
	w.upload(request("doc_1", csv("email", "a", "b")))
	src := csv("email", "c", "d")
	r := request("doc_2", src)
	r.Options.Allow = []plan.Code{plan.TriggersFire}
	p := w.plan(r)
	created := w.plan(withTable(r, "fresh"))
	for _, c := range []struct {
		what   string
		plan   plan.Plan
		source rowsource.Source
		change []string
		says   string
	}{
		{"another file", p, csv("email", "c", "e"), nil, "SHA-256"},
		{"a server of another family", withServer(p, dialect.Server{Dialect: "other"}), src, nil, "other"},
		{"another SQL mode", withServer(p, dialect.Server{Dialect: p.Server.Dialect, SQLMode: "ODD"}), src, nil, "SQL mode"},
		{"the table was made meanwhile", created, src, []string{"CREATE TABLE fresh (email {text})"}, "did not exist"},
		{"a column was added", p, src, []string{"ALTER TABLE people ADD COLUMN phone {text}"}, "schema"},
		{"the backup table was changed", p, src, []string{"ALTER TABLE people_backup ADD COLUMN phone {text}"}, "backup table"},
		{"a trigger was made", p, src, w.family.Words.Note("noting", "people", "INSERT", "noted"), "schema"},
		{"the table was dropped", p, src, []string{"DROP TABLE people"}, "does not exist"},
	} {
		if len(c.change) > 0 && c.plan.Upload.Table.Name == "people" {
			c.plan = w.plan(r) // of the table as the cases before have left it
		}
		w.other(c.change...)
		before := w.fingerprint()
		_, err := w.client.Apply(context.Background(), c.plan, c.source, nil)
		w.says(mustBe[*exec.DriftError](w, err), c.says)
		equal(w, "the database, after "+c.what, w.fingerprint(), before)
	}
}

func withTable(r exec.Request, table string) exec.Request {
	r.Table = table
	return r
}

func withServer(p plan.Plan, s dialect.Server) plan.Plan {
	p.Server = s
	return p
}

func staleScript(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	src := csv("email", "c")
	script := w.script(w.plan(request("doc_2", src)), src)
	w.upload(request("doc_3", csv("email", "b")))
	if err := w.in.Client(w.T, script); err == nil {
		w.Error("a script for version 2 ran, and version 2 was there")
	}
	w.same("the table", w.lines("people"), "b")
	script = w.script(w.plan(request("doc_4", src)), src)
	w.other("ALTER TABLE people ADD COLUMN age {int}")
	if err := w.in.Client(w.T, script); err == nil {
		w.Error("a script for another table ran")
	}
	w.same("the table", w.lines("people", "email"), "b")
	res := w.upload(request("doc_5", csv("email,age", "d,1")))
	equal(w, "the next version", res.Version, int64(3))
}

// atTheLastMoment runs a plan, and lets something happen between the comparison
// at its start and its transaction.
func (w *world) atTheLastMoment(p plan.Plan, src rowsource.Source, happens func()) error {
	w.Helper()
	begin := p.Groups[len(p.Groups)-1].Begin[0].SQL
	seen := 0
	w.sent.BeforeEach(func(statement string) {
		if statement != begin {
			return
		}
		if seen++; seen == 2 { // the first is for the run's row
			happens()
		}
	})
	_, err := w.client.Run(context.Background(), p, src, nil)
	w.sent.BeforeEach(nil)
	if seen < 2 {
		w.Fatalf("the run began %d transactions, so that nothing happened in between", seen)
	}
	return err
}

func lateSchemaChange(w *world) {
	for i, change := range []string{"ALTER TABLE people ADD COLUMN late {text}", "ALTER TABLE people DROP COLUMN age"} {
		w.other("DROP TABLE IF EXISTS people", "CREATE TABLE people (email {text}, age {int})", "INSERT INTO people VALUES ('old', 1)")
		src := csv("email", "c")
		p := w.plan(request("doc_2", src))
		err := w.atTheLastMoment(p, src, func() { w.other(change) })
		w.says(mustBe[*exec.DriftError](w, err), "people", "columns")
		w.same("the table", w.lines("people", "email"), "old")
		run := w.lastRun("people")
		equal(w, "the run's state", run.State, "failed")
		equal(w, "the runs", len(w.audit("people")), i+1)
		if slices.ContainsFunc(w.steps(run), func(s wantStep) bool { return s.State != dialect.Skipped }) {
			w.Errorf("the steps are %v, want all of them skipped", w.steps(run))
		}
	}
}

func lateVersion(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	src := csv("email", "c")
	p := w.plan(request("doc_2", src))
	quicker := w.newClient()
	err := w.atTheLastMoment(p, src, func() {
		if _, err := quicker.Upload(context.Background(), request("doc_quick", csv("email", "b"))); err != nil {
			w.Errorf("the quicker upload: %v", err)
		}
	})
	w.says(mustBe[*exec.DriftError](w, err), "version 1")
	w.same("the table has the quicker upload's rows", w.lines("people"), "b")
	w.same("the backup", w.lines("people_backup", "snapshot_version", "email"), "1 | a")
	w.same("the history", historyLines(w.history("people")), "2 doc_quick 1 rows in people", "1 doc_1 1 rows in people_backup")
}

const cascadingNotes = "CREATE TABLE notes (author {text}, FOREIGN KEY (author) REFERENCES people (email) ON DELETE CASCADE)"

// lateCascade: rows of another table, of which there is no backup, must not be
// deleted on the strength of a review that knew nothing of them.
func lateCascade(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY)", "INSERT INTO people VALUES ('a')")
	src := csv("email", "a", "b")
	err := w.atTheLastMoment(w.plan(request("doc_1", src)), src, func() { w.other(cascadingNotes, "INSERT INTO notes VALUES ('a')") })
	if err == nil {
		w.Error("the run went on")
	}
	w.same("the notes", w.lines("notes"), "a")
}

func cascadeAfterScript(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY)", "INSERT INTO people VALUES ('a')")
	src := csv("email", "a", "b")
	script := w.script(w.plan(request("doc_1", src)), src)
	w.other(cascadingNotes, "INSERT INTO notes VALUES ('a')")
	if err := w.in.Client(w.T, script); err == nil {
		w.Error("the script ran to its end")
	}
	w.same("the notes", w.lines("notes"), "a")
}

func savedPlan(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	src := csv("email", "c")
	p := w.plan(request("doc_2", src))
	var file bytes.Buffer
	if err := plan.Encode(&file, p); err != nil {
		w.Fatal(err)
	}
	saved, err := plan.Decode(&file)
	if err != nil {
		w.Fatal(err)
	}
	res, err := w.client.Apply(context.Background(), saved, csv("email", "c"), nil)
	if err != nil {
		w.Fatal(err)
	}
	equal(w, "the version", res.Version, int64(2))
	w.same("the table", w.lines("people"), "c")
	equal(w, "the plan's hash in the run's row", w.lastRun("people").PlanHash, p.Hash())
	if _, err := w.client.Apply(context.Background(), saved, csv("email", "c"), nil); err == nil {
		w.Error("the same plan ran twice")
	}
}
