package exec

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/internal/pause"
	"github.com/tablesnap/tablesnap/plan"
)

// LeaseLostError says that the lease of a run had ended, and that another run or a
// recovery has taken the table over. The database has rolled back what the run had not
// committed.
type LeaseLostError struct{ Table dialect.Ident }

func (e *LeaseLostError) Error() string {
	return fmt.Sprintf("hold the lease of %q: it had ended, and another run has taken the table over", e.Table.Name)
}

// renewalsInLease is how often a run renews its lease before it would end.
const renewalsInLease = 3

// takeLease takes the lease that the plan asks for, and has it renewed until the run
// ends.
func (r *run) takeLease(ctx context.Context, in plan.TakeLease) error {
	if err := r.exec(ctx, in.Stmts...); err != nil {
		return fmt.Errorf("take the lease: %w", err)
	}
	if err := r.assert(ctx, in.Assertion); as[*notTrue](err) {
		return &LockedError{Table: r.plan.Upload.Table, Err: err}
	} else if err != nil {
		return err
	}
	lease, _ := r.plan.Lease(r.backend)
	if r.plan.Set != nil { // the present run of the session is often another one
		lease.Run = fmt.Sprint(r.id)
	}
	r.lease = &lease
	return nil
}

// takeOver takes the lease of a run to recover it. There is none in tables of an older
// tablesnap, and none where transactions are enough.
func (r *run) takeOver(ctx context.Context) error {
	locker, ok := dialect.As[dialect.SessionLocker](r.backend)
	if !ok || r.plan.Ledger.Migration < dialect.LeaseMigration {
		return nil
	}
	lease := ledger.Lease{Table: r.plan.Upload.Table.Name, Run: fmt.Sprint(r.id), For: r.plan.LeaseFor}
	err := r.transaction(ctx, r.backend.Begin(dialect.Table{}, dialect.Replaces).Stmts, never, func() error {
		if err := r.exec(ctx, ledger.OfferLease(r.backend, lease.Table)); err != nil {
			return fmt.Errorf("take the lease: %w", err)
		}
		if n, err := r.execRows(ctx, ledger.TakeOverLease(r.backend, locker, lease)); err != nil {
			return fmt.Errorf("take the lease: %w", err)
		} else if n != 1 {
			return &LockedError{Table: r.plan.Upload.Table, Err: errors.New("another run has just taken its lease")}
		}
		held, err := r.readLease(ctx, locker)
		if err != nil {
			return err
		}
		lease.Token = held.token
		return nil
	})
	if err != nil {
		return err
	}
	r.lease = &lease
	r.renewed = r.keepRenewing()
	return nil
}

// holdLease renews the lease and asserts that nobody has taken the table over. Each
// transaction of a run calls it before the commit. A statement that commits by itself has
// it before and after.
func (r *run) holdLease(ctx context.Context) error {
	if r.lease == nil {
		return nil
	}
	in := plan.HoldLeaseOf(r.backend, *r.lease)
	if err := r.execOwn(ctx, in.Stmt); err != nil {
		return fmt.Errorf("renew the lease: %w", err)
	}
	if err := r.assert(ctx, in.Assertion); as[*notTrue](err) {
		return &LeaseLostError{Table: r.plan.Upload.Table}
	} else if err != nil {
		return err
	}
	return nil
}

// lostLease reports whether another run has taken the table over: then this one neither
// goes on nor tidies up.
func (r *run) lostLease(ctx context.Context) bool { return as[*LeaseLostError](r.holdLease(ctx)) }

// endLease lets other runs have the table. If it cannot, they wait until the lease ends.
func (r *run) endLease(ctx context.Context) {
	if r.lease == nil {
		return
	}
	if r.renewed != nil {
		r.renewed()
	}
	_ = r.exec(context.WithoutCancel(ctx), ledger.EndLease(r.backend, *r.lease))
	r.lease = nil
}

// keepRenewing renews the lease, if there is one, on other connections until stop is
// called, since a long statement would outlast it. If the pool has no second connection,
// only the run's transactions renew the lease.
func (r *run) keepRenewing() (stop func()) {
	locker, ok := dialect.As[dialect.SessionLocker](r.backend)
	if !ok || r.lease == nil || r.beside == nil {
		return func() {}
	}
	l := *r.lease
	l.Run = fmt.Sprint(r.id) // another session does not know it
	renewal := ledger.RenewLease(r.backend, locker, l)
	every := l.For / renewalsInLease
	return repeatedly(context.Background(), every, func(ctx context.Context) (goOn bool) {
		limited, done := context.WithTimeout(ctx, every)
		defer done()
		_ = r.beside(limited, renewal) // the run itself finds out that it has lost the lease
		return true
	})
}

// heldLease is a lease as the ledger has it.
type heldLease struct {
	run, token int64
	// left is how long it still has, by the database's clock.
	left time.Duration
	// here states that this server would show the lock of the session that took it.
	here bool
}

// ledgerTime is how the ledger writes a time.
const ledgerTime = "2006-01-02T15:04:05.000Z"

// readLease reads the lease of the run's table; the zero value stands for none.
func (r *run) readLease(ctx context.Context, locker dialect.SessionLocker) (heldLease, error) {
	return readLease(ctx, r.conn, r.backend, locker, r.plan.Upload.Table)
}

func readLease(ctx context.Context, c dialect.Conn, d dialect.Dialect, locker dialect.SessionLocker, table dialect.Ident) (heldLease, error) {
	q := ledger.SelectLease(d, locker, table.Name)
	var held heldLease
	var until, now string
	err := c.QueryRowContext(ctx, q.SQL, q.Args...).Scan(&held.run, &held.token, &until, &now, &held.here)
	if errors.Is(err, sql.ErrNoRows) {
		return heldLease{}, nil
	}
	if err != nil {
		return held, fmt.Errorf("read the lease of %q: %w", table.Name, err)
	}
	if until == "" {
		return held, nil
	}
	ends, err := time.Parse(ledgerTime, until)
	if err != nil {
		return held, fmt.Errorf("read the lease of %q: %w", table.Name, err)
	}
	reads, err := time.Parse(ledgerTime, now)
	held.left = max(0, ends.Sub(reads))
	return held, err
}

// elsewhere reports whether a run on another server has the table.
func (h heldLease) elsewhere() bool { return h.left > 0 && !h.here }

// awaitLease waits until no run on another node has the table. The session's lock already
// excludes runs on this node.
func (r *run) awaitLease(ctx context.Context, wait time.Duration, migration int64) error {
	locker, ok := dialect.As[dialect.SessionLocker](r.backend)
	if !ok || migration < dialect.LeaseMigration {
		return nil
	}
	for deadline := time.Now().Add(wait); ; {
		held, err := r.readLease(ctx, locker)
		if err != nil || !held.elsewhere() {
			return err
		}
		if left := time.Until(deadline); left <= 0 {
			return &LockedError{Table: r.plan.Upload.Table, Err: held.asError()}
		}
		if err := pause.For(ctx, min(held.left+time.Millisecond, lookAtLease)); err != nil {
			return err
		}
	}
}

// asError says which run has the table, and for how long.
func (h heldLease) asError() error {
	return fmt.Errorf("run %d has it on another server: its lease ends in %s unless it is renewed", h.run, h.left.Round(time.Second))
}

// lookAtLease is how long a lease is left alone between two looks.
const lookAtLease = 200 * time.Millisecond

// newestMigration is the version of tablesnap's own tables that a run has.
func newestMigration(d dialect.Dialect) int64 {
	all := d.Ledger().Migrations
	return all[len(all)-1].Version
}
