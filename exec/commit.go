package exec

import (
	"context"
	"fmt"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// commitGrace is how long a COMMIT that was sent may still take once the run has
// been interrupted.
const commitGrace = time.Minute

// UnknownCommitError says that a COMMIT was answered with an error, and that its
// session could not tell what became of it. A run looks it up on another
// connection.
type UnknownCommitError struct{ Err error }

func (e *UnknownCommitError) Error() string {
	return fmt.Sprintf("commit: %v (this connection cannot tell whether the database has committed)", e.Err)
}

func (e *UnknownCommitError) Unwrap() error { return e.Err }

// commit ends a transaction. Once COMMIT is sent, ctx does not cancel it: a
// driver may answer with the context's error for one that went through. An error
// is no answer either: the session itself tells whether went, an SQL condition,
// has come true. If it cannot, the error is an *UnknownCommitError.
func (r *run) commit(ctx context.Context, went func() string) error {
	if err := ctx.Err(); err != nil {
		r.rollback(ctx)
		return fmt.Errorf("commit: %w", err) // it was not sent
	}
	ctx, done := unstoppable(ctx)
	defer done()
	failed := r.exec(ctx, r.backend.Facts().Commit)
	if failed == nil {
		return nil
	}
	committed, known := r.lookBack(ctx, went())
	switch {
	case !known:
		return &UnknownCommitError{Err: r.locked(failed)}
	case committed:
		return nil
	}
	return r.locked(fmt.Errorf("commit: %w%s; the database has rolled back the whole transaction", failed, r.waitingReferences()))
}

// lookBack reports whether a condition holds in the session once nothing is open
// in it. If the rollback fails, something may be, and the session would show what
// nobody else sees.
func (r *run) lookBack(ctx context.Context, went string) (holds, known bool) {
	if ended := r.exec(ctx, r.backend.Facts().Rollback); ended != nil || went == "" {
		return false, false
	}
	err := r.conn.QueryRowContext(ctx, "SELECT "+went).Scan(&holds)
	return holds, err == nil
}

// unstoppable is a context that outlives ctx by commitGrace.
func unstoppable(ctx context.Context) (context.Context, func()) {
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		time.AfterFunc(commitGrace, cancel)
	})
	return lasting, func() {
		stop()
		cancel()
	}
}

// classify is the backend's word about an error of the database. One of the source
// is none, whatever it looks like: a file that vanished is no lost connection.
func (r *run) classify(err error) dialect.Failure {
	if as[*SourceError](err) {
		return dialect.FailureRefused
	}
	return r.backend.Classify(err)
}

// unknown reports whether only another connection can tell what became of a run.
func (r *run) unknown(err error) bool {
	return isUnknownCommit(err) || r.classify(err) == dialect.FailureLost
}

func isUnknownCommit(err error) bool { return as[*UnknownCommitError](err) }

// never is for a transaction that leaves nothing in the ledger.
func never() string { return "" }

// written is true once the rows of steps are there.
func (r *run) written(steps []plan.Step) func() string {
	return func() string { return ledger.StepExists(r.backend, steps[len(steps)-1].Seq) }
}

// finished is true once steps have ended, well or not.
func (r *run) finished(steps []plan.Step) func() string {
	if len(steps) == 0 {
		return never
	}
	return func() string {
		return ledger.StepExists(r.backend, steps[len(steps)-1].Seq, ledger.Done, ledger.Failed, ledger.Skipped, ledger.RolledBack)
	}
}

// ended is true once a group is committed: the closing one ends the run.
func (r *run) ended(i int) func() string {
	if i == r.plan.FinalGroup() {
		return func() string { return ledger.RunIs(r.backend, ledger.Done) }
	}
	return r.finished(r.plan.Groups[i].Steps)
}
