package exec

import (
	"context"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// prove runs a proof. Its result is of no interest: what is not true fails.
func (r *run) prove(ctx context.Context, p plan.Proof) error {
	return r.exec(ctx, dialect.Stmt{SQL: p.SQL})
}

func (r *run) proveAll(ctx context.Context, s plan.Step, proofs []plan.Proof) error {
	for _, p := range proofs {
		err := r.proveCounting(ctx, s, p)
		if err != nil {
			return err
		}
	}
	return nil
}

// proofMark is the savepoint ahead of a proof: what has failed is counted after
// it, and a database may take no more statements in a transaction then.
const proofMark = "tablesnap_proof"

// proveCounting has the error say how many rows are wrong, where the plan knows
// how to count them.
func (r *run) proveCounting(ctx context.Context, s plan.Step, p plan.Proof) error {
	marked := p.Counts != nil && !s.AutoCommits // else there is no transaction
	if marked {
		if err := r.exec(ctx, r.backend.Savepoint(proofMark)); err != nil {
			return fmt.Errorf("set a savepoint: %w", err)
		}
	}
	failed := r.prove(ctx, p)
	if failed == nil && marked {
		if err := r.exec(ctx, r.backend.Release(proofMark)); err != nil {
			return fmt.Errorf("release a savepoint: %w", err)
		}
	}
	if failed == nil {
		return nil
	}
	says := "it is not true that " + p.Says
	if p.Counts != nil && r.backend.Classify(failed) == dialect.FailureRefused {
		if marked {
			if err := r.exec(ctx, r.backend.RollbackTo(proofMark)); err != nil {
				return fmt.Errorf("%s: %w", says, failed)
			}
		}
		says += r.counted(ctx, *p.Counts)
	}
	if p.Hazard != "" && ctx.Err() == nil {
		return &plan.HazardError{Table: r.plan.Upload.Table, Operation: r.plan.Operation, Hazards: []plan.Hazard{{Code: p.Hazard, Says: says}}}
	}
	return fmt.Errorf("%s: %w", says, failed)
}

// counted says how many rows are wrong in which columns. Where they cannot be
// counted, the error goes without.
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
