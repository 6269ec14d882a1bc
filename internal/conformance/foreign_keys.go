package conformance

import "github.com/tablesnap/tablesnap/plan"

func foreignKeyCases() []testCase {
	return []testCase{
		{name: "rows that refer to the table block it", run: restrict, unless: bySwap},
		{name: "a foreign key with no rows behind it blocks nothing", run: restrictWithoutRows, unless: bySwap},
		{name: "rows whose parents come again", run: parentsComeAgain, unless: bySwap},
		{name: "rows whose parents do not come again", run: parentsGone, unless: bySwap},
		{name: "the table refers to another", run: childTable, unless: bySwap},
		{name: "rows that may refer to one another, and do not", run: selfReference, unless: bySwap},
	}
}

// selfReference uploads to a table with a foreign key to itself. If the database cannot
// load the rows in the order of the file, the table must be unchanged.
func selfReference(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, boss {text}, FOREIGN KEY (boss) REFERENCES people (email))",
		"INSERT INTO people VALUES ('a', NULL), ('b', NULL)")
	w.upload(request("doc_1", csv("email,boss", "c,", "d,")))
	w.same("the table", w.lines("people"), "c | NULL", "d | NULL")
	if err := w.tryUpload(request("doc_2", csv("email,boss", "e,f", "f,"))); err != nil {
		w.says(err, "foreign key")
		w.same("the table after rows in a bad order", w.lines("people"), "c | NULL", "d | NULL")
	}
	w.other("UPDATE people SET boss = NULL")
	w.upload(request("doc_3", csv("email,boss", "h,", "g,h")))
	w.same("the table after rows in a good order", w.lines("people"), "g | h", "h | NULL")
	if err := w.tryUpload(request("doc_4", csv("email,boss", "i,"))); err != nil {
		w.says(err, "refer to one another", "boss", "NULL first")
		w.same("the table that was refused", w.lines("people"), "g | h", "h | NULL")
		w.other("UPDATE people SET boss = NULL")
		w.upload(request("doc_5", csv("email,boss", "i,")))
	}
	w.same("the table", w.lines("people"), "i | NULL")
}

func restrict(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY)", "INSERT INTO people VALUES ('a')",
		"CREATE TABLE notes (author {text}, FOREIGN KEY (author) REFERENCES people (email) ON DELETE RESTRICT)", "INSERT INTO notes VALUES ('a')")
	w.refused(request("doc_1", csv("email", "a")), "notes", "author", "RESTRICT")
	w.same("the table", w.lines("people"), "a")
}

func restrictWithoutRows(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY)", "INSERT INTO people VALUES ('a')",
		"CREATE TABLE notes (author {text}, FOREIGN KEY (author) REFERENCES people (email) ON DELETE RESTRICT)", "INSERT INTO notes VALUES (NULL)")
	w.upload(request("doc_1", csv("email", "b")))
	w.same("the table", w.lines("people"), "b")
	w.same("the notes", w.lines("notes"), "NULL")
}

// parentsComeAgain replaces rows that another table refers to. If the database checks
// foreign keys at once, the upload is refused; otherwise it succeeds. The references stay
// valid either way.
func parentsComeAgain(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, n {int})", "INSERT INTO people VALUES ('a', 1), ('b', 1)",
		"CREATE TABLE notes (author {text}, FOREIGN KEY (author) REFERENCES people (email))", "INSERT INTO notes VALUES ('a'), ('b')")
	waits := w.inspect("people").Table.ReferencedBy[0].Waits
	r := request("doc_1", csv("email,n", "b,2", "a,2", "c,2"))
	if !waits {
		w.refused(r, "notes")
		return
	}
	w.upload(r)
	w.same("the table", w.lines("people"), "a | 2", "b | 2", "c | 2")
	w.same("the notes", w.lines("notes"), "a", "b")
	r = request("doc_2", csv("email,n", "a,3", "b,3"))
	if err := w.in.Client(w.T, w.script(w.plan(r), r.Source)); err != nil {
		w.Errorf("run the script: %v", err)
	}
	w.same("the table after the script", w.lines("people"), "a | 3", "b | 3")
	w.same("the notes", w.lines("notes"), "a", "b")
}

// parentsGone loads a file without rows that another table refers to. The upload must
// fail, at the latest at its commit, and its error must name the other table.
func parentsGone(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY)", "INSERT INTO people VALUES ('a'), ('b')",
		"CREATE TABLE notes (author {text}, FOREIGN KEY (author) REFERENCES people (email))", "INSERT INTO notes VALUES ('a'), ('b')")
	err := w.tryUpload(request("doc_1", csv("email", "a", "c")))
	w.says(err, "notes")
	w.same("the table", w.lines("people"), "a", "b")
	w.same("the notes", w.lines("notes"), "a", "b")
	w.same("the backup", w.lines("people_backup"), nothing...)
	if runs := w.audit("people"); len(runs) == 1 {
		equal(w, "the run's state", runs[0].State, "failed")
		for _, s := range runs[0].Steps {
			if s.State == "done" && plan.StepKind(s.Kind).ChangesRows() || s.State == "started" {
				w.Errorf("the audit says of step %s: %s", s.Step, s.State)
			}
		}
	}
}

func childTable(w *world) {
	w.other("CREATE TABLE parents (name {text} NOT NULL PRIMARY KEY)", "INSERT INTO parents VALUES ('p'), ('q')",
		"CREATE TABLE people (email {text}, parent {text}, FOREIGN KEY (parent) REFERENCES parents (name) ON DELETE CASCADE)",
		"INSERT INTO people VALUES ('a', 'p')")
	w.upload(request("doc_1", csv("email,parent", "b,q", "c,")))
	w.same("the table", w.lines("people"), "b | q", "c | NULL")
	w.other("DELETE FROM parents WHERE name = 'p'")
	w.same("the backup does not hang on a parent", w.snapshot("people_backup", 0, "email", "parent"), "a | p")
}
