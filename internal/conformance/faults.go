package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

func faultCases() []testCase {
	return []testCase{
		{name: "faults: all are told before anything runs", run: faultsAreTold},
		{name: "faults: bad rows are left out", run: badRowsAreLeftOut},
		{name: "faults: bad rows are left out by sync, in a script and by goose", run: badRowsInOtherWays},
		{name: "faults: keys that only the database knows to be the same", run: sameForTheDatabase},
	}
}

// faulty is a table, and a file with three good rows and faults of each kind.
func (w *world) faulty(docID string) exec.Request {
	w.Helper()
	w.other("CREATE TABLE IF NOT EXISTS people (email {text} NOT NULL PRIMARY KEY, age {int}, name {text})")
	return request(docID, csv("email,age,name", "a,1,A", ",2,B", "c,x,C", "d,4", "a,5,A", "f,6,F", "g,1.5,G", "h,8,H"))
}

// faultLines are the lines of the faults in w.faulty, and what their messages say.
func faultLines() map[int]string {
	return map[int]string{3: `column "email": value NULL`, 4: `column "age": value "x"`, 5: "2 values for 3 columns", 6: "line 2 has the same key", 8: `value "1.5"`}
}

func faultsAreTold(w *world) {
	r := w.faulty("doc_1")
	before := w.fingerprint()
	var rejects strings.Builder
	r.Faults.Rejects = &rejects
	err := w.tryUpload(r)
	mustBe[*exec.SourceError](w, err)
	found := mustBe[*rowsource.FaultsError](w, err).Faults
	equal(w, "the counts", []int64{found.Rows, found.Bad, found.Total}, []int64{8, 5, 5})
	for i, cell := range found.First {
		if says, known := faultLines()[cell.Line]; !known || !strings.Contains(cell.Error(), says) {
			w.Errorf("fault %d is: %v", i+1, cell)
		}
	}
	equal(w, "the faults", len(found.First), 5)
	equal(w, "the lines of the rejected rows", strings.Count(rejects.String(), "\n"), 6)
	equal(w, "the database", w.fingerprint(), before)

	// The schema alone says the same.
	_, offline := exec.InputFor(context.Background(), w.d, w.inspect("people"), w.by(w.faulty("doc_1")), tool)
	equal(w, "the message without a database", fmt.Sprint(offline), err.Error())
}

func badRowsAreLeftOut(w *world) {
	r := w.faulty("doc_1")
	r.Options.MaxBadRows = 4
	hazards := mustBe[*plan.HazardError](w, w.tryUpload(r))
	equal(w, "the hazards", hazardCodes(hazards.Hazards), []plan.Code{plan.BadRows})
	w.same("the table", w.lines("people"), nothing...)
	r.Options.MaxBadRows = 5
	p := w.plan(r)
	res, err := w.client.Apply(context.Background(), p, r.Source, nil)
	if err != nil {
		w.Fatal(err)
	}
	equal(w, "the rows", []int64{res.RowsLoaded, res.Bad.Rows}, []int64{3, 5})
	w.same("the table", w.lines("people"), "a | 1 | A", "f | 6 | F", "h | 8 | H")
	run := w.lastRun("people")
	equal(w, "the rows in the ledger", run.SourceRows, int64(3))
	if !strings.HasSuffix(run.Warnings, "BAD_ROWS:5") {
		w.Errorf("the warnings in the ledger: %s", run.Warnings)
	}
	w.says(w.tryUpload(w.faulty("doc_2")), "5 faults in 5 rows")

	// Too few good rows shrink the table, and a file that has changed is another one.
	r = request("doc_3", csv("email,age,name", "a,1,A", "b,x,B", "c,x,C", "d,x,D"))
	r.Options.Allow = []plan.Code{plan.BadRows}
	hazards = mustBe[*plan.HazardError](w, w.tryUpload(r))
	equal(w, "the hazards", hazardCodes(hazards.Hazards), []plan.Code{plan.Shrinks})
	r.Options.Allow = append(r.Options.Allow, plan.Shrinks)
	p = w.plan(r)
	_, err = w.client.Run(context.Background(), p, csv("email,age,name", "a,1,A", "b,2,B", "c,x,C", "d,x,D"), nil)
	if _, drifted := errors.AsType[*exec.DriftError](err); !drifted {
		w.Errorf("another file was loaded: %v", err)
	}
	w.same("the table", w.lines("people"), "a | 1 | A", "f | 6 | F", "h | 8 | H")
}

func badRowsInOtherWays(w *world) {
	allowed := func(docID string) exec.Request {
		r := w.faulty(docID)
		r.Options.Allow = []plan.Code{plan.BadRows, plan.SameFile}
		return r
	}
	good := []string{"a | 1 | A", "f | 6 | F", "h | 8 | H"}
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, age {int}, name {text})", "INSERT INTO people VALUES ('a', 1, 'A'), ('z', 2, 'Z')")
	r := allowed("doc_1")
	if err := w.in.Client(w.T, w.script(w.plan(r), r.Source)); err != nil {
		w.Fatal(err)
	}
	w.same("the table after the script", w.lines("people"), good...)
	w.other("DELETE FROM people WHERE email = 'a'", "INSERT INTO people VALUES ('z', 2, 'Z')")
	r = allowed("doc_2")
	r.Options.Strategy = "sync"
	if _, err := w.client.Upload(context.Background(), r); err != nil {
		if _, refused := errors.AsType[*plan.RefusedError](err); !refused { // not every server syncs
			w.Fatal(err)
		}
		w.upload(allowed("doc_2"))
	}
	w.same("the table after the sync", w.lines("people"), good...)
	w.other("DELETE FROM people WHERE email = 'a'")
	w.up(w.gooseFile(w.gooseSQL(allowed("doc_3"))))
	w.same("the table after the migration", w.lines("people"), good...)
	equal(w, "the last run", w.lastRun("people").State, string(ledger.Done))
	w.says(errors.New(w.lastRun("people").Warnings), "BAD_ROWS:5")
}

// sameForTheDatabase: tablesnap refuses no row because of a key that the database may take
// for another one.
func sameForTheDatabase(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, n {int}, v {text}, UNIQUE (n, v))")
	w.upload(request("doc_1", csv("email,n,v", "a,1,", "b,1,", "c,,x", "d,,x", "e,1,x", "f,1,y")))
	equal(w, "the rows", len(w.lines("people")), 6)
	err := w.tryUpload(request("doc_2", csv("email,n,v", "a,1,x", "b,2,x", "c,1,x")))
	w.says(mustBe[*rowsource.FaultsError](w, err), `line 4, column "n, v": value "1", "x": line 2 has the same key`)
}
