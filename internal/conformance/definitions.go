package conformance

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// definitionCases are about the table's definition, which a swap has to copy.
func definitionCases() []testCase {
	return []testCase{
		{name: "swap: a definition that others change while rows are loaded is kept", run: definitionChanged, unless: inPlace},
		{name: "swap: a definition that others change at the last moment is kept", run: definitionChangedLast, unless: inPlace},
	}
}

// changes are another program's changes to the definition of the table people.
func changes() []string {
	return []string{
		"CREATE INDEX late_index ON people (age)",
		"CREATE UNIQUE INDEX late_unique ON people (email, age)",
		"ALTER TABLE people ADD CONSTRAINT late_check CHECK (age < 200)",
		"ALTER TABLE people ALTER COLUMN age SET DEFAULT 7",
		"ALTER TABLE people COMMENT = 'late'",
		"ALTER TABLE people MODIFY COLUMN age {int} NULL DEFAULT 7 COMMENT 'late'",
	}
}

// definitionChanged checks that a run fails without a change if another program changes
// the definition during the load.
func definitionChanged(w *world) {
	if !w.swapsChecks() {
		w.Log("a table with a CHECK is not swapped: that is the last change")
	}
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, age {int})", "INSERT INTO people VALUES ('a', 1), ('b', 2)")
	all := changes()
	slices.SortStableFunc(all, func(a, b string) int { return strings.Count(a, "CHECK") - strings.Count(b, "CHECK") })
	for _, change := range all {
		r := request("doc_1", csv("email,age", "x,1", "y,2"))
		p := w.plan(r)
		load, _ := p.Find(plan.LoadRows)
		before := w.showCreate()
		err := w.runWith(p, r.Source, moment{statement: load.After[0].SQL}, func() { w.other(change) })
		if w.says(err, "changed the definition of people"); w.showCreate() == before {
			w.Errorf("%s: it was undone", change)
		}
		w.same("the table after "+change, w.lines("people"), "a | 1", "b | 2")
		equal(w, "the tables after "+change, slices.Contains(w.tables(), "people_tablesnap_shadow"), false)
	}
}

// definitionChangedLast changes the definition after tablesnap's last check. The change
// then is on the old table, which the run keeps and names in its error.
func definitionChangedLast(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, age {int})", "INSERT INTO people VALUES ('a', 1), ('b', 2)")
	r := request("doc_1", csv("email,age", "x,1", "y,2"))
	p := w.plan(r)
	err := w.runWith(p, r.Source, w.lastMoment(p), func() { w.other("CREATE INDEX late_index ON people (age)") })
	cut := mustBe[*exec.CutOffError](w, err)
	w.says(cut, "changed the definition of people", "people_tablesnap_old", "recover")
	w.same("the table", w.lines("people"), "x | 1", "y | 2")
	w.same("the backup", w.snapshot("people_backup", 0, "email", "age"), "a | 1", "b | 2")
	w.same("the old table", w.lines("people_tablesnap_old"), "a | 1", "b | 2")
}

var counters = regexp.MustCompile(` (AUTO_INCREMENT=[0-9]+|/\*T!\[auto_rand_base\] AUTO_RANDOM_BASE=[0-9]+ \*/)`)

// showCreate returns the table's definition from the server, without its auto-increment
// counter.
func (w *world) showCreate() string {
	w.Helper()
	return counters.ReplaceAllString(strings.Join(w.query("SHOW CREATE TABLE people"), "\n"), "")
}

// sameDefinition checks that swaps keep what SHOW CREATE TABLE returns, or are refused.
func sameDefinition(w *world) {
	for _, d := range w.family.Words.Definitions {
		w.other(append([]string{"DROP TABLE IF EXISTS people", "DROP TABLE IF EXISTS people_backup"}, d.Statements...)...)
		before := w.showCreate()
		for _, doc := range []string{"doc_1", "doc_2"} { // the second upload copies the definition of a copy
			r := request(doc, csv(d.File[0], d.File[1:]...))
			r.Options.Allow = plan.Codes()
			err := w.tryUpload(r)
			switch {
			case d.Refused != "":
				w.says(err, d.Refused, "in-place")
			case err != nil:
				w.Errorf("upload to %s: %v", before, err)
			}
		}
		equal(w, "the definition after swaps", strings.Split(w.showCreate(), "\n"), strings.Split(before, "\n"))
	}
}
