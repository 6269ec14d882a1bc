package conformance

import (
	"context"
	"strings"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

func lackingCases() []testCase {
	return []testCase{
		{name: "hazard COLUMNS_RESET, as planned", run: columnsReset},
		{name: "hazard COLUMNS_RESET, found by the run", run: columnsResetAtRun},
		{name: "hazard COLUMNS_RESET in a restore", run: columnsResetByRestore},
		{name: "columns that hold their defaults are not reset", run: defaultsStay},
		{name: "a default that is computed resets every row", run: computedDefault},
		{name: "hazard KEYS_RENUMBERED", run: keysRenumbered},
	}
}

// columnsReset uploads a file that lacks columns. A value that equals the default only by
// collation counts as reset. Columns that the kind drops do not.
func columnsReset(w *world) {
	w.other("CREATE TABLE people (email {text}, country {text} DEFAULT 'de', age {int}, zero {int} DEFAULT 0, initial_status {text})",
		"INSERT INTO people VALUES ('a', 'DE', NULL, 0, 'new'), ('b', 'de', 7, 0, 'new'), ('c', NULL, 8, 0, 'new')")
	r := request("doc_1", csv("email", "a", "b", "c"))
	r.Kind = plan.Panel()
	w.refusedUnasked(r, plan.ColumnsReset, `"country" (2 of the first 3`, `"age" (2 of the first 3`)
	r.Options.Allow = []plan.Code{plan.ColumnsReset}
	p := w.plan(r)
	for _, h := range p.Hazards {
		if strings.Contains(h.Message, "zero") || strings.Contains(h.Message, "initial_status") {
			w.Errorf("nothing is lost in zero and initial_status: %s", h.Message)
		}
	}
	w.upload(r)
	w.same("the table, as the user allowed", w.lines("people", "email", "country", "age", "zero"), "a | de | NULL | 0", "b | de | NULL | 0", "c | de | NULL | 0")
	w.same("the backup", w.snapshot("people_backup", 0, "email", "country", "age"), "a | DE | NULL", "b | de | 7", "c | NULL | 8")
}

// columnsResetAtRun sets the values after the plan was made.
func columnsResetAtRun(w *world) {
	w.other("CREATE TABLE people (email {text}, country {text}, age {int} DEFAULT 5)", "INSERT INTO people VALUES ('a', NULL, 5), ('b', NULL, 5), ('c', NULL, 5)")
	r := request("doc_1", csv("email", "a", "b", "c"))
	p := w.plan(r)
	equal(w, "the hazards of the plan", hazardCodes(p.Hazards), []plan.Code{})
	w.other("UPDATE people SET country = 'de' WHERE email = 'a'", "UPDATE people SET age = NULL WHERE email <> 'a'")
	_, err := w.client.Run(context.Background(), p, r.Source, nil)
	hazard := mustBe[*plan.HazardError](w, err)
	equal(w, "the hazards of the run", hazardCodes(hazard.Hazards), []plan.Code{plan.ColumnsReset})
	w.says(hazard, "people.csv lacks", `"country" in 1 row`, `"age" in 2 rows`)
	before := []string{"a | de | 5", "b | NULL | NULL", "c | NULL | NULL"}
	w.same("the table", w.lines("people"), before...)
	w.failedAt(p, w.clearing())

	w.tidied("people")
	if err := w.in.Client(w.T, w.script(p, r.Source)); err == nil {
		w.Error("the script ran to its end")
	}
	w.same("the table after the script", w.lines("people"), before...)
	w.tidied("people")
	w.upload(resetting(r))
	w.same("the backup", w.snapshot("people_backup", 0, "email", "country", "age"), before...)
}

func columnsResetByRestore(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	w.upload(request("doc_2", csv("email", "b")))
	w.other("ALTER TABLE people ADD COLUMN age {int}", "UPDATE people SET age = 7")
	_, err := w.client.Restore(context.Background(), w.restoreRequest(1))
	hazard := mustBe[*plan.HazardError](w, err)
	equal(w, "the hazards", hazardCodes(hazard.Hazards), []plan.Code{plan.ColumnsReset})
	w.says(hazard, "version 1 lacks", `"age"`)
	w.same("the table", w.lines("people"), "b | 7")
	w.restore(1, plan.ColumnsReset)
	w.same("the table, as the user allowed", w.lines("people"), "a | NULL")
}

func defaultsStay(w *world) {
	w.other("CREATE TABLE people (email {text}, country {text} DEFAULT 'd''e', age {int} DEFAULT -1, note {text}, twice {int} GENERATED ALWAYS AS (age * 2) STORED)",
		"INSERT INTO people (email) VALUES ('a'), ('b')")
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.upload(request("doc_2", csv("email", "c", "d")))
	w.same("the table", w.lines("people", "email", "country", "age", "note"), "c | d'e | -1 | NULL", "d | d'e | -1 | NULL")
}

func computedDefault(w *world) {
	w.other("CREATE TABLE people (email {text}, made TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP)", "INSERT INTO people VALUES ('a', NULL), ('b', NULL)")
	r := request("doc_1", csv("email", "a", "b"))
	w.refusedUnasked(r, plan.ColumnsReset, `"made" (2 of the first 2`)
	w.upload(resetting(r))
	empty := request("doc_2", csv("email", "a"))
	empty.Table = "fresh"
	w.other("CREATE TABLE fresh (email {text}, made TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP)")
	w.upload(empty)
}

func keysRenumbered(w *world) {
	w.other("CREATE TABLE people (n {id}, email {text})")
	r := request("doc_1", csv("email", "a", "b"))
	p := w.plan(r)
	equal(w, "the hazards while the table is empty", hazardCodes(p.Hazards), []plan.Code{})
	w.other("INSERT INTO people (email) VALUES ('late')")
	_, err := w.client.Run(context.Background(), p, r.Source, nil)
	hazard := mustBe[*plan.HazardError](w, err)
	equal(w, "the hazards of the run", hazardCodes(hazard.Hazards), []plan.Code{plan.KeysRenumbered})
	w.says(hazard, `"n" in 1 row`)
	w.tidied("people")
	w.refusedUnaskedAfterRun(r, plan.KeysRenumbered, `people.csv lacks "n"`)
	w.upload(resetting(r))
	w.same("the table", w.lines("people", "email"), "a", "b")
	w.upload(request("doc_2", csv("n,email", "7,a", "8,b")))
}

// refusedUnaskedAfterRun is refusedUnasked for a table with an earlier failed run, so
// that it does not compare the database.
func (w *world) refusedUnaskedAfterRun(r exec.Request, code plan.Code, says ...string) {
	w.Helper()
	hazard := mustBe[*plan.HazardError](w, w.tryUpload(r))
	equal(w, "the hazards", hazardCodes(hazard.Hazards), []plan.Code{code})
	w.says(hazard, says...)
}
