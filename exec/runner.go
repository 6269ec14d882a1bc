package exec

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// link is the connection of a run, and its transaction. The runs of a set share one.
type link struct {
	conn dialect.Conn
	// open is true while a transaction is open.
	open bool
	// stepped is true if the open transaction has begun a step.
	stepped bool
	// wrote counts the rows that the open transaction has written in steps that are done.
	wrote int64
	// referring are the references to the tables that the transaction changes.
	referring []dialect.ForeignKey
}

// run is one execution of a plan on one connection.
type run struct {
	*link
	backend dialect.Backend
	plan    plan.Plan
	source  rowsource.Source
	actor   string
	events  func(Event)
	log     *slog.Logger
	// owner says who ends the run's transactions.
	owner transactionOwner

	// unlock releases the run's lock.
	unlock []dialect.Stmt
	// lease is what the run has taken of its table, nil for none; renewed stops its
	// renewal, for which beside runs a statement on another connection.
	lease   *ledger.Lease
	renewed func()
	beside  func(context.Context, dialect.Stmt) error

	id    int64
	steps []StepResult
	extra []plan.Warning // warnings that only the run can give
	// failedChecks are those that warn, and have found rows.
	failedChecks []FailedCheck
	failed       failure
	lost         *connectionLost // set if the connection is gone
	// chunks counts the transactions that the present step has committed so far.
	chunks int
	// at is the first group that has not committed, for a run of a set.
	at int
	// estimated is the database's estimate of the table's rows before the run, or nil.
	estimated *int64
	// insteadOfBackup is the policy that applies since the backup failed, or empty.
	insteadOfBackup plan.Policy
	backupFailed    failure
}

// failure is the step that ended the run, and the error's text. A seq of zero is a
// failure before the first step.
type failure struct {
	seq     int
	message string
}

const afterAllSteps = math.MaxInt

// execute runs the plan's program. If a part of it fails, the audit says so.
func (r *run) execute(ctx context.Context) (Result, error) {
	defer func() { _ = r.exec(context.WithoutCancel(ctx), r.unlock...) }() // the lock ends with the session at the latest
	defer r.endLease(ctx)
	for rest := r.plan.Program(r.backend); len(rest) > 0; {
		var err error
		if rest, err = r.next(ctx, rest); err != nil {
			return Result{}, err
		}
	}
	return r.result(), nil
}

// next executes the program's first transaction, or its first instruction if that is
// outside of transactions. It returns the rest of the program.
func (r *run) next(ctx context.Context, p plan.Program) (rest plan.Program, err error) {
	begin, ok := p[0].(plan.Begin)
	if !ok {
		return p[1:], r.instruction(ctx, p[0])
	}
	body, rest := transactionOf(p)
	switch begin.Purpose {
	case plan.ForLedger:
		return rest, nil // [Client.Run] has already created the ledger
	case plan.ForRun:
		return rest, r.failToBegin(r.begin(ctx, begin, body))
	default:
		if err := r.perform(ctx, begin, body); err != nil {
			return nil, r.fail(ctx, begin.Group, err)
		}
		return rest, nil
	}
}

// transactionOf splits the program after its first transaction, which it begins with.
func transactionOf(p plan.Program) (body, rest plan.Program) {
	end := 1 + slices.IndexFunc(p[1:], func(in plan.Instruction) bool { _, ends := in.(plan.Commit); return ends })
	return p[1:end], p[end+1:]
}

// perform executes the transaction of a group, or the one that writes its audit rows.
func (r *run) perform(ctx context.Context, begin plan.Begin, body plan.Program) error {
	r.failed = failure{}
	if begin.Purpose == plan.ForAudit {
		return r.noted(r.inTransaction(ctx, begin, body, r.written(r.plan.Announced(begin.Group))))
	}
	err := r.group(ctx, begin, body)
	if err != nil && r.plan.Groups[begin.Group].Afterwards() {
		r.afterFailed(ctx, r.plan.Groups[begin.Group].Steps, err)
		return nil
	}
	if err == nil {
		r.at = begin.Group + 1
	}
	return err
}

// instruction executes one instruction. A program that is run has none of the
// instructions for scripts.
func (r *run) instruction(ctx context.Context, in plan.Instruction) error {
	switch in := in.(type) {
	case plan.EnterSession: // the session was set up when the connection was lent
		return r.holds(ctx, in.Assertions)
	case plan.AcquireLock:
		if err := r.acquireLock(ctx); err != nil {
			return err
		}
		r.unlock = r.plan.Unlock
		return r.awaitLease(ctx, r.plan.LockTimeout, dialect.LeaseMigration)
	case plan.TakeLease:
		return r.takeLease(ctx, in)
	case plan.HoldLease:
		return r.holdLease(ctx)
	case plan.AssertNoOpenRun:
		return r.noneCutOff(ctx, in.Assertions)
	case plan.BeginRun:
		return r.beginRun(ctx)
	case plan.KeepRun:
		return r.exec(ctx, in.Stmts...)
	case plan.Announce:
		return r.announce(ctx, in.Steps)
	case plan.Assert:
		return r.holds(ctx, in.Assertions)
	case plan.CloseAbandoned:
		if err := r.exec(ctx, in.Stmts...); err != nil {
			return fmt.Errorf("close the runs that were cut off: %w", err)
		}
		return nil
	case plan.RunSteps:
		return r.stage(ctx, r.plan.Groups[in.Group], in.Steps)
	case plan.FinishRun:
		r.failed.seq = afterAllSteps
		return r.exec(ctx, ledger.FinishRun(r.backend, r.plan.Outcome(r.backend, codes(r.extra)...)))
	case plan.EndLease, plan.ReleaseLock:
		return nil // execute releases both in any case
	default:
		return fmt.Errorf("run the plan: %T is no instruction for a runner", in)
	}
}

