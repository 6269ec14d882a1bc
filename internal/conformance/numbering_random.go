package conformance

import (
	"context"
	"fmt"
	"strconv"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// RandomKey is a primary key for which the database generates random numbers.
type RandomKey struct {
	Definition string
	// Counted is an expression for the part of the key n that the database counts up. No
	// two rows may ever have the same.
	Counted string
}

// eachRandomKey runs work in an empty database with a table people for each kind of key.
// A deleted row had the last number.
func (w *world) eachRandomKey(work func(k RandomKey)) {
	for _, k := range w.family.Words.RandomKeys {
		for _, table := range w.tables() {
			w.other("DROP TABLE " + w.d.Quote(table))
		}
		w.other("CREATE TABLE people (n "+k.Definition+", email {text})", "INSERT INTO people (email) VALUES ('old'), ('older')", "INSERT INTO people (email) VALUES ('gone')")
		work(k)
	}
}

// lastCounted returns the highest counted part of the rows' keys.
func (w *world) lastCounted(k RandomKey) int64 {
	w.Helper()
	found := w.query("SELECT max(" + k.Counted + ") FROM people")
	n, err := strconv.ParseInt(found[0], 10, 64)
	if err != nil {
		w.Fatal(err)
	}
	return n
}

// countedFrom checks that the counted parts of all rows and of a new row are distinct and
// greater than last. It returns the new row's.
func (w *world) countedFrom(what string, k RandomKey, last int64) int64 {
	w.Helper()
	w.other("INSERT INTO people (email) VALUES ('next')")
	w.same("the rows that have a number which was given before, after "+what,
		w.query("SELECT count(*) FROM people WHERE "+k.Counted+" <= "+strconv.FormatInt(last, 10)), "0")
	w.same("the numbers that were given twice, after "+what, w.query("SELECT count(*) - count(DISTINCT "+k.Counted+") FROM people"), "0")
	last = w.lastCounted(k)
	w.other("DELETE FROM people WHERE email = 'next'")
	return last
}

// randomKeysAreNew uploads a file without the key, which is a hazard if the table has
// rows. If it is allowed, no number may be used twice, and the column must still generate
// random ones.
func randomKeysAreNew(w *world) {
	w.eachRandomKey(func(k RandomKey) {
		before, last := w.showCreate(), w.lastCounted(k)
		w.other("DELETE FROM people WHERE email = 'gone'")
		r := request("doc_1", csv("email", "a", "b", "c"))
		w.says(w.tryUpload(r), string(plan.KeysRenumbered), `"n"`)
		w.same("the table, refused", w.lines("people", "email"), "old", "older")
		r = allowed(r)
		w.upload(r)
		w.same("the table", w.lines("people", "email"), "a", "b", "c")
		w.same("the backup", w.snapshot("people_backup", 0, "email"), "old", "older")
		last = w.countedFrom("an upload", k, last)
		r = allowed(request("doc_2", csv("email", "d", "e")))
		if err := w.in.Client(w.T, w.script(w.plan(r), r.Source)); err != nil {
			w.Errorf("run the script: %v", err)
		}
		w.same("the table, after the script", w.lines("people", "email"), "d", "e")
		w.countedFrom("a script", k, last)
		w.same("the definition", []string{w.showCreate()}, before)
	})
}

// randomKeysAreKept checks that rows keep their numbers, also 0, and that the counter
// continues.
func randomKeysAreKept(w *world) {
	w.eachRandomKey(func(k RandomKey) {
		before, last := w.showCreate(), w.lastCounted(k)
		rows := w.lines("people")
		w.upload(request("doc_1", csv("n,email", "0,zero", "5,five")))
		w.same("the table", w.lines("people"), "0 | zero", "5 | five")
		w.same("the backup", w.snapshot("people_backup", 0, "n", "email"), rows...)
		w.other("DELETE FROM people")
		last = w.countedFrom("an upload", k, last)

		r := w.restoreRequest(0)
		r.Options.Allow = plan.Codes()
		if _, err := w.client.Restore(context.Background(), r); err != nil {
			w.Fatalf("restore: %v", err)
		}
		w.same("the table, restored", w.lines("people"), rows...)
		w.other("DELETE FROM people")
		w.countedFrom("a restore", k, last)
		w.same("the definition", []string{w.showCreate()}, before)
	})
}

// randomKeysOfFile checks that new rows do not get numbers that the file had.
func randomKeysOfFile(w *world) {
	w.eachRandomKey(func(k RandomKey) {
		const given = 3000000
		w.upload(allowed(request("doc_1", csv("n,email", fmt.Sprintf("%d,a", given)))))
		w.other("INSERT INTO people (email) VALUES ('next')")
		if last := w.lastCounted(k); last <= given {
			w.Errorf("a new row got the number %d, and the file had %d", last, given)
		}
		d, _ := w.diff(exec.DiffRequest{File: csv("email", "a", "next")})
		if len(d.Anew) != 1 {
			w.Errorf("the columns that get a new number: %v", d.Anew)
		}
	})
}

// randomKeysRecovered cuts a swap off just after the rename, before the old table's
// counter is copied.
func randomKeysRecovered(w *world) {
	w.eachRandomKey(func(k RandomKey) {
		before, last := w.showCreate(), w.lastCounted(k)
		r := request("doc_1", csv("n,email", "5,five"))
		p := w.plan(r)
		swap, _ := p.Find(plan.SwapTables)
		w.cutAhead(p, r.Source, p.Steps()[swap.Seq])
		w.tidied("people")
		w.same("the table", w.lines("people"), "5 | five")
		w.same("the backup", w.snapshot("people_backup", 0, "email"), "gone", "old", "older")
		w.other("DELETE FROM people")
		w.countedFrom("a recovery", k, last)
		w.same("the definition", []string{w.showCreate()}, before)
	})
}
