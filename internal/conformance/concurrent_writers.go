package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// Another program writes during an upload. Each row that it stored successfully must end
// up in the table or in the backup, even if the upload fails.
func concurrentWriterCases() []testCase {
	return []testCase{
		{name: "a row inserted between backup and clear is not lost", run: concurrentWriter},
		{name: "a row changed between backup and clear is not lost", run: intrudingUpdate},
		{name: "a row inserted once the old ones are out of the table is not lost", run: lateIntruder},
		{name: "without the locks, an concurrentWriter's row would be lost, and seen to be", run: concurrentWriterWins, unless: singleServer},
		{name: "another program writes all the time", run: hammered},
	}
}

// tries runs a statement as another program and returns its error.
func (w *world) tries(stmt string) error {
	_, err := w.in.Other.ExecContext(context.Background(), stmt)
	return err
}

// found returns how often a row is in the table and in its backup.
func (w *world) found(email string) int {
	w.Helper()
	n := 0
	for _, table := range []string{"people", "people_backup"} {
		for _, e := range w.lines(table, "email") {
			if e == email {
				n++
			}
		}
	}
	return n
}

// lastMoment is just before the statement that removes the old rows from the table.
func (w *world) lastMoment(p plan.Plan) moment {
	w.Helper()
	step, ok := p.Find(w.clearing())
	if !ok {
		w.Fatalf("the plan has no step of the kind %s", w.clearing())
	}
	return moment{statement: step.SQL}
}

func concurrentWriter(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	r := request("doc_2", csv("email", "x", "y"))
	p := w.plan(r)
	var refused error
	failed := w.runWith(p, r.Source, w.lastMoment(p), func() { refused = w.tries("INSERT INTO people VALUES ('concurrentWriter')") })
	w.Logf("the insert: %v; the upload: %v", refused, failed)
	if refused == nil && w.found("concurrentWriter") != 1 {
		w.Errorf("the row is there %d times", w.found("concurrentWriter"))
	}
	if refused != nil && failed != nil {
		w.Errorf("the insert was refused (%v), and the upload failed all the same: %v", refused, failed)
	}
	if w.found("a") != 1 || w.found("b") != 1 {
		w.Errorf("the old rows: %q in the table, %q in the backup", w.lines("people"), w.lines("people_backup", "email"))
	}
}

func intrudingUpdate(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	r := request("doc_2", csv("email", "x", "y"))
	p := w.plan(r)
	var refused error
	failed := w.runWith(p, r.Source, w.lastMoment(p), func() { refused = w.tries("UPDATE people SET email = 'changed' WHERE email = 'a'") })
	w.Logf("the update: %v; the upload: %v", refused, failed)
	want := "changed"
	if refused != nil {
		want = "a"
	}
	if w.found(want) != 1 || w.found("b") != 1 {
		w.Errorf("the old rows: %q in the table, %q in the backup", w.lines("people"), w.lines("people_backup", "email"))
	}
}

// lateIntruder inserts a row after the old rows were removed. The insert must wait for
// the upload, fail, or leave its row next to the new ones.
func lateIntruder(w *world) {
	w.upload(request("doc_0", csv("email", "a", "b")))
	n := 0
	for what, at := range w.lateMoments() {
		n++
		r := request(fmt.Sprintf("doc_%d", n), csv("email", fmt.Sprintf("x%d", n), "y"))
		p, row := w.plan(r), fmt.Sprintf("intruder_%d", n)
		var refused error
		failed := w.runWith(p, r.Source, at(p), func() { refused = w.tries("INSERT INTO people VALUES ('" + row + "')") })
		w.Logf("the insert %s: %v; the upload: %v", what, refused, failed)
		switch {
		case refused != nil && failed != nil:
			w.Errorf("the insert %s was refused (%v), and the upload failed all the same: %v", what, refused, failed)
		case failed != nil && w.family.Words.Writers == LetIn:
			w.says(failed, "the strategy swap")
			if strings.Contains(failed.Error(), "not proved") {
				w.Errorf("the error shows by which trick an assertion fails: %v", failed)
			}
		case refused == nil && w.found(row) != 1:
			w.Errorf("the row inserted %s is there %d times", what, w.found(row))
		case refused == nil && !w.swaps() && w.family.Words.Writers != LetIn:
			w.Errorf("the row inserted %s was let in", what)
		}
	}
	if w.found("a") != 1 || w.found("b") != 1 {
		w.Errorf("the old rows: %q in the table, %q in the backup", w.lines("people"), w.lines("people_backup", "email"))
	}
}

