package conformance

import (
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// A plan for any version is compared with the one that was reviewed, however many uploads
// have come and gone since.
func anyVersionCases() []testCase {
	return []testCase{
		{name: "plan for any version: uploads do not change it, other columns do", run: anyVersionStays},
	}
}

func anyVersionStays(w *world) {
	w.other("CREATE TABLE people (email VARCHAR(80) PRIMARY KEY, name VARCHAR(80))", "INSERT INTO people VALUES ('old', 'Old')")
	reviewed := func() exec.Request {
		r := request("doc_9", csv("email,name", "ada,Ada"))
		r.Options.Binding = plan.BoundToNone
		return r
	}
	r := reviewed()
	before := w.plan(r)
	text := w.script(before, r.Source)
	w.upload(request("doc_1", csv("email,name", "ada,Ada", "alan,Alan")))
	w.upload(request("doc_2", csv("email,name", "joan,Joan", "grace,Grace")))
	after := w.plan(reviewed())
	equal(w, "the script after two uploads", w.script(after, r.Source), text)
	equal(w, "the hash after two uploads", after.Hash(), before.Hash())
	w.other("ALTER TABLE people ADD COLUMN age INTEGER")
	if w.plan(reviewed()).Hash() == before.Hash() {
		w.Error("another column does not change the plan")
	}
}
