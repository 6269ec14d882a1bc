package conformance

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Auto-increment columns and sequences.
func numberingCases() []testCase {
	return []testCase{
		{name: "a row numbered 0 keeps its number", run: zeroIsKept},
		{name: "numbers that were given are not given again", run: numbersGoOn},
		{name: "a number that is given at the last moment is not given again", run: lateNumber},
		{name: "a counter that was set, and has numbered no row, goes on", run: unusedCounter},
		{name: "sequences that defaults name go on", run: sequencesGoOn},
		{name: "rows without a number get one", run: numbersAreGiven},
		{name: "rows without a number get none that was given before", run: numbersAreNew},
		{name: "swap: rows without a number, while others get some", run: numbersForTwo, unless: inPlace},
		{name: "random numbers: rows without one get one that was never given", run: randomKeysAreNew},
		{name: "random numbers: rows keep theirs, and none is given again", run: randomKeysAreKept},
		{name: "random numbers: those of a file are not given to other rows", run: randomKeysOfFile},
		{name: "random numbers: a recovered swap gives none again", run: randomKeysRecovered, unless: inPlace},
		{name: "an empty key is refused, and gets no number", run: emptyKey},
		{name: "rows of nothing but delimiters are told", run: blankRows},
	}
}

// emptyKey uploads rows without a number for the key, as spreadsheets write for rows that
// look empty.
func emptyKey(w *world) {
	w.other("CREATE TABLE people (n {id}, email {text})", "INSERT INTO people VALUES (7, 'old')")
	r := request("doc_1", csv("n,email", "1,a", ",", ",b"))
	cell := mustBe[*rowsource.CellError](w, w.tryUpload(r))
	equal(w, "the place", fmt.Sprint(cell.Line, cell.Column), "3n")
	w.same("the table", w.lines("people"), "7 | old")
	var b strings.Builder
	if err := plan.WriteScript(&b, w.d, w.planUnchecked(r), r.Source, plan.ScriptOptions{Rows: plan.AllRows}); err == nil {
		if err := w.in.Client(w.T, b.String()); err == nil {
			w.Error("the script gave an empty key a number")
		}
	}
	w.same("the table, after the script", w.lines("people"), "7 | old")
}

func blankRows(w *world) {
	w.other("CREATE TABLE people (email {text}, name {text})")
	res := w.upload(request("doc_1", csv("email,name", "a,b", ",", `"",`, ",")))
	w.same("the table", w.lines("people"), "a | b", "NULL | NULL", "NULL | NULL", `"" | NULL`)
	i := slices.IndexFunc(res.Warnings, func(found plan.Warning) bool { return found.Code == plan.BlankRows })
	if i < 0 || !strings.Contains(res.Warnings[i].Message, "lines 3, 5") {
		w.Errorf("the warnings: %v", res.Warnings)
	}
	w.same("the codes in the audit", strings.Fields(w.lastRun("people").Warnings), warningCodesOf(res.Warnings)...)
}

func warningCodesOf(ws []plan.Warning) (codes []string) {
	for _, c := range warningCodes(ws) {
		codes = append(codes, string(c))
	}
	return codes
}

func zeroIsKept(w *world) {
	w.other("CREATE TABLE people (n {id}, email {text})", "INSERT INTO people VALUES (0, 'zero'), (7, 'seven')")
	w.upload(request("doc_1", csv("n,email", "0,a", "5,b")))
	w.same("the backup", w.snapshot("people_backup", 0, "n", "email"), "0 | zero", "7 | seven")
	w.same("the table", w.lines("people"), "0 | a", "5 | b")
	r := request("doc_2", csv("n,email", "0,c", "6,d"))
	if err := w.in.Client(w.T, w.script(w.plan(r), r.Source)); err != nil {
		w.Errorf("run the script: %v", err)
	}
	w.same("the backup, after the script", w.snapshot("people_backup", 1, "n", "email"), "0 | a", "5 | b")
	w.same("the table, after the script", w.lines("people"), "0 | c", "6 | d")
}

