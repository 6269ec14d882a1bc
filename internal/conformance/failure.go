package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

func failureCases() []testCase {
	return []testCase{
		{name: "a bad last row changes nothing and is named", run: badLastRow},
		{name: "a bad row in the middle of many", run: badRowAmongMany},
		{name: "a bad row of Go values", run: badGoValue},
		{name: "an unreadable file changes nothing", run: unreadableFile},
		{name: "a trigger that swallows the delete", run: swallowedDelete, unless: withoutTriggers},
		{name: "a trigger that swallows a row", run: swallowedInsert, unless: withoutTriggers},
		{name: "the first upload fails", run: firstUploadFails},
		{name: "the context is done in the middle of the load", run: cancelled},
		{name: "the context is done before anything began", run: cancelledBefore},
		{name: "the script stops where the run would", run: scriptStops},
	}
}

// constrained creates a table with every kind of constraint that an upload can violate.
func (w *world) constrained() {
	w.Helper()
	constraints := ", CHECK (age < 100), FOREIGN KEY (parent) REFERENCES parents (name)"
	switch {
	case w.swaps() && !w.swapsChecks():
		constraints = ""
	case w.swaps():
		constraints = ", CHECK (age < 100)"
	}
	w.other(
		"CREATE TABLE parents (name {text} NOT NULL PRIMARY KEY)",
		"INSERT INTO parents VALUES ('eve')",
		"CREATE TABLE people (email {text} NOT NULL UNIQUE, age {int}, country {text}, parent {text}"+constraints+")",
		"INSERT INTO people VALUES ('old', 1, 'de', 'eve'), ('older', 2, NULL, NULL)",
	)
	w.upload(request("doc_1", csv("email,age,country,parent", "a,1,de,eve", "b,2,,")))
}

type badRow struct{ what, row, column string }

func (w *world) badRows() []badRow {
	rows := []badRow{
		{"UNIQUE", "good_1,3,fr,", "email"},
		{"NOT NULL", ",3,fr,", "email"},
		{"type", "c,old,fr,", "age"},
	}
	if !w.swaps() || w.swapsChecks() {
		rows = append(rows, badRow{"CHECK", "c,100,fr,", ""})
	}
	if !w.swaps() {
		rows = append(rows, badRow{"FOREIGN KEY", "c,3,fr,adam", ""})
	}
	return rows
}

func badLastRow(w *world) {
	w.constrained()
	before := w.contentsOf("people", "people_backup")
	for i, c := range w.badRows() {
		r := request("doc_"+c.what, csv("email,age,country,parent", "good_1,1,de,eve", "good_2,2,,", c.row))
		p := w.planUnchecked(r)
		_, err := w.client.Run(context.Background(), p, r.Source, nil)
		step := mustBe[*exec.StepError](w, err)
		equal(w, c.what+": the step that failed", step.Step.Kind, plan.LoadRows)
		cell := mustBe[*rowsource.CellError](w, err)
		equal(w, c.what+": the place", fmt.Sprint(cell.Source, " ", cell.Line), "people.csv 4")
		if c.column != "" {
			equal(w, c.what+": the column", cell.Column, c.column)
		}
		equal(w, c.what+": the tables", w.contentsOf("people", "people_backup"), before)
		w.failedAt(p, plan.LoadRows)
		equal(w, c.what+": the runs", len(w.audit("people")), 2+i)
	}
	w.upload(request("doc_2", csv("email,age,country,parent", "c,3,fr,eve")))
	w.same("the table after all that", w.lines("people", "email"), "c")
}

func (w *world) contentsOf(tables ...string) map[string][]string {
	w.Helper()
	all := map[string][]string{}
	for _, t := range tables {
		all[t] = w.exact(t)
	}
	return all
}

// failedAt checks the audit of a run that failed in a step of this kind: earlier groups
// are done, earlier steps of the same group are rolled back, and later steps are skipped.
func (w *world) failedAt(p plan.Plan, kind plan.StepKind) {
	w.Helper()
	run := w.lastRun(p.Upload.Table.Name)
	equal(w, "the run's state", run.State, string(ledger.Failed))
	if run.FinishedAt == nil {
		w.Errorf("the failed run has no end")
	}
	var want, got []string
	passed := false
	for i, g := range p.Groups {
		here := slices.ContainsFunc(g.Steps, func(s plan.Step) bool { return s.Kind == kind })
		for _, s := range g.Steps {
			state := ledger.Done
			switch {
			case s.Kind == kind && !passed:
				state, passed = ledger.Failed, true
			case passed:
				state = ledger.Skipped
			case here:
				state = ledger.RolledBack
			}
			want = append(want, s.ID+" "+string(state))
		}
		if passed { // the audit has later steps only if they were announced with this group
			for _, s := range p.Announced(i)[len(g.Steps):] {
				want = append(want, s.ID+" "+string(ledger.Skipped))
			}
			break
		}
	}
	for _, s := range run.Steps {
		got = append(got, s.Step+" "+s.State)
		if s.State == string(ledger.Failed) && deref(s.Message) == "" {
			w.Errorf("the audit does not say why step %s failed", s.Step)
		}
	}
	equal(w, "the states", got, want)
}

func badRowAmongMany(w *world) {
	w.other("CREATE TABLE people (n {int} NOT NULL UNIQUE, name {text})", "INSERT INTO people VALUES (-1, 'old')")
	for _, bad := range []int{0, 1, 499, 500, 1234, 2999} {
		lines := make([]string, 3000)
		for i := range lines {
			lines[i] = fmt.Sprintf("%d,name %d", i, i)
		}
		lines[bad] = ",no number"
		err := w.tryUpload(request(fmt.Sprintf("doc_%d", bad), csv("n,name", lines...)))
		cell := mustBe[*rowsource.CellError](w, err)
		equal(w, "the line", cell.Line, bad+2)
		w.same("the table", w.lines("people"), "-1 | old")
		w.same("the backup", w.lines("people_backup"), nothing...)
	}
}

