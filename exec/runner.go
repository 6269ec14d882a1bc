package exec

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Result is what a run did.
type Result struct {
	RunID        int64          `json:"run"`
	Table        dialect.Ident  `json:"table"`
	Version      int64          `json:"version"`
	Replaced     *int64         `json:"replaced"`
	RowsBackedUp int64          `json:"rows_backed_up"`
	RowsLoaded   int64          `json:"rows_loaded"`
	Steps        []StepResult   `json:"steps"`
	Warnings     []plan.Warning `json:"warnings,omitempty"`
}

// StepResult is what became of a step.
type StepResult struct {
	Step     plan.Step     `json:"step"`
	State    dialect.State `json:"state"`
	Rows     int64         `json:"rows"`
	Duration time.Duration `json:"duration_ns"`
	Message  string        `json:"message,omitempty"`
}

// Progress tells how far a run is.
type Progress struct {
	Step plan.Step
	// Bytes of the source have been read, in a load.
	Bytes int64
}

// run is one execution of a plan on one connection.
type run struct {
	conn     dialect.Conn
	backend  dialect.Backend
	plan     plan.Plan
	source   rowsource.Source
	actor    string
	progress func(Progress)
	// owner says who ends the transaction in which the run is.
	owner transactionOwner

	id     int64
	steps  []StepResult
	extra  []plan.Warning // of the run itself
	failed failure
	lost   *connectionLost // set where the connection is gone
	// chunks counts the transactions that a step has committed on its way.
	chunks int
	// insteadOfBackup is what the run does since its backup failed.
	insteadOfBackup plan.Policy
	backupFailed    failure
}

// failure is the step that ended the run, and what the database said. A seq of
// zero stands for a failure ahead of the first step.
type failure struct {
	seq     int
	message string
}

const afterAllSteps = math.MaxInt

// execute runs the plan, and sees to it that the audit tells what became of it.
func (r *run) execute(ctx context.Context) (Result, error) {
	if err := r.holds(ctx, r.plan.Place); err != nil {
		return Result{}, err
	}
	if err := r.acquireLock(ctx); err != nil {
		return Result{}, err
	}
	defer func() { _ = r.exec(context.WithoutCancel(ctx), r.plan.Unlock...) }() // it ends with the session at the latest
	if err := r.noneCutOff(ctx); err != nil {
		return Result{}, err
	}
	if err := r.begin(ctx); err != nil {
		return Result{}, r.failToBegin(err)
	}
	for i, g := range r.plan.Groups {
		if err := r.group(ctx, i, g); err != nil {
			return Result{}, r.fail(ctx, i, err)
		}
	}
	return r.result(), nil
}

// begin writes the run's row and the started rows of the first group, and
// commits them: what is under way is known before it begins.
func (r *run) begin(ctx context.Context) error {
	written := func() string { return dialect.RunExists(r.backend, r.id) }
	return r.transaction(ctx, r.backend.Begin(dialect.Table{}), written, func() error {
		if err := r.exec(ctx, dialect.BeginRun(r.backend, r.plan.Run(r.backend, r.actor))); err != nil {
			return fmt.Errorf("write the run's row: %w", err)
		}
		if err := r.exec(ctx, r.backend.RememberRun()...); err != nil {
			return fmt.Errorf("keep the run's number: %w", err)
		}
		if err := r.conn.QueryRowContext(ctx, "SELECT "+r.backend.ThisRun()).Scan(&r.id); err != nil {
			return fmt.Errorf("read the run's number: %w", err)
		}
		return r.writeStarted(ctx, r.plan.Announced(0))
	})
}

func (r *run) writeStarted(ctx context.Context, steps []plan.Step) error {
	for _, s := range steps {
		if err := r.exec(ctx, dialect.BeginStep(r.backend, s.Row(dialect.Started))); err != nil {
			return fmt.Errorf("write the audit row of step %s: %w", s.ID, err)
		}
	}
	return nil
}

// transaction runs work between the statements that begin a transaction and the
// commit. Whatever fails, all of it is rolled back, also when ctx is done. Went is
// an SQL condition that the transaction makes true (see commit).
func (r *run) transaction(ctx context.Context, begin []dialect.Stmt, went func() string, work func() error) error {
	if err := r.exec(ctx, begin...); err != nil {
		r.rollback(ctx) // where a later statement of begin failed, the transaction is open
		return r.locked(err)
	}
	if err := work(); err != nil {
		r.rollback(ctx)
		return err
	}
	return r.commit(ctx, went)
}

