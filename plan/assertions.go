package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
)

// reviewAssertions hold the run to what was reviewed: the version and the table.
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

// assert gives the steps their assertions: nothing is cleared that was not copied,
// and what is loaded is what the manifest says.
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
			if settle := b.checkDeferred(); settle.SQL != "" && !b.swaps() {
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
			if b.opts.OnBackupFailure == Abort { // else the run goes on behind the swap, with what takes the copy's place
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
		default: // the other kinds assert nothing
		}
	}
}

// sizeAssertions hold the source against the table's rows, an SQL expression.
func (b builder) sizeAssertions(rows string) []Assertion {
	if b.uncounted() || b.allows(Shrinks) || b.allows(EmptySource) && b.in.Source.Rows == 0 {
		return nil
	}
	says := fmt.Sprintf("the source has at least %d%% of the rows of %s (it has %d)", *b.opts.MaxShrink, b.ident().Name, b.in.Source.Rows)
	p := b.assertion(says, fmt.Sprintf("%d * 100 >= %s * %d", b.in.Source.Rows, rows, *b.opts.MaxShrink))
	p.Hazard = Shrinks
	return []Assertion{p}
}

// counted is an expression for the number of rows that the backup counted.
func (b builder) counted(steps, preserve []Step) string {
	rows := append(b.copied(steps, preserve), "0")
	if b.opts.OnBackupFailure == Continue {
		rows[len(rows)-1] = dialect.CountRows(b.d, b.ident()) // there may be no backup that counted them
	}
	return "coalesce(" + strings.Join(rows, ", ") + ")"
}

// afterClearAssertions hold the clear against the copy: by the rows that it touched,
// or, where rows of the table delete each other and the database does not count
// those, by the rows that stood there when it began.
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

// besideWriters says of assertions that writers make fail what to do, for a family
// that swaps by itself: in place, it cannot keep them out.
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

// newVersionAssertion: a snapshot is one set of rows. Whatever put rows under its
// version, they are not those of this copy.
func (b builder) newVersionAssertion() Assertion {
	backup := b.backup.want.Ident
	return b.assertion(backup.Name+" has no rows yet of the version that is copied to it", dialect.NoRowsWhere(b.d, backup, b.ofThisVersion()))
}

// ofThisVersion is a condition for the rows in the backup of the version that is
// replaced.
func (b builder) ofThisVersion() string {
	if b.portable() {
		return b.d.Quote(b.backup.names.Version) + " = " + b.words.VarNumber(keptNewest)
	}
	return dialect.OfVersion(b.d, b.backup.names.Version, *b.replaces())
}

// backedUp is a condition: the old table is needed no more. The backup has as many
// rows of its version; or the user goes on without a backup, and the copy failed.
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

// uncopied is an expression for the number of rows that need no backup, or NULL.
func (b builder) uncopied() string {
	if b.opts.OnBackupFailure == Continue {
		return dialect.CountRows(b.d, b.ident())
	}
	return "NULL"
}

// copied are expressions for the number of rows copied to the backup or, if
// that failed, to the table that takes its place.
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