// lateMoments returns the points of a plan at which the old rows are out of the table and
// the upload has not ended.
func (w *world) lateMoments() map[string]func(plan.Plan) moment {
	assertion := func(k plan.StepKind, assertions func(plan.Step) []plan.Assertion) func(plan.Plan) moment {
		return func(p plan.Plan) moment {
			w.Helper()
			s, ok := p.Find(k)
			if !ok {
				w.Fatalf("the plan has no step of the kind %s", k)
			}
			return moment{statement: assertions(s)[0].SQL}
		}
	}
	if w.swaps() {
		return map[string]func(plan.Plan) moment{
			"behind the copy": assertion(plan.DropOld, func(s plan.Step) []plan.Assertion { return s.Before }),
		}
	}
	after := func(s plan.Step) []plan.Assertion { return s.After }
	return map[string]func(plan.Plan) moment{
		"behind the clear": assertion(plan.Clear, after),
		"behind the load":  assertion(plan.LoadRows, after),
	}
}

// concurrentWriterWins runs a plan without its protection: the copy commits before the
// clear, and no assertion counts rows. The inserted row must be lost, otherwise the cases
// above would prove nothing.
func concurrentWriterWins(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	r := request("doc_2", csv("email", "x", "y"))
	p := w.unguarded(w.plan(r))
	var refused error
	at := w.opening(p, w.clearing())
	failed := w.runWith(p, r.Source, at, func() { refused = w.tries("INSERT INTO people VALUES ('concurrentWriter')") })
	if refused != nil || failed != nil {
		w.Fatalf("the insert: %v; the upload: %v", refused, failed)
	}
	if n := w.found("concurrentWriter"); n != 0 {
		w.Errorf("the row is there %d times, and should have been lost", n)
	}
}

// unguarded returns the plan without assertions, and with the copy in its own transaction
// before the step that removes the rows from the table.
func (w *world) unguarded(p plan.Plan) plan.Plan {
	w.Helper()
	inPlace := p
	if w.swaps() { // a swap copies from the old table, which does not exist yet
		r := request("doc_2", csv("email", "x", "y"))
		r.Options.Strategy = dialect.InPlace
		inPlace = w.plan(r)
	}
	copied, _ := inPlace.Find(plan.CopyToBackup)
	planned, _ := p.Find(plan.CopyToBackup)
	copied.Seq, copied.ID = planned.Seq, planned.ID
	var groups []plan.Group
	for _, g := range p.Groups {
		g.Steps = slices.DeleteFunc(slices.Clone(g.Steps), func(s plan.Step) bool { return s.Kind == plan.CopyToBackup })
		for i := range g.Steps {
			g.Steps[i].Before, g.Steps[i].After = nil, nil
		}
		if slices.ContainsFunc(g.Steps, func(s plan.Step) bool { return s.Kind == w.clearing() }) {
			groups = append(groups, plan.Group{Begin: w.d.Begin(*p.Table, dialect.Replaces).Stmts, Before: p.Groups[0].Before, Steps: []plan.Step{copied}})
		}
		if len(g.Steps) > 0 || !g.Auto { // a group that is empty now may be needed to close the run
			groups = append(groups, g)
		}
	}
	p.Groups = groups
	return p
}

func hammered(w *world) {
	w.upload(request("doc_0", csv("email", "a")))
	stop := make(chan struct{})
	var stored []string
	var writer sync.WaitGroup
	writer.Go(func() {
		each := time.NewTicker(time.Millisecond)
		defer each.Stop()
		for i := range 2000 { // on a fast machine, the uploads would have more and more rows to copy
			select {
			case <-stop:
				return
			case <-each.C:
			}
			row := fmt.Sprintf("written_%d", i)
			if w.tries("INSERT INTO people VALUES ('"+row+"')") == nil {
				stored = append(stored, row)
			}
		}
	})
	done := 0
	for n := 1; n <= 6; n++ {
		r := request(fmt.Sprintf("doc_%d", n), csv("email", fmt.Sprintf("new_%d", n)))
		r.Options.Allow = []plan.Code{plan.Shrinks}
		if err := w.tryUpload(r); err != nil {
			w.Logf("upload %d: %v", n, err)
			continue
		}
		done++
	}
	close(stop)
	writer.Wait()
	there := append(w.lines("people", "email"), w.lines("people_backup", "email")...)
	for _, row := range stored {
		if n := count(there, row); n != 1 {
			w.Errorf("the row %s is there %d times", row, n)
		}
	}
	w.Logf("%d uploads were done, and %d rows stored meanwhile", done, len(stored))
	if done == 0 && (w.swaps() || w.family.Words.Writers != LetIn) { // with LetIn, an inserted row makes an upload in place fail
		w.Error("as long as another program writes, no upload comes to its end")
	}
}