// waitingReferences names what a database checks no earlier than at the commit,
// which says in its error only that something is wrong.
func (r *run) waitingReferences() string {
	var tables []string
	if t := r.plan.Table; t != nil {
		for _, f := range t.ReferencedBy {
			tables = append(tables, fmt.Sprintf("%q (%s)", f.Table.Name, strings.Join(f.Columns, ", ")))
		}
	}
	if len(tables) == 0 {
		return ""
	}
	return "; rows that refer to the table need their keys in the source: " + strings.Join(tables, ", ")
}

// rollback fails only where nothing is open any more, which is what it is for.
func (r *run) rollback(ctx context.Context) {
	_ = r.exec(context.WithoutCancel(ctx), r.backend.Rollback())
}

// acquireLock takes the lock for which only other runs of tablesnap wait.
func (r *run) acquireLock(ctx context.Context) error {
	err := r.exec(ctx, r.plan.Lock...)
	if err != nil && r.backend.Classify(err) == dialect.FailureBusy {
		return &LockedError{Table: r.plan.Upload.Table, Err: errors.New("another run of tablesnap is at work on it")}
	}
	return err
}

func (r *run) locked(err error) error {
	var locked *LockedError
	if r.classify(err) == dialect.FailureBusy && !errors.As(err, &locked) {
		return &LockedError{Table: r.plan.Upload.Table, Err: err}
	}
	return err
}

func (r *run) exec(ctx context.Context, stmts ...dialect.Stmt) error {
	for _, s := range stmts {
		if s.SQL == "" {
			continue // the word is the caller's
		}
		if _, err := r.conn.ExecContext(ctx, s.SQL); err != nil {
			return err
		}
	}
	return nil
}

// group runs the steps of one group, and with the last group closes the run.
func (r *run) group(ctx context.Context, i int, g plan.Group) error {
	r.failed = failure{}
	if announced := r.plan.Announced(i); i > 0 && len(announced) > 0 {
		err := r.transaction(ctx, r.backend.Begin(dialect.Table{}), r.written(announced), func() error { return r.writeStarted(ctx, announced) })
		if err != nil {
			return r.noted(err)
		}
	}
	if g.Auto {
		return r.noted(r.groupSteps(ctx, g))
	}
	if r.insteadOfBackup == plan.Preserve && r.did(plan.SwapTables) { // its backup table could not be made
		if err := r.makePreserved(ctx, errors.New(r.backupFailed.message)); err != nil {
			return r.noted(err)
		}
	}
	for try := 1; ; try++ {
		done, extra := len(r.steps), len(r.extra)
		r.chunks = 0
		err := r.transaction(ctx, g.Begin, r.ended(i, g), func() error { return r.groupWork(ctx, i, g) })
		again := isWithoutBackup(err) || try < deadlockTries && r.chunks == 0 && r.classify(err) == dialect.FailureDeadlock
		if err == nil || !again || isUnknownCommit(err) || ctx.Err() != nil || r.owner == ownedByCaller {
			return r.noted(err)
		}
		r.steps, r.extra, r.failed = r.steps[:done], r.extra[:extra], failure{}
		if isWithoutBackup(err) {
			if err := r.giveUpBackup(ctx, err); err != nil {
				return r.noted(err)
			}
		}
	}
}

// groupWork is what a group does between its begin and its commit.
func (r *run) groupWork(ctx context.Context, i int, g plan.Group) error {
	if err := r.groupSteps(ctx, g); err != nil {
		return err
	}
	r.failed.seq = afterAllSteps // should the end of the group fail, every step was done and is undone
	if i != r.plan.FinalGroup() {
		return nil
	}
	if err := r.exec(ctx, dialect.FinishRun(r.backend, r.plan.Outcome(r.backend, codes(r.extra)...))); err != nil {
		return err
	}
	return r.announceCleanup(ctx)
}

// announceCleanup writes down what is left to do, should the run be cut off
// from here on.
func (r *run) announceCleanup(ctx context.Context) error {
	for _, s := range r.plan.Cleanup() {
		state := dialect.Started
		if r.skips(s) {
			state = dialect.Skipped
			r.steps = append(r.steps, StepResult{Step: s, State: state})
		}
		if err := r.exec(ctx, dialect.BeginStep(r.backend, s.Row(state))); err != nil {
			return fmt.Errorf("write the audit row of step %s: %w", s.ID, err)
		}
	}
	return nil
}

// skips reports whether a step has nothing to do any more: there is no old table
// to drop where it is kept in place of a backup.
func (r *run) skips(s plan.Step) bool { return s.Kind == plan.DropOld && r.did(plan.KeepOld) }

