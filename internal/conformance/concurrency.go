package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/internal/wait"
	"github.com/tablesnap/tablesnap/plan"
)

func concurrencyCases() []testCase {
	return []testCase{
		{name: "another session holds the lock", run: locked},
		{name: "another session holds the lock at the very first upload", run: lockedAtFirst},
		{name: "the lock comes free in time", run: lockReleased},
		{name: "a run that ends while it is looked at was not cut off", run: endsWhileLookedAt, unless: atomic},
		{name: "two clients upload to one table", run: twoClients},
		{name: "swap: many clients swap one table at once", run: manySwaps, unless: inPlace},
		{name: "the first uploads of all, at once", run: firstUploadsAtOnce},
		{name: "another program writes while the run waits", run: writesWhileWaiting},
	}
}

const shortTimeout = 250 * time.Millisecond

// holdLock takes the table's lock in another session. The returned function releases it.
func (w *world) holdLock(table string) (release func()) {
	w.Helper()
	conn, err := w.in.Other.Conn(context.Background())
	if err != nil {
		w.Fatal(err)
	}
	for _, s := range w.family.Words.HoldLock(table) {
		if _, err := conn.ExecContext(context.Background(), s); err != nil {
			w.Fatalf("hold the lock: %s: %v", s, err)
		}
	}
	return sync.OnceFunc(func() {
		for _, s := range w.family.Words.LetGo(table) {
			if _, err := conn.ExecContext(context.Background(), s); err != nil {
				w.Errorf("let the lock go: %s: %v", s, err)
			}
		}
		conn.Close()
	})
}

func locked(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	w.lockedOut(1)
}

func lockedAtFirst(w *world) {
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('a')")
	w.lockedOut(0)
}

// lockedOut checks that the upload gives up after its own lock timeout, not that of the
// caller's connections, and that it records no run.
func (w *world) lockedOut(runs int) {
	w.Helper()
	release := w.holdLock("people")
	defer release()
	r := request("doc_2", csv("email", "b"))
	r.Options.LockTimeout = shortTimeout
	began := time.Now()
	err := w.tryUpload(r)
	waited := time.Since(began)
	if _, ok := errors.AsType[*exec.LockedError](err); !ok {
		w.Errorf("got the error %T (%v), want a *exec.LockedError", err, err)
	}
	if waited < shortTimeout || waited > 30*time.Second { // the timeouts of the caller's connections are 50 s and more
		w.Errorf("the upload gave up after %s, and its lock timeout is %s", waited, shortTimeout)
	}
	release()
	equal(w, "the runs", len(w.audit("people")), runs)
	w.same("the table, after it gave up", w.lines("people"), "a")
	r.Options.LockTimeout = 0
	w.upload(r)
	w.same("the table", w.lines("people"), "b")
}

func lockReleased(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	release := w.holdLock("people")
	timer := time.AfterFunc(shortTimeout, release)
	defer timer.Stop()
	w.upload(request("doc_2", csv("email", "b")))
	w.same("the table", w.lines("people"), "b")
}

// endsWhileLookedAt lets another run finish and release its lock after tablesnap has read
// that run's row, but before it checks the lock.
func endsWhileLookedAt(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	locker, ok := dialect.As[dialect.SessionLocker](w.d)
	if !ok {
		w.Fatal("no lock outlives a transaction here")
	}
	asked := locker.LockHeld(w.inspect("people").Ident)
	release := w.holdLock("people")
	w.other("UPDATE tablesnap_run SET state = 'started'")
	ended := sync.OnceFunc(func() {
		w.other("UPDATE tablesnap_run SET state = 'done'")
		release()
	})
	w.sent.BeforeEach(func(statement string) {
		if strings.Contains(statement, asked) {
			ended()
		}
	})
	w.insist(w.client, request("doc_2", csv("email", "b")))
	w.sent.BeforeEach(nil)
	w.same("the table", w.lines("people"), "b")
}

// twoClients upload concurrently and plan again after a conflict. Each upload must get
// its own version, and no row may be lost.
func twoClients(w *world) {
	const clients, uploads = 2, 4
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('0')")
	w.uploadAtOnce(clients, uploads)

	want := []string{"0"}
	for c := range clients {
		for n := range uploads {
			want = append(want, fmt.Sprintf("%d.%d", c, n))
		}
	}
	w.same("all rows are in the table or in the backup", append(w.lines("people"), w.lines("people_backup", "email")...), want...)
	var versions []int64
	for _, v := range w.history("people") {
		versions = append(versions, *v.Number)
		if *v.Rows != 1 || v.Where == "" {
			w.Errorf("version %d has %d rows in %q", *v.Number, *v.Rows, v.Where)
		}
	}
	slices.Sort(versions)
	var all []int64
	for n := range int64(clients*uploads + 1) {
		all = append(all, n)
	}
	equal(w, "the versions", versions, all)
	for _, run := range w.audit("people") {
		if run.State != "done" && run.State != "failed" {
			w.Errorf("run %d is %s", run.ID, run.State)
		}
	}
}

