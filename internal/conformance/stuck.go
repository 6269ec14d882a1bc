package conformance

import (
	"context"
	"database/sql/driver"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Runs that cannot continue: what they report and leave behind.
func stuckCases() []testCase {
	return []testCase{
		{name: "stuck: a swap may not drop its shadow", run: undroppableShadow, unless: inPlace},
		{name: "stuck: another program holds the rows", run: heldRows, unless: singleServer},
		{name: "stuck: the connection is lost in an assertion", run: lostInAssertion},
		{name: "stuck: the file vanishes", run: vanishedFile},
	}
}

// undroppableShadow checks that the run stays open, so that recovery can end it after the
// obstacle was removed.
func undroppableShadow(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY)", "INSERT INTO people VALUES ('a')")
	r := request("doc_1", csv("email", "b"))
	p := w.plan(r)
	swap, _ := p.Find(plan.SwapTables)
	shadow, _ := p.Find(plan.CreateShadow)
	err := w.runWith(p, r.Source, moment{statement: swap.SQL}, func() {
		w.other("CREATE TABLE in_the_way (email {text}, FOREIGN KEY (email) REFERENCES "+w.d.QuoteTable(shadow.Table)+" (email))",
			"CREATE TABLE people"+dialect.OldSuffix+" (theirs {int})")
	})
	mustBe[*exec.CutOffError](w, err)
	drop := dialect.DropTable(w.d, shadow.Table).SQL
	w.says(err, drop, "tablesnap recover people")
	w.same("the table", w.lines("people"), "a")
	mustBe[*exec.CutOffError](w, w.tryUpload(request("doc_2", csv("email", "c"))))
	_, err = w.client.Recover(context.Background(), "people", exec.DoRecover)
	mustBe[*exec.CutOffError](w, err)
	w.says(err, drop)
	w.other("DROP TABLE in_the_way", "DROP TABLE people"+dialect.OldSuffix)
	w.tidied("people")
	w.upload(request("doc_2", csv("email", "c")))
}

// heldRows checks that a lock timeout in any statement is reported as a *LockedError.
func heldRows(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	conn, err := w.in.Other.Conn(context.Background())
	if err != nil {
		w.Fatal(err)
	}
	defer conn.Close()
	r := request("doc_2", csv("email", "c", "d"))
	r.Options.LockTimeout = time.Second
	p := w.plan(r)
	for _, s := range []string{"BEGIN", "UPDATE people SET email = 'z' WHERE email = 'a'"} {
		if _, err := conn.ExecContext(context.Background(), s); err != nil {
			w.Fatal(err)
		}
	}
	_, failed := w.client.Run(context.Background(), p, r.Source, nil)
	if _, err := conn.ExecContext(context.Background(), "ROLLBACK"); err != nil {
		w.Fatal(err)
	}
	if _, shows := dialect.As[dialect.SwapAwaiter](w.d); w.swaps() && shows { // the server does not give up such a rename
		mustBe[*exec.CutOffError](w, failed)
		w.tidied("people")
		return
	}
	mustBe[*exec.LockedError](w, failed)
	w.same("the table", w.lines("people"), "a", "b")
	w.upload(request("doc_2", csv("email", "c", "d")))
}

// lostInAssertion loses the connection during an assertion. The error must not say that
// the assertion failed.
func lostInAssertion(w *world) {
	if w.d.Classify(driver.ErrBadConn) != dialect.FailureLost {
		w.Log("a database in the same process loses no connection")
		return
	}
	w.upload(request("doc_1", csv("email", "a", "b")))
	r := request("doc_2", csv("email", "c", "d"))
	p := w.plan(r)
	assertion, lost := p.Groups[0].Before[0].SQL, false
	w.sent.AnswerBy(func(statement string, send func() error) error {
		if statement == assertion && !lost {
			lost = true
			return driver.ErrBadConn
		}
		return send()
	})
	_, err := w.client.Run(context.Background(), p, r.Source, nil)
	w.sent.AnswerBy(nil)
	w.says(err, "is as it was")
	if strings.Contains(err.Error(), "made for something else") || strings.Contains(err.Error(), "already closed") {
		w.Errorf("the error: %v", err)
	}
	w.same("the table", w.lines("people"), "a", "b")
	w.upload(r)
}

// vanishedFile deletes the file after the plan. The error must not be about the
// connection.
func vanishedFile(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	file := filepath.Join(w.TempDir(), "people.csv")
	if err := os.WriteFile(file, []byte("email\nc\nd\n"), 0o600); err != nil {
		w.Fatal(err)
	}
	r := request("doc_2", rowsource.File(file, rowsource.Options{}))
	p := w.plan(r)
	if err := os.Remove(file); err != nil {
		w.Fatal(err)
	}
	_, err := w.client.Run(context.Background(), p, r.Source, nil)
	w.says(err, "people.csv")
	if strings.Contains(err.Error(), "connection") {
		w.Errorf("the error tells of a connection: %v", err)
	}
	w.same("the table", w.lines("people"), "a", "b")
	w.failedAt(p, plan.LoadRows)
}
