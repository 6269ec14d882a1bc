package exec

import (
	"context"
	"fmt"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// commitGrace is how long a COMMIT that was sent may still take after the run is
// interrupted.
const commitGrace = time.Minute

// UnknownCommitError says that a COMMIT was answered with an error, and that its session
// could not tell whether it committed. The run finds out on another connection.
type UnknownCommitError struct{ Err error }

func (e *UnknownCommitError) Error() string {
	return fmt.Sprintf("commit: %v (this connection cannot tell whether the database has committed)", e.Err)
}

func (e *UnknownCommitError) Unwrap() error { return e.Err }

// commit ends a transaction. Once COMMIT is sent, ctx does not cancel it, because a
// driver may return the context's error for a COMMIT that succeeded. After any other
// error, the same session checks went, an SQL condition that is true if the transaction
// has committed. If the session cannot tell, the error is an *UnknownCommitError.
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

// lookBack reports whether went holds after a rollback. If the rollback fails, a
// transaction may still be open, and its uncommitted rows would falsify the answer.
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

// classify is the backend's classification of a database error. An error of the source is
// never one, whatever it looks like: a missing file is not a lost connection.
func (r *run) classify(err error) dialect.Failure {
	if as[*SourceError](err) {
		return dialect.FailureRefused
	}
	return r.backend.Classify(err)
}

// unknown reports whether only another connection can tell what the run has committed.
func (r *run) unknown(err error) bool {
	return isUnknownCommit(err) || as[*StalledError](err) || r.classify(err) == dialect.FailureLost
}

func isUnknownCommit(err error) bool { return as[*UnknownCommitError](err) }

// never is the condition of a transaction that writes nothing to the ledger.
func never() string { return "" }

// written is a condition that is true once the audit rows of steps exist.
func (r *run) written(steps []plan.Step) func() string {
	return func() string { return ledger.StepExists(r.backend, steps[len(steps)-1].Seq) }
}

// finished is a condition that is true once steps have ended in any state.
func (r *run) finished(steps []plan.Step) func() string {
	if len(steps) == 0 {
		return never
	}
	return func() string {
		return ledger.StepExists(r.backend, steps[len(steps)-1].Seq, ledger.Done, ledger.Failed, ledger.Skipped, ledger.RolledBack)
	}
}

// ended is a condition that is true once group i has committed. The last group ends the
// run.
func (r *run) ended(i int) func() string {
	if i == r.plan.FinalGroup() {
		return func() string { return ledger.RunIs(r.backend, ledger.Done) }
	}
	return r.finished(r.plan.Groups[i].Steps)
}
