package exec

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// fail ends a run that cannot go on. The group that failed is rolled back, or
// was never more than one statement; what earlier groups have committed decides
// whether the table is as it was.
func (r *run) fail(ctx context.Context, group int, err error) error {
	ctx = context.WithoutCancel(ctx) // also when the user has interrupted the run
	if stalled := r.stalled(err); stalled != nil {
		err = stalled
	} else {
		err = r.namingRights(ctx, r.locked(advised(r.backend, err)))
	}
	switch {
	case r.owner == ownedByCaller: // who rolls back all of it, the audit's rows among it
		return err
	case r.unknown(err):
		r.lost = &connectionLost{group: group, err: err}
		return err
	case r.lostLease(ctx): // whoever has the table now brings the run to its end, or back
		return r.cutOff(err)
	case group > r.plan.FinalGroup(): // the new rows are in, and the audit says what is left to do
		return r.cutOff(err)
	case r.swapped():
		return r.cutOff(errors.Join(err, r.recordFailedSteps(ctx, group)))
	default:
		return r.failAsItWas(ctx, group, err)
	}
}

// cutOff is the error for the run if it was cut off.
func (r *run) cutOff(err error) *CutOffError {
	e := &CutOffError{Table: r.plan.Upload.Table, Run: r.id, Err: err}
	if r.plan.Set != nil {
		e.Set = r.plan.Set.Name
	}
	return e
}

// cutOffRun is the error for a run on a table that was found cut off, with its set.
func cutOffRun(ctx context.Context, c dialect.Conn, d dialect.Backend, t dialect.Ident, id int64) *CutOffError {
	e := &CutOffError{Table: t, Run: id}
	runs := []Run{{ID: id}}
	version, err := d.LedgerVersion(ctx, c)
	if err == nil {
		err = ledger.AddSets(ctx, c, d, version, runs)
	}
	e.Set = runs[0].Set
	if err != nil {
		e.Err = err
	}
	return e
}

// advised adds what to do to the error of a transaction that was too large for a cluster.
func advised(d dialect.Dialect, err error) error {
	limiter, ok := dialect.As[dialect.WriteSetLimiter](d)
	if !ok {
		return err
	}
	setting := limiter.ExceededWriteSet(err)
	if setting == "" {
		return err
	}
	return &plan.RemedyError{Remedies: []plan.Remedy{plan.RemedySmallerChunks},
		Err: fmt.Errorf("%w: the cluster takes no transaction as large as that (%s); have fewer rows in each", err, setting)}
}

// failAsItWas ends a run that has left the table as it was. What it has made beside
// the table and may not drop keeps it open, so that recover can.
func (r *run) failAsItWas(ctx context.Context, group int, err error) error {
	if r.classify(err) == dialect.FailureRefused {
		err = fmt.Errorf("%w; %s", err, r.asItWas())
	}
	if left := r.dropLeftovers(ctx); left != nil {
		err = errors.Join(err, left)
		if r.unknown(left) {
			r.lost = &connectionLost{group: group, err: err}
			return err
		}
		return r.cutOff(errors.Join(err, r.recordFailedSteps(ctx, group)))
	}
	if open := r.recordFailure(ctx, group); r.unknown(open) {
		r.lost = &connectionLost{group: group, err: err}
		return err
	} else if open != nil {
		err = errors.Join(err, open)
	}
	if r.plan.Operation == plan.OpPrune && (group > 0 || r.chunks > 0) {
		return &PartlyPrunedError{Table: r.plan.Upload.Table, Err: err}
	}
	return err
}

// asItWas says what the table is after a failure that has not changed its rows. Where
// CREATE TABLE commits by itself, a new table stays.
func (r *run) asItWas() string {
	name := strconv.Quote(r.plan.Upload.Table.Name)
	if s, planned := r.plan.Find(plan.CreateTable); planned && s.AutoCommits && r.did(plan.CreateTable) {
		return name + " was made, and is empty"
	}
	if r.plan.Set != nil {
		return fmt.Sprintf("all tables of the set %q are as they were", r.plan.Set.Name)
	}
	return name + " is as it was"
}

// failToBegin is for a failure ahead of the first group: nothing was begun,
// unless it is not known whether the rows that say so were committed.
func (r *run) failToBegin(err error) error {
	if err == nil {
		return nil
	}
	err = cmp.Or(r.stalled(err), advised(r.backend, err))
	if r.id != 0 && r.owner == ownedByRun && r.unknown(err) {
		r.lost = &connectionLost{err: err}
	}
	return r.locked(err)
}

