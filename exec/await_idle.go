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

// lookAgain is the time between two inspections of a table.
const lookAgain = 50 * time.Millisecond

// awaitIdle inspects a table while no swap of it is running. During a swap, the other
// run's tables would look like those of a run that was cut off. It waits up to wait, or
// the default lock timeout if wait is zero.
//
// Errors: *CutOffError, *LockedError.
func (c *Client) awaitIdle(ctx context.Context, inspect func(context.Context, string) (dialect.Target, error), table string, wait time.Duration) (dialect.Target, error) {
	if wait == 0 {
		wait = plan.DefaultLockTimeout
	}
	idle := false
	for deadline := time.Now().Add(wait); ; {
		t, err := inspect(ctx, table)
		if err != nil {
			return t, err
		}
		if err := c.cutOff(ctx, t); err != nil {
			return t, err
		}
		if t.Shadow == nil && t.Old == nil && t.Stage == nil && t.List == nil {
			return t, c.snapshotsKnown(ctx, t)
		}
		lives, err := c.underWay(ctx, t)
		if err != nil {
			return t, err
		}
		// The run may have ended between the inspection and the check of its lock.
		// Inspect again: a dead run has left whatever is still there and belongs to no
		// run.
		if idle && !lives {
			return t, nil
		}
		if lives && time.Now().After(deadline) {
			return t, &LockedError{Table: t.Ident, Err: errors.New("a run is at work on it")}
		}
		idle = !lives
		if err := pause.For(ctx, lookAgain); err != nil {
			return t, err
		}
	}
}

// snapshotsKnown returns an error if the backup table has rows of the present version or
// a later one. The ledger has lost the runs that copied them, and the next run would give
// its rows the same number.
func (c *Client) snapshotsKnown(ctx context.Context, t dialect.Target) error {
	names, ok := ledger.SnapshotColumns(c.backend, t)
	if !ok || names.Version == "" {
		return nil
	}
	q := ledger.HasSnapshotSince(c.backend, t.Backup.Ident, names.Version, number(t.Ledger.Last))
	var found int
	if err := c.conn.QueryRowContext(ctx, q.SQL, q.Args...).Scan(&found); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return fmt.Errorf("look for snapshots in %q: %w", t.Backup.Ident.Name, err)
	}
	// A run may have ended, or be copying, since the inspection.
	again, err := c.Inspect(ctx, t.Ident.Name)
	if err != nil || number(again.Ledger.Last) != number(t.Ledger.Last) || again.Old != nil {
		return err
	}
	return &plan.RefusedError{Table: t.Ident, Reasons: []string{fmt.Sprintf("its backup table %q holds rows of version %d or later, and by tablesnap's own tables that version stands in the table: rows of %q are missing; "+
		"bring them back from a backup of the database, or rename the backup table, so that a new one is made (its snapshots stay under the new name)", t.Backup.Ident.Name, number(t.Ledger.Last), dialect.RunTable)}}
}

// underWay reports whether any session holds the table's lock, or a run on another node
// its lease.
func (c *Client) underWay(ctx context.Context, t dialect.Target) (lives bool, err error) {
	locker, ok := dialect.As[dialect.SessionLocker](c.backend)
	if !ok {
		return false, nil
	}
	if err := c.conn.QueryRowContext(ctx, "SELECT "+locker.LockHeld(t.Ident)).Scan(&lives); err != nil {
		return false, fmt.Errorf("ask whether a run on %q is under way: %w", t.Ident.Name, err)
	}
	if lives {
		return true, nil
	}
	if t.Ledger.Migration < dialect.LeaseMigration { // a run may have updated it since
		now, err := c.backend.LedgerVersion(ctx, c.conn)
		if err != nil || now < dialect.LeaseMigration {
			return false, err
		}
	}
	held, err := readLease(ctx, c.conn, c.backend, locker, t.Ident)
	return held.elsewhere(), err
}
