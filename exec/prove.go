package exec

import (
	"context"
	"errors"
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// notTrue is an assertion that does not hold. The database's own words, which
// would show how a statement can be made to fail, say no more than this.
type notTrue struct{ says string }

func (e *notTrue) Error() string { return "it is not true that " + e.says }

// prove runs a proof. Its result is of no interest: what is not true fails, as a
// *notTrue. Any other error says nothing about what is true.
func (r *run) prove(ctx context.Context, p plan.Proof) error {
	err := r.exec(ctx, dialect.Stmt{SQL: p.SQL})
	if err != nil && r.backend.Classify(err) == dialect.FailureUnproved {
		return &notTrue{says: p.Says}
	}
	return err
}

// holds refuses to go on where what was reviewed is no longer true.
func (r *run) holds(ctx context.Context, proofs []plan.Proof) error {
	for _, p := range proofs {
		err := r.prove(ctx, p)
		if as[*notTrue](err) {
			return &DriftError{Table: r.plan.Upload.Table, Changes: []string{"it is no longer true that " + p.Says}, Err: err}
		}
		if err != nil {
			return unchecked(p, err)
		}
	}
	return nil
}

// proveAll runs the proofs of a step.
func (r *run) proveAll(ctx context.Context, proofs []plan.Proof) error {
	for _, p := range proofs {
		err := r.prove(ctx, p)
		switch {
		case err == nil:
		case !as[*notTrue](err):
			return unchecked(p, err)
		case p.Hazard != "":
			return &plan.HazardError{Table: r.plan.Upload.Table, Operation: r.plan.Operation, Hazards: []plan.Hazard{{Code: p.Hazard, Says: err.Error()}}}
		default:
			return err
		}
	}
	return nil
}

// unchecked is an error that says nothing about whether the assertion holds, such as
// a connection that is lost.
func unchecked(p plan.Proof, err error) error {
	return fmt.Errorf("check that %s: %w", p.Says, err)
}

func as[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
