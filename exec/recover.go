package exec

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// RecoverMode says whether Recover does what it says.
type RecoverMode string

// The modes of Recover.
const (
	DoRecover RecoverMode = "do"
	DryRun    RecoverMode = "dry run"
)

// Recovery is what was done, or is to be done, about a run that was cut off.
type Recovery struct {
	Run   int64  `json:"run_id"`
	Table string `json:"table_name"`
	// Message is a sentence without a full stop.
	Message string `json:"message"`
	// Statements are those on the user's tables, in order.
	Statements []string `json:"statements,omitempty"`
	// Warnings are about what it went on without.
	Warnings []plan.Warning `json:"warnings,omitempty"`
	// Missing are rights that the user lacks for it, each with the statement that gives
	// it; only Recover in the mode DryRun goes on without them.
	Missing []string `json:"missing,omitempty"`
}

// Recover brings every run that was cut off to its end, or back: from its audit
// rows and the real state of the tables, never from a guess. An empty table
// means all. It can be called again and again; a run that is still under way
// makes it fail with a *LockedError. Where the user lacks a right for all of it,
// nothing is changed, and a *plan.RefusedError names the right.
func (c *Client) Recover(ctx context.Context, table string, mode RecoverMode) ([]Recovery, error) {
	open, err := c.openRuns(ctx, table)
	if err != nil {
		return nil, err
	}
	var done []Recovery
	for _, id := range open {
		r, err := c.recoverRun(ctx, id, mode)
		if err != nil {
			return done, fmt.Errorf("recover run %d: %w", id, err)
		}
		done = append(done, r...)
	}
	return done, nil
}

// openRuns are the runs that have not ended, on one table or on all.
func (c *Client) openRuns(ctx context.Context, table string) (open []int64, err error) {
	err = c.reading(ctx, func(c *Client) error {
		migration, err := c.backend.LedgerVersion(ctx, c.conn)
		if err != nil || migration == 0 {
			return err
		}
		if table != "" {
			t, err := c.Inspect(ctx, table)
			if err != nil {
				return err
			}
			table = t.Ident.Name
		}
		open, err = ledger.OpenRuns(ctx, c.conn, c.backend, table)
		return err
	})
	return open, err
}

func (c *Client) recoverRun(ctx context.Context, id int64, mode RecoverMode) ([]Recovery, error) {
	name, err := c.tableOfRun(ctx, id)
	if err != nil {
		return nil, err
	}
	r, err := c.resume(ctx, id, name)
	if err != nil {
		return nil, err
	}
	var done []Recovery
	err = c.whenFree(ctx, r, func() error {
		f, err := r.look(ctx)
		if err != nil {
			return err
		}
		if f.run == nil || !f.open() {
			return nil // it was still under way when we began to wait for its lock
		}
		does, err := r.recoverFound(ctx, f, mode)
		if err == nil {
			done = append(done, does)
		}
		return err
	})
	var locked *LockedError
	switch {
	case as[*plan.RefusedError](err): // nothing was done
	case errors.As(err, &locked):
		locked.Advice = "recover again once it has ended"
	case err != nil && (mode == DoRecover || as[*ledger.UnknownStepError](err)):
		err = r.cutOff(err)
	}
	return done, err
}

// recoverFound recovers a run as it was found, or says what that would do.
func (r *run) recoverFound(ctx context.Context, f found, mode RecoverMode) (Recovery, error) {
	p, err := planRecovery(r.backend, f)
	if err != nil {
		return Recovery{}, err
	}
	does := Recovery{Run: r.id, Table: f.run.Table, Message: p.says, Statements: p.texts()}
	err = mayOn(ctx, r.conn, r.backend, f.table.Ident, plan.OpRecover, p.needs(r.backend))
	if mode == DryRun {
		if refused, ok := errors.AsType[*plan.RefusedError](err); ok {
			does.Missing, err = refused.Reasons, nil
		}
		return does, err
	}
	if err == nil {
		err = r.recoverNow(ctx)
	}
	does.Warnings = r.extra
	return does, err
}

// recoverNow takes the run's table over, and recovers the run as it is then.
func (r *run) recoverNow(ctx context.Context) error {
	f, err := r.takenOver(ctx)
	if err != nil || !f.open() {
		return err
	}
	p, err := planRecovery(r.backend, f)
	if err != nil {
		return err
	}
	return r.recover(ctx, p)
}