// noneCutOff refuses to run where another run on the table was cut off: under
// the lock, none that is open is under way. Where the transaction's own locks
// are enough, it closes such runs itself.
func (r *run) noneCutOff(ctx context.Context, assertions []plan.Assertion) error {
	for _, p := range assertions {
		failed := r.assert(ctx, p)
		if as[*notTrue](failed) {
			if why := r.whoIsOpen(ctx); why != nil {
				return why
			}
			failed = r.assert(ctx, p) // what was open has ended meanwhile
		}
		if failed != nil {
			return failed
		}
	}
	return nil
}

// whoIsOpen says whether a run on the table is at work on another node, or was cut off;
// nil for neither.
func (r *run) whoIsOpen(ctx context.Context) error {
	open, err := ledger.OpenRuns(ctx, r.conn, r.backend, r.plan.Upload.Table.Name)
	if err != nil {
		return err
	}
	if locker, ok := dialect.As[dialect.SessionLocker](r.backend); ok {
		held, err := r.readLease(ctx, locker)
		if err != nil {
			return err
		}
		if held.elsewhere() {
			return &LockedError{Table: r.plan.Upload.Table, Err: held.asError()}
		}
	}
	for _, id := range open {
		if id != r.id {
			return cutOffRun(ctx, r.conn, r.backend, r.plan.Upload.Table, id)
		}
	}
	return nil
}

func (r *run) did(k plan.StepKind) bool {
	for _, s := range r.steps {
		if s.Step.Kind == k && s.State == ledger.Done {
			return true
		}
	}
	return false
}

// swapped reports whether the new rows are in the table, whatever becomes of the run: the
// swap has committed by itself.
func (r *run) swapped() bool { return !r.plan.Atomic() && r.did(plan.SwapTables) }

// dropLeftovers removes what the run has made beside the table and committed,
// and what holds nothing of worth now: the shadow of a swap that will not
// happen, and the empty table for rows whose backup had failed.
func (r *run) dropLeftovers(ctx context.Context) error {
	for _, s := range append(r.plan.Steps(), r.plan.Preserve...) {
		if !r.leaves(s) {
			continue
		}
		if err := r.holdLease(ctx); err != nil {
			return err
		}
		if err := r.exec(ctx, dialect.DropTable(r.backend, s.Table)); err != nil {
			return fmt.Errorf("drop the table %q, which holds nothing of worth: %w; %s", s.Table.Name, err, mayDrop(r.backend, s.Table))
		}
	}
	return nil
}

// leaves reports whether the run has made a table that is of no worth without it.
func (r *run) leaves(s plan.Step) bool {
	switch s.Kind {
	case plan.CreateShadow, plan.CreatePreserve, plan.CreateStage:
		return s.AutoCommits && slices.ContainsFunc(r.steps, func(did StepResult) bool { return did.Step.Seq == s.Seq && did.State == ledger.Done })
	default:
		return false
	}
}

// mayDrop says what a person does about a table that a run has to leave.
func mayDrop(d dialect.Dialect, t dialect.Ident) string {
	return fmt.Sprintf("have somebody who may run %s; and then recover", dialect.DropTable(d, t).SQL)
}

// recordFailure closes the run's row and the rows of the group that failed.
// What an earlier group committed stays done.
func (r *run) recordFailure(ctx context.Context, group int) error {
	failed := func() string { return ledger.RunIs(r.backend, ledger.Failed) }
	return r.record(ctx, failed, func() error {
		if err := r.failSteps(ctx, r.plan.Announced(group)); err != nil {
			return err
		}
		return r.exec(ctx, ledger.FinishRun(r.backend, ledger.RunOutcome{State: ledger.Failed}))
	})
}

// recordFailedSteps leaves the run open, for recover to bring to its end.
func (r *run) recordFailedSteps(ctx context.Context, group int) error {
	steps := r.plan.Groups[group].Steps
	return r.record(ctx, r.finished(steps), func() error { return r.failSteps(ctx, steps) })
}

func (r *run) record(ctx context.Context, went func() string, work func() error) error {
	err := r.transaction(ctx, r.backend.Begin(dialect.Table{}, dialect.Replaces).Stmts, went, func() error {
		if err := work(); err != nil {
			return err
		}
		return r.holdLease(ctx)
	})
	if err != nil {
		return fmt.Errorf("write down that the run failed (its audit rows still say started): %w", err)
	}
	return nil
}

func (r *run) failSteps(ctx context.Context, steps []plan.Step) error {
	for _, s := range steps {
		if err := r.exec(ctx, ledger.FinishStep(r.backend, s.Seq, r.outcomeAfterFailure(s))); err != nil {
			return err
		}
	}
	return nil
}
