package exec

import (
	"context"
	"errors"
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// withoutBackupError rolls back a transaction whose backup failed. The group then starts
// again with the preserved table in place of the backup. If DDL commits by itself, that
// table cannot be created inside the transaction.
type withoutBackupError struct{ error }

func (e *withoutBackupError) Unwrap() error { return e.error }

func isWithoutBackup(err error) bool {
	var without *withoutBackupError
	return errors.As(err, &without)
}

// goOnWithoutBackup keeps the old rows in a preserved table, or continues without a
// backup, as the policy says.
func (r *run) goOnWithoutBackup(ctx context.Context, policy plan.Policy, steps []plan.Step, failed error) error {
	r.backupFailed, r.insteadOfBackup = r.failed, policy
	keepsOld := policy == plan.Preserve && r.plan.Preserve[0].Kind == plan.KeepOld
	apart := policy == plan.Preserve && r.plan.Preserve[0].AutoCommits
	if apart && steps[0].Kind == plan.CopyToBackup {
		r.insteadOfBackup = ""
		return &withoutBackupError{failed}
	}
	if err := r.writeFailed(ctx, steps); err != nil {
		return err
	}
	r.failed = failure{}
	switch {
	case policy == plan.Continue:
		r.warnNoBackup(failed)
		return nil
	case keepsOld:
		return nil // the old table does not exist before the swap
	case apart:
		return r.makePreserved(ctx, failed)
	}
	if err := r.makePreserved(ctx, failed); err != nil {
		return err
	}
	return r.copyToPreserved(ctx)
}

// giveUpBackup prepares for the group to run again after its backup failed and the group
// was rolled back.
func (r *run) giveUpBackup(ctx context.Context, failed error) error {
	if r.chunks > 0 {
		target, err := inspect(ctx, r.conn, r.backend, dialect.Named(r.plan.Upload.Table.Name), r.owner)
		if err == nil {
			err = r.removeSnapshot(ctx, target, *r.plan.Upload.Replaces)
		}
		if err != nil {
			return fmt.Errorf("%w; and what was copied of it cannot be deleted: %w", failed, err)
		}
	}
	if r.plan.Upload.OnBackupFailure == plan.Continue {
		r.insteadOfBackup = plan.Continue
		r.warnNoBackup(failed)
		return nil
	}
	return r.makePreserved(ctx, failed)
}

func (r *run) warnNoBackup(failed error) {
	r.warn(plan.NoBackup, "NO BACKUP WAS MADE, and the upload went on, as it was told to: %v", failed)
}

// makePreserved creates the table that replaces the backup.
func (r *run) makePreserved(ctx context.Context, failed error) error {
	r.insteadOfBackup = plan.Preserve
	if err := r.fallback(ctx, r.plan.Preserve[0]); err != nil {
		return err
	}
	r.warn(plan.BackupPreserved, "the backup failed, and the old rows are kept whole in %q: %v", r.plan.Preserve[0].Table.Name, failed)
	return nil
}

func (r *run) copyToPreserved(ctx context.Context) error {
	if len(r.plan.Preserve) == 1 { // the old table is kept whole, nothing to copy
		return nil
	}
	return r.fallback(ctx, r.plan.Preserve[1])
}

func (r *run) fallback(ctx context.Context, s plan.Step) error {
	if err := r.exec(ctx, ledger.BeginStep(r.backend, s.Row(ledger.Started))); err != nil {
		return fmt.Errorf("write the audit row of step %s: %w", s.ID, err)
	}
	if err := r.step(ctx, s); err != nil {
		return fmt.Errorf("%w (in place of the backup, which failed: %s)", err, r.backupFailed.message)
	}
	return nil
}

// withoutBackup replaces the remaining backup steps after one of them failed.
func (r *run) withoutBackup(ctx context.Context, steps []plan.Step) error {
	for _, s := range steps {
		o := ledger.Outcome{State: ledger.Skipped}
		if s.Seq == r.backupFailed.seq {
			o = ledger.Outcome{State: ledger.Failed, Message: r.backupFailed.message}
		}
		if err := r.closeStep(ctx, s, o); err != nil {
			return err
		}
		if s.Kind == plan.CopyToBackup && r.insteadOfBackup == plan.Preserve {
			return r.copyToPreserved(ctx)
		}
	}
	return nil
}
