package plan

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
)

// reviewAssertions assert that the version and the table are still what was reviewed.
func (b builder) reviewAssertions() []Assertion {
	if b.portable() {
		return b.columnAssertions()
	}
	name := b.ident().Name
	newest := int64(0)
	if last := b.in.Target.Ledger.Last; last != nil {
		newest = last.Number
	}
	assertions := []Assertion{b.assertion(
		fmt.Sprintf("version %d is the newest of %s", newest, name),
		ledger.NewestVersion(b.d, name)+" = "+strconv.FormatInt(newest, 10),
	)}
	if b.from != nil && b.from.standsAlready {
		assertions = append(assertions, b.sourceAssertion())
	}
	if b.remakes() {
		assertions = append(assertions, b.asPlannedAssertion())
	}
	if remade := b.remadeIndexes(); remade.AsPlanned != "" {
		assertions = append(assertions, b.assertion("the indexes of "+name+" that are dropped and made again are as they were when the plan was made (plan again)", remade.AsPlanned))
	}
	if b.table != nil && b.op != OpPrune {
		assertions = append(assertions, b.assertion(name+" has the columns, triggers and references that were reviewed", b.d.HasShape(*b.table)))
	}
	return assertions
}

// renamed is the table under another name.
func (b builder) renamed(ident dialect.Ident) dialect.Table {
	t := *b.table
	t.Ident = ident
	return t
}

func (b builder) assertion(says, cond string) Assertion {
	return assertion(b.d, says, cond)
}

func assertion(d dialect.Dialect, says, cond string) Assertion {
	return Assertion{Message: says, SQL: dialect.Wrap(d.Assertion(says, cond).SQL)}
}

// assert adds the assertions to the steps: only rows that were copied are cleared, and
// the loaded rows are those of the manifest.
func assert(b builder, steps, preserve []Step) {
	for i := range steps {
		s := &steps[i]
		switch s.Kind {
		case Clear:
			s.Before = b.clearAssertions(s, steps, preserve)
			s.After = b.besideWriters(b.afterClearAssertions(steps, preserve))
		case LoadRows:
			s.After = b.besideWriters([]Assertion{b.loadAssertion(s.Table)})
			s.After = append(s.After, b.valueAssertions(s.Table)...)
			if !b.shadowsAhead() && !b.syncs() {
				s.After = append(s.After, b.settledAssertion()...)
			}
			s.After = append(s.After, b.triggerAssertions(*s)...)
		case CopyToBackup:
			s.Before = []Assertion{b.newVersionAssertion()}
			if b.portable() {
				s.After = []Assertion{b.snapshotAssertion(s)}
			}
		case SwapTables:
			s.Before = b.swapAssertions()
		case DeleteSnapshot, DropPreserved:
			s.Before = append(s.Before, b.keptAssertion(steps, preserve))
		case KeepOld:
			s.Before = b.keepAssertions()
		case DropOld:
			s.Before = append([]Assertion{
				b.assertion("the backup has as many rows of this version as the old table has", b.backedUp(steps, s.Table)),
				b.assertion("the old table has only columns that the plan knew", b.hasShape(b.renamed(s.Table))),
			}, b.oldTableAssertions()...)
		default: // other kinds have no assertions, or those of a sync
		}
		b.assertSync(s, steps, preserve)
	}
}

// swapAssertions hold before the new table takes the table's name.
func (b builder) swapAssertions() []Assertion {
	if b.remakes() {
		return b.untiedAssertions()
	}
	before := slices.Concat(b.sessionAssertions(), b.swappedSizeAssertions(), b.lackingAssertions(""))
	if b.opts.OnBackupFailure == Abort && !b.keepsTable() { // otherwise the run goes on after the swap, with the replacement for the backup
		before = append(before, b.newVersionAssertion())
	}
	return append(before, b.unchangedAssertions()...)
}

// keepAssertions hold before the old table gets the name of its version.
func (b builder) keepAssertions() []Assertion {
	switch {
	case b.remakes():
		return b.lackingAssertions("")
	case b.keepsTable():
		return b.oldTableAssertions()
	default: // it replaces a backup that failed
		return nil
	}
}

// clearAssertions hold before the rows are cleared.
func (b builder) clearAssertions(s *Step, steps, preserve []Step) []Assertion {
	before := append(b.sizeAssertions(b.counted(steps, preserve)), b.lackingAssertions(b.d.Facts().LockingRead)...)
	if !b.cascadesToItself() && !s.Uncounted {
		return before
	}
	return append(before, b.assertion("all rows of "+b.ident().Name+" were copied",
		dialect.CountRows(b.d, b.ident())+" = "+b.copiedOr(steps, preserve, b.uncopied())))
}

// settledAssertion asserts that the references hold which the database checks only at the
// commit. A set asserts it once all of its tables have their rows.
func (b builder) settledAssertion() []Assertion {
	settle := b.checkDeferred()
	if settle.SQL == "" || b.in.Set != nil {
		return nil
	}
	return []Assertion{{Message: "all references of and to " + b.ident().Name + " hold", SQL: settle.SQL}}
}

// sizeAssertions compare the source's row count with the table's. Rows is an SQL
// expression for the latter.
func (b builder) sizeAssertions(rows string) []Assertion {
	if b.uncounted() || b.allows(Shrinks) || b.allows(EmptySource) && b.in.Source.Rows == 0 {
		return nil
	}
	says := fmt.Sprintf("the source has at least %d%% of the rows of %s (it has %d)", *b.opts.MaxShrink, b.ident().Name, b.in.Source.Rows)
	p := b.assertion(says, fmt.Sprintf("%d * 100 >= %s * %d", b.in.Source.Rows, rows, *b.opts.MaxShrink))
	p.Hazard = Shrinks
	return []Assertion{p}
}

