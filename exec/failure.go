package exec

import (
	"context"
	"errors"
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// fail ends a run that cannot go on. The group that failed is rolled back, or
// was never more than one statement; what earlier groups have committed decides
// whether the table is as it was.
func (r *run) fail(ctx context.Context, group int, err error) error {
	ctx = context.WithoutCancel(ctx) // also when the user has interrupted the run
	if r.backend.Classify(err) == dialect.FailureLost {
		return &CutOffError{Table: r.plan.Upload.Table, Run: r.id, Err: err}
	}
	if r.swapped() {
		return &CutOffError{Table: r.plan.Upload.Table, Run: r.id, Err: errors.Join(err, r.recordFailedSteps(ctx, group))}
	}
	return errors.Join(err, r.dropShadow(ctx), r.recordFailure(ctx, group))
}

func (r *run) swapped() bool { return r.did(plan.SwapTables) }

func (r *run) did(k plan.StepKind) bool {
	for _, s := range r.steps {
		if s.Step.Kind == k && s.State == dialect.Done {
			return true
		}
	}
	return false
}

// dropShadow removes what a swap that will not happen has loaded.
func (r *run) dropShadow(ctx context.Context) error {
	if !r.did(plan.CreateShadow) {
		return nil
	}
	shadow, _ := r.plan.Find(plan.CreateShadow)
	if err := r.exec(ctx, r.backend.DropTable(shadow.Table)); err != nil {
		return fmt.Errorf("drop the shadow table %q, which holds nothing of worth: %w", shadow.Table.Name, err)
	}
	return nil
}

// recordFailure closes the run's row and the rows of the group that failed.
// What an earlier group committed stays done.
func (r *run) recordFailure(ctx context.Context, group int) error {
	return r.record(ctx, func() error {
		if err := r.failSteps(ctx, group); err != nil {
			return err
		}
		if group > r.plan.Closing() {
			return nil // the version is made; only tidying up failed
		}
		return r.exec(ctx, dialect.FinishRun(r.backend, dialect.RunOutcome{State: dialect.Failed}))
	})
}

// recordFailedSteps leaves the run open, for recover to bring to its end.
func (r *run) recordFailedSteps(ctx context.Context, group int) error {
	return r.record(ctx, func() error { return r.failSteps(ctx, group) })
}

func (r *run) record(ctx context.Context, work func() error) error {
	if err := r.transaction(ctx, r.backend.Begin(dialect.Table{}), work); err != nil {
		return fmt.Errorf("write down that the run failed (its audit rows still say started): %w", err)
	}
	return nil
}

func (r *run) failSteps(ctx context.Context, group int) error {
	for _, s := range r.plan.Groups[group].Steps {
		if err := r.exec(ctx, dialect.FinishStep(r.backend, s.Seq, r.outcomeAfterFailure(s.Seq))); err != nil {
			return err
		}
	}
	return nil
}