// resume is an earlier run without its plan: enough to wait for it and to recover it.
func (c *Client) resume(ctx context.Context, id int64, table string) (*run, error) {
	t, err := c.inspect(ctx, dialect.Named(table), dropsNone)
	if err != nil {
		return nil, err
	}
	session := plan.DefaultSession()
	lock, unlock := dialect.LockRun(c.backend, t.Ident, session.LockTimeout)
	return &run{link: &link{}, backend: c.backend, id: id, beside: c.beside(c.backend.Session(session)), plan: plan.Plan{
		Upload:      plan.Upload{Table: t.Ident},
		Ledger:      t.Ledger,
		Session:     c.backend.Session(session),
		Lock:        lock,
		Unlock:      unlock,
		LockTimeout: session.LockTimeout,
		LeaseFor:    plan.DefaultLease,
	}}, nil
}

// found is a run as the audit and the tables show it once its lock is free: the
// session that held it is gone then, and with it whatever it had not committed.
type found struct {
	d     dialect.Dialect
	table dialect.Target
	run   *ledger.Run // nil where there is none
}

// whenFree waits on a new connection until no other run has the table, and then does the
// work. Work that changes something takes the table over first; see takenOver.
func (c *Client) whenFree(ctx context.Context, r *run, work func() error) error {
	return c.sessions.session(ctx, dialect.ForWriting, r.plan.Session, func(conn dialect.Conn) error {
		r.conn = conn
		if err := r.acquireLock(ctx); err != nil {
			return err
		}
		defer func() { _ = r.exec(context.WithoutCancel(ctx), r.plan.Unlock...) }()
		if err := r.awaitLease(ctx, r.plan.LockTimeout, r.plan.Ledger.Migration); err != nil {
			return err
		}
		if err := r.exec(ctx, c.backend.RememberRun(r.id)...); err != nil {
			return err
		}
		defer r.endLease(ctx)
		return work()
	})
}

// look finds out how far a run has come.
func (r *run) look(ctx context.Context) (f found, err error) {
	f.d = r.backend
	if f.table, err = inspect(ctx, r.conn, r.backend, dialect.Named(r.plan.Upload.Table.Name), r.owner); err != nil {
		return f, err
	}
	runs, err := ledger.Runs(ctx, r.conn, r.backend, ledger.RunFilter{Run: r.id})
	if err != nil || len(runs) == 0 {
		return f, err
	}
	f.run = &runs[0]
	return f, f.run.ReadSteps(ctx, r.conn, r.backend, f.table)
}

// takenOver takes the table over, and looks again: another node may have recovered the
// run since the last look.
func (r *run) takenOver(ctx context.Context) (found, error) {
	if err := r.takeOver(ctx); err != nil {
		return found{}, err
	}
	return r.look(ctx)
}

func (c *Client) tableOfRun(ctx context.Context, id int64) (string, error) {
	runs, err := c.Runs(ctx, ledger.RunFilter{Run: id})
	if err != nil {
		return "", err
	}
	if len(runs) != 1 {
		return "", fmt.Errorf("its row is gone")
	}
	return runs[0].Table, nil
}

// OpenRun tells of a run on a table that has not ended, in a sentence without a
// full stop: what it is, where the rows are, and how to end it if it was cut off.
// It is empty where there is none. Whoever shows what the ledger says of a table
// says this first.
func (c *Client) OpenRun(ctx context.Context, table string) (says string, err error) {
	err = c.reading(ctx, func(c *Client) error {
		t, err := c.Inspect(ctx, table)
		if err != nil {
			return err
		}
		run, err := ledger.OpenRun(ctx, c.conn, c.backend, t)
		if err != nil || run == nil {
			return err
		}
		says = run.Describe(c.backend, t)
		lives, err := c.underWay(ctx, t)
		if lives {
			says += "; it is under way"
		} else {
			says += "; unless it is under way, end it with: " + cutOffRun(ctx, c.conn, c.backend, t.Ident, run.ID).remedy()
		}
		return err
	})
	return says, err
}

// cutOff returns a *CutOffError where a run on the table was cut off: one that
// has not ended, and whose lock nobody holds any more.
func (c *Client) cutOff(ctx context.Context, t dialect.Target) error {
	if !dialect.HasSessionLock(c.backend) || t.Ledger.Migration == 0 {
		return nil
	}
	open, err := ledger.OpenRuns(ctx, c.conn, c.backend, t.Ident.Name)
	if err != nil || len(open) == 0 {
		return err
	}
	lives, err := c.underWay(ctx, t)
	if err != nil || lives {
		return err // the lock will decide, or the lease
	}
	// A run that ended between the two questions let its lock go behind its last
	// words, so that they can be read now.
	still, err := ledger.OpenRuns(ctx, c.conn, c.backend, t.Ident.Name)
	for _, run := range still {
		if slices.Contains(open, run) {
			return cutOffRun(ctx, c.conn, c.backend, t.Ident, run)
		}
	}
	return err
}
