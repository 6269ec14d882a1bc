package exec

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// connectionLost says in which group the connection was lost, or could not tell any more
// what became of a commit.
type connectionLost struct {
	group int
	err   error
}

// awaitOwnEnd waits after an interruption until the server has ended the run's own session.
// Until then the session holds the table's lock, which would look like that of another run.
// A statement that the server still executes is stopped, unless it is a commit. If the
// connection was lost in another way, the server may have been started again, and may have
// given the session's number to somebody else.
func (r *run) awaitOwnEnd(ctx context.Context, own *ownSession) {
	if own == nil || ctx.Err() == nil {
		return
	}
	ctx = context.WithoutCancel(ctx)
	if !isUnknownCommit(r.lost.err) {
		limited, done := context.WithTimeout(ctx, lookTimeout)
		_ = own.end(limited)
		done()
	}
	own.awaitEnd(ctx)
}

// resolveInDoubt finds out on a new connection what became of a run whose connection was
// lost, perhaps with the answer to its commit. It never guesses: a run that has committed or
// swapped is brought to its end, any other was rolled back with its session, and
// where neither can be seen a *CutOffError says so.
func (c *Client) resolveInDoubt(ctx context.Context, r *run) (Result, error) {
	ctx = context.WithoutCancel(ctx) // an interrupted run is a lost one
	made := false
	var open error // of a run that has done nothing, and whose end cannot be written down
	// Its session may be on a server that shows its lock to no other one.
	r.lease, r.plan.Ledger.Migration, r.plan.LockTimeout = nil, newestMigration(c.backend), r.plan.LockTimeout+r.plan.LeaseFor
	err := c.whenFree(ctx, r, func() error {
		f, err := r.takenOver(ctx)
		if err != nil {
			return err
		}
		switch {
		case f.run == nil:
			return nil // not even that it had begun was committed
		case !f.done() && !f.swapped():
			if err := r.runRecoverySteps(ctx, leftovers(c.backend, f)); err != nil {
				return err
			}
			if open = r.recordFailure(ctx, r.lost.group); dialect.HasSessionLock(c.backend) {
				return open // no other run begins until it is closed
			}
			return nil
		}
		made = true
		p, err := planRecovery(c.backend, f)
		if err != nil {
			return err
		}
		if err := r.recover(ctx, p); err != nil {
			return err
		}
		return r.readSteps(ctx)
	})
	switch {
	case err != nil:
		return Result{}, r.cutOff(fmt.Errorf("%w; and what became of the run cannot be looked up: %w", r.lost.err, err))
	case made:
		r.warnOfAfter()
		return r.result(), nil
	case r.plan.Operation == plan.OpPrune && !r.plan.Atomic():
		return Result{}, &PartlyPrunedError{Table: r.plan.Upload.Table, Err: r.lost.err}
	default:
		return Result{}, errors.Join(fmt.Errorf("%w; a new connection shows that the database has rolled back all of it: %q is as it was",
			r.lost.err, r.plan.Upload.Table.Name), open)
	}
}

// readSteps takes over what the audit says of the steps.
func (r *run) readSteps(ctx context.Context) error {
	rows, err := ledger.Steps(ctx, r.conn, r.backend, r.id)
	if err != nil {
		return err
	}
	known := map[int]ledger.Step{}
	for _, row := range rows {
		known[row.Seq] = row
	}
	r.steps = nil
	for _, s := range append(r.plan.Steps(), r.plan.Preserve...) {
		if row, ok := known[s.Seq]; ok {
			r.steps = append(r.steps, StepResult{Step: s, State: ledger.State(row.State), Rows: deref(row.RowCount),
				Duration: time.Duration(deref(row.DurationMS)) * time.Millisecond, Message: deref(row.Message)})
		}
	}
	return nil
}

func deref[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}
