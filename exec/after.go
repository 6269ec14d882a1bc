package exec

import (
	"context"

	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// afterFailed warns that a statement of the user after the upload has failed, for whatever
// reason: the upload is done. If the connection is lost, its audit row still says that what
// became of it is not known.
func (r *run) afterFailed(ctx context.Context, steps []plan.Step, err error) {
	for _, s := range steps {
		o := r.outcomeAfterFailure(s)
		_ = r.exec(context.WithoutCancel(ctx), ledger.FinishStep(r.backend, s.Seq, o))
		r.steps = append(r.steps, StepResult{Step: s, State: o.State, Message: o.Message})
	}
	r.failed = failure{}
	r.warn(plan.AfterFailed, "%v; the upload itself is done", err)
}

// warnOfAfter warns that the statements after the upload did not run, since the connection
// was lost before.
func (r *run) warnOfAfter() {
	if s, planned := r.plan.Find(plan.RunAfter); planned {
		r.warn(plan.AfterFailed, "the connection was lost, so that the statements after the upload did not run (%s and those that follow); the upload itself is done", s.ID)
	}
}
