package exec

import (
	"context"
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// stages cuts steps into runs of the same stage; a step of no stage stands
// alone.
func stages(steps []plan.Step) [][]plan.Step {
	var cut [][]plan.Step
	for _, s := range steps {
		if n := len(cut); n > 0 && s.Stage != "" && cut[n-1][0].Stage == s.Stage {
			cut[n-1] = append(cut[n-1], s)
			continue
		}
		cut = append(cut, []plan.Step{s})
	}
	return cut
}

// stage runs steps that fail together. Where their policy lets the upload go
// on, a savepoint undoes what they did, and the policy takes their place.
func (r *run) stage(ctx context.Context, steps []plan.Step) error {
	policy := steps[0].OnFailure
	if policy == "" || policy == plan.Abort {
		return r.inOrder(ctx, steps)
	}
	mark := "tablesnap_" + string(steps[0].Stage)
	if err := r.exec(ctx, r.backend.Savepoint(mark)); err != nil {
		return fmt.Errorf("set a savepoint: %w", err)
	}
	done := len(r.steps)
	failed := r.inOrder(ctx, steps)
	if failed != nil {
		if ctx.Err() != nil || r.backend.Classify(failed) != dialect.FailureRefused {
			return failed
		}
		// Where the database has ended the transaction, this fails, and so the run.
		if err := r.exec(ctx, r.backend.RollbackTo(mark)); err != nil {
			return fmt.Errorf("%w (and the upload cannot go on without it: %w)", failed, err)
		}
		r.steps = r.steps[:done]
	}
	if err := r.exec(ctx, r.backend.Release(mark)); err != nil {
		return fmt.Errorf("release a savepoint: %w", err)
	}
	if failed == nil {
		return nil
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

// goOn writes down that the steps failed, and does what the policy says.
func (r *run) goOn(ctx context.Context, policy plan.Policy, steps []plan.Step, failed error) error {
	if err := r.writeFailed(ctx, steps); err != nil {
		return err
	}
	cause := r.failed.message
	r.failed = failure{}
	switch {
	case steps[0].Kind == plan.DropColumn:
		r.warn(plan.ColumnNotDropped, "a column was not dropped, and the upload went on: %v", failed)
		return nil
	case policy == plan.Continue:
		r.warn(plan.NoBackup, "NO BACKUP WAS MADE, and the upload went on, as --on-backup-failure continue says: %v", failed)
		return nil
	}
	for _, s := range r.plan.Preserve {
		if err := r.exec(ctx, dialect.BeginStep(r.backend, s.Row(dialect.Started))); err != nil {
			return fmt.Errorf("write the audit row of step %s: %w", s.ID, err)
		}
		if err := r.step(ctx, s); err != nil {
			return fmt.Errorf("%w (in place of the backup, which failed: %s)", err, cause)
		}
	}
	kept := r.plan.Preserve[0].Table.Name
	r.warn(plan.BackupPreserved, "the backup failed, and the old rows are kept whole in %q: %v", kept, failed)
	return nil
}

func (r *run) warn(c plan.Code, format string, args ...any) {
	r.extra = append(r.extra, plan.Warning{Code: c, Says: fmt.Sprintf(format, args...)})
}

// writeFailed gives the steps of a stage the state in which the failure of one
// of them has left them.
func (r *run) writeFailed(ctx context.Context, steps []plan.Step) error {
	for _, s := range steps {
		o := r.outcomeAfterFailure(s.Seq)
		if err := r.exec(ctx, dialect.FinishStep(r.backend, s.Seq, o)); err != nil {
			return fmt.Errorf("write the audit row of step %s: %w", s.ID, err)
		}
		r.steps = append(r.steps, StepResult{Step: s, State: o.State, Message: o.Message})
	}
	return nil
}

func (r *run) outcomeAfterFailure(seq int) dialect.Outcome {
	switch failed := r.failed; {
	case seq == failed.seq:
		return dialect.Outcome{State: dialect.Failed, Message: failed.message}
	case failed.seq == afterAllSteps: // the message has no row of its own
		return dialect.Outcome{State: dialect.RolledBack, Message: failed.message}
	case failed.seq == 0:
		return dialect.Outcome{State: dialect.Skipped, Message: failed.message}
	case seq < failed.seq:
		return dialect.Outcome{State: dialect.RolledBack}
	default:
		return dialect.Outcome{State: dialect.Skipped}
	}
}

// recordFailure closes the run's row and the rows of the group that failed. The
// group itself is rolled back; what an earlier group committed stays done.
func (r *run) recordFailure(ctx context.Context, group int) error {
	ctx = context.WithoutCancel(ctx) // also when the user has interrupted the run
	err := r.transaction(ctx, r.backend.Begin(dialect.Table{}), func() error {
		for _, s := range r.plan.Groups[group].Steps {
			if err := r.exec(ctx, dialect.FinishStep(r.backend, s.Seq, r.outcomeAfterFailure(s.Seq))); err != nil {
				return err
			}
		}
		return r.exec(ctx, dialect.FinishRun(r.backend, dialect.RunOutcome{State: dialect.Failed}))
	})
	if err != nil {
		return fmt.Errorf("write down that the run failed (its audit rows still say started): %w", err)
	}
	return nil
}
