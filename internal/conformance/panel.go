package conformance

import (
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

func panelCases() []testCase {
	return []testCase{
		{name: "the life of a panel", run: panelLife},
		{name: "status columns in the catalog's own spelling", run: statusColumnSpelling},
		{name: "status columns that may not be NULL", run: notNullStatus},
		{name: "an indexed status column", run: indexedStatus},
		{name: "a status column in a unique key", run: uniqueStatus},
		{name: "a file with a column that the panel drops is refused", run: statusInFile},
		{name: "a display name", run: displayName},
	}
}

func panelRequest(docID string, src rowsource.Source) exec.Request {
	r := request(docID, src)
	r.Table, r.Kind = "hr_panel", plan.Panel()
	return r
}

// review adds and fills the status columns as another program.
func (w *world) review(initial, final string) {
	w.Helper()
	w.other(
		"ALTER TABLE hr_panel ADD COLUMN initial_status {text}",
		"ALTER TABLE hr_panel ADD COLUMN final_status {text}",
		"UPDATE hr_panel SET initial_status = '"+initial+"', final_status = '"+final+"' WHERE email = 'ada'",
	)
}

func panelLife(w *world) {
	w.upload(panelRequest("doc_1", csv("email,access", "ada,admin", "alan,viewer")))
	w.review("keep", "kept")
	res := w.upload(panelRequest("doc_2", csv("email,access", "ada,editor", "alan,viewer")))

	w.same("the table has lost the status columns", w.columns("hr_panel"), "email", "access")
	w.same("the table", w.lines("hr_panel"), "ada | editor", "alan | viewer")
	w.same("the backup has them, with their values", w.snapshot("hr_panel_backup", 1, "doc_id", "email", "access", "initial_status", "final_status"),
		"doc_1 | ada | admin | keep | kept", "doc_1 | alan | viewer | NULL | NULL")
	w.sameKinds(res, w.replacingKinds(2, plan.CreateBackup, plan.CreateBackup)...)

	w.upload(panelRequest("doc_3", csv("email,access", "ada,viewer", "alan,none")))
	w.same("the backup of a version that nobody reviewed", w.snapshot("hr_panel_backup", 2, "email", "access", "initial_status", "final_status"),
		"ada | editor | NULL | NULL", "alan | viewer | NULL | NULL")

	// Now the backup table exists before the columns are added again.
	w.review("revoke", "revoked")
	res = w.upload(panelRequest("doc_4", csv("email,access", "ada,admin", "alan,admin")))
	w.same("the table has lost them again", w.columns("hr_panel"), "email", "access")
	w.same("the backup has the second review", w.snapshot("hr_panel_backup", 3, "doc_id", "email", "access", "initial_status", "final_status"),
		"doc_3 | ada | viewer | revoke | revoked", "doc_3 | alan | none | NULL | NULL")
	w.same("the first review is still there", w.snapshot("hr_panel_backup", 1, "email", "initial_status", "final_status"),
		"ada | keep | kept", "alan | NULL | NULL")
	w.sameKinds(res, w.replacingKinds(2)...)
}

// sameKinds compares the kinds of the steps. All must be done.
func (w *world) sameKinds(res exec.Result, want ...plan.StepKind) {
	w.Helper()
	var got []plan.StepKind
	for _, s := range res.Steps {
		if s.State != ledger.Done {
			w.Errorf("step %s is %s: %s", s.Step.ID, s.State, s.Message)
		}
		got = append(got, s.Step.Kind)
	}
	if !w.syncs() { // whose steps other cases look at
		equal(w, "the steps", got, want)
	}
}

// statusColumnSpelling checks that a column is dropped and loaded in the catalog's
// spelling, in databases with case-insensitive column names. In others, it is another
// column.
func statusColumnSpelling(w *world) {
	column := w.d.Quote("Initial_Status")
	w.other("CREATE TABLE hr_panel (email {text}, "+column+" {text})", "INSERT INTO hr_panel VALUES ('ada', 'keep')")
	r := panelRequest("doc_1", csv("email", "alan"))
	r.Options.Allow = []plan.Code{plan.ColumnsReset}
	w.upload(r)
	if w.d.SameName("initial_status", "Initial_Status") {
		w.same("the columns left", w.columns("hr_panel"), "email")
		w.upload(panelRequest("doc_2", csv("EMAIL", "grace")))
		w.same("the table", w.lines("hr_panel", "email"), "grace")
	} else {
		w.same("the columns left", w.columns("hr_panel"), "email", "Initial_Status")
	}
	w.same("the backup", w.snapshot("hr_panel_backup", 0, "email", "Initial_Status"), "ada | keep")
}

func notNullStatus(w *world) {
	w.other("CREATE TABLE hr_panel (email {text}, initial_status {text} DEFAULT 'open' NOT NULL, final_status {text} NOT NULL)",
		"INSERT INTO hr_panel VALUES ('ada', 'keep', 'kept')")
	w.upload(panelRequest("doc_1", csv("email", "alan", "grace")))
	w.same("the table", w.lines("hr_panel"), "alan", "grace")
	w.same("the columns left", w.columns("hr_panel"), "email")
	w.same("the backup", w.snapshot("hr_panel_backup", 0, "email", "initial_status", "final_status"), "ada | keep | kept")
}

// notNullTypes uploads to a table with NOT NULL columns that the kind drops. If columns
// are dropped only after the load, the new rows need a value for each of them.
func notNullTypes(w *world) {
	var names, defs []string
	for i, typ := range w.family.Words.Types {
		names = append(names, fmt.Sprintf("verdict_%d", i))
		defs = append(defs, ", "+names[i]+" "+typ+" NOT NULL")
	}
	w.other("CREATE TABLE people (email {text}" + strings.Join(defs, "") + ")")
	r := request("doc_1", csv("email", "a", "b"))
	r.Kind = plan.Kind{Name: "own", Event: "OWN", DropColumns: names}
	w.upload(r)
	w.same("the columns left", w.columns("people"), "email")
	w.same("the table", w.lines("people"), "a", "b")
}

func indexedStatus(w *world) {
	w.upload(panelRequest("doc_1", csv("email", "ada")))
	w.review("keep", "kept")
	w.other("CREATE INDEX reviewed ON hr_panel (initial_status)")

	w.dropsIndexed("initial_status")
}

// uniqueStatus drops a column of a unique key. The remaining key could refuse rows that
// were valid before.
func uniqueStatus(w *world) {
	r := panelRequest("doc_1", csv("email", "ada"))
	r.Options.PrimaryKey = []string{"email"}
	w.upload(r)
	w.review("keep", "kept")
	w.other("CREATE UNIQUE INDEX reviewed ON hr_panel (email, initial_status)")
	if drop, _ := w.inspect("hr_panel").Table.Column("initial_status", w.d.SameName); drop.DropBreaks == "" {
		w.Error("nothing is said against dropping a column of a unique key")
	}
	w.dropsIndexed("initial_status")
}

// dropsIndexed uploads to a panel with a status column in an index. If dropping the
// column would break something, that is a hazard. Otherwise the index is dropped or
// shortened.
func (w *world) dropsIndexed(column string) {
	w.Helper()
	r := panelRequest("doc_2", csv("email", "alan"))
	if drop, _ := w.inspect("hr_panel").Table.Column(column, w.d.SameName); drop.DropBreaks != "" {
		w.refusesToDrop(r)
		r.Options.Allow = []plan.Code{plan.DropBreaks}
	}
	res := w.upload(r)
	w.same("the new rows are in", w.lines("hr_panel", "email"), "alan")
	w.same("the backup", w.snapshot("hr_panel_backup", 1, "email", "initial_status", "final_status"), "ada | keep | kept")
	dropped := len(w.columns("hr_panel")) == 1
	warned := len(res.Warnings) > 0 && res.Warnings[len(res.Warnings)-1].Code == plan.ColumnNotDropped
	if dropped == warned {
		w.Errorf("the columns are %q and the warnings %v: a column that stays needs a warning, one that went needs none", w.columns("hr_panel"), res.Warnings)
	}
}

func (w *world) refusesToDrop(r exec.Request) {
	w.Helper()
	hazard := mustBe[*plan.HazardError](w, w.tryUpload(r))
	equal(w, "the hazards", hazardCodes(hazard.Hazards), []plan.Code{plan.DropBreaks})
	w.says(hazard, "initial_status", "DROP_BREAKS")
	w.same("the table is as it was", w.lines("hr_panel"), "ada | keep | kept")
}

func statusInFile(w *world) {
	w.upload(panelRequest("doc_1", csv("email", "ada")))
	before := w.fingerprint()
	err := w.tryUpload(panelRequest("doc_2", csv("email,final_status", "ada,kept")))
	w.says(mustBe[*plan.RefusedError](w, err), "final_status", "panel")
	equal(w, "the database", w.fingerprint(), before)
}

func displayName(w *world) {
	r := panelRequest("doc_1", csv("email", "ada"))
	r.Table = "  HR   Panel "
	res := w.upload(r)
	equal(w, "the table's name", res.Table.Name, "hr_panel")
	r = panelRequest("doc_2", csv("email", "alan"))
	r.Table = "HR Panel"
	res = w.upload(r)
	equal(w, "the version", res.Version, int64(2))
	w.same("the table", w.lines("hr_panel"), "alan")
	equal(w, "the history under the display name", historyLines(w.history("HR Panel")),
		[]string{"2 doc_2 1 rows in hr_panel", "1 doc_1 1 rows in hr_panel_backup"})
}
