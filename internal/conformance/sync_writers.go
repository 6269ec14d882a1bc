package conformance

import (
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/plan"
)

// before is the moment before the statement of a step.
func (w *world) before(p plan.Plan, k plan.StepKind) moment {
	w.Helper()
	s, ok := p.Find(k)
	if !ok {
		w.Fatalf("the plan has no step of the kind %s", k)
	}
	return moment{statement: s.SQL}
}

// syncWriters lets another program write between the run's first lock and its commit. Its
// note is never lost: the program is refused, or the note is in the table or in the backup.
func syncWriters(w *world) {
	w.other(syncedPeople)
	w.upload(syncing("doc_0", "email,age", "x,0"))
	for i, c := range []struct {
		before plan.StepKind
		write  string
	}{
		{plan.CompareRows, "INSERT INTO people (email, age, note) VALUES ('late', 0, '%s')"},
		{plan.DeleteRows, "UPDATE people SET note = '%s' WHERE email = 'goes'"},
		{plan.InsertRows, "UPDATE people SET note = '%s' WHERE email = 'stays'"},
	} {
		w.other("DELETE FROM people", "INSERT INTO people (email, age) VALUES ('stays', 0), ('changes', 0), ('goes', 0)")
		note := fmt.Sprint("note ", i)
		r := syncing(note, "email,age", "stays,0", fmt.Sprintf("changes,%d", i+1), "comes,1")
		p := w.plan(r)
		var refused error
		failed := w.runWith(p, r.Source, w.before(p, c.before), func() { refused = w.tries(fmt.Sprintf(c.write, note)) })
		w.written(fmt.Sprintf(c.write, note), note, refused, failed)
	}
}

// written checks what became of another program's note.
func (w *world) written(what, note string, refused, failed error) {
	w.Helper()
	n := count(append(w.lines("people", "note"), w.lines("people_backup", "note")...), note)
	switch {
	case refused == nil && n == 0:
		w.Errorf("%s: the note is lost; the upload: %v", what, failed)
	case refused != nil && n > 0:
		w.Errorf("%s was refused (%v), and the note is there", what, refused)
	case failed != nil && (refused != nil || w.family.Words.Writers != LetIn):
		w.Errorf("%s (refused: %v): the upload failed: %v", what, refused, failed)
	}
}

// syncReferring lets a row of another table begin to refer to one that the run is about to
// delete: after the rows were compared, and after the transaction has begun and before it
// has locked a row. ON DELETE would delete the row of the other table, too.
func syncReferring(w *world) {
	w.other(syncedPeople, "CREATE TABLE notes (author {text}, FOREIGN KEY (author) REFERENCES people (email) ON DELETE CASCADE)")
	w.upload(syncing("doc_0", "email,age", "x,0"))
	locked := func(p plan.Plan) (moment, bool) {
		for _, g := range p.Groups {
			if last := len(g.Begin) - 1; last > 0 && strings.Contains(g.Begin[last].SQL, "count(*)") {
				return moment{statement: g.Begin[last].SQL}, true
			}
		}
		return moment{}, false
	}
	for i := range 2 {
		w.other("DELETE FROM people", "INSERT INTO people (email, age) VALUES ('changes', 0), ('goes', 0)")
		r := syncing(fmt.Sprint("doc_", i+1), "email,age", fmt.Sprintf("changes,%d", i+1), "comes,1")
		p := w.plan(r)
		at, ok := w.before(p, plan.DeleteRows), true
		if i == 1 {
			at, ok = locked(p)
		}
		if !ok {
			continue // the transaction begins with the lock
		}
		var refused error
		failed := w.runWith(p, r.Source, at, func() { refused = w.tries("INSERT INTO notes VALUES ('goes')") })
		w.referred(refused, failed)
	}
}

// referred checks that another program's row is there, and that the row that it refers to
// has stayed, unless it was refused.
func (w *world) referred(refused, failed error) {
	w.Helper()
	notes := len(w.lines("notes"))
	if refused != nil && (notes != 0 || failed != nil) {
		w.Errorf("the insert was refused (%v); there are %d notes, and the upload: %v", refused, notes, failed)
	}
	if refused != nil {
		return
	}
	if notes != 1 || count(w.lines("people", "email"), "goes") != 1 {
		w.Errorf("the insert was let in; there are %d notes, and the table holds %q", notes, w.lines("people"))
	}
	hazard := mustBe[*plan.HazardError](w, failed)
	equal(w, "the hazards", hazardCodes(hazard.Hazards), []plan.Code{plan.FKCascade})
}
