package conformance

import (
	"context"
	"fmt"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// Cases that only apply to swaps.
func swapCases() []testCase {
	return []testCase{
		{name: "swap: a table with foreign keys is refused", run: swapForeignKeys, unless: inPlace},
		{name: "swap: a table with triggers is refused", run: swapTriggers, unless: either(inPlace, noTriggers)},
		{name: "swap: readers never see the table empty", run: neverEmpty, unless: inPlace},
		{name: "swap: the backup fails: preserve", run: swapPreserve, unless: inPlace},
		{name: "swap: the backup fails in its second piece: preserve", run: swapPreserveSecondPiece, unless: inPlace},
		{name: "swap: the backup cannot be made: preserve", run: swapBackupNotMade, unless: inPlace},
		{name: "swap: the backup fails: continue", run: swapContinue, unless: inPlace},
		{name: "swap: the backup fails: abort", run: swapAbort, unless: inPlace},
		{name: "swap: rows are copied in pieces along any key", run: swapInPieces, unless: inPlace},
		{name: "swap: a column is added at the last moment", run: lateColumn, unless: inPlace},
		{name: "swap: nothing is left behind", run: nothingLeft, unless: inPlace},
	}
}

func swapForeignKeys(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY)", "INSERT INTO people VALUES ('a')",
		"CREATE TABLE notes (author {text}, FOREIGN KEY (author) REFERENCES people (email))")
	w.refused(request("doc_1", csv("email", "b")), "notes", "swap")
	r := request("doc_1", csv("author", "a"))
	r.Table = "notes"
	w.refused(r, "author", "swap")
}

func swapTriggers(w *world) {
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('a')", "CREATE TABLE noted (event {text})")
	w.other(w.family.Words.Note("noting", "people", "INSERT", "noted")...)
	w.refused(request("doc_1", csv("email", "b")), "noting", "swap")
}

// swapInManyPieces copies thousands of rows in chunks. TiDB may reuse the memory of a
// text in a user variable for a later statement, which would corrupt the position of the
// next chunk.
func swapInManyPieces(w *world) {
	const rows, piece = 5_500, 1_000
	of := func(doc, between string) []string {
		lines := make([]string, rows)
		for i := range lines {
			lines[i] = fmt.Sprint(i, between, doc)
		}
		return lines
	}
	w.other("CREATE TABLE people (n {text} NOT NULL PRIMARY KEY, email {text})")
	for _, doc := range []string{"doc_1", "doc_2"} {
		r := request(doc, csv("n,email", of(doc, ",")...))
		r.Options.ChunkRows = piece
		w.upload(r)
	}
	w.same("the backup of the first", w.snapshot("people_backup", 1, "n", "email"), of("doc_1", " | ")...)
	r := w.restoreRequest(1)
	r.Options.ChunkRows = piece
	if _, err := w.client.Restore(context.Background(), r); err != nil {
		w.Fatalf("restore: %v", err)
	}
	w.same("the table", w.lines("people", "n", "email"), of("doc_1", " | ")...)
	w.same("the backup of the second", w.snapshot("people_backup", 2, "n", "email"), of("doc_2", " | ")...)
}

// neverEmpty counts the table's rows before each statement of an upload.
func neverEmpty(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	r := request("doc_2", csv("email", "x", "y", "z"))
	p := w.plan(r)
	var seen []int
	w.sent.BeforeEach(func(string) { seen = append(seen, len(w.lines("people"))) })
	_, err := w.client.Run(context.Background(), p, r.Source, nil)
	w.sent.BeforeEach(nil)
	if err != nil {
		w.Fatal(err)
	}
	if rest := slices.Compact(seen); !slices.Equal(rest, []int{2, 3}) {
		w.Errorf("the table had %v rows, want 2 and then 3", rest)
	}
}

// lateColumn adds a column after tablesnap's last check. The old table with its values
// must not be dropped.
func lateColumn(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	r := request("doc_2", csv("email", "x", "y"))
	p := w.plan(r)
	err := w.runWith(p, r.Source, w.lastMoment(p), func() {
		w.other("ALTER TABLE people ADD COLUMN late {text}", "UPDATE people SET late = 'kept'")
	})
	w.Logf("the upload: %v", err)
	kept := w.inspect("people").Old
	if kept == nil {
		w.Fatal("the old table is gone, and with it the values of the column late")
	}
	w.same("the old table", w.lines(kept.Ident.Name), "a | kept", "b | kept")
}

func nothingLeft(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.upload(request("doc_2", csv("email", "c", "d")))
	if err := w.tryUpload(request("doc_3", csv("email", "e"))); err != nil {
		w.Fatal(err)
	}
	equal(w, "the tables", w.tables(), []string{"people", "people_backup", dialect.AuditTable, dialect.VersionTable, dialect.LeaseTable, dialect.PinTable, dialect.RunTable})
	if _, left := w.plan(request("doc_4", csv("email", "f"))).Find(plan.CreateShadow); !left {
		w.Error("the next plan makes no shadow")
	}
}
