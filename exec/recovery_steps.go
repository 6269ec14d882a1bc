package exec

import (
	"cmp"
	"context"
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// recover runs a recovery plan.
func (r *run) recover(ctx context.Context, c recoveryPlan) error {
	if err := r.runRecoverySteps(ctx, c.first); err != nil {
		return err
	}
	ended := func() string { return ledger.RunIs(r.backend, cmp.Or(c.end, c.state)) }
	err := r.transaction(ctx, r.backend.Begin(dialect.Table{}, dialect.Replaces).Stmts, ended, func() error {
		// If the database has no session lock, the run may still have been active until now.
		if err := r.assertIf(ctx, assertion(r.backend, "the run is as it was found", ledger.RunIs(r.backend, c.state))); as[*notTrue](err) {
			return &LockedError{Table: r.plan.Upload.Table, Err: err}
		} else if err != nil {
			return err
		}
		if err := r.runRecoverySteps(ctx, c.together); err != nil {
			return err
		}
		if c.end != "" {
			if err := r.exec(ctx, ledger.FinishRun(r.backend, r.endOf(c))); err != nil {
				return err
			}
		}
		return r.holdLease(ctx)
	})
	if err != nil {
		return err
	}
	return r.runRecoverySteps(ctx, c.last)
}

func (r *run) runRecoverySteps(ctx context.Context, ms []recoveryStep) error {
	for _, m := range ms {
		if err := r.runRecoveryStep(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// endOf is the outcome of the run. Its counts come from the audit.
func (r *run) endOf(c recoveryPlan) ledger.RunOutcome {
	o := ledger.RunOutcome{State: c.end}
	if c.end == ledger.Done {
		o.RowsBackedUp = ledger.RowsOfKind(r.backend, string(plan.CopyToBackup))
		o.RowsLoaded = ledger.RowsOfKind(r.backend, string(plan.LoadRows))
	}
	return o
}

func (r *run) runRecoveryStep(ctx context.Context, m recoveryStep) error {
	o := ledger.Outcome{State: m.state, Rows: m.rows, Message: cmp.Or(m.message, byRecover)}
	if err := r.runRecoveryStmt(ctx, m); err != nil {
		if m.hint != "" {
			err = fmt.Errorf("%w; %s", err, m.hint)
		}
		if m.otherwise == "" || !r.mayGoOn(ctx, err) {
			return err
		}
		o = ledger.Outcome{State: ledger.Failed, Message: err.Error()}
		r.warn(m.otherwise, "what was left to do failed, and the recovery went on without %s: %v", m.stmt.SQL, err)
	}
	if m.seq > 0 {
		if err := r.exec(ctx, ledger.FinishStep(r.backend, m.seq, o)); err != nil {
			return err
		}
	}
	return r.assertIf(ctx, m.after)
}

// runRecoveryStmt prepares and runs the step's statement, if it has one.
func (r *run) runRecoveryStmt(ctx context.Context, m recoveryStep) error {
	if err := r.assertIf(ctx, m.before); err != nil {
		return err
	}
	if m.stmt.SQL != "" {
		if err := r.holdLease(ctx); err != nil {
			return err
		}
	}
	if err := r.exec(ctx, m.setup...); err != nil {
		return err
	}
	if err := r.runRecoveryRows(ctx, m); err != nil {
		return fmt.Errorf("%s: %w", m.stmt.SQL, err)
	}
	return nil
}

func (r *run) runRecoveryRows(ctx context.Context, m recoveryStep) error {
	switch {
	case m.stmt.SQL == "":
		return nil
	case m.chunks != nil:
		return r.transaction(ctx, r.backend.Begin(dialect.Table{}, dialect.Replaces).Stmts, never, func() error {
			if _, err := r.copyInChunks(ctx, *m.chunks, func(int64) {}); err != nil {
				return err
			}
			return r.holdLease(ctx)
		})
	case m.limit > 0:
		return r.repeat(ctx, m.stmt, m.limit)
	default:
		return r.exec(ctx, m.stmt)
	}
}

func (r *run) assertIf(ctx context.Context, p *plan.Assertion) error {
	if p == nil {
		return nil
	}
	return r.assert(ctx, *p)
}
