package exec

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec/history"
	"github.com/tablesnap/tablesnap/plan"
)

// cure is what brings a run that was cut off to its end, or back.
type cure struct {
	says string
	// state is the state of the run for which the cure was found.
	state dialect.State
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
	// otherwise is set where the run goes on without what the database refuses.
	otherwise plan.Code
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

// done reports whether the run has made its version.
func (f found) done() bool { return f.run.State == string(dialect.Done) }

// swapped reports whether the run has put its shadow in the table's place: the
// shadow has become the table, and the table the old one.
func (f found) swapped() bool {
	return f.table.Old != nil && f.table.Shadow == nil && f.has(plan.SwapTables)
}

// open reports whether the run or one of its steps has not ended.
func (f found) open() bool {
	return f.run.State == string(dialect.Started) || len(openSteps(*f.run)) > 0
}

func (f found) has(k plan.StepKind) bool {
	_, ok := f.step(k)
	return ok
}

func (f found) step(k plan.StepKind) (history.Step, bool) {
	for _, s := range f.run.Steps {
		if s.Kind == string(k) {
			return s, true
		}
	}
	return history.Step{}, false
}

// diagnose tells from the audit and the tables how far a run came. A run whose
// row says done has made its version; one that swapped its tables has an old
// table; any other has changed no row that anybody sees.
func diagnose(d dialect.Dialect, f found) cure {
	c := takeBack
	switch {
	case f.done():
		c = tidyUp
	case f.swapped():
		c = finishSwap
	}
	cured := c(d, f)
	cured.state = dialect.State(f.run.State)
	return cured
}

// takeBack removes what the run has made beside the table.
func takeBack(d dialect.Dialect, f found) cure {
	c := cure{says: fmt.Sprintf("%q holds none of the rows of run %d, which is marked as rolled back", f.run.Table, f.run.ID), end: dialect.RolledBack}
	c.first = leftovers(d, f)
	if len(c.first) > 0 {
		c.says += "; what it had made beside the table is dropped"
	}
	for _, s := range openSteps(*f.run) {
		c.together = append(c.together, remedy{seq: s.Seq, state: stateTakenBack(d, plan.StepKind(s.Kind))})
	}
	return c
}

// stateTakenBack is unknown for what commits by itself and is kept: whether it
// was done makes no difference to the next upload, which looks.
func stateTakenBack(d dialect.Dialect, k plan.StepKind) dialect.State {
	switch k {
	case plan.CreateTable, plan.CreateBackup, plan.WidenBackup, plan.AddColumn:
		if d.DropTable(dialect.Ident{}).AutoCommits {
			return dialect.Unknown
		}
	}
	return dialect.RolledBack
}

// leftovers drops what a run that is taken back has made beside the table: a
// shadow that nobody has seen, and an empty table for rows whose backup had
// failed.
func leftovers(d dialect.Dialect, f found) []remedy {
	var drops []remedy
	if f.table.Shadow != nil && f.has(plan.CreateShadow) {
		drops = append(drops, remedy{stmt: d.DropTable(f.table.Shadow.Ident)})
	}
	made, _ := f.step(plan.CreatePreserve)
	for _, name := range f.table.Preserved {
		kept := f.table.Ident.InSchemaOf(name)
		if !strings.Contains(made.SQLText, d.QuoteTable(kept)) {
			continue
		}
		says := fmt.Sprintf("%q is empty", name)
		drops = append(drops, remedy{before: &plan.Proof{Says: says, SQL: d.Proof(says, d.IsEmpty(kept)).SQL}, stmt: d.DropTable(kept)})
	}
	return drops
}

// finishSwap backs up the old table, as the run would have, and drops it.
func finishSwap(d dialect.Dialect, f found) cure {
	t, r := f.table, *f.run
	c := cure{says: fmt.Sprintf("%q has the new rows of run %d; its old rows are copied to the backup, and the old table is dropped", r.Table, r.ID), end: dialect.Done}
	c.first = carryOn(d, t)
	for _, s := range r.Steps {
		switch {
		case s.Kind == string(plan.CopyToBackup):
			c.together = append(c.together, copyAgain(d, t, s))
		case s.State == string(dialect.Started):
			c.together = append(c.together, remedy{seq: s.Seq, state: dialect.Done})
		}
	}
	// So that the old table is not forgotten, should this be cut off in turn.
	drop := plan.Step{Seq: len(r.Steps) + 1, Kind: plan.DropOld, SQL: d.DropTable(t.Old.Ident).SQL}
	drop.ID = fmt.Sprintf("%02d-%s", drop.Seq, drop.Kind)
	c.together = append(c.together, remedy{setup: []dialect.Stmt{dialect.BeginStep(d, drop.Row(dialect.Started))}})
	c.last = append(c.last, dropOld(d, f, drop.Seq))
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

// dropOld drops the old table once its rows are proved to be in the backup: if
// the audit knows of no copy, they are not.
func dropOld(d dialect.Dialect, f found, seq int) remedy {
	copied, _ := f.step(plan.CopyToBackup)
	says := "all rows of the old table are in the backup"
	return remedy{
		before: &plan.Proof{Says: says, SQL: d.Proof(says, dialect.StepRows(d, copied.Seq)+" = "+d.CountRows(f.table.Old.Ident)).SQL},
		stmt:   d.DropTable(f.table.Old.Ident), seq: seq, state: dialect.Done,
	}
}

// tidyUp completes what comes behind the version: columns and an old table that
// are still there.
func tidyUp(d dialect.Dialect, f found) cure {
	c := cure{says: fmt.Sprintf("run %d on %q is done; what it had still to drop is dropped", f.run.ID, f.run.Table)}
	for _, s := range openSteps(*f.run) {
		switch {
		case s.Kind == string(plan.DropColumn):
			c.last = append(c.last, dropAgain(d, f.table, s))
		case s.Kind == string(plan.DropOld) && f.table.Old != nil:
			c.last = append(c.last, dropOld(d, f, s.Seq))
		default:
			c.last = append(c.last, remedy{seq: s.Seq, state: dialect.Done})
		}
	}
	return c
}

// dropAgain drops the column of a step, if the table still has it.
func dropAgain(d dialect.Dialect, t dialect.Target, s history.Step) remedy {
	again := remedy{seq: s.Seq, state: dialect.Done, otherwise: plan.ColumnNotDropped}
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
	if err := r.remedies(ctx, c.first); err != nil {
		return err
	}
	err := r.transaction(ctx, r.backend.Begin(dialect.Table{}), func() error {
		// Where this transaction is the only lock, the run may have been alive.
		if err := r.exec(ctx, r.backend.Proof("the run is as it was found", dialect.RunIs(r.backend, c.state))); err != nil {
			return &LockedError{Table: r.plan.Upload.Table, Err: err}
		}
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
	if err := r.proveIf(ctx, m.before); err != nil {
		return err
	}
	if err := r.exec(ctx, m.setup...); err != nil {
		return err
	}
	o := dialect.Outcome{State: m.state, Message: "by recover"}
	if m.stmt.SQL != "" {
		rows, err := r.touch(ctx, m.stmt)
		switch {
		case err == nil && m.rows != "":
			o.Rows = strconv.FormatInt(rows, 10)
		case err == nil:
		case m.otherwise != "" && r.mayGoOn(ctx, err):
			o = dialect.Outcome{State: dialect.Failed, Message: err.Error()}
			r.warn(m.otherwise, "the database refuses %s: %v", m.stmt.SQL, err)
		default:
			return fmt.Errorf("%s: %w", m.stmt.SQL, err)
		}
	}
	if m.seq > 0 {
		if err := r.exec(ctx, dialect.FinishStep(r.backend, m.seq, o)); err != nil {
			return err
		}
	}
	return r.proveIf(ctx, m.after)
}

func (r *run) touch(ctx context.Context, s dialect.Stmt) (int64, error) {
	res, err := r.conn.ExecContext(ctx, s.SQL)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (r *run) proveIf(ctx context.Context, p *plan.Proof) error {
	if p == nil {
		return nil
	}
	if err := r.prove(ctx, *p); err != nil {
		return fmt.Errorf("it is not true that %s: %w", p.Says, err)
	}
	return nil
}
