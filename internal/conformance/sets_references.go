package conformance

import (
	"context"
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// relatives are three tables that refer to one another. Rows of people may go with their
// country.
func (w *world) relatives() {
	w.other("CREATE TABLE countries (code {text} NOT NULL PRIMARY KEY, name {text})",
		"CREATE TABLE people (id {int} NOT NULL PRIMARY KEY, country {text}, FOREIGN KEY (country) REFERENCES countries (code) ON DELETE CASCADE)",
		"CREATE TABLE badges (n {int} NOT NULL PRIMARY KEY, person {int} NOT NULL, FOREIGN KEY (person) REFERENCES people (id))",
		"INSERT INTO countries VALUES ('old', 'Old'), ('stays', 'Stays')",
		"INSERT INTO people VALUES (1, 'old'), (2, 'stays')",
		"INSERT INTO badges VALUES (10, 1), (20, 2)")
}

func newFamily() tableFiles {
	return tableFiles{
		"badges":    {"n,person", "20,2", "30,3"},
		"countries": {"code,name", "new,New", "stays,Stayed"},
		"people":    {"id,country", "2,stays", "3,new"},
	}
}

// setFamily replaces all rows of three tables. The parents' rows come first, and go last.
func setFamily(w *world, s dialect.Strategy) {
	w.relatives()
	res := w.uploadSet(w.setOf("doc_1", s, newFamily()))
	w.same("the countries", w.lines("countries"), "new | New", "stays | Stayed")
	w.same("the people", w.lines("people"), "2 | stays", "3 | new")
	w.same("the badges", w.lines("badges"), "20 | 2", "30 | 3")
	w.same("the backup of the countries", w.snapshot("countries_backup", 0, "code", "name"), "old | Old", "stays | Stays")
	w.same("the backup of the people", w.snapshot("people_backup", 0, "id", "country"), "1 | old", "2 | stays")
	w.same("the backup of the badges", w.snapshot("badges_backup", 0, "n", "person"), "10 | 1", "20 | 2")
	var order []string
	for _, r := range res.Tables {
		order = append(order, r.Table.Name)
		run := w.lastRun(r.Table.Name)
		equal(w, "the set of the run on "+r.Table.Name, fmt.Sprint(run.Set, run.SetRun, run.State), fmt.Sprint("family", res.SetRun, ledger.Done))
		equal(w, "the set of the version of "+r.Table.Name, fmt.Sprint(w.history(r.Table.Name)[0].Set, w.history(r.Table.Name)[0].SetRun), fmt.Sprint("family", res.SetRun))
	}
	equal(w, "the order", order, []string{"countries", "people", "badges"})

	// One that cannot be loaded leaves all as they were.
	before := w.contentsOf("countries", "people", "badges")
	bad := newFamily()
	bad["badges"] = []string{"n,person", "40,7"}
	_, err := w.client.UploadSet(context.Background(), w.setOf("doc_bad", s, bad, plan.Codes()...))
	if err == nil {
		w.Error("a badge of nobody was uploaded")
	}
	equal(w, "the tables after a failure", w.contentsOf("countries", "people", "badges"), before)
	for _, table := range []string{"countries", "people", "badges"} {
		equal(w, "the run on "+table, w.lastRun(table).State, string(ledger.Failed))
		w.tidied(table)
	}
	w.uploadSet(w.setOf("doc_2", s, tableFiles{
		"badges": {"n,person", "1,1"}, "countries": {"code,name", "x,X"}, "people": {"id,country", "1,x"},
	}, plan.Codes()...))
	w.same("the badges after the next set", w.lines("badges"), "1 | 1")
}

// setFromOutside has a table that refers to the set and is no part of it.
func setFromOutside(w *world) {
	w.relatives()
	f := newFamily()
	delete(f, "badges")
	_, err := w.client.UploadSet(context.Background(), w.setOf("doc_1", dialect.InPlace, f))
	w.says(err, `"badges"`)
	w.same("the people", w.lines("people"), "1 | old", "2 | stays")
}

// setCircle: each of two tables refers to the other one. A database that can check references
// at the commit takes them in place, and any by sync where the columns may be NULL.
func setCircle(w *world, s dialect.Strategy) {
	w.uploadCircle(s, "")
	if !w.family.Words.KeysWait && !w.d.Facts().CommitsDefinitions {
		newWorld(w.T, w.family).uploadCircle(s, " DEFERRABLE")
	}
}

// uploadCircle replaces the rows of both tables. When is when the references are checked.
func (w *world) uploadCircle(s dialect.Strategy, when string) {
	waits := w.family.Words.KeysWait || when != ""
	w.other("CREATE TABLE heads (id {int} NOT NULL PRIMARY KEY, house {int})",
		"CREATE TABLE houses (id {int} NOT NULL PRIMARY KEY, head {int}, FOREIGN KEY (head) REFERENCES heads (id)"+when+")")
	if w.family.Words.KeysWait {
		w.other("DROP TABLE houses", "DROP TABLE heads",
			"CREATE TABLE heads (id {int} NOT NULL PRIMARY KEY, house {int}, FOREIGN KEY (house) REFERENCES houses (id))",
			"CREATE TABLE houses (id {int} NOT NULL PRIMARY KEY, head {int}, FOREIGN KEY (head) REFERENCES heads (id))")
	} else {
		w.other("ALTER TABLE heads ADD FOREIGN KEY (house) REFERENCES houses (id)" + when)
	}
	w.other("INSERT INTO heads VALUES (1, NULL), (2, NULL)", "INSERT INTO houses VALUES (1, 1), (2, 2)", "UPDATE heads SET house = id")
	f := tableFiles{"heads": {"id,house", "2,3", "3,2"}, "houses": {"id,head", "2,3", "3,2"}}
	req := w.setOf("doc_1", s, f)
	if s == dialect.InPlace && !waits {
		_, err := w.client.PlanSet(context.Background(), req)
		w.says(err, `the set "family"`, `"heads" refers to "houses" refers to "heads"`, "sync")
		return
	}
	w.uploadSet(req)
	w.same("the heads", w.lines("heads"), "2 | 3", "3 | 2")
	w.same("the houses", w.lines("houses"), "2 | 3", "3 | 2")
}

// setRepointed: a row that stays refers to another parent in its file, and its old parent goes.
func setRepointed(w *world) {
	if cannotSync(w.family) != "" {
		return
	}
	for _, onDelete := range []string{"", " ON DELETE CASCADE", " ON DELETE SET NULL"} {
		w := newWorld(w.T, w.family)
		w.other("CREATE TABLE groups_of (id {int} NOT NULL PRIMARY KEY, name {text})",
			"CREATE TABLE members (id {int} NOT NULL PRIMARY KEY, belongs {int}, FOREIGN KEY (belongs) REFERENCES groups_of (id)"+onDelete+")",
			"INSERT INTO groups_of VALUES (1, 'a'), (2, 'b')", "INSERT INTO members VALUES (10, 1), (20, 2), (30, 1)")
		w.uploadSet(w.setOf("doc_1", dialect.Sync, tableFiles{
			"groups_of": {"id,name", "2,b", "3,c"}, "members": {"id,belongs", "10,3", "20,2"},
		}))
		w.same("the groups"+onDelete, w.lines("groups_of"), "2 | b", "3 | c")
		w.same("the members"+onDelete, w.lines("members"), "10 | 3", "20 | 2")
		w.same("the members before"+onDelete, w.snapshot("members_backup", 0, "id", "belongs"), "10 | 1", "20 | 2", "30 | 1")

		// The file of the members still refers to a group that goes.
		before := w.contentsOf("groups_of", "members")
		_, err := w.client.UploadSet(context.Background(), w.setOf("doc_2", dialect.Sync, tableFiles{
			"groups_of": {"id,name", "2,b"}, "members": {"id,belongs", "10,3", "20,2"},
		}, plan.Codes()...))
		if err == nil {
			w.Errorf("a member of no group was uploaded%s", onDelete)
		}
		equal(w, "the tables"+onDelete, w.contentsOf("groups_of", "members"), before)
	}
}

// setTree has a table that refers to itself among the others.
func setTree(w *world, s dialect.Strategy) {
	w.other("CREATE TABLE units (id {int} NOT NULL PRIMARY KEY, above {int}, FOREIGN KEY (above) REFERENCES units (id))",
		"CREATE TABLE staff (id {int} NOT NULL PRIMARY KEY, unit {int}, FOREIGN KEY (unit) REFERENCES units (id))",
		"INSERT INTO units VALUES (1, NULL), (2, 1)", "INSERT INTO staff VALUES (10, 2)")
	req := w.setOf("doc_1", s, tableFiles{"units": {"id,above", "3,4", "4,", "2,3"}, "staff": {"id,unit", "10,4", "11,3"}})
	if _, err := w.client.PlanSet(context.Background(), req); s == dialect.InPlace && err != nil {
		w.says(err, "refer to one another") // row by row, it depends on their order
		return
	}
	if s == dialect.InPlace && !w.family.Words.KeysWait {
		req.Uploads[1].Source = csv("id,above", "4,", "3,4", "2,3")
	}
	w.uploadSet(req)
	w.same("the units", w.lines("units"), "2 | 3", "3 | 4", "4 | NULL")
	w.same("the staff", w.lines("staff"), "10 | 4", "11 | 3")
}