func firstUploadsAtOnce(w *world) {
	w.uploadAtOnce(3, 1)
	equal(w, "the rows of all versions", len(append(w.lines("people"), w.lines("people_backup", "email")...)), 3)
	equal(w, "the newest version", *w.history("people")[0].Number, int64(3))
}

func (w *world) uploadAtOnce(clients, uploads int) {
	w.Helper()
	var all sync.WaitGroup
	for c := range clients {
		client := w.newClient()
		all.Go(func() {
			for n := range uploads {
				w.insist(client, request(fmt.Sprintf("doc_%d.%d", c, n), csv("email", fmt.Sprintf("%d.%d", c, n))))
			}
		})
	}
	all.Wait()
}

// insist repeats an upload until it no longer conflicts with another client.
func (w *world) insist(client *exec.Client, r exec.Request) {
	w.insistOn(r.DocID, func() error {
		_, err := client.Upload(context.Background(), w.by(r))
		return err
	})
}

func (w *world) insistOn(doc string, upload func() error) {
	wait.Until(w, doc+" is uploaded", func() bool {
		err := upload()
		_, drifted := errors.AsType[*exec.DriftError](err)
		_, locked := errors.AsType[*exec.LockedError](err)
		if err != nil && !drifted && !locked {
			w.Errorf("upload %s: %T: %v", doc, err, err)
			return true
		}
		return err == nil
	})
}

// writesWhileWaiting checks that the backup has the rows that another program commits
// before the run locks the table.
func writesWhileWaiting(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	src := csv("email", "x", "y")
	p := w.plan(request("doc_2", src))
	at := w.opening(p, w.clearing())
	if w.swaps() { // the last statement before the old rows leave the table
		step, _ := p.Find(plan.SwapTables)
		at = moment{statement: step.SQL}
	}
	err := w.runWith(p, src, at, func() {
		w.other("INSERT INTO people VALUES ('late')", "UPDATE people SET email = 'changed' WHERE email = 'a'")
	})
	if err != nil {
		w.Errorf("run the plan: %v", err)
	}
	w.same("the table", w.lines("people"), "x", "y")
	w.same("the backup", w.snapshot("people_backup", 1, "email"), "b", "changed", "late")
}

// manySwaps uploads from many clients at once. Each upload either succeeds or fails
// because of the lock or another upload's changes. None finds the table missing.
func manySwaps(w *world) {
	const clients, rounds = 10, 3
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('0')")
	want := []string{"0"}
	for round := range rounds {
		ended := make([]error, clients)
		var all sync.WaitGroup
		for c := range clients {
			client := w.newClient()
			all.Go(func() {
				email := fmt.Sprintf("%d.%d", round, c)
				r := request("doc_"+email, csv("email", email))
				r.Options.LockTimeout = time.Second
				_, ended[c] = client.Upload(context.Background(), w.by(r))
			})
		}
		all.Wait()
		for c, err := range ended {
			_, drifted := errors.AsType[*exec.DriftError](err)
			_, locked := errors.AsType[*exec.LockedError](err)
			// A run that waited too long for its rename closes its session and then looks
			// up the result. Until then, others see a run without a session. allDone
			// checks that it has ended.
			_, cutOff := errors.AsType[*exec.CutOffError](err)
			switch {
			case err == nil:
				want = append(want, fmt.Sprintf("%d.%d", round, c))
			case !drifted && !locked && !cutOff:
				w.Errorf("upload %d.%d: %T: %v", round, c, err, err)
			}
		}
	}
	if len(want) < 1+rounds { // in each round, the first to get the lock succeeds, because the table is as planned
		w.Errorf("only these uploads were done: %v", want)
	}
	w.same("all rows are in the table or in the backup", append(w.lines("people"), w.lines("people_backup", "email")...), want...)
	w.allDone("people", len(want))
	w.noTable("people" + dialect.ShadowSuffix)
	w.noTable("people" + dialect.OldSuffix)
}

// allDone checks that the ledger and the backup agree: the table has this many versions,
// each of one row, and every run has ended.
func (w *world) allDone(table string, versions int) {
	w.Helper()
	found := w.history(table)
	equal(w, "the versions", len(found), versions)
	for i, v := range found {
		if *v.Number != int64(versions-1-i) || *v.Rows != 1 || v.Where == "" {
			w.Errorf("version %d has %d rows in %q", *v.Number, *v.Rows, v.Where)
		}
	}
	for _, run := range w.audit(table) {
		if run.State != string(ledger.Done) && run.State != string(ledger.Failed) {
			w.Errorf("run %d is %s", run.ID, run.State)
		}
	}
}