func (w *world) countTo(table string, n int) {
	w.Helper()
	if w.family.Words.CountTo != nil {
		w.other(w.family.Words.CountTo(table, n)...)
	}
}

// nextNumber inserts a row as another program and returns its number.
func (w *world) nextNumber() int {
	w.Helper()
	w.other("INSERT INTO people (email) VALUES ('next')")
	found := w.query("SELECT n FROM people WHERE email = 'next'")
	if len(found) != 1 {
		w.Fatalf("the rows called next: %q", found)
	}
	n, err := strconv.Atoi(found[0])
	if err != nil {
		w.Fatal(err)
	}
	return n
}

func numbersGoOn(w *world) {
	w.other("CREATE TABLE people (n {id}, email {text})", "INSERT INTO people VALUES (1, 'old'), (500, 'gone')", "DELETE FROM people WHERE n = 500")
	w.countTo("people", 500)
	w.upload(request("doc_1", csv("n,email", "1,a")))
	if n := w.nextNumber(); n <= 500 {
		w.Errorf("a new row got the number %d, and 500 was given before", n)
	}
	w.other("DELETE FROM people WHERE email = 'next'")
	r := request("doc_2", csv("n,email", "1,b"))
	if err := w.in.Client(w.T, w.script(w.plan(r), r.Source)); err != nil {
		w.Errorf("run the script: %v", err)
	}
	if n := w.nextNumber(); n <= 501 {
		w.Errorf("after the script, a new row got the number %d, and 501 was given before", n)
	}
}

func unusedCounter(w *world) {
	if w.family.Words.CountFrom == nil {
		return // the suite does not test this for the family
	}
	w.other("CREATE TABLE people (n {id}, email {text})")
	w.other(w.family.Words.CountFrom("people", 31000)...)
	w.upload(request("doc_1", csv("n,email", "1,a")))
	if n := w.nextNumber(); n < 31000 {
		w.Errorf("a new row got the number %d, and the table was to begin at 31000", n)
	}
}

// sequencesGoOn checks that a sequence never returns a number that a run, script or
// restore has loaded, whether it counts up or down.
func sequencesGoOn(w *world) {
	next := w.family.Words.NextOf
	if next == nil {
		return // the family has no sequences
	}
	w.other("CREATE SEQUENCE up", "CREATE SEQUENCE down INCREMENT BY -2",
		"CREATE TABLE people (n {int} DEFAULT "+next("up")+", d {int} DEFAULT "+next("down")+", email {text})", "INSERT INTO people (email) VALUES ('old')")
	goOn := func(after string, n, d int) {
		w.Helper()
		w.other("DELETE FROM people WHERE email = 'next'", "INSERT INTO people (email) VALUES ('next')")
		found := w.query("SELECT count(*) FROM people WHERE email = 'next' AND n > " + strconv.Itoa(n) + " AND d < " + strconv.Itoa(d))
		if w.same("the next row after "+after, found, "1"); found[0] != "1" {
			w.Log(w.lines("people"))
		}
	}
	w.upload(request("doc_1", csv("n,d,email", "7,-70,a", "3,-5,b")))
	goOn("an upload", 7, -70)
	r := request("doc_2", csv("n,d,email", "5000,-5000,c", "1,,d"))
	if err := w.in.Client(w.T, w.script(w.plan(r), r.Source)); err != nil {
		w.Errorf("run the script: %v", err)
	}
	goOn("a script", 5000, -5000)
	w.other("ALTER SEQUENCE up RESTART WITH 1", "ALTER SEQUENCE down RESTART WITH -1", "DELETE FROM people")
	empty := csv("n,d,email")
	w.upload(allowed(request("doc_3", empty)))
	if _, err := w.client.Restore(context.Background(), exec.RestoreRequest{Table: "people", Version: version(1), Options: plan.Options{Strategy: w.family.Strategy, Allow: plan.Codes()}}); err != nil {
		w.Fatalf("restore: %v", err)
	}
	goOn("a restore", 7, -70)
	w.says(w.tryUpload(request("doc_4", csv("email", "x", "y"))), string(plan.KeysRenumbered), `"n", "d"`)
}

