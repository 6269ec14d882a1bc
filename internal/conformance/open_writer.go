package conformance

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	syncatomic "sync/atomic"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/wait"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// opensTransaction inserts the row 'open' as another program, without committing it.
func (w *world) opensTransaction() *sql.Conn {
	w.Helper()
	ctx := context.Background()
	conn, err := w.in.Other.Conn(ctx)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { conn.Close() })
	for _, s := range []string{"BEGIN", "INSERT INTO people VALUES ('open')"} {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			w.Fatal(err)
		}
	}
	return conn
}

func (w *world) commits(conn *sql.Conn) {
	w.Helper()
	if _, err := conn.ExecContext(context.Background(), "COMMIT"); err != nil {
		w.Fatal(err)
	}
}

// openWriter checks that the run does not wait forever, and that the row which the other
// program commits later is not lost.
func openWriter(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	conn := w.opensTransaction()
	r := request("doc_2", csv("email", "b"))
	r.Options.LockTimeout = shortTimeout
	err := w.tryUpload(r)
	_, given := errors.AsType[*exec.CutOffError](err)
	if given {
		w.swapGoesOn(err)
	}
	w.commits(conn)
	if given {
		w.tidied("people")
	} else if err != nil && w.d.Classify(err) != dialect.FailureBusy {
		w.Errorf("the upload failed, and not for a lock: %v", err)
	}
	if w.found("open") != 1 || w.found("a") != 1 {
		w.Errorf("%q in the table, %q in the backup", w.lines("people"), w.lines("people_backup", "email"))
	}
	r.Options.LockTimeout = 0
	r.Options.Allow = []plan.Code{plan.Shrinks, plan.SameFile}
	w.upload(r)
	if w.found("open") != 1 || w.found("a") != 1 {
		w.Errorf("after the next upload: %q in the table, %q in the backup", w.lines("people"), w.lines("people_backup", "email"))
	}
}

// swapGoesOn checks a swap that tablesnap gave up waiting for while the database still
// completes it: others see the new rows, and no other upload can start.
func (w *world) swapGoesOn(err error) {
	w.Helper()
	w.says(err, "other programs have transactions open on the table", "tablesnap recover people")
	w.same("what others see", w.lines("people"), "b")
	next := request("doc_3", csv("email", "c"))
	next.Options.LockTimeout = shortTimeout
	mustBe[*exec.LockedError](w, w.tryUpload(next))
}

// recoverBesideWriter recovers a swap whose session has ended and released its lock,
// while another program still has a transaction open on the old table.
func recoverBesideWriter(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	p := w.plan(request("doc_2", csv("email", "b")))
	swap, _ := p.Find(plan.SwapTables)
	if swap.GiveUpAfter == 0 {
		return // here no transaction can still be open on the old table after the rename
	}
	w.cutAhead(p, csv("email", "b"), swap)
	conn := w.opensTransaction()
	swapped := make(chan error, 1)
	go func() { swapped <- w.tries(swap.SQL) }()
	w.eventually("the swap is seen", func() bool { return w.inspect("people").Old != nil })
	var asked, committing syncatomic.Bool
	awaiter, ok := dialect.As[dialect.SwapAwaiter](w.d)
	if !ok {
		w.Fatal("a swap is over as soon as it is seen here")
	}
	await := awaiter.AwaitSwap(w.inspect("people").Old.Ident).SQL
	w.sent.AnswerBy(func(statement string, send func() error) error {
		if statement != await {
			return send()
		}
		asked.Store(true)
		err := send()
		if !committing.Load() {
			w.Errorf("recover did not wait for the other program (%v)", err)
		}
		return err
	})
	recovered := make(chan error, 1)
	go func() {
		_, err := w.client.Recover(context.Background(), "people", exec.DoRecover)
		recovered <- err
	}()
	w.eventually("recover waits for the other program", asked.Load)
	committing.Store(true)
	w.commits(conn)
	if err := errors.Join(<-swapped, <-recovered); err != nil {
		w.Fatal(err)
	}
	w.same("the table", w.lines("people"), "b")
	w.same("the backup", w.lines("people_backup", "email"), "a", "open")
}

// cutAhead runs the plan's script up to the group that contains a step.
func (w *world) cutAhead(p plan.Plan, src rowsource.Source, s plan.Step) {
	w.Helper()
	script := w.script(p, src)
	begun := script[:strings.Index(script, fmt.Sprintf("\n-- %d. ", s.Seq))]
	begun = begun[:strings.LastIndex(begun, "\n-- group ")]
	if err := w.in.Client(w.T, begun); err != nil {
		w.Fatalf("run the beginning of the script: %v", err)
	}
}

// eventually waits until a condition holds because of another session.
func (w *world) eventually(says string, holds func() bool) {
	w.Helper()
	if !wait.Until(w, says, holds) {
		w.FailNow()
	}
}