// swappedSizeAssertions count the rows of a table that is swapped out. One that is kept is not
// counted: nothing of it is gone, and the count would take longer the more rows there are.
func (b builder) swappedSizeAssertions() []Assertion {
	if b.keepsTable() {
		return nil
	}
	return b.sizeAssertions(dialect.CountRows(b.d, b.ident()))
}

// counted is an SQL expression for the number of rows that the backup has copied.
func (b builder) counted(steps, preserve []Step) string {
	if b.opts.OnBackupFailure == Continue {
		return b.copiedOr(steps, preserve, dialect.CountRows(b.d, b.ident())) // there may be no backup to count them
	}
	return b.copiedOr(steps, preserve, "0")
}

// afterClearAssertions compare the rows cleared with the rows copied. If deleting a row
// of the table cascades to other rows of it, and the database does not count those, they
// compare the table's row count before the clear. Where it takes long to find the table empty,
// the count after the load shows alone that no row was left.
func (b builder) afterClearAssertions(steps, preserve []Step) []Assertion {
	clear := ledger.StepRows(b.d, seqOf(steps, Clear))
	empty := b.assertion(b.ident().Name+" is empty", dialect.IsEmpty(b.d, b.ident()))
	if b.cascadesToItself() || b.opts.Clear == ClearByTruncate {
		return []Assertion{empty}
	}
	copied := b.copied(steps, preserve)
	if b.opts.OnBackupFailure == Continue {
		copied = b.copiedOr(steps, preserve, clear) // the user chose to go on without a backup
	}
	cleared := b.assertion("clear deleted the rows that were copied, and no others", clear+" = "+copied)
	if b.d.Facts().SlowWhereCleared {
		return []Assertion{cleared}
	}
	return []Assertion{cleared, empty}
}

// besideWriters adds a hint to assertions that concurrent writers can make fail, in a
// family whose default is to swap: in place, it cannot keep writers out.
func (b builder) besideWriters(assertions []Assertion) []Assertion {
	if b.swaps() || b.table == nil || b.d.Facts().Strategies[0] != dialect.Swap {
		return assertions
	}
	for i := range assertions {
		assertions[i].Hint = "in place, this database lets other programs write to the table until the commit, and one did; upload by the strategy swap, or while nobody writes"
		assertions[i].Remedy = RemedySwap
	}
	return assertions
}

// newVersionAssertion asserts that the backup has no rows of the version yet. Any that it
// had would not belong to this copy.
func (b builder) newVersionAssertion() Assertion {
	backup := b.backup.want.Ident
	return b.assertion(backup.Name+" has no rows yet of the version that is copied to it", dialect.NoRowsWhere(b.d, backup, b.ofThisVersion()))
}

// ofThisVersion is an SQL condition for the backup's rows of the version being replaced.
func (b builder) ofThisVersion() string {
	if b.portable() {
		return b.d.Quote(b.backup.names.Version) + " = " + b.words.VarNumber(keptNewest)
	}
	return dialect.OfVersion(b.d, b.backup.names.Version, *b.replaces())
}

// backedUp is an SQL condition that is true if the old table can be dropped: the backup
// has as many rows of its version, or the copy failed and the user chose to go on without
// a backup.
func (b builder) backedUp(steps []Step, old dialect.Ident) string {
	counted := dialect.RowsWhere(b.d, b.backup.want.Ident, b.ofThisVersion()) + " = " + dialect.CountRows(b.d, old)
	if b.opts.OnBackupFailure == Continue {
		return "(" + ledger.StepRows(b.d, seqOf(steps, CopyToBackup)) + " IS NULL OR " + counted + ")"
	}
	return counted
}

func (b builder) cascadesToItself() bool {
	return slices.ContainsFunc(b.table.ForeignKeys, func(f dialect.ForeignKey) bool {
		return f.ChangesRows() && b.d.SameName(f.RefTable.Name, b.ident().Name)
	})
}

// uncopied is an SQL expression for the number of rows that need no backup. It is empty if
// there are none.
func (b builder) uncopied() string {
	if b.opts.OnBackupFailure == Continue {
		return dialect.CountRows(b.d, b.ident())
	}
	return ""
}

// copied is an SQL expression for the number of rows copied to the backup or, if that
// failed, to the preserved table. It is NULL if no rows were.
func (b builder) copied(steps, preserve []Step) string { return b.copiedOr(steps, preserve, "") }

// copiedOr is copied, or another SQL expression if no rows were copied.
func (b builder) copiedOr(steps, preserve []Step, otherwise string) string {
	rows := ledger.StepRows(b.d, seqsOf(steps, preserve, CopyToPreserve)...)
	if otherwise == "" {
		return rows
	}
	return "coalesce(" + rows + ", " + otherwise + ")"
}

// seqsOf are the numbers of the copy to the backup, and of the steps in its place that are of
// the given kinds.
func seqsOf(steps, preserve []Step, instead ...StepKind) []int {
	seqs := []int{seqOf(steps, CopyToBackup)}
	for _, s := range preserve {
		if slices.Contains(instead, s.Kind) {
			seqs = append(seqs, s.Seq)
		}
	}
	return seqs
}

func (b builder) allows(c Code) bool {
	for _, a := range b.opts.Allow {
		if a == c {
			return true
		}
	}
	return false
}

func seqOf(steps []Step, k StepKind) int {
	for _, s := range steps {
		if s.Kind == k {
			return s.Seq
		}
	}
	return 0
}
