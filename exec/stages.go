package exec

import (
	"context"
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// stage runs the steps of one stage. If one of them fails, the stage's policy decides
// what happens.
func (r *run) stage(ctx context.Context, g plan.Group, steps []plan.Step) error {
	policy := steps[0].OnFailure
	switch {
	case r.skips(steps[0]):
		return nil
	case r.unneeded(steps):
		return r.leaveOut(ctx, steps)
	case r.insteadOfBackup != "" && steps[0].Stage == plan.BackupStage:
		return r.withoutBackup(ctx, steps)
	case policy == "" || policy == plan.Abort:
		return r.inOrder(ctx, steps)
	case g.Auto:
		return r.autoStage(ctx, policy, steps)
	case steps[0].Stage == plan.RetentionStage && steps[0].Chunks != nil:
		return r.prunedStage(ctx, g, policy, steps)
	case r.did(plan.SwapTables) && steps[0].Stage == plan.BackupStage:
		return r.backupOfOld(ctx, steps)
	default:
		return r.savedStage(ctx, policy, steps)
	}
}

// autoStage runs steps that commit by themselves, so nothing is rolled back.
func (r *run) autoStage(ctx context.Context, policy plan.Policy, steps []plan.Step) error {
	failed := r.inOrder(ctx, steps)
	if failed == nil || !r.mayGoOn(ctx, failed) {
		return failed
	}
	return r.goOn(ctx, policy, steps, failed)
}

// mayGoOn reports whether the database rejected the step, as opposed to a lock, a lost
// connection or an interruption. A run that has lost its table goes on with nothing.
func (r *run) mayGoOn(ctx context.Context, failed error) bool {
	return ctx.Err() == nil && r.classify(failed) == dialect.FailureRefused && !r.lostLease(ctx)
}

// savedStage runs steps inside a transaction. If the upload goes on without them, a
// savepoint undoes them.
func (r *run) savedStage(ctx context.Context, policy plan.Policy, steps []plan.Step) error {
	mark := "tablesnap_" + string(steps[0].Stage)
	if err := r.exec(ctx, dialect.Savepoint(r.backend, mark)); err != nil {
		return fmt.Errorf("set a savepoint: %w", err)
	}
	done := len(r.steps)
	failed := r.inOrder(ctx, steps)
	if failed != nil {
		if !r.mayGoOn(ctx, failed) {
			return failed
		}
		// If the database has ended the transaction, this fails, and the run fails.
		if err := r.exec(ctx, dialect.RollbackTo(r.backend, mark)); err != nil {
			return fmt.Errorf("%w (and the upload cannot go on without it: %w)", failed, err)
		}
		r.steps = r.steps[:done]
	}
	if err := r.exec(ctx, dialect.Release(r.backend, mark)); err != nil {
		return fmt.Errorf("release a savepoint: %w", err)
	}
	if failed == nil {
		return nil
	}
	return r.goOn(ctx, policy, steps, failed)
}

// backupOfOld copies the old table. A copy in several transactions has no savepoint, so
// after a failure the group starts again with the replacement for the backup.
func (r *run) backupOfOld(ctx context.Context, steps []plan.Step) error {
	failed := r.inOrder(ctx, steps)
	if failed == nil || !r.mayGoOn(ctx, failed) {
		return failed
	}
	r.backupFailed = r.failed
	return &withoutBackupError{failed}
}

// prunedStage deletes a snapshot in several transactions, which have no savepoint. After
// a failure, the rows already deleted stay deleted, and the next upload can delete the
// rest.
func (r *run) prunedStage(ctx context.Context, g plan.Group, policy plan.Policy, steps []plan.Step) error {
	failed := r.inOrder(ctx, steps)
	if failed == nil || !r.mayGoOn(ctx, failed) {
		return failed
	}
	r.rollback(ctx)
	if err := r.exec(ctx, g.Begin...); err != nil {
		return fmt.Errorf("%w (and what became of it cannot be written down: %w)", failed, err)
	}
	return r.goOn(ctx, policy, steps, failed)
}

func (r *run) inOrder(ctx context.Context, steps []plan.Step) error {
	for _, s := range steps {
		if err := r.step(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// goOn records that the steps failed, and continues as the policy says.
func (r *run) goOn(ctx context.Context, policy plan.Policy, steps []plan.Step, failed error) error {
	if steps[0].Stage == plan.BackupStage {
		return r.goOnWithoutBackup(ctx, policy, steps, failed)
	}
	if err := r.writeFailed(ctx, steps); err != nil {
		return err
	}
	r.failed = failure{}
	if steps[0].Stage == plan.RetentionStage {
		r.warn(plan.SnapshotNotDeleted, "an older snapshot was not deleted, and the upload went on: %v", failed)
		return nil
	}
	r.warn(plan.ColumnNotDropped, "a column was not dropped, and the upload went on: %v", failed)
	return nil
}

func (r *run) warn(c plan.Code, format string, args ...any) {
	w := plan.Warning{Code: c, Message: fmt.Sprintf(format, args...)}
	for _, a := range args {
		if err, ok := a.(error); ok {
			w.Err = err
		}
	}
	r.extra = append(r.extra, w)
}

// writeFailed records the state of each step of a stage after one of them failed.
func (r *run) writeFailed(ctx context.Context, steps []plan.Step) error {
	for _, s := range steps {
		if err := r.closeStep(ctx, s, r.outcomeAfterFailure(s)); err != nil {
			return err
		}
	}
	return nil
}

// closeStep says in the audit and in the result what became of a step that was not carried
// out.
func (r *run) closeStep(ctx context.Context, s plan.Step, o ledger.Outcome) error {
	if err := r.exec(ctx, ledger.FinishStep(r.backend, s.Seq, o)); err != nil {
		return fmt.Errorf("write the audit row of step %s: %w", s.ID, err)
	}
	r.steps = append(r.steps, StepResult{Step: s, State: o.State, Message: o.Message})
	return nil
}

func (r *run) outcomeAfterFailure(s plan.Step) ledger.Outcome {
	switch failed := r.failed; {
	case s.Seq == failed.seq:
		return s.Unfinished(ledger.Failed, failed.message)
	case failed.seq == afterAllSteps: // no other row has the message
		return s.Unfinished(ledger.RolledBack, failed.message)
	case failed.seq == 0:
		return s.Unfinished(ledger.Skipped, failed.message)
	case s.Seq < failed.seq:
		return s.Unfinished(ledger.RolledBack, "")
	default:
		return s.Unfinished(ledger.Skipped, "")
	}
}
