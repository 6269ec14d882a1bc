package exec

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// step runs one step with its assertions, and marks its audit row as done.
func (r *run) step(ctx context.Context, s plan.Step) error {
	of, is := r.toWrite(s)
	r.stepped = true
	r.tell(Event{Kind: StepBegun, Step: s, Of: of, OfIs: is})
	began := time.Now()
	if err := r.tryStep(ctx, s); err != nil {
		return r.stepFailed(s, time.Since(began), err)
	}
	r.tell(Event{Kind: StepEnded, Step: s, Result: r.steps[len(r.steps)-1]})
	return nil
}

// stepFailed remembers the failure of a step for the audit.
func (r *run) stepFailed(s plan.Step, took time.Duration, err error) error {
	r.tell(Event{Kind: StepEnded, Step: s, Result: StepResult{Step: s, State: ledger.Failed, Duration: took, Message: err.Error()}})
	r.failed = failure{seq: s.Seq, message: err.Error()}
	if as[*plan.HazardError](err) {
		return err
	}
	return &StepError{Step: s, Err: err}
}

func (r *run) tryStep(ctx context.Context, s plan.Step) error {
	if err := r.assertAll(ctx, s, s.Before); err != nil {
		return err
	}
	began := time.Now()
	done := r.counting(ctx, s)
	rows, err := r.runSQL(ctx, s)
	done()
	if err != nil {
		return err
	}
	if s.Check == nil {
		r.wrote += rows
	}
	took := time.Since(began)
	counted := ""
	if s.CountsRows() {
		counted = strconv.FormatInt(rows, 10)
	} else {
		rows = 0 // the driver's count means nothing for such a statement
	}
	if err := r.execOwn(ctx, ledger.FinishStep(r.backend, s.Seq, s.Finished(counted, strconv.FormatInt(took.Milliseconds(), 10)))); err != nil {
		return fmt.Errorf("write the audit row: %w", err)
	}
	result := StepResult{Step: s, State: ledger.Done, Rows: rows, Duration: took}
	if s.AutoCommits { // the step is committed, whatever the assertions say
		r.steps = append(r.steps, result)
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
	r.steps = append(r.steps, result)
	return nil
}

func (r *run) runSQL(ctx context.Context, s plan.Step) (int64, error) {
	switch {
	case s.Load != nil:
		return r.load(ctx, s)
	case s.Check != nil:
		return r.check(ctx, s)
	case s.Chunks != nil:
		return r.copyInChunks(ctx, *s.Chunks, func(rows int64) { r.tell(r.progress(s, rows)) })
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

// execRowsInTime stops waiting for the step's statement after GiveUpAfter. The database
// may still complete the statement, so the run is handled like one whose connection was
// lost.
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

// execRows runs a statement and returns the number of rows that it changed.
func (r *run) execRows(ctx context.Context, s dialect.Stmt) (int64, error) {
	res, err := r.conn.ExecContext(ctx, s.SQL)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}
