package conformance

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// A plan only runs if the database and the source are as they were when it was made.
func staleCases() []testCase {
	return []testCase{
		{name: "a plan that is stale is refused, and nothing is written", run: stalePlans},
		{name: "a plan for a table without triggers is refused once it has one", run: staleTriggers, unless: noTriggers},
		{name: "a view is made that names a column", run: staleDrops},
		{name: "the script of a stale plan stops", run: staleScript},
		{name: "the table changes at the last moment", run: lateSchemaChange},
		{name: "a version is made at the last moment", run: lateVersion},
		{name: "a foreign key that cascades appears at the last moment", run: lateCascade},
		{name: "a foreign key that cascades appears after the script was printed", run: cascadeAfterScript},
		{name: "a saved plan runs", run: savedPlan},
		{name: "a script stops behind a run that was cut off", run: scriptAfterCutOff, unless: atomic},
	}
}

func stalePlans(w *world) {
	w.other("CREATE TABLE people (email {text}, age {int})", "INSERT INTO people VALUES ('old', NULL)")
	w.upload(request("doc_1", csv("email", "a", "b")))
	src := csv("email", "c", "d")
	r := request("doc_2", src)
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
		{"another way to load", withServer(p, dialect.Server{Dialect: p.Server.Dialect, SQLMode: p.Server.SQLMode, LoadsWith: "ODD"}), src, nil, "to be loaded by ODD"},
		{"the table was made meanwhile", created, src, []string{"CREATE TABLE fresh (email {text})"}, "did not exist"},
		{"a column was added", p, src, []string{"ALTER TABLE people ADD COLUMN phone {text}"}, "schema"},
		{"the backup table was changed", p, src, []string{"ALTER TABLE people_backup ADD COLUMN phone {text}"}, "backup table"},
		{"the table was dropped", p, src, []string{"DROP TABLE people"}, "does not exist"},
	} {
		if len(c.change) > 0 && c.plan.Upload.Table.Name == "people" {
			c.plan = w.plan(r) // of the table as the earlier cases left it
		}
		w.other(c.change...)
		before := w.fingerprint()
		_, err := w.client.Apply(context.Background(), c.plan, c.source, nil)
		w.says(mustBe[*exec.DriftError](w, err), c.says)
		equal(w, "the database, after "+c.what, w.fingerprint(), before)
	}
}

func staleTriggers(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	src := csv("email", "c", "d")
	p := w.plan(request("doc_2", src))
	w.other("CREATE TABLE noted (event {text})")
	w.other(w.family.Words.Note("noting", "people", "INSERT", "noted")...)
	before := w.fingerprint()
	_, err := w.client.Apply(context.Background(), p, src, nil)
	w.says(mustBe[*exec.DriftError](w, err), "schema")
	equal(w, "the database", w.fingerprint(), before)
}

// staleDrops: what dropping a column would break is a change only for a plan that drops it.
func staleDrops(w *world) {
	w.upload(panelRequest("doc_1", csv("email", "a", "b")))
	w.other("ALTER TABLE hr_panel ADD COLUMN initial_status {text}")
	src := csv("email", "c", "d")
	dropping := panelRequest("doc_2", src)
	keeping := dropping
	keeping.Kind = plan.AnyTable()
	drops, keeps := w.plan(dropping), w.plan(keeping)
	w.other("CREATE VIEW reviewed AS SELECT initial_status FROM hr_panel")
	before := w.fingerprint()
	_, err := w.client.Apply(context.Background(), drops, src, nil)
	w.says(mustBe[*exec.DriftError](w, err), "schema")
	equal(w, "the database", w.fingerprint(), before)
	if _, err := w.client.Apply(context.Background(), keeps, src, nil); err != nil {
		w.Fatal(err)
	}
	w.same("the new rows are in", w.lines("hr_panel", "email"), "c", "d")
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
	w.tidied("people")
	script = w.script(w.plan(request("doc_4", src)), src)
	w.other("ALTER TABLE people ADD COLUMN age {int}")
	if err := w.in.Client(w.T, script); err == nil {
		w.Error("a script for another table ran")
	}
	w.same("the table", w.lines("people", "email"), "b")
	w.tidied("people")
	res := w.upload(request("doc_5", csv("email,age", "d,1")))
	equal(w, "the next version", res.Version, int64(3))
}

// moment is just before a statement of a run is sent, after it was sent that often
// before.
type moment struct {
	statement string
	before    int
}

// opening is the moment at which the group with the first step of a kind opens: before
// its transaction or, if the group commits by itself, before its assertions.
func (w *world) opening(p plan.Plan, k plan.StepKind) moment {
	w.Helper()
	begin := w.d.Begin(dialect.Table{}, dialect.Replaces).Stmts[0].SQL
	sent := []string{begin} // writes the run's row
	for i, g := range p.Groups {
		if i > 0 && len(p.Announced(i)) > 0 {
			sent = append(sent, begin) // writes the rows of the group's steps
		}
		if slices.ContainsFunc(g.Steps, func(s plan.Step) bool { return s.Kind == k }) {
			opens := g.Steps[0].SQL
			switch {
			case !g.Auto:
				opens = g.Begin[0].SQL
			case len(g.Before) > 0:
				opens = g.Before[0].SQL
			}
			return moment{opens, count(sent, opens)}
		}
		for _, s := range g.Begin {
			sent = append(sent, s.SQL)
		}
		for _, assertion := range g.Before {
			sent = append(sent, assertion.SQL)
		}
	}
	w.Fatalf("the plan has no step of the kind %s", k)
	return moment{}
}