func badGoValue(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL)", "INSERT INTO people VALUES ('old')")
	err := w.tryUpload(request("doc_1", rowsource.Rows("service", []string{"email"}, [][]any{{"a"}, {nil}})))
	cell := mustBe[*rowsource.CellError](w, err)
	equal(w, "the row", cell.Line, 2)
	w.says(err, "email", "service")
	w.same("the table", w.lines("people"), "old")
}

func unreadableFile(w *world) {
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('old')")
	before := w.fingerprint()
	err := w.tryUpload(request("doc_1", csv("email", "a,b")))
	mustBe[*exec.SourceError](w, err)
	equal(w, "the line", mustBe[*rowsource.CellError](w, err).Line, 2)
	equal(w, "the database", w.fingerprint(), before)
}

// swallowedDelete makes the clear delete nothing, so that the copied rows stay in the
// table.
func swallowedDelete(w *world) {
	w.swallow("DELETE", w.clearing())
}

// swallowedInsert makes the load insert fewer rows than the file has.
func swallowedInsert(w *world) {
	w.swallow("INSERT", w.loading())
}

func (w *world) swallow(event string, failing plan.StepKind) {
	w.Helper()
	if w.family.Words.Swallow == nil {
		w.Log("no trigger of this family can swallow a row without an error")
		return
	}
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('old')")
	w.other(w.family.Words.Swallow("quiet", "people", event)...)
	r := request("doc_1", csv("email", "a"))
	r.Options.Allow = []plan.Code{plan.TriggersFire}
	p := w.plan(r)
	_, err := w.client.Run(context.Background(), p, r.Source, nil)
	equal(w, "the step that failed", mustBe[*exec.StepError](w, err).Step.Kind, failing)
	w.same("the table", w.lines("people"), "old")
	w.same("the backup", w.lines("people_backup"), nothing...)
	w.failedAt(p, failing)
	if err := w.in.Client(w.T, w.script(w.plan(r), r.Source)); err == nil {
		w.Error("the script ran to its end")
	}
	w.same("the table after the script", w.lines("people"), "old")
}

func firstUploadFails(w *world) {
	w.upload(request("doc_0", csv("email", "a"))) // creates the ledger's tables
	r := request("doc_1", csv("email", "a"))
	r.Table = "fresh"
	p := w.plan(r)
	src := csv("email", "b")
	_, err := w.client.Run(context.Background(), p, src, nil)
	drift := mustBe[*exec.DriftError](w, err)
	w.says(drift, "people.csv")
	equal(w, "the step that failed", mustBe[*exec.StepError](w, err).Step.Kind, plan.LoadRows)
	w.same("the table", w.lines("fresh"), nothing...)
	w.failedAt(p, plan.LoadRows)
	w.upload(r)
	w.same("the table, next time", w.lines("fresh"), "a")
}

const manyLines = 30_000

func manyPeople() rowsource.Source {
	lines := make([]string, manyLines)
	for i := range lines {
		lines[i] = fmt.Sprintf("person_%d@example.com,%d", i, i)
	}
	return csv("email,n", lines...)
}

func cancelled(w *world) {
	w.other("CREATE TABLE people (email {text}, n {int})", "INSERT INTO people VALUES ('old', 1)")
	r := request("doc_1", manyPeople())
	p := w.plan(r)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, err := w.client.Run(ctx, p, r.Source, func(progress exec.Event) {
		if progress.Bytes > 0 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		w.Errorf("the error is %v, want one that is context.Canceled", err)
	}
	w.same("the table", w.lines("people"), "old | 1")
	w.same("the backup", w.lines("people_backup"), nothing...)
	if _, cut := errors.AsType[*exec.CutOffError](err); cut { // cancelling the context closed the connection
		w.tidied("people")
		equal(w, "the run's state", w.lastRun("people").State, string(ledger.RolledBack))
	} else {
		w.failedAt(p, plan.LoadRows)
	}
	w.upload(r)
	equal(w, "rows loaded the next time", len(w.lines("people")), manyLines)
}

func cancelledBefore(w *world) {
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('old')")
	before := w.fingerprint()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := w.client.Upload(ctx, w.by(request("doc_1", csv("email", "a")))); !errors.Is(err, context.Canceled) {
		w.Errorf("the error is %v, want one that is context.Canceled", err)
	}
	equal(w, "the database", w.fingerprint(), before)
}

// scriptStops checks that the vendor's client also leaves the table unchanged after a bad
// row.
func scriptStops(w *world) {
	w.constrained()
	before := w.contentsOf("people", "people_backup")
	for _, c := range w.badRows() {
		r := request("doc_"+c.what, csv("email,age,country,parent", "good_1,1,de,eve", "good_2,2,,", c.row))
		var script strings.Builder
		if err := plan.WriteScript(&script, w.d, w.planUnchecked(r), r.Source, plan.ScriptOptions{Rows: plan.AllRows}); err != nil {
			mustBe[*rowsource.CellError](w, err) // WriteScript refuses such a value
			continue
		}
		if err := w.in.Client(w.T, script.String()); err == nil {
			w.Errorf("%s: the script ran to its end", c.what)
		}
		equal(w, c.what+": the tables", w.contentsOf("people", "people_backup"), before)
		w.tidied("people")
	}
	w.upload(request("doc_2", csv("email,age,country,parent", "c,3,fr,eve")))
	for _, run := range w.audit("people") {
		if run.State == string(ledger.Started) {
			w.Errorf("the run %s still counts as started", run.DocID)
		}
	}
}
