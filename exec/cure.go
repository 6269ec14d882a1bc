package exec

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec/history"
	"github.com/tablesnap/tablesnap/plan"
)

// cure is what brings a run that was cut off to its end, or back.
type cure struct {
	says string
	// first and last commit by themselves, ahead of what commits together with
	// the rows of the audit, and behind it. Whatever is cut off again is found
	// again: the audit is closed last, or says what is still to come.
	first, together, last []remedy
	end                   dialect.State
}

// remedy is one statement, with the proof that comes ahead of it, and the step
// of the run that it completes (0 for none).
type remedy struct {
	before *plan.Proof
	setup  []dialect.Stmt
	stmt   dialect.Stmt // no SQL where the step turns out to be done
	after  *plan.Proof
	seq    int
	rows   string
	state  dialect.State
}

func (c cure) texts() []string {
	var texts []string
	for _, r := range slices.Concat(c.first, c.together, c.last) {
		if r.stmt.SQL != "" {
			texts = append(texts, r.stmt.SQL)
		}
	}
	return texts
}

// diagnose tells from the audit and the tables how far a run came. A run whose
// row says done has made its version; one that swapped its tables has an old
// table; any other has changed nothing that anybody sees.
func diagnose(d dialect.Dialect, t dialect.Target, r history.Run) cure {
	switch {
	case r.State == string(dialect.Done):
		return tidyUp(d, t, r)
	case t.Old != nil:
		return finishSwap(d, t, r)
	default:
		return takeBack(d, t, r)
	}
}

// takeBack removes a shadow that nobody has seen.
func takeBack(d dialect.Dialect, t dialect.Target, r history.Run) cure {
	c := cure{says: fmt.Sprintf("%q is as it was before run %d; nothing of the run was kept", r.Table, r.ID), end: dialect.RolledBack}
	for _, s := range openSteps(r) {
		c.together = append(c.together, remedy{seq: s.Seq, state: dialect.RolledBack})
	}
	if t.Shadow != nil {
		c.says = fmt.Sprintf("%q is as it was before run %d; what the run had loaded beside it is dropped", r.Table, r.ID)
		c.first = append(c.first, remedy{stmt: d.DropTable(t.Shadow.Ident)})
	}
	return c
}

// finishSwap backs up the old table, as the run would have, and drops it.
func finishSwap(d dialect.Dialect, t dialect.Target, r history.Run) cure {
	c := cure{says: fmt.Sprintf("%q has the new rows of run %d; its old rows are copied to the backup, and the old table is dropped", r.Table, r.ID), end: dialect.Done}
	dropping := plan.StepKind("")
	for _, s := range r.Steps {
		switch k := plan.StepKind(s.Kind); k {
		case plan.CopyToBackup:
			c.together = append(c.together, copyAgain(d, t, s))
		case plan.DropOld:
			dropping = k
		default:
			if s.State == string(dialect.Started) {
				c.together = append(c.together, remedy{seq: s.Seq, state: dialect.Done})
			}
		}
	}
	c.first = append(c.first, carryOn(d, t)...)
	if dropping == "" { // so that the old table is not forgotten, should this be cut off in turn
		drop := plan.Step{Seq: len(r.Steps) + 1, ID: "drop-old", Kind: plan.DropOld, SQL: d.DropTable(t.Old.Ident).SQL}
		c.together = append(c.together, remedy{stmt: dialect.BeginStep(d, drop.Row(dialect.Started))})
		r.Steps = append(slices.Clone(r.Steps), history.Step{Seq: drop.Seq, Kind: string(drop.Kind)})
	}
	c.last = append(c.last, dropOld(d, t, r))
	return c
}

// carryOn has the table go on numbering rows where the old one had come to.
func carryOn(d dialect.Dialect, t dialect.Target) []remedy {
	if t.Table == nil || !slices.ContainsFunc(t.Table.Columns, func(c dialect.Column) bool { return c.Assigned }) {
		return nil
	}
	setup, carry := d.CarryCounter(t.Old.Ident, t.Ident)
	return []remedy{{setup: setup, stmt: carry}}
}

// copyAgain runs the copy of the audit: it was rolled back with its session.
func copyAgain(d dialect.Dialect, t dialect.Target, s history.Step) remedy {
	counted := plan.Proof{Says: "all rows of the old table are in the backup",
		SQL: d.Proof("all rows of the old table are in the backup", dialect.StepRows(d, s.Seq)+" = "+d.CountRows(t.Old.Ident)).SQL}
	return remedy{stmt: dialect.Stmt{SQL: s.SQLText}, after: &counted, seq: s.Seq, rows: d.Changes(), state: dialect.Done}
}

