package conformance

import (
	"context"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

func hazardCases() []testCase {
	return []testCase{
		{name: "warnings: an existing empty table has no rows of whom nobody knows", run: emptyTable},
		{name: "hazard EMPTY_SOURCE", run: emptySource},
		{name: "hazard SHRINKS, as planned", run: shrinks},
		{name: "hazard SHRINKS, found by the run", run: shrinksAtRun},
		{name: "hazard SHRINKS is no matter of an estimate", run: estimateLies},
		{name: "the summary has the database's estimates and the last run's time", run: estimatesForPeople},
		{name: "hazard SHRINKS is no matter of rows that were deleted since", run: deletedSince},
		{name: "hazard SAME_FILE", run: sameFile},
		{name: "hazard FK_CASCADE", run: fkCascade, unless: bySwap},
		{name: "hazard TRIGGERS_FIRE", run: triggersFire, unless: withoutTriggers},
		{name: "all hazards are reported at once", run: severalHazards, unless: withoutTriggers},
		{name: "the script of a plan with a hazard stops at once", run: hazardInScript},
		{name: "the row count is not what the last upload left", run: changedSince},
	}
}

// refusedUnasked checks that an upload is refused because of one hazard, and that it
// wrote nothing.
func (w *world) refusedUnasked(r exec.Request, code plan.Code, says ...string) {
	w.Helper()
	before := w.fingerprint()
	hazard := mustBe[*plan.HazardError](w, w.tryUpload(r))
	equal(w, "the hazards", hazardCodes(hazard.Hazards), []plan.Code{code})
	w.says(hazard, append(says, string(code))...)
	equal(w, "the database", w.fingerprint(), before)
}

func emptySource(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	r := request("doc_2", csv("email"))
	w.refusedUnasked(r, plan.EmptySource, "people.csv", "people")
	r.Options.Allow = []plan.Code{plan.EmptySource}
	res := w.upload(r)
	equal(w, "the rows", []int64{res.RowsBackedUp, res.RowsLoaded}, []int64{2, 0})
	w.same("the table", w.lines("people"), nothing...)
	w.same("the backup", w.snapshot("people_backup", 1, "email"), "a", "b")
	w.upload(request("doc_3", csv("email", "c")))
	w.same("the history", historyLines(w.history("people")), "3 doc_3 1 rows in people",
		"2 doc_2 0 rows in people_backup", "1 doc_1 2 rows in people_backup")
}

func shrinks(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b", "c", "d")))
	w.upload(request("doc_half", csv("email", "a", "b"))) // exactly half is allowed
	w.upload(request("doc_3", csv("email", "a", "b", "c", "d", "e")))
	r := request("doc_less", csv("email", "a", "b"))
	w.refusedUnasked(r, plan.Shrinks, "2 rows", "5", "50%")

	limit := 40
	r.Options.MaxShrink = &limit
	w.upload(r)
	r = request("doc_allowed", csv("email", "a"))
	limit = 100
	r.Options.MaxShrink = &limit
	w.refusedUnasked(r, plan.Shrinks)
	r.Options.Allow = []plan.Code{plan.Shrinks}
	w.upload(r)
	w.same("the table", w.lines("people"), "a")
}

// shrinksAtRun inserts rows that neither the plan's estimate nor its count includes.
func shrinksAtRun(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.other("INSERT INTO people VALUES ('c'), ('d'), ('e')")
	r := request("doc_2", csv("email", "x", "y"))
	p := w.plan(r)
	equal(w, "the hazards of the plan", hazardCodes(p.Hazards), []plan.Code{})
	_, err := w.client.Run(context.Background(), p, r.Source, nil)
	hazard := mustBe[*plan.HazardError](w, err)
	equal(w, "the hazards of the run", hazardCodes(hazard.Hazards), []plan.Code{plan.Shrinks})
	w.same("the table", w.lines("people"), "a", "b", "c", "d", "e")
	w.same("the backup", w.lines("people_backup"), nothing...)
	w.failedAt(p, w.clearing())

	if err := w.in.Client(w.T, w.script(w.plan(r), r.Source)); err == nil {
		w.Error("the script ran to its end")
	}
	w.same("the table after the script", w.lines("people"), "a", "b", "c", "d", "e")
	w.tidied("people")
	r.Options.Allow = []plan.Code{plan.Shrinks}
	w.upload(r)
	w.same("the table", w.lines("people"), "x", "y")
	w.same("the backup", w.snapshot("people_backup", 1, "email"), "a", "b", "c", "d", "e")
}

// estimatesForPeople checks what a summary says that no plan depends on.
func estimatesForPeople(w *world) {
	w.other("CREATE TABLE people (email {text})")
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.other("UPDATE tablesnap_run SET started_at = '2024-05-06T07:08:09.500Z', finished_at = '2024-05-06T07:08:11.750Z'")
	w.other(w.family.Words.Overestimate...)

	r := request("doc_2", csv("email", "c"))
	in, p := w.input(r), w.plan(r)
	var b strings.Builder
	if err := plan.WriteSummary(&b, w.d, p, plan.SummaryOptions{Target: in.Target}); err != nil {
		w.Fatal(err)
	}
	said := strings.Join(strings.Fields(b.String()), " ")
	wants := []string{"the run of version 1, with 2 rows, took 2.3s"}
	if w.family.Words.EstimatesSizes {
		wants = append(wants, "gets 2 rows (about ")
		if _, syncs := p.Find(plan.CompareRows); syncs {
			wants = append(wants, "and only the rows of the table that differ")
		} else {
			wants = append(wants, "1 loaded (about ")
		}
	}
	for _, want := range wants {
		if !strings.Contains(said, want) {
			w.Errorf("the summary lacks %q:\n%s", want, b.String())
		}
	}
}

// estimateLies makes the server estimate hundreds of rows for a table with two.
func estimateLies(w *world) {
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('a'), ('b')")
	w.other(w.family.Words.Overestimate...)
	if e := w.inspect("people").EstimatedRows; e == nil || *e < 100 {
		w.Fatal("the server does not estimate hundreds of rows")
	}
	r := request("doc_1", csv("email", "x"))
	equal(w, "the hazards of the plan", hazardCodes(w.plan(r).Hazards), []plan.Code{})

	in := w.input(r)
	in.Counted = nil // like a plan without a database
	uncounted, err := plan.Build(w.d, in)
	if err != nil {
		w.Fatal(err)
	}
	equal(w, "the hazards of a plan without a database", hazardCodes(uncounted.Hazards), []plan.Code{})
	if !slices.ContainsFunc(uncounted.Warnings, func(found plan.Warning) bool {
		return found.Code == plan.Shrinks && strings.Contains(found.Message, "the server estimates")
	}) {
		w.Errorf("it does not warn of the estimate: %v", uncounted.Warnings)
	}

	limit := 51
	r.Options.MaxShrink = &limit
	w.refusedUnasked(r, plan.Shrinks, "people.csv has 1 row", "less than 51%", "it has at least 2")
	r.Options.MaxShrink = nil
	w.upload(r)
	w.same("the table", w.lines("people"), "x")
}

// deletedSince checks that a smaller file is allowed if another program has deleted the
// last upload's rows.
func deletedSince(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.upload(request("doc_2", csv("email", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j")))
	w.other("DELETE FROM people WHERE email > 'b'")
	w.restore(1)
	w.upload(request("doc_3", csv("email", "a", "b", "c", "d", "e", "f", "g", "h", "i", "k")))
	w.other("DELETE FROM people WHERE email > 'b'")
	w.upload(request("doc_4", csv("email", "x", "y")))
	w.same("the table", w.lines("people"), "x", "y")
}

func sameFile(w *world) {
	src := csv("email", "a", "b")
	w.upload(request("doc_1", src))
	r := request("doc_2", src)
	w.refusedUnasked(r, plan.SameFile, "version 1", "doc_1")
	r.Options.Allow = []plan.Code{plan.SameFile}
	equal(w, "the version", w.upload(r).Version, int64(2))
	w.upload(request("doc_3", csv("email", "c")))
	w.upload(request("doc_4", src)) // allowed, because the table has another file's rows now
}

func fkCascade(w *world) {
	for _, action := range []string{"CASCADE", "SET NULL"} {
		table, child := "people_"+strings.ToLower(action[:3]), "children_"+strings.ToLower(action[:3])
		w.other("CREATE TABLE "+table+" (email {text} NOT NULL PRIMARY KEY)",
			"CREATE TABLE "+child+" (name {text}, parent {text}, FOREIGN KEY (parent) REFERENCES "+table+" (email) ON DELETE "+action+")",
			"INSERT INTO "+table+" VALUES ('a')", "INSERT INTO "+child+" VALUES ('c', 'a')")
		r := request("doc_1", csv("email", "a"))
		r.Table = table
		w.refusedUnasked(r, plan.FKCascade, child, "ON DELETE "+action)
		r.Options.Allow = []plan.Code{plan.FKCascade}
		w.upload(r)
		w.same("the table", w.lines(table), "a")
		left := []string{"c | NULL"}
		if action == "CASCADE" {
			left = nothing
		}
		w.same("the children, as the user allowed", w.lines(child), left...)
	}
}

func triggersFire(w *world) {
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('old')", "CREATE TABLE noted (event {text})")
	w.other(w.family.Words.Note("noting", "people", "DELETE", "noted")...)
	r := request("doc_1", csv("email", "a"))
	w.refusedUnasked(r, plan.TriggersFire, "noting")
	r.Options.Allow = []plan.Code{plan.TriggersFire}
	w.upload(r)
	w.same("the trigger fired", w.lines("noted"), "DELETE")
	w.same("the backup", w.lines("people_backup", "email"), "old")
}

func severalHazards(w *world) {
	w.other("CREATE TABLE people (email {text})", "CREATE TABLE noted (event {text})")
	w.upload(request("doc_1", csv("email", "a")))
	w.other(w.family.Words.Note("noting", "people", "INSERT", "noted")...)
	r := request("doc_2", csv("email"))
	hazard := mustBe[*plan.HazardError](w, w.tryUpload(r))
	equal(w, "the hazards", hazardCodes(hazard.Hazards), []plan.Code{plan.EmptySource, plan.TriggersFire})
	r.Options.Allow = []plan.Code{plan.EmptySource}
	hazard = mustBe[*plan.HazardError](w, w.tryUpload(r))
	equal(w, "the hazards left", hazardCodes(hazard.Hazards), []plan.Code{plan.TriggersFire})
	r.Options.Allow = append(r.Options.Allow, plan.TriggersFire)
	w.upload(r)
}

func hazardInScript(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b", "c")))
	r := request("doc_2", csv("email", "x"))
	script := w.script(w.plan(r), r.Source)
	err := w.in.Client(w.T, script)
	if err == nil {
		w.Error("the script ran to its end")
	}
	w.says(err, "SHRINKS")
	w.same("the table", w.lines("people"), "a", "b", "c")
	equal(w, "the runs", len(w.audit("people")), 1)
	r.Options.Allow = []plan.Code{plan.Shrinks}
	if err := w.in.Client(w.T, w.script(w.plan(r), r.Source)); err != nil {
		w.Errorf("run the script with the hazard allowed: %v", err)
	}
	w.same("the table", w.lines("people"), "x")
}

func changedSince(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.other("INSERT INTO people VALUES ('c')")
	res := w.upload(request("doc_2", csv("email", "x", "y")))
	if len(res.Warnings) == 0 || res.Warnings[len(res.Warnings)-1].Code != plan.ChangedSince {
		w.Errorf("the warnings are %v, without %s", res.Warnings, plan.ChangedSince)
	}
	w.warned("people", plan.ChangedSince)
	w.same("the backup has the row that nobody uploaded", w.snapshot("people_backup", 1, "email"), "a", "b", "c")
	w.upload(request("doc_3", csv("email", "z", "y")))
	if got := w.lastRun("people").Warnings; strings.Contains(got, string(plan.ChangedSince)) {
		w.Errorf("nobody changed the table, and the run's warnings are %q", got)
	}
}

func refusalCases() []testCase {
	return []testCase{
		{name: "a view is refused", run: refuseView},
		{name: "tablesnap's own tables are refused", run: refuseOwnTables},
		{name: "columns that the table lacks are refused", run: refuseUnknownColumn},
		{name: "a column that may not be missing", run: refuseMissingColumn},
		{name: "two columns of one name", run: refuseTwice},
		{name: "an upload without a doc_id", run: refuseWithoutDocID},
		{name: "all reasons are told at once", run: refuseForAllReasons},
	}
}

// refused checks that a request is refused even with every hazard allowed, and that it
// wrote nothing.
func (w *world) refused(r exec.Request, says ...string) {
	w.Helper()
	before := w.fingerprint()
	r.Options.Allow = plan.Codes()
	refused := mustBe[*plan.RefusedError](w, w.tryUpload(r))
	w.says(refused, says...)
	equal(w, "the database", w.fingerprint(), before)
}

func refuseView(w *world) {
	w.other("CREATE TABLE base (email {text})", "CREATE VIEW people AS SELECT email FROM base")
	w.refused(request("doc_1", csv("email", "a")), "view")
}

func refuseOwnTables(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	for _, own := range []string{dialect.RunTable, dialect.AuditTable, dialect.VersionTable, dialect.PinTable, dialect.LeaseTable} {
		r := request("doc_2", csv("email", "a"))
		r.Table = own
		r.Options.NewColumns = plan.AddNewColumns
		w.refused(r, own, "own tables")
	}
}

func refuseUnknownColumn(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	w.refused(request("doc_2", csv("email,emial", "b,b")), "emial", "have the columns added")
}

func refuseMissingColumn(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL, age {int} NOT NULL, country {text})")
	w.refused(request("doc_1", csv("country", "de")), "email", "age", "NULL")
}

// refuseTwice uploads two columns that are the same name in some databases. Only those
// refuse the upload.
func refuseTwice(w *world) {
	r := request("doc_1", csv("email,EMAIL", "a,b"))
	if w.d.SameName("email", "EMAIL") {
		w.refused(r, "EMAIL")
		w.noTable("people")
		return
	}
	w.upload(r)
	w.same("the table", w.lines("people"), "a | b")
}

func refuseWithoutDocID(w *world) {
	w.refused(request("", csv("email", "a")), "doc_id")
}

func refuseForAllReasons(w *world) {
	w.other("CREATE TABLE elsewhere (a {text})", "CREATE VIEW people_backup AS SELECT a FROM elsewhere", "CREATE TABLE people (email {text} NOT NULL)")
	r := request("", rowsource.Rows("service", []string{"emial"}, [][]any{{"a"}}))
	w.refused(r, "doc_id", "emial", `"email"`, "people_backup")
}

// emptyTable checks that UNKNOWN_PREVIOUS is not reported for an empty table, but is if
// rows are inserted after the plan.
func emptyTable(w *world) {
	create := "CREATE TABLE people (email {text})"
	unknown := func(ws []plan.Warning) bool { return slices.Contains(warningCodes(ws), plan.UnknownPrevious) }
	w.other(create)
	p := w.plan(request("doc_1", csv("email", "a", "b")))
	equal(w, "the plan warns", unknown(p.Warnings), false)
	schema, err := w.client.Schema(context.Background(), "people")
	if err != nil {
		w.Fatal(err)
	}
	in, err := exec.InputFor(context.Background(), w.d, schema, w.by(request("doc_1", csv("email", "a", "b"))), tool)
	if err != nil {
		w.Fatal(err)
	}
	offline, err := plan.Build(w.d, in)
	if err != nil {
		w.Fatal(err)
	}
	equal(w, "the plan from the schema warns", unknown(offline.Warnings), false)
	backup, err := w.client.PlanBackup(context.Background(), exec.BackupRequest{Table: "people", DocID: "doc_0"})
	if err != nil {
		w.Fatal(err)
	}
	equal(w, "the plan of a backup warns", unknown(backup.Warnings), false)
	w.other("INSERT INTO people VALUES ('late')")
	r := request("doc_1", csv("email", "a", "b"))
	late, err := w.client.Run(context.Background(), p, r.Source, nil)
	if err != nil {
		w.Fatal(err)
	}
	equal(w, "the run warns of a row that came behind the plan", unknown(late.Warnings), true)
	w.warned("people", plan.UnknownPrevious)
	w.other("CREATE TABLE others (email {text})")
	r.Table = "others"
	equal(w, "the run of an empty table warns", unknown(w.upload(r).Warnings), false)
	back, err := w.client.Restore(context.Background(), exec.RestoreRequest{Table: "others", Version: version(0), Options: plan.Options{Strategy: w.family.Strategy, Allow: []plan.Code{plan.EmptySource}}})
	if err != nil {
		w.Fatal(err)
	}
	equal(w, "the restore of no rows warns", unknown(back.Warnings), false)
}
