package exec

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// notTrue is an assertion that does not hold. It leaves out the database's own error,
// which only shows how the assertion was made to fail.
type notTrue struct{ says string }

func (e *notTrue) Error() string { return "it is not true that " + e.says }

// assert runs an assertion and returns a *notTrue if it does not hold. Any other error
// means that it could not be evaluated.
func (r *run) assert(ctx context.Context, p plan.Assertion) error {
	if err := r.exec(ctx, p.Setup...); err != nil {
		return fmt.Errorf("find out whether %s: %w", p.Message, err)
	}
	err := r.execOwn(ctx, dialect.Stmt{SQL: p.SQL})
	switch {
	case err == nil:
		return nil
	case r.backend.AssertionFailed(err):
		return &notTrue{says: p.Message}
	default:
		return fmt.Errorf("check that %s: %w", p.Message, err)
	}
}

// holds returns an error if something that was reviewed is no longer true.
func (r *run) holds(ctx context.Context, assertions []plan.Assertion) error {
	for _, p := range assertions {
		err := r.assert(ctx, p)
		if as[*notTrue](err) {
			return &DriftError{Table: r.plan.Upload.Table, Changes: []string{"it is no longer true that " + p.Message}, Err: err}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func as[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func (r *run) assertAll(ctx context.Context, s plan.Step, assertions []plan.Assertion) error {
	for _, p := range assertions {
		err := r.assertCounting(ctx, s, p)
		if err != nil {
			return err
		}
	}
	return nil
}

// assertionMark is the savepoint before an assertion. A failed assertion may end the
// transaction, and the rows are counted after rolling back to the savepoint.
const assertionMark = "tablesnap_assertion"

// assertCounting adds the number of wrong rows to the error, if the plan knows how to
// count them.
func (r *run) assertCounting(ctx context.Context, s plan.Step, p plan.Assertion) error {
	explains := p.Counts != nil || p.Examples != nil
	marked := explains && !s.AutoCommits // else there is no transaction
	if marked {
		if err := r.exec(ctx, dialect.Savepoint(r.backend, assertionMark)); err != nil {
			return fmt.Errorf("set a savepoint: %w", err)
		}
	}
	failed := r.assert(ctx, p)
	if failed == nil && marked {
		if err := r.exec(ctx, dialect.Release(r.backend, assertionMark)); err != nil {
			return fmt.Errorf("release a savepoint: %w", err)
		}
	}
	if !as[*notTrue](failed) {
		return failed // nil among it
	}
	says, examples := failed.Error(), ""
	if marked {
		if err := r.exec(ctx, dialect.RollbackTo(r.backend, assertionMark)); err != nil {
			return failed
		}
	}
	if p.Counts != nil {
		says += r.counted(ctx, *p.Counts)
	}
	if p.Examples != nil {
		examples = r.examples(ctx, *p.Examples)
	}
	failed = r.failedBecause(p, says+examples)
	if examples != "" {
		return &ExampleError{examples, failed}
	}
	return failed
}

// failedBecause is the error of an assertion, with what to do now.
func (r *run) failedBecause(p plan.Assertion, says string) error {
	if p.Hint != "" {
		says += "; " + p.Hint
	}
	if p.Hazard != "" {
		return &plan.HazardError{Table: r.plan.Upload.Table, Operation: r.plan.Operation, Hazards: []plan.Hazard{{Code: p.Hazard, Message: says}}}
	}
	if p.Remedy != "" {
		return &plan.RemedyError{Remedies: []plan.Remedy{p.Remedy}, Err: errors.New(says)}
	}
	return errors.New(says)
}

// counted says how many rows are wrong in which columns. It is empty if they cannot be
// counted.
func (r *run) counted(ctx context.Context, c plan.Counts) string {
	var wrong []string
	for i, query := range c.SQL {
		var rows int64
		if err := r.conn.QueryRowContext(ctx, query).Scan(&rows); err != nil {
			return ""
		}
		if rows > 0 {
			wrong = append(wrong, fmt.Sprintf("%q in %s", c.Columns[i], dialect.Rows(rows)))
		}
	}
	if len(wrong) == 0 {
		return ""
	}
	return "; it is wrong for " + strings.Join(wrong, ", ")
}