// dropOld drops the old table once its rows are proved to be in the backup.
func dropOld(d dialect.Dialect, t dialect.Target, r history.Run) remedy {
	done := remedy{stmt: d.DropTable(t.Old.Ident), state: dialect.Done}
	for _, s := range r.Steps {
		switch plan.StepKind(s.Kind) {
		case plan.CopyToBackup:
			says := "all rows of the old table are in the backup"
			done.before = &plan.Proof{Says: says, SQL: d.Proof(says, dialect.StepRows(d, s.Seq)+" = "+d.CountRows(t.Old.Ident)).SQL}
		case plan.DropOld:
			done.seq = s.Seq
		}
	}
	return done
}

// tidyUp completes what comes behind the version: columns and an old table that
// are still there.
func tidyUp(d dialect.Dialect, t dialect.Target, r history.Run) cure {
	c := cure{says: fmt.Sprintf("run %d on %q is done; what it had still to drop is dropped", r.ID, r.Table)}
	for _, s := range openSteps(r) {
		switch plan.StepKind(s.Kind) {
		case plan.DropColumn:
			c.last = append(c.last, dropAgain(d, t, s))
		case plan.DropOld:
			if t.Old != nil {
				c.last = append(c.last, dropOld(d, t, r))
				continue
			}
			c.last = append(c.last, remedy{seq: s.Seq, state: dialect.Done})
		}
	}
	return c
}

// dropAgain drops the column of a step, if the table still has it.
func dropAgain(d dialect.Dialect, t dialect.Target, s history.Step) remedy {
	again := remedy{seq: s.Seq, state: dialect.Done}
	if t.Table == nil {
		return again
	}
	for _, col := range t.Table.Columns {
		if drop := d.DropColumn(t.Ident, col.Name); drop.SQL == s.SQLText {
			again.stmt = drop
		}
	}
	return again
}

func openSteps(r history.Run) []history.Step {
	var open []history.Step
	for _, s := range r.Steps {
		if s.State == string(dialect.Started) {
			open = append(open, s)
		}
	}
	return open
}

// cure does what was diagnosed.
func (r *run) cure(ctx context.Context, c cure) error {
	if err := r.exec(ctx, r.backend.ResumeRun(r.id)...); err != nil {
		return err
	}
	if err := r.remedies(ctx, c.first); err != nil {
		return err
	}
	err := r.transaction(ctx, r.backend.Begin(dialect.Table{}), func() error {
		if err := r.remedies(ctx, c.together); err != nil {
			return err
		}
		if c.end == "" {
			return nil
		}
		return r.exec(ctx, dialect.FinishRun(r.backend, r.endOf(c)))
	})
	if err != nil {
		return err
	}
	return r.remedies(ctx, c.last)
}

func (r *run) remedies(ctx context.Context, ms []remedy) error {
	for _, m := range ms {
		if err := r.remedy(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// endOf is the end of the run's row: its counts come from the audit.
func (r *run) endOf(c cure) dialect.RunOutcome {
	o := dialect.RunOutcome{State: c.end}
	if c.end == dialect.Done {
		o.RowsBackedUp = dialect.RowsOfKind(r.backend, string(plan.CopyToBackup))
		o.RowsLoaded = dialect.RowsOfKind(r.backend, string(plan.LoadRows))
	}
	return o
}

func (r *run) remedy(ctx context.Context, m remedy) error {
	if m.before != nil {
		if err := r.prove(ctx, *m.before); err != nil {
			return fmt.Errorf("it is not true that %s: %w", m.before.Says, err)
		}
	}
	if err := r.exec(ctx, m.setup...); err != nil {
		return err
	}
	rows := ""
	if m.stmt.SQL != "" {
		res, err := r.conn.ExecContext(ctx, m.stmt.SQL)
		if err != nil {
			return fmt.Errorf("%s: %w", m.stmt.SQL, err)
		}
		if m.rows != "" {
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			rows = strconv.FormatInt(n, 10)
		}
	}
	if m.seq > 0 {
		if err := r.exec(ctx, dialect.FinishStep(r.backend, m.seq, dialect.Outcome{State: m.state, Rows: rows, Message: "by recover"})); err != nil {
			return err
		}
	}
	if m.after != nil {
		if err := r.prove(ctx, *m.after); err != nil {
			return fmt.Errorf("it is not true that %s: %w", m.after.Says, err)
		}
	}
	return nil
}
