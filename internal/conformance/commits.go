package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// COMMIT returns an error, although the transaction may have committed. The result that
// tablesnap reports must match what the database holds.
func commitCases() []testCase {
	return []testCase{
		{name: "commit: interrupted as it is sent", run: interruptedCommit},
		{name: "commit: it went through, and the answer is an error", run: lostCommit},
		{name: "commit: it did not go through, and the answer is an error", run: failedCommit},
		{name: "commit: of a restore and of a prune, with an error for an answer", run: lostCommitOfOthers},
		{name: "commit: of a pin, with an error for an answer", run: lostPin},
	}
}

var errNoAnswer = errors.New("the answer was lost")

func (w *world) isCommit(statement string) bool { return statement == w.d.Facts().Commit.SQL }

// atCommit runs work and lets answer replace the result of the nth COMMIT that tablesnap
// sends. It reports whether that many were sent.
func (w *world) atCommit(n int, answer func(send func() error) error, work func() error) (met bool, err error) {
	w.Helper()
	seen := 0
	w.sent.AnswerBy(func(statement string, send func() error) error {
		if w.isCommit(statement) {
			if seen++; seen == n {
				met = true
				return answer(send)
			}
		}
		return send()
	})
	defer w.sent.AnswerBy(nil)
	err = work()
	return met, err
}

// eachCommit uploads repeatedly. In the nth upload, answer replaces the result of the nth
// COMMIT.
func (w *world) eachCommit(answer func(cancel func()) func(send func() error) error) {
	w.Helper()
	w.upload(request("doc_0", csv("email", "old_1", "old_2", "old_3")))
	for n := 1; ; n++ {
		before := w.lines("people", "email")
		ctx, cancel := context.WithCancel(context.Background())
		r := request(fmt.Sprintf("doc_%d", n), csv("email", fmt.Sprintf("new_%d", n), "b", "c"))
		met, err := w.atCommit(n, answer(cancel), func() error {
			_, err := w.client.Upload(ctx, w.by(r))
			return err
		})
		cancel()
		if !met {
			return
		}
		w.toldTheTruth(fmt.Sprintf("COMMIT %d", n), r, before, err)
		if w.Failed() {
			w.Fatalf("COMMIT %d of an upload; its error: %v", n, err)
		}
	}
}

// toldTheTruth checks that the table has the upload's rows if there was no error, and the
// rows before it otherwise. It recovers a run that was cut off, and checks that every
// snapshot is complete.
func (w *world) toldTheTruth(what string, r exec.Request, before []string, failed error) {
	w.Helper()
	if cut, ok := errors.AsType[*exec.CutOffError](failed); ok && w.swaps() { // the new rows are live, and the backup of the old ones is not complete
		w.Logf("%s: %v", what, cut)
		w.tidied("people")
		failed = nil
	}
	run := w.lastRun("people")
	if failed != nil {
		w.same(what+": the table", w.lines("people", "email"), before...)
		if run.DocID == r.DocID && run.State != string(ledger.Failed) {
			w.Errorf("%s: the run is %s, and said %v", what, run.State, failed)
		}
	} else {
		equal(w, what+": the run", run.DocID+" "+run.State, r.DocID+" "+string(ledger.Done))
		equal(w, what+": its first row", w.lines("people", "email")[2], strings.ReplaceAll(r.DocID, "doc", "new"))
	}
	w.oneSetOfRows()
	w.upload(request(r.DocID+"_next", csv("email", "old_1", "old_2", r.DocID)))
	w.oneSetOfRows()
}

// oneSetOfRows checks that the backup has exactly the versions that runs replaced, each
// with as many rows as its run counted.
func (w *world) oneSetOfRows() {
	w.Helper()
	var want []string
	for _, run := range w.audit("people") {
		if run.State == string(ledger.Done) && run.VersionReplaced != nil {
			want = append(want, fmt.Sprintf("%d | %d", *run.VersionReplaced, deref(run.RowsBackedUp)))
		}
	}
	slices.Sort(want)
	got := []string{}
	counted := map[string]int{}
	for _, v := range w.lines("people_backup", "snapshot_version") {
		counted[v]++
	}
	for v, n := range counted {
		got = append(got, fmt.Sprintf("%s | %d", v, n))
	}
	slices.Sort(got)
	w.same("the versions in the backup, with their rows", got, want...)
}