// deadlockTries is how often a group is begun that the database chose as the
// victim of a deadlock, and rolled back whole.
const deadlockTries = 3

// noted keeps the message of a failure outside of any step, for the audit.
func (r *run) noted(err error) error {
	if err != nil && r.failed.message == "" {
		r.failed.message = err.Error()
	}
	return err
}

func (r *run) groupSteps(ctx context.Context, g plan.Group) error {
	if err := r.holds(ctx, g.Before); err != nil {
		return err
	}
	if r.plan.Atomic() {
		if err := r.exec(ctx, dialect.CloseAbandoned(r.backend, r.plan.Upload.Table.Name)...); err != nil {
			return fmt.Errorf("close the runs that were cut off: %w", err)
		}
	}
	for _, stage := range stages(g.Steps) {
		if r.skips(stage[0]) {
			continue
		}
		if err := r.stage(ctx, g, stage); err != nil {
			return err
		}
	}
	return nil
}

// step runs one step with its assertions, and turns its audit row into done.
func (r *run) step(ctx context.Context, s plan.Step) error {
	if err := r.tryStep(ctx, s); err != nil {
		r.failed = failure{seq: s.Seq, message: err.Error()}
		var hazard *plan.HazardError
		if errors.As(err, &hazard) {
			return err
		}
		return &StepError{Step: s, Err: err}
	}
	return nil
}

func (r *run) tryStep(ctx context.Context, s plan.Step) error {
	r.report(Progress{Step: s})
	if err := r.assertAll(ctx, s, s.Before); err != nil {
		return err
	}
	began := time.Now()
	rows, err := r.runSQL(ctx, s)
	if err != nil {
		return err
	}
	took := time.Since(began)
	counted := ""
	if s.CountsRows() {
		counted = strconv.FormatInt(rows, 10)
	}
	if err := r.exec(ctx, dialect.FinishStep(r.backend, s.Seq, s.Finished(counted, strconv.FormatInt(took.Milliseconds(), 10)))); err != nil {
		return fmt.Errorf("write the audit row: %w", err)
	}
	done := StepResult{Step: s, State: dialect.Done, Rows: rows, Duration: took}
	if s.AutoCommits { // it is done whatever is proved now
		r.steps = append(r.steps, done)
		return r.assertAll(ctx, s, s.After)
	}
	if err := r.assertAll(ctx, s, s.After); err != nil {
		return err
	}
	if s.Load != nil && s.Load.Twin != nil {
		if err := r.exec(ctx, s.Load.Twin.Drop); err != nil {
			return fmt.Errorf("drop the temporary table: %w", err)
		}
	}
	r.steps = append(r.steps, done)
	return nil
}

func (r *run) runSQL(ctx context.Context, s plan.Step) (int64, error) {
	switch {
	case s.Load != nil:
		return r.load(ctx, s)
	case s.Chunks != nil:
		return r.copyInChunks(ctx, *s.Chunks)
	}
	if err := r.exec(ctx, s.Setup...); err != nil {
		return 0, err
	}
	rows, err := r.execRowsInTime(ctx, s)
	if err == nil && s.Counts != "" {
		err = r.conn.QueryRowContext(ctx, "SELECT "+s.Counts).Scan(&rows)
	}
	return rows, err
}

// execRowsInTime gives the step's statement up where it takes too long. The database
// then goes on with it, so that the run counts as one whose connection was lost.
func (r *run) execRowsInTime(ctx context.Context, s plan.Step) (int64, error) {
	if s.GiveUpAfter == 0 {
		return r.execRows(ctx, dialect.Stmt{SQL: s.SQL})
	}
	limited, cancel := context.WithTimeout(ctx, s.GiveUpAfter)
	defer cancel()
	rows, err := r.execRows(limited, dialect.Stmt{SQL: s.SQL})
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return 0, fmt.Errorf("no answer for %s: other programs have transactions open on the table, and it ends when they do: %w", s.GiveUpAfter, err)
	}
	return rows, err
}

// execRows runs a statement and returns how many rows it touched.
func (r *run) execRows(ctx context.Context, s dialect.Stmt) (int64, error) {
	res, err := r.conn.ExecContext(ctx, s.SQL)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (r *run) report(p Progress) {
	if r.progress != nil {
		r.progress(p)
	}
}

func codes(ws []plan.Warning) []plan.Code {
	cs := make([]plan.Code, len(ws))
	for i, w := range ws {
		cs[i] = w.Code
	}
	return cs
}
