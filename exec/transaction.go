package exec

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// inTransaction executes a transaction on tablesnap's own tables, again if the database
// chose it as the victim of a deadlock: on a node of a cluster, any change of a
// definition on another one may do that.
func (r *run) inTransaction(ctx context.Context, begin plan.Begin, body []plan.Instruction, went func() string) error {
	for try := 1; ; try++ {
		err := r.transaction(ctx, begin.Stmts, went, func() error { return r.instructions(ctx, body) })
		if !r.mayTryAgain(ctx, try, err) {
			return err
		}
	}
}

// mayTryAgain reports whether a transaction was rolled back that may go through the next
// time.
func (r *run) mayTryAgain(ctx context.Context, try int, err error) bool {
	return err != nil && try < deadlockTries && r.classify(err) == dialect.FailureDeadlock && !isUnknownCommit(err) && ctx.Err() == nil && r.owner == ownedByRun
}

// execOwn executes a statement that defines nothing. Outside of a transaction it is tried
// again if the database rolled it back as in a deadlock; in a transaction, that is rolled
// back as a whole.
func (r *run) execOwn(ctx context.Context, s dialect.Stmt) error {
	for try := 1; ; try++ {
		err := r.exec(ctx, s)
		if r.open || !r.mayTryAgain(ctx, try, err) {
			return err
		}
	}
}

// transaction runs work in a transaction that begin opens. It rolls back after any
// failure, also when ctx is done. Went is an SQL condition that is true once the
// transaction has committed (see commit).
func (r *run) transaction(ctx context.Context, begin []dialect.Stmt, went func() string, work func() error) error {
	r.open, r.stepped, r.wrote = true, false, 0
	defer func() { r.open = false }()
	if err := r.exec(ctx, begin...); err != nil {
		r.rollback(ctx) // if a later statement of begin failed, the transaction is open
		return r.locked(err)
	}
	if err := work(); err != nil {
		r.rollback(ctx)
		return err
	}
	if r.stepped {
		r.tell(Event{Kind: CommitSent})
	}
	return r.commit(ctx, went)
}

// waitingReferences names the foreign keys that the database checks only at the commit,
// since its error may not name them.
func (r *run) waitingReferences() string {
	var tables []string
	for _, f := range r.referring {
		tables = append(tables, fmt.Sprintf("%q (%s)", f.Table.Name, strings.Join(f.Columns, ", ")))
	}
	if len(tables) == 0 {
		return ""
	}
	return "; rows that refer to the table need their keys in the source: " + strings.Join(tables, ", ")
}

// rollback ignores errors: a rollback fails only if no transaction is open.
func (r *run) rollback(ctx context.Context) {
	_ = r.exec(context.WithoutCancel(ctx), r.backend.Facts().Rollback)
}

func (r *run) locked(err error) error {
	var locked *LockedError
	if r.classify(err) == dialect.FailureBusy && !errors.As(err, &locked) {
		return &LockedError{Table: r.plan.Upload.Table, Err: err}
	}
	return err
}