func lateNumber(w *world) {
	w.other("CREATE TABLE people (n {id}, email {text})", "INSERT INTO people VALUES (1, 'old'), (500, 'older')")
	w.countTo("people", 500)
	r := request("doc_1", csv("n,email", "1,a", "2,b"))
	p := w.plan(r)
	at := w.opening(p, w.clearing())
	if step, swaps := p.Find(plan.SwapTables); swaps {
		at = moment{statement: step.SQL}
	}
	if err := w.runWith(p, r.Source, at, func() { w.other("INSERT INTO people (email) VALUES ('late')") }); err != nil {
		w.Fatal(err)
	}
	late, err := strconv.Atoi(w.query("SELECT n FROM people_backup WHERE email = 'late'")[0])
	if err != nil {
		w.Fatal(err)
	}
	if n := w.nextNumber(); n <= late {
		w.Errorf("a new row got the number %d, and %d was given before", n, late)
	}
}

func numbersAreGiven(w *world) {
	w.other("CREATE TABLE people (n {id}, email {text})", "INSERT INTO people VALUES (3, 'old')")
	w.upload(resetting(request("doc_1", csv("email", "a", "b"))))
	w.same("the table", w.lines("people", "email"), "a", "b")
	w.distinct("people", "n", 2)
	w.same("the backup", w.snapshot("people_backup", 0, "n", "email"), "3 | old")
}

// numbersAreNew checks that numbers of deleted rows are not used again, because other
// tables may still refer to them.
func numbersAreNew(w *world) {
	w.other("CREATE TABLE people (n {id}, email {text})", "INSERT INTO people VALUES (1, 'old'), (500, 'gone')", "DELETE FROM people WHERE n = 500")
	w.countTo("people", 500)
	r := allowed(request("doc_1", csv("email", "a", "b", "c")))
	w.upload(r)
	given := w.numbers()
	if len(given) != 3 || given[0] <= 500 {
		w.Errorf("the new rows got the numbers %v, and 500 was given before", given)
	}
	r = allowed(request("doc_2", csv("email", "d", "e", "f")))
	if err := w.in.Client(w.T, w.script(w.plan(r), r.Source)); err != nil {
		w.Errorf("run the script: %v", err)
	}
	again := w.numbers()
	if len(again) != 3 || again[0] <= given[2] {
		w.Errorf("after the script, the new rows got the numbers %v, and %v were given before", again, given)
	}
	if n := w.nextNumber(); n <= again[2] {
		w.Errorf("the next row got the number %d, and %v were given before", n, again)
	}
}

// numbers returns the rows' numbers in order.
func (w *world) numbers() []int {
	w.Helper()
	var numbers []int
	for _, line := range w.query("SELECT n FROM people ORDER BY n") {
		n, err := strconv.Atoi(line)
		if err != nil {
			w.Fatal(err)
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// numbersForTwo inserts a row as another program while the new rows get their numbers. A
// number that is used twice would identify two different rows.
func numbersForTwo(w *world) {
	w.other("CREATE TABLE people (n {id}, email {text})", "INSERT INTO people VALUES (1, 'old'), (500, 'older')")
	w.countTo("people", 500)
	r := allowed(request("doc_1", csv("email", "a", "b")))
	p := w.plan(r)
	load, _ := p.Find(plan.LoadRows)
	err := w.runWith(p, r.Source, moment{statement: load.After[0].SQL}, func() { w.other("INSERT INTO people (email) VALUES ('late')") })
	if err != nil {
		w.says(err, "numbers", "in-place")
		w.same("the table", w.lines("people", "email"), "late", "old", "older")
		return
	}
	late, err := strconv.Atoi(w.query("SELECT n FROM people_backup WHERE email = 'late'")[0])
	if err != nil {
		w.Fatal(err)
	}
	if slices.Contains(w.numbers(), late) {
		w.Errorf("the number %d was given twice: %v", late, w.numbers())
	}
}

// allowed returns the request with every hazard allowed.
func allowed(r exec.Request) exec.Request {
	r.Options.Allow = plan.Codes()
	return r
}
