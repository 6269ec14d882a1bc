package exec

import (
	"context"
	"errors"
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// withoutBackupError rolls a transaction back whose backup failed, to begin it
// again with what takes the backup's place: the table for that cannot be made
// inside a transaction where such a statement commits by itself.
type withoutBackupError struct{ error }

func (e *withoutBackupError) Unwrap() error { return e.error }

func isWithoutBackup(err error) bool {
	var without *withoutBackupError
	return errors.As(err, &without)
}

// goOnWithoutBackup keeps the old rows in a table of their own, or goes on with
// nothing, as the policy says.
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
		return nil // there is none yet
	case apart:
		return r.makePreserved(ctx, failed)
	}
	if err := r.makePreserved(ctx, failed); err != nil {
		return err
	}
	return r.copyToPreserved(ctx)
}

// giveUpBackup makes up for a backup with which a group was rolled back.
func (r *run) giveUpBackup(ctx context.Context, failed error) error {
	if r.chunks > 0 {
		target, err := r.backend.Inspect(ctx, r.conn, dialect.Named(r.plan.Upload.Table.Name))
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

// makePreserved makes the table that takes the backup's place.
func (r *run) makePreserved(ctx context.Context, failed error) error {
	r.insteadOfBackup = plan.Preserve
	if err := r.fallback(ctx, r.plan.Preserve[0]); err != nil {
		return err
	}
	r.warn(plan.BackupPreserved, "the backup failed, and the old rows are kept whole in %q: %v", r.plan.Preserve[0].Table.Name, failed)
	return nil
}

func (r *run) copyToPreserved(ctx context.Context) error {
	if len(r.plan.Preserve) == 1 { // the old table is kept as it is
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

// withoutBackup runs in place of the rest of the backup after a part of it failed.
func (r *run) withoutBackup(ctx context.Context, steps []plan.Step) error {
	for _, s := range steps {
		o := ledger.Outcome{State: ledger.Skipped}
		if s.Seq == r.backupFailed.seq {
			o = ledger.Outcome{State: ledger.Failed, Message: r.backupFailed.message}
		}
		if err := r.exec(ctx, ledger.FinishStep(r.backend, s.Seq, o)); err != nil {
			return fmt.Errorf("write the audit row of step %s: %w", s.ID, err)
		}
		r.steps = append(r.steps, StepResult{Step: s, State: o.State, Message: o.Message})
		if s.Kind == plan.CopyToBackup && r.insteadOfBackup == plan.Preserve {
			return r.copyToPreserved(ctx)
		}
	}
	return nil
}
