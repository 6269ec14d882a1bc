package plan

import (
	"errors"
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
)

func (b builder) clear() []Step {
	if b.table == nil {
		return nil
	}
	if b.opts.Clear != ClearByTruncate {
		return []Step{b.step(Clear, b.ident(), dialect.Clear(b.d, b.ident()))}
	}
	truncate, _ := b.truncate() // cannot fail: the plan would have been refused
	s := b.step(Clear, b.ident(), truncate)
	s.Uncounted = true
	return []Step{s}
}

func (b builder) noTruncate() []string {
	if b.swaps() || b.syncs() {
		return []string{fmt.Sprintf("a %s clears no table", b.opts.Strategy)}
	}
	if b.table == nil || b.table.Kind != dialect.BaseTable {
		return nil
	}
	if _, err := b.truncate(); err != nil {
		return []string{err.Error()}
	}
	return nil
}

func (b builder) truncate() (dialect.Stmt, error) {
	if truncater, ok := dialect.As[dialect.Truncater](b.d); ok {
		return truncater.Truncate(*b.table)
	}
	return dialect.Stmt{}, errors.New(b.d.Facts().NoTruncate)
}

// checkDeferred checks deferred constraints before the commit. It is empty if the table
// has none.
func (b builder) checkDeferred() dialect.Stmt {
	checker, ok := dialect.As[dialect.ConstraintChecker](b.d)
	if !ok {
		return dialect.Stmt{}
	}
	return checker.CheckDeferredConstraints(b.tableNow())
}

// access says how the upload changes the table. If columns are dropped at the very end,
// readers need not wait until then.
func (b builder) access() dialect.Access {
	if b.remakes() { // the new table has them, which nobody else knows yet
		return dialect.Replaces
	}
	drops := len(b.columns.drop) > 0 && b.opts.DropColumns != DropLast && !b.syncs()
	if drops || len(b.columns.add) > 0 || b.opts.Clear == ClearByTruncate {
		return dialect.Alters
	}
	return dialect.Replaces
}

// badNames are errors for names that the database does not allow, of the table or of
// columns that the upload would add.
func (b builder) badNames() []string {
	names := dialect.ColumnNames(b.columns.add)
	if b.table == nil {
		names = append(dialect.ColumnNames(b.columns.load), b.ident().Name)
	}
	var why []string
	for _, n := range names {
		if err := dialect.CheckName(b.d, n); err != nil {
			why = append(why, err.Error())
		}
	}
	return why
}

// dropsLast reports whether columns are dropped after the load, in the same transaction:
// because the user wants it, or because the table cannot be altered while deferred checks
// are pending.
func (b builder) dropsLast() bool {
	return b.opts.DropColumns == DropLast || b.syncs() || b.table != nil && b.checkDeferred().SQL != ""
}

func (b builder) dropFirst() []Step {
	if b.dropsLast() {
		return nil
	}
	return b.dropColumns(b.ident())
}

func (b builder) dropLast() []Step {
	if !b.dropsLast() {
		return nil
	}
	return b.dropColumns(b.ident())
}

func (b builder) dropColumns(from dialect.Ident) []Step {
	var steps []Step
	for _, name := range b.columns.drop {
		s := b.step(DropColumn, from, dialect.DropColumn(b.d, from, name))
		s.Details.Columns = []string{name}
		s.Stage, s.OnFailure = Stage(fmt.Sprintf("drop_%d", len(steps)+1)), b.opts.OnDropColumnFailure
		steps = append(steps, s)
	}
	return steps
}

// advanceSequences sets the columns' sequences past the numbers in the source.
func (b builder) advanceSequences(in dialect.Ident) []Step {
	sequencer, ok := dialect.As[dialect.Sequencer](b.d)
	if !ok || b.table == nil {
		return nil
	}
	var steps []Step
	for _, c := range b.columns.load {
		if setup, move := sequencer.AdvanceSequence(b.renamed(in), c.Name); c.Numbers() && move.SQL != "" {
			s := b.step(CopyAutoIncrement, in, move)
			s.Setup = setup
			steps = append(steps, s)
		}
	}
	return steps
}
