package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

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
	return Assertion{Message: says, SQL: b.d.Assertion(says, cond).SQL}
}

// assert adds the assertions to the steps: only rows that were copied are cleared, and
// the loaded rows are those of the manifest.
func assert(b builder, steps, preserve []Step) {
	for i := range steps {
		s := &steps[i]
		switch s.Kind {
		case Clear:
			s.Before = append(b.sizeAssertions(b.counted(steps, preserve)), b.lackingAssertions(b.d.Facts().LockingRead)...)
			if b.cascadesToItself() || s.Uncounted {
				s.Before = append(s.Before, b.assertion("all rows of "+b.ident().Name+" were copied",
					dialect.CountRows(b.d, b.ident())+" = coalesce("+strings.Join(append(b.copied(steps, preserve), b.uncopied()), ", ")+")"))
			}
			s.After = b.besideWriters(b.afterClearAssertions(steps, preserve))
		case LoadRows:
			s.After = b.besideWriters([]Assertion{b.loadAssertion(s.Table)})
			s.After = append(s.After, b.valueAssertions(s.Table)...)
			if settle := b.checkDeferred(); settle.SQL != "" && !b.swaps() && !b.syncs() {
				s.After = append(s.After, Assertion{Message: "all references of and to " + b.ident().Name + " hold", SQL: settle.SQL})
			}
			s.After = append(s.After, b.triggerAssertions(*s)...)
		case CopyToBackup:
			s.Before = []Assertion{b.newVersionAssertion()}
			if b.portable() {
				s.After = []Assertion{b.snapshotAssertion(s)}
			}
		case SwapTables:
			s.Before = slices.Concat(b.sessionAssertions(), b.sizeAssertions(dialect.CountRows(b.d, b.ident())), b.lackingAssertions(""))
			if b.opts.OnBackupFailure == Abort { // otherwise the run goes on after the swap, with the replacement for the backup
				s.Before = append(s.Before, b.newVersionAssertion())
			}
			s.Before = append(s.Before, b.unchangedAssertions()...)
		case DeleteSnapshot, DropPreserved:
			s.Before = append(s.Before, b.keptAssertion(steps, preserve))
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

// counted is an SQL expression for the number of rows that the backup has copied.
func (b builder) counted(steps, preserve []Step) string {
	rows := append(b.copied(steps, preserve), "0")
	if b.opts.OnBackupFailure == Continue {
		rows[len(rows)-1] = dialect.CountRows(b.d, b.ident()) // there may be no backup to count them
	}
	return "coalesce(" + strings.Join(rows, ", ") + ")"
}

// afterClearAssertions compare the rows cleared with the rows copied. If deleting a row
// of the table cascades to other rows of it, and the database does not count those, they
// compare the table's row count before the clear.
func (b builder) afterClearAssertions(steps, preserve []Step) []Assertion {
	clear := ledger.StepRows(b.d, seqOf(steps, Clear))
	if b.cascadesToItself() || b.opts.Clear == ClearByTruncate {
		return []Assertion{b.assertion(b.ident().Name+" is empty", dialect.IsEmpty(b.d, b.ident()))}
	}
	copied := b.copied(steps, preserve)
	if b.opts.OnBackupFailure == Continue {
		copied = append(copied, clear) // the user chose to go on without a backup
	}
	backedUp := copied[0]
	if len(copied) > 1 {
		backedUp = "coalesce(" + strings.Join(copied, ", ") + ")"
	}
	return []Assertion{
		b.assertion("clear deleted the rows that were copied, and no others", clear+" = "+backedUp),
		b.assertion(b.ident().Name+" is empty", dialect.IsEmpty(b.d, b.ident())),
	}
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

// uncopied is an SQL expression for the number of rows that need no backup, or NULL.
func (b builder) uncopied() string {
	if b.opts.OnBackupFailure == Continue {
		return dialect.CountRows(b.d, b.ident())
	}
	return "NULL"
}

// copied are SQL expressions for the number of rows copied to the backup or, if that
// failed, to the preserved table.
func (b builder) copied(steps, preserve []Step) []string {
	copied := []string{ledger.StepRows(b.d, seqOf(steps, CopyToBackup))}
	if seq := seqOf(preserve, CopyToPreserve); seq > 0 {
		copied = append(copied, ledger.StepRows(b.d, seq))
	}
	return copied
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