// interruptedCommit cancels the context while COMMIT is sent. From then on the context
// must not cancel the COMMIT.
func interruptedCommit(w *world) {
	interrupted := 0
	w.eachCommit(func(cancel func()) func(send func() error) error {
		return func(send func() error) error {
			interrupted++
			if interrupted%2 == 0 {
				go cancel()
			} else {
				cancel()
			}
			return send()
		}
	})
	p := w.plan(request("doc_done", csv("email", "new_done", "y", "z")))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	closing := ledger.FinishRun(w.d, p.Outcome(w.d)).SQL
	ended := false
	w.sent.BeforeEach(func(statement string) {
		if ended = ended || statement == closing; ended && w.isCommit(statement) {
			cancel()
		}
	})
	defer w.sent.BeforeEach(nil)
	if _, err := w.client.Run(ctx, p, csv("email", "new_done", "y", "z"), nil); err != nil {
		w.Errorf("interrupted as the COMMIT was sent that ends the run: %v", err)
	}
	if ctx.Err() == nil {
		w.Error("the run was never interrupted")
	}
}

func lostCommit(w *world) {
	w.eachCommit(func(func()) func(send func() error) error {
		return func(send func() error) error {
			if err := send(); err != nil {
				return err
			}
			return errNoAnswer
		}
	})
}

func failedCommit(w *world) {
	w.eachCommit(func(func()) func(send func() error) error {
		return func(func() error) error { return errNoAnswer }
	})
}

// lost sends a statement and returns an error instead of its result.
func lost(send func() error) error { return errors.Join(send(), errNoAnswer) }

func lostCommitOfOthers(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b", "c")))
	w.upload(request("doc_2", csv("email", "d", "e", "f")))
	for n := 1; ; n++ {
		version := int64(1)
		before := w.lines("people", "email")
		made := w.lastRun("people").VersionMade
		met, err := w.atCommit(n, lost, func() error {
			r := w.restoreRequest(version)
			r.Options.Allow = []plan.Code{plan.SameFile}
			_, err := w.client.Restore(context.Background(), r)
			return err
		})
		want := before
		if err == nil {
			want = []string{"a", "b", "c"}
		}
		w.same(fmt.Sprintf("the table after COMMIT %d of a restore", n), w.lines("people", "email"), want...)
		w.oneSetOfRows()
		if !met {
			break
		}
		w.upload(request(fmt.Sprintf("doc_%d", n+2), csv("email", fmt.Sprint("g", n), "h", "i")))
		if last := w.lastRun("people").VersionMade; err == nil && last != made+2 {
			w.Errorf("the versions after a restore that is done: %d and %d", made, last)
		}
	}
	for n := 1; ; n++ {
		w.upload(request(fmt.Sprintf("doc_p%d", n), csv("email", fmt.Sprint("p", n), "q", "r")))
		had := len(slices.Compact(w.lines("people_backup", "snapshot_version")))
		met, err := w.atCommit(n, lost, func() error {
			_, _, err := w.client.Prune(context.Background(), exec.PruneRequest{Table: "people", Keep: had - 1})
			return err
		})
		if err == nil {
			had--
		}
		if got := len(slices.Compact(w.lines("people_backup", "snapshot_version"))); got != had && !w.partly(err) {
			w.Errorf("COMMIT %d of a prune: %v; there are %d snapshots, want %d", n, err, got, had)
		}
		w.tidied("people")
		if !met {
			return
		}
	}
}

func (w *world) partly(err error) bool {
	_, ok := errors.AsType[*exec.PartlyPrunedError](err)
	return ok
}

// lostPin loses the result of a pin, which is a single statement that commits by itself.
func lostPin(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	w.upload(request("doc_2", csv("email", "b")))
	of := func(change func() error) {
		w.Helper()
		w.sent.AnswerBy(func(statement string, send func() error) error {
			if strings.Contains(statement, dialect.PinTable) {
				return lost(send)
			}
			return send()
		})
		defer w.sent.AnswerBy(nil)
		if err := change(); err != nil {
			w.Errorf("the pin went through, and its error is %v", err)
		}
	}
	of(func() error { return w.client.Pin(context.Background(), "people", 1, actor) })
	if versions := w.history("people"); !versions[1].Pinned {
		w.Error("version 1 is not pinned")
	}
	of(func() error { return w.client.Unpin(context.Background(), "people", 1) })
}