// runWith runs a plan and calls happens at a moment.
func (w *world) runWith(p plan.Plan, src rowsource.Source, m moment, happens func()) error {
	w.Helper()
	seen := 0
	w.sent.BeforeEach(func(statement string) {
		if statement != m.statement {
			return
		}
		if seen++; seen == m.before+1 {
			happens()
		}
	})
	_, err := w.client.Run(context.Background(), p, src, nil)
	w.sent.BeforeEach(nil)
	if seen <= m.before {
		w.Fatalf("the run sent %q %d times, so that nothing happened in between; it ended with: %v", m.statement, seen, err)
	}
	return err
}

func lateSchemaChange(w *world) {
	ownTables(w)
	for i, change := range []string{"ALTER TABLE people ADD COLUMN late {text}", "ALTER TABLE people DROP COLUMN age"} {
		w.other("DROP TABLE IF EXISTS people", "CREATE TABLE people (email {text}, age {int})", "INSERT INTO people VALUES ('old', NULL)")
		src := csv("email", "c")
		p := w.plan(request("doc_2", src))
		err := w.runWith(p, src, w.opening(p, w.clearing()), func() { w.other(change) })
		w.says(mustBe[*exec.DriftError](w, err), "people", "columns")
		w.same("the table", w.lines("people", "email"), "old")
		run := w.lastRun("people")
		equal(w, "the run's state", run.State, "failed")
		equal(w, "the runs", len(w.audit("people")), i+1)
		w.skippedFrom(p, w.clearing())
	}
}

// skippedFrom checks that the steps of the group with a step of this kind were skipped,
// and that those of earlier groups are done.
func (w *world) skippedFrom(p plan.Plan, k plan.StepKind) {
	w.Helper()
	var want, got []string
	for i, g := range p.Groups {
		here := slices.ContainsFunc(g.Steps, func(s plan.Step) bool { return s.Kind == k })
		steps, state := g.Steps, ledger.Done
		if here {
			steps, state = p.Announced(i), ledger.Skipped
		}
		for _, s := range steps {
			want = append(want, s.ID+" "+string(state))
		}
		if here {
			break
		}
	}
	for _, s := range w.lastRun(p.Upload.Table.Name).Steps {
		got = append(got, s.Step+" "+s.State)
	}
	equal(w, "the states", got, want)
}

func lateVersion(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	src := csv("email", "c")
	p := w.plan(request("doc_2", src))
	quicker := w.newClient()
	at := w.opening(p, p.Groups[0].Steps[0].Kind)
	if len(p.Lock) > 0 { // after this, no other run can start
		at = moment{statement: p.Lock[0].SQL}
	}
	err := w.runWith(p, src, at, func() {
		if _, err := quicker.Upload(context.Background(), w.by(request("doc_quick", csv("email", "b")))); err != nil {
			w.Errorf("the quicker upload: %v", err)
		}
	})
	w.says(mustBe[*exec.DriftError](w, err), "version 1")
	w.same("the table has the quicker upload's rows", w.lines("people"), "b")
	w.same("the backup", w.lines("people_backup", "snapshot_version", "email"), "1 | a")
	w.same("the history", historyLines(w.history("people")), "2 doc_quick 1 rows in people", "1 doc_1 1 rows in people_backup")
}

const cascadingNotes = "CREATE TABLE notes (author {text}, FOREIGN KEY (author) REFERENCES people (email) ON DELETE CASCADE)"

// lateCascade creates a table with ON DELETE CASCADE after the plan was made. The run
// must not delete its rows, which the plan does not back up.
func lateCascade(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY)", "INSERT INTO people VALUES ('a')")
	src := csv("email", "a", "b")
	p := w.plan(request("doc_1", src))
	err := w.runWith(p, src, w.opening(p, plan.LoadRows), func() { w.other(cascadingNotes, "INSERT INTO notes VALUES ('a')") })
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

// scriptAfterCutOff runs only the beginning of a script, and then another script.
func scriptAfterCutOff(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	cut, next := request("doc_2", csv("email", "c", "d")), request("doc_3", csv("email", "e", "f"))
	beginning, _, _ := strings.Cut(w.script(w.plan(cut), cut.Source), "-- group 1 of")
	script := w.script(w.plan(next), next.Source)
	if err := w.in.Client(w.T, beginning); err != nil {
		w.Fatal(err)
	}
	err := w.in.Client(w.T, script)
	if err == nil {
		w.Fatal("the next script ran to its end")
	}
	w.says(err, "no earlier run on people was cut off", "tablesnap recover")
	w.same("the table", w.lines("people"), "a", "b")
	w.tidied("people")
	if err := w.in.Client(w.T, script); err != nil {
		w.Fatal(err)
	}
	w.same("the table, after all", w.lines("people"), "e", "f")
}
