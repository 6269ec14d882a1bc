package exec

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec/history"
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
	Run   int64  `json:"run"`
	Table string `json:"table"`
	// Says is a sentence without a full stop.
	Says string `json:"says"`
	// Statements are those on the user's tables, in order.
	Statements []string `json:"statements,omitempty"`
}

// Recover brings every run that was cut off to its end, or back: from its audit
// rows and the real state of the tables, never from a guess. An empty table
// means all. It can be called again and again; a run that is still under way
// makes it fail with a *LockedError.
func (c *Client) Recover(ctx context.Context, table string, mode RecoverMode) ([]Recovery, error) {
	migration, err := c.backend.LedgerVersion(ctx, c.db)
	if err != nil || migration == 0 {
		return nil, err
	}
	if table != "" {
		t, err := c.Inspect(ctx, table)
		if err != nil {
			return nil, err
		}
		table = t.Ident.Name
	}
	open, err := history.OpenRuns(ctx, c.db, c.backend, table)
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

func (c *Client) recoverRun(ctx context.Context, id int64, mode RecoverMode) ([]Recovery, error) {
	name, err := c.tableOfRun(ctx, id)
	if err != nil {
		return nil, err
	}
	var done []Recovery
	err = c.session(ctx, c.backend.Session(plan.DefaultSession()), func(conn *sql.Conn) error {
		t, err := c.backend.Inspect(ctx, conn, name)
		if err != nil {
			return err
		}
		r := &run{conn: conn, backend: c.backend, id: id, plan: plan.Plan{Upload: plan.Upload{Table: t.Ident}}}
		// Once the lock is free, the session that held it is gone, and with it
		// whatever it had not committed.
		if err := r.exec(ctx, c.backend.TakeLock(t.Ident, plan.DefaultSession().LockTimeout)...); err != nil {
			return r.locked(err)
		}
		defer func() { _ = r.exec(context.WithoutCancel(ctx), c.backend.DropLock(t.Ident)...) }()
		if t, err = c.backend.Inspect(ctx, conn, name); err != nil { // again, under the lock
			return err
		}
		fresh, err := history.Runs(ctx, conn, c.backend, dialect.RunFilter{Run: id})
		if err != nil || len(fresh) != 1 {
			return errors.Join(err, fmt.Errorf("its row is gone"))
		}
		if fresh[0].Steps, err = history.Steps(ctx, conn, c.backend, id); err != nil {
			return err
		}
		cure := diagnose(c.backend, t, fresh[0])
		done = []Recovery{{Run: id, Table: name, Says: cure.says, Statements: cure.texts()}}
		if mode == DryRun {
			return nil
		}
		return r.cure(ctx, cure)
	})
	return done, err
}

func (c *Client) tableOfRun(ctx context.Context, id int64) (string, error) {
	runs, err := history.Runs(ctx, c.db, c.backend, dialect.RunFilter{Run: id})
	if err != nil {
		return "", err
	}
	if len(runs) != 1 {
		return "", fmt.Errorf("its row is gone")
	}
	return runs[0].Table, nil
}

// cutOff returns a *CutOffError where a run on the table was cut off: one that
// has not ended, and whose lock nobody holds any more.
func (c *Client) cutOff(ctx context.Context, t dialect.Target) error {
	underWay := c.backend.UnderWay(t.Ident)
	if underWay == "" || t.Ledger.Migration == 0 {
		return nil
	}
	open, err := history.OpenRuns(ctx, c.db, c.backend, t.Ident.Name)
	if err != nil || len(open) == 0 {
		return err
	}
	var lives bool
	if err := c.db.QueryRowContext(ctx, "SELECT "+underWay).Scan(&lives); err != nil {
		return fmt.Errorf("ask whether run %d is still under way: %w", open[0], err)
	}
	if lives {
		return nil // the lock will decide
	}
	return &CutOffError{Table: t.Ident, Run: open[0]}
}
