package exec

import (
	"fmt"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// recoveryPlan completes a run that was cut off, or rolls it back.
type recoveryPlan struct {
	says string
	// state is the run's state when the recovery was planned.
	state ledger.State
	// The steps of together commit in one transaction with the audit rows. The steps of
	// first and last commit by themselves, before and after it. If a recovery is cut off,
	// the next one continues: either the audit is not closed yet, or it says what is left
	// to do.
	first, together, last []recoveryStep
	end                   ledger.State
}

// recoveryStep is one statement with its assertions, and the step of the run that it
// completes (0 for none).
type recoveryStep struct {
	before *plan.Assertion
	setup  []dialect.Stmt
	stmt   dialect.Stmt    // empty if the step is already done
	chunks *dialect.Chunks // runs instead of stmt, in chunks
	limit  int             // stmt is repeated until it changes fewer rows than this
	after  *plan.Assertion
	seq    int
	rows   string // an SQL expression for the rows of the step
	state  ledger.State
	// message is the audit's message for the step. If it is empty, the message is
	// byRecover.
	message string
	// needs are the privileges on the user's tables that the step needs.
	needs []dialect.Need
	// hint says what the user can do if the statement fails.
	hint string
	// otherwise is the warning if the statement fails and the recovery continues. If it
	// is empty, the recovery stops.
	otherwise plan.Code
}

// needs lists the privileges without which the recovery cannot run.
func (c recoveryPlan) needs(d dialect.Dialect) []dialect.Need {
	needs := ledger.AuditNeeds(d)
	for _, s := range slices.Concat(c.first, c.together, c.last) {
		if s.otherwise == "" {
			needs = append(needs, s.needs...)
		}
	}
	return needs
}

func (c recoveryPlan) texts() []string {
	var texts []string
	for _, r := range slices.Concat(c.first, c.together, c.last) {
		if r.stmt.SQL != "" {
			texts = append(texts, r.stmt.SQL)
		}
	}
	return texts
}

// done reports whether the run has made its version.
func (f found) done() bool { return f.run.State == string(ledger.Done) }

// swapped reports whether the run has swapped its tables but not made its version.
func (f found) swapped() bool { return f.run.Swapped(f.d, f.table) != "" }

// kept is the old table if the run has renamed it to a preserved table. Otherwise it is
// nil.
func (f found) kept() *dialect.Ident {
	if f.table.Old != nil {
		return nil
	}
	return f.preserved(plan.KeepOld)
}

// keepsTable reports whether the run was to keep the old table as the snapshot.
func (f found) keepsTable() bool { return f.has(plan.KeepOld) && !f.has(plan.CopyToBackup) }

// open reports whether the run or one of its steps is unfinished.
func (f found) open() bool {
	return f.run.State == string(ledger.Started) || len(openSteps(*f.run)) > 0
}

func (f found) has(k plan.StepKind) bool {
	_, ok := f.step(k)
	return ok
}

func (f found) step(k plan.StepKind) (ledger.Step, bool) { return f.run.Step(k) }

// planRecovery tells from the audit and the tables how far a run came:
//
//   - if its row says done, it has made its version;
//
//   - if it has swapped its tables, there is an old table;
//
//   - otherwise it has changed no row that others can see.
//
// If it does not understand a step of the run, it returns an error and plans nothing.
func planRecovery(d dialect.Dialect, f found) (recoveryPlan, error) {
	for _, s := range f.run.Steps {
		if _, err := s.Known(); err != nil {
			return recoveryPlan{}, err
		}
	}
	c := rollBack
	switch {
	case f.done():
		c = tidyUp
	case f.run.Operation == string(plan.OpPrune):
		c = stopPruning
	case f.swapped() && f.kept() != nil:
		c = rollForwardPreserved
	case f.swapped() && f.keepsTable():
		c = rollForwardKeeping
	case f.swapped():
		c = rollForward
	}
	p, err := c(d, f)
	p.state = ledger.State(f.run.State)
	return p, err
}

// unclear is the error for a step that the tables and the audit do not explain.
func unclear(s ledger.Step, format string, args ...any) error {
	return &ledger.UnknownStepError{Run: s.RunID, Step: s.Step, Why: fmt.Sprintf(format, args...)}
}

// rollBack drops the tables that the run has created beside the table.
func rollBack(d dialect.Dialect, f found) (recoveryPlan, error) {
	c := recoveryPlan{says: fmt.Sprintf("%q holds none of the rows of run %d, which is marked as rolled back", f.run.Table, f.run.ID), end: ledger.RolledBack}
	c.first = leftovers(d, f)
	if len(c.first) > 0 {
		c.says += "; what it had made beside the table is dropped"
	}
	for _, s := range openSteps(*f.run) {
		c.together = append(c.together, recoveryStep{seq: s.Seq, state: stateRolledBack(d, plan.StepKind(s.Kind))})
	}
	return c, nil
}

// stopPruning closes a prune that was cut off. It deletes nothing more.
func stopPruning(_ dialect.Dialect, f found) (recoveryPlan, error) {
	c := recoveryPlan{says: fmt.Sprintf("run %d was deleting snapshots of %q (%s); what it has deleted is gone, and the rest can be pruned again", f.run.ID, f.run.Table, f.run.SourceName), end: ledger.RolledBack}
	for _, s := range openSteps(*f.run) {
		known, err := s.Known()
		if err != nil {
			return c, err
		}
		c.together = append(c.together, recoveryStep{seq: s.Seq, state: ledger.Unknown, message: plan.DeletionMessage(known) + ", " + byRecover})
	}
	return c, nil
}

// stateRolledBack is the final state of a step in a run that is rolled back. If the
// step's statement commits by itself and nothing undoes it, its state is unknown. The
// next upload checks whether it was done.
func stateRolledBack(d dialect.Dialect, k plan.StepKind) ledger.State {
	switch k {
	case plan.CreateTable, plan.CreateBackup, plan.WidenBackup, plan.AddColumn:
		if d.Facts().CommitsDefinitions {
			return ledger.Unknown
		}
	}
	return ledger.RolledBack
}

// leftovers drops the tables that a rolled-back run has left: a shadow table that was
// never swapped in, and an empty preserved table that was to replace a failed backup.
func leftovers(d dialect.Dialect, f found) []recoveryStep {
	var drops []recoveryStep
	if f.table.Shadow != nil && f.has(plan.CreateShadow) {
		drops = append(drops, recoveryStep{stmt: dialect.DropTable(d, f.table.Shadow.Ident), needs: dialect.Needs(f.table.Shadow.Ident, dialect.ToDrop), hint: mayDrop(d, f.table.Shadow.Ident)})
	}
	for _, made := range []*dialect.Table{f.table.List, f.table.Stage} {
		if made != nil && f.has(plan.CreateStage) {
			drops = append(drops, recoveryStep{stmt: dialect.DropTable(d, made.Ident), needs: dialect.Needs(made.Ident, dialect.ToDrop), hint: mayDrop(d, made.Ident)})
		}
	}
	if kept := f.preserved(plan.CreatePreserve); kept != nil {
		drops = append(drops, recoveryStep{before: assertion(d, fmt.Sprintf("%q is empty", kept.Name), dialect.IsEmpty(d, *kept)), stmt: dialect.DropTable(d, *kept),
			needs: dialect.Needs(*kept, dialect.ToRead, dialect.ToDrop), hint: mayDrop(d, *kept)})
	}
	return drops
}

// preserved is the preserved table that the step of kind k has created, or nil if it does
// not exist.
func (f found) preserved(k plan.StepKind) *dialect.Ident {
	s, ok := f.step(k)
	if !ok {
		return nil
	}
	known, err := s.Known()
	if err != nil {
		return nil
	}
	return f.preservedAs(known.Table)
}

// preservedAs is the preserved table with this name, or nil if it does not exist.
func (f found) preservedAs(name string) *dialect.Ident {
	if !slices.Contains(f.table.Preserved, name) {
		return nil
	}
	kept := f.table.Ident.InSchemaOf(name)
	return &kept
}

func assertion(d dialect.Dialect, says, cond string) *plan.Assertion {
	return &plan.Assertion{Message: says, SQL: d.Assertion(says, cond).SQL}
}

// tidyUp does what was left to do after the run made its version: drop columns, the old
// table and old snapshots.
func tidyUp(d dialect.Dialect, f found) (recoveryPlan, error) {
	c := recoveryPlan{says: fmt.Sprintf("run %d on %q is done; what it had still to drop is dropped", f.run.ID, f.run.Table)}
	for _, s := range openSteps(*f.run) {
		again, err := tidyUpStep(d, f, s)
		if err != nil {
			return c, err
		}
		c.last = append(c.last, again)
	}
	return c, nil
}

func tidyUpStep(d dialect.Dialect, f found, s ledger.Step) (recoveryStep, error) {
	switch plan.StepKind(s.Kind) {
	case plan.DropColumn:
		return dropAgain(d, f.table, s)
	case plan.DropOld:
		if f.table.Old == nil {
			return recoveryStep{seq: s.Seq, state: ledger.Done}, nil
		}
		return dropOld(d, f, s.Seq), nil
	case plan.DropStage:
		return dropStageAgain(d, f, s)
	case plan.DeleteSnapshot, plan.DropPreserved:
		if f.run.VersionMade == 0 { // nothing differed, so that no snapshot goes
			return recoveryStep{seq: s.Seq, state: ledger.Skipped}, nil
		}
		return pruneAgain(d, f, s)
	}
	return recoveryStep{}, unclear(s, "the run is done, and this step is not, though it comes before the run's end; look what became of it, and set its state")
}

// dropAgain drops a step's column if the table still has it.
func dropAgain(d dialect.Dialect, t dialect.Target, s ledger.Step) (recoveryStep, error) {
	again := recoveryStep{seq: s.Seq, state: ledger.Done, otherwise: plan.ColumnNotDropped}
	known, err := s.Known()
	switch {
	case err != nil:
		return again, err
	case known.Table != t.Ident.Name:
		return again, unclear(s, "it drops a column of %q, and the run's table is %q", known.Table, t.Ident.Name)
	case t.Table == nil:
		return again, nil
	}
	if col, ok := t.Table.Column(known.Columns[0], d.SameName); ok {
		again.stmt = dialect.DropColumn(d, t.Ident, col.Name)
	}
	return again, nil
}

// dropStageAgain drops a table of a sync if it is still there.
func dropStageAgain(d dialect.Dialect, f found, s ledger.Step) (recoveryStep, error) {
	again := recoveryStep{seq: s.Seq, state: ledger.Done}
	known, err := s.Known()
	if err != nil {
		return again, err
	}
	for _, made := range []*dialect.Table{f.table.Stage, f.table.List} {
		if made != nil && made.Ident.Name == known.Table {
			again.stmt, again.needs, again.hint = dialect.DropTable(d, made.Ident), dialect.Needs(made.Ident, dialect.ToDrop), mayDrop(d, made.Ident)
		}
	}
	return again, nil
}

// pruneAgain deletes the rest of a snapshot, unless it has been pinned since.
func pruneAgain(d dialect.Dialect, f found, s ledger.Step) (recoveryStep, error) {
	known, err := s.Known()
	if err != nil {
		return recoveryStep{}, err
	}
	again := recoveryStep{seq: s.Seq, state: ledger.Done, message: plan.DeletionMessage(known) + ", " + byRecover, otherwise: plan.SnapshotNotDeleted}
	kept := f.preservedAs(known.Table)
	switch names, ok := ledger.SnapshotColumns(d, f.table); {
	case s.Kind == string(plan.DropPreserved) && kept != nil:
		again.stmt = dialect.DropTable(d, *kept)
	case s.Kind == string(plan.DropPreserved), f.table.Backup == nil:
		return again, nil // already deleted
	case !ok || names.Version == "":
		return again, unclear(s, "%q has no column that tells the versions apart; somebody has changed the table: bring it back from a backup of the database", f.table.Backup.Ident.Name)
	default:
		again.limit = deletedAtOnce(f.table)
		again.stmt = d.DeleteSnapshot(*f.table.Backup, names.Version, *known.Version, again.limit)
	}
	again.before = assertion(d, fmt.Sprintf("version %d is not pinned", *known.Version), ledger.NotPinned(d, f.run.Table, *known.Version))
	return again, nil
}

// deletedAtOnce is how many rows of a backup table a transaction deletes.
func deletedAtOnce(t dialect.Target) int {
	return t.RowsAtOnce(plan.DeletedAtOnce, t.Backup.Ident)
}

func openSteps(r ledger.Run) []ledger.Step {
	var open []ledger.Step
	for _, s := range r.Steps {
		if s.State == string(ledger.Started) {
			open = append(open, s)
		}
	}
	return open
}

// byRecover is the audit's message for a step that recover has completed.
const byRecover = "by recover"
