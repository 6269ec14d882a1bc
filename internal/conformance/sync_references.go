package conformance

import (
	"strings"

	"github.com/tablesnap/tablesnap/plan"
)

func syncReferences(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, age {int})", "INSERT INTO people VALUES ('a', 1), ('b', 1), ('c', 1), ('d', 1)",
		"CREATE TABLE strict (author {text}, FOREIGN KEY (author) REFERENCES people (email) ON DELETE RESTRICT)",
		"CREATE TABLE lax (author {text}, FOREIGN KEY (author) REFERENCES people (email))",
		"CREATE TABLE notes (author {text}, FOREIGN KEY (author) REFERENCES people (email) ON DELETE CASCADE)",
		"CREATE TABLE owned (owner {text}, FOREIGN KEY (owner) REFERENCES people (email) ON DELETE SET NULL)",
		"INSERT INTO strict VALUES ('a'), ('b')", "INSERT INTO lax VALUES ('a'), (NULL)", "INSERT INTO notes VALUES ('a'), ('c')", "INSERT INTO owned VALUES ('a')")
	err := w.tryUpload(request("doc_0", csv("email,age", "a,1")))
	w.says(err, "the strategy sync", "strict")

	children := []string{"strict", "lax", "notes", "owned"}
	w.synced(syncing("doc_1", "email,age", "a,2", "b,2", "c,2", "e,1"), 1, 3, 1)
	w.same("the table", w.lines("people"), "a | 2", "b | 2", "c | 2", "e | 1")
	w.notSynced(syncing("doc_2", "email,age", "a,3", "c,3", "e,1"), []string{"strict", "author", "RESTRICT", `"b"`}, children...)
	w.other("DELETE FROM strict")
	w.notSynced(syncing("doc_3", "email,age", "b,3", "c,3", "e,1"), []string{"lax", "author", `"a"`}, children...)
	r := syncing("doc_4", "email,age", "a,3", "b,3", "e,1")
	hazard := mustBe[*plan.HazardError](w, w.notSynced(r, []string{"notes", "CASCADE", `"c"`}, children...))
	equal(w, "the hazards", hazardCodes(hazard.Hazards), []plan.Code{plan.FKCascade})
	w.synced(permitting(r, plan.FKCascade), 1, 2, 0)
	w.same("the notes", w.lines("notes"), "a")
	w.other("DELETE FROM lax", "DELETE FROM notes")
	r = syncing("doc_5", "email,age", "b,3", "e,1")
	w.notSynced(r, []string{"owned", "SET NULL", `"a"`}, children...)
	w.synced(permitting(r, plan.FKCascade), 1, 0, 0)
	w.same("the owned", w.lines("owned"), "NULL")
	w.same("the backup", w.snapshot("people_backup", int(w.lastRun("people").VersionMade)-1, "email", "age"), "a | 3", "b | 3", "e | 1")
}

// syncTree has rows in no order: parents after their children, and rows that move to
// another parent while their own goes.
func syncTree(w *world) {
	for _, action := range []string{"", " ON DELETE CASCADE", " ON DELETE SET NULL", " ON DELETE RESTRICT"} {
		if !w.takes("CREATE TABLE people (id {int} NOT NULL PRIMARY KEY, boss {int}, v {text}, FOREIGN KEY (boss) REFERENCES people (id)" + action + ")") {
			continue
		}
		w.other("INSERT INTO people VALUES (1, NULL, 'root')", "INSERT INTO people VALUES (2, 1, 'goes'), (3, 1, 'stays')", "INSERT INTO people VALUES (4, 2, 'moves')")
		what := "with" + action + ": "
		w.upload(syncing("doc_1"+action, "id,boss,v", "4,9,moves", "3,1,stays", "9,8,new", "8,1,new", "1,,root"))
		w.same(what+"the tree", w.lines("people"), "1 | NULL | root", "3 | 1 | stays", "4 | 9 | moves", "8 | 1 | new", "9 | 8 | new")
		w.upload(syncing("doc_2"+action, "id,boss,v", "1,3,root", "3,,top", "4,4,own"))
		w.same(what+"turned round", w.lines("people"), "1 | 3 | root", "3 | NULL | top", "4 | 4 | own")
		w.notSynced(syncing("doc_3"+action, "id,boss,v", "1,7,root", "3,,top", "4,,x"), []string{"boss"})
		w.other("DROP TABLE people", "DROP TABLE people_backup")
	}
}

// takes reports whether the database takes a statement.
func (w *world) takes(stmt string) bool {
	w.Helper()
	_, err := w.in.Other.ExecContext(w.Context(), w.fill(stmt))
	if err != nil && !strings.Contains(strings.ToLower(err.Error()), "foreign key") {
		w.Fatalf("%s: %v", stmt, err)
	}
	return err == nil
}

// syncFails breaks a run in its middle.
func syncFails(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, age {int} NOT NULL)", "INSERT INTO people VALUES ('a', 1), ('b', 1)")
	before := w.contentsOf("people")
	if err := w.tryUnchecked(syncing("doc_1", "email,age", "a,2", "c,")); err == nil {
		w.Error("a row without an age was uploaded")
	}
	equal(w, "the table after a failure", w.contentsOf("people"), before)
	w.tidied("people")
	w.same("the backup", w.lines("people_backup"), nothing...)
	run := w.lastRun("people")
	equal(w, "the run's state", run.State, "failed")
	for _, s := range run.Steps {
		if s.State == "started" {
			w.Errorf("the audit says of step %s: %s", s.Step, s.State)
		}
	}
	w.synced(syncing("doc_2", "email,age", "a,2", "c,3"), 1, 1, 1)
	w.same("the table", w.lines("people"), "a | 2", "c | 3")
}
