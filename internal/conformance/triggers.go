package conformance

import (
	"context"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

func triggerCases() []testCase {
	return []testCase{
		{name: "hazard TRIGGERS_REWRITE in an upload", run: uploadRewritten, unless: withoutTriggers},
		{name: "hazard TRIGGERS_REWRITE in a restore", run: restoreRewritten, unless: withoutTriggers},
		{name: "triggers that leave the rows alone are no hazard", run: triggersLeaveRows, unless: withoutTriggers},
	}
}

func uploadRewritten(w *world) {
	w.other("CREATE TABLE people (email {text}, made {text})", "INSERT INTO people VALUES ('old', 'then')")
	w.other(w.family.Words.Rewrite("dating", "people", "made", "now")...)
	r := request("doc_1", csv("email,made", "a,then", "b,now", "c,then"))
	r.Options.Allow = []plan.Code{plan.TriggersFire}
	hazard := mustBe[*plan.HazardError](w, w.tryUpload(r))
	equal(w, "the hazards", hazardCodes(hazard.Hazards), []plan.Code{plan.TriggersRewrite})
	w.says(hazard, "people.csv", `"made" in 2 rows`, "TRIGGERS_REWRITE")
	w.same("the table", w.lines("people"), "old | then")
	mustBe[*plan.HazardError](w, w.tryUpload(r)) // the first upload must leave no state in its session

	w.tidied("people")
	if err := w.in.Client(w.T, w.script(w.plan(r), r.Source)); err == nil {
		w.Error("the script ran to its end")
	}
	w.same("the table after the script", w.lines("people"), "old | then")
	w.tidied("people")
	r.Options.Allow = append(r.Options.Allow, plan.TriggersRewrite)
	w.upload(r)
	w.same("the table, as the user allowed", w.lines("people"), "a | now", "b | now", "c | now")
}

func restoreRewritten(w *world) {
	w.upload(request("doc_1", csv("email,made", "a,then", "b,then")))
	w.upload(request("doc_2", csv("email,made", "c,later")))
	w.other(w.family.Words.Rewrite("dating", "people", "made", "now")...)
	r := w.restoreRequest(1)
	r.Options.Allow = []plan.Code{plan.TriggersFire}
	_, err := w.client.Restore(context.Background(), r)
	hazard := mustBe[*plan.HazardError](w, err)
	equal(w, "the hazards", hazardCodes(hazard.Hazards), []plan.Code{plan.TriggersRewrite})
	w.says(hazard, "version 1", `"made" in 2 rows`)
	w.same("the table", w.lines("people"), "c | later")
	w.restore(1, plan.TriggersFire, plan.TriggersRewrite)
	w.same("the table, as the user allowed", w.lines("people"), "a | now", "b | now")
}

// triggersLeaveRows checks that duplicate rows, NULLs and a column that only a trigger
// fills are not reported as rewritten.
func triggersLeaveRows(w *world) {
	w.other("CREATE TABLE people (email {text}, n {int}, made {text})", "CREATE TABLE noted (event {text})")
	w.other(w.family.Words.Note("noting", "people", "INSERT", "noted")...)
	w.other(w.family.Words.Rewrite("dating", "people", "made", "now")...)
	allowed := func(r exec.Request) exec.Request {
		r.Options.Allow = []plan.Code{plan.TriggersFire, plan.ColumnsReset}
		return r
	}
	w.upload(allowed(request("doc_1", csv("email,n", "a,1", "a,1", ",", `"",2`))))
	w.same("the table", w.lines("people"), "a | 1 | now", "a | 1 | now", "NULL | NULL | now", `"" | 2 | now`)
	r := allowed(request("doc_2", csv("email,n", "b,3", "b,3", ",4")))
	if err := w.in.Client(w.T, w.script(w.plan(r), r.Source)); err != nil {
		w.Fatalf("run the script: %v", err)
	}
	w.same("the table after the script", w.lines("people"), "b | 3 | now", "b | 3 | now", "NULL | 4 | now")
	w.restore(1, plan.TriggersFire)
	w.same("the table, restored", w.lines("people", "email", "n"), "a | 1", "a | 1", "NULL | NULL", `"" | 2`)
}