func (r *run) instructions(ctx context.Context, body []plan.Instruction) error {
	for _, in := range body {
		if err := r.instruction(ctx, in); err != nil {
			return err
		}
	}
	return nil
}

// begin writes the run's row and takes its table.
func (r *run) begin(ctx context.Context, begin plan.Begin, body []plan.Instruction) error {
	err := r.inTransaction(ctx, begin, body, func() string { return ledger.RunExists(r.backend, r.id) })
	if err != nil {
		r.lease = nil // it went with the transaction
		return err
	}
	r.renewed = r.keepRenewing()
	return nil
}

// beginRun writes the run's row and reads back its id.
func (r *run) beginRun(ctx context.Context) error {
	if err := r.exec(ctx, ledger.BeginRun(r.backend, r.plan.Run(r.backend, r.actor))); err != nil {
		return fmt.Errorf("write the run's row: %w", err)
	}
	if err := r.exec(ctx, r.backend.RememberRun(0)...); err != nil {
		return fmt.Errorf("keep the run's number: %w", err)
	}
	if err := r.conn.QueryRowContext(ctx, "SELECT "+r.backend.Ledger().ThisRun).Scan(&r.id); err != nil {
		return fmt.Errorf("read the run's number: %w", err)
	}
	return nil
}

// announce writes the audit rows of steps before the steps run.
func (r *run) announce(ctx context.Context, steps []plan.Step) error {
	for _, s := range steps {
		state := s.AnnouncedAs()
		if r.skips(s) {
			state = ledger.Skipped
			r.steps = append(r.steps, StepResult{Step: s, State: state})
		}
		if err := r.exec(ctx, ledger.BeginStep(r.backend, s.Row(state))); err != nil {
			return fmt.Errorf("write the audit row of step %s: %w", s.ID, err)
		}
	}
	return nil
}

// acquireLock takes the lock that keeps out other runs of tablesnap, and no other
// program.
func (r *run) acquireLock(ctx context.Context) error {
	err := r.exec(ctx, r.plan.Lock...)
	if err != nil && (r.backend.AssertionFailed(err) || r.backend.Classify(err) == dialect.FailureBusy) {
		return &LockedError{Table: r.plan.Upload.Table, Err: errors.New("another run of tablesnap is at work on it")}
	}
	return err
}

// exec runs statements. It skips empty ones: Begin, Commit and Rollback are empty if the
// caller owns the transaction.
func (r *run) exec(ctx context.Context, stmts ...dialect.Stmt) error {
	for _, s := range stmts {
		if s.SQL == "" {
			continue
		}
		if _, err := r.conn.ExecContext(ctx, s.SQL); err != nil {
			return err
		}
	}
	return nil
}

// group runs a group of the plan. It runs the group again after a deadlock, or if the
// backup failed and the policy is to go on.
func (r *run) group(ctx context.Context, begin plan.Begin, body []plan.Instruction) error {
	if begin.Auto {
		return r.noted(r.instructions(ctx, body))
	}
	if r.insteadOfBackup == plan.Preserve && r.did(plan.SwapTables) { // the backup table could not be created
		if err := r.makePreserved(ctx, errors.New(r.backupFailed.message)); err != nil {
			return r.noted(err)
		}
	}
	for try := 1; ; try++ {
		done, extra, warnings := len(r.steps), len(r.extra), len(r.failedChecks)
		r.chunks = 0
		err := r.transaction(ctx, begin.Stmts, r.ended(begin.Group), func() error {
			err := r.instructions(ctx, body)
			if err == nil {
				r.failed.seq = afterAllSteps // if the commit fails, every step was done and is rolled back
			}
			return err
		})
		again := r.chunks == 0 && r.mayTryAgain(ctx, try, err) || isWithoutBackup(err) && ctx.Err() == nil && r.owner == ownedByRun
		if err == nil || !again {
			return r.noted(err)
		}
		r.steps, r.extra, r.failedChecks, r.failed = r.steps[:done], r.extra[:extra], r.failedChecks[:warnings], failure{}
		if isWithoutBackup(err) {
			if err := r.giveUpBackup(ctx, err); err != nil {
				return r.noted(err)
			}
		}
	}
}

// skips reports whether a step has nothing left to do: the old table is not dropped if it
// is kept in place of a backup.
func (r *run) skips(s plan.Step) bool { return s.Kind == plan.DropOld && r.did(plan.KeepOld) }

// deadlockTries is how often a group is run if the database rolls it back because of a
// deadlock.
const deadlockTries = 3

// noted remembers the message of a failure outside of any step, for the audit.
func (r *run) noted(err error) error {
	if err != nil && r.failed.message == "" {
		r.failed.message = err.Error()
	}
	return err
}

func codes(ws []plan.Warning) []plan.Code {
	cs := make([]plan.Code, len(ws))
	for i, w := range ws {
		cs[i] = w.Code
	}
	return cs
}
