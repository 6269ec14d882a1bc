package plan

import (
	"slices"
	"strconv"

	"github.com/tablesnap/tablesnap/dialect"
)

// swapSteps load a shadow table and swap it with the table. The old rows are copied to
// the backup after the swap, so that they include everything written before it.
func (b builder) swapSteps() []Step {
	if b.remakes() {
		return b.remakeSteps()
	}
	if b.keepsTable() {
		return concat(b.loadShadow(), b.swapTables(), b.carryCounter(b.old(), b.ident()), []Step{b.keepTable(b.old(), b.d.RenameTable(b.old(), b.preserved()))}, b.retention())
	}
	return concat(
		b.createBackup(),
		b.loadShadow(),
		b.swapTables(),
		b.carryCounter(b.old(), b.ident()),
		b.copyOldToBackup(),
		b.dropOld(),
		b.retention(),
	)
}

func (b builder) loadShadow() []Step {
	return concat(
		b.createShadow(),
		b.dropColumns(b.shadow()),
		b.addColumns(b.shadow()),
		b.dropIndexes(),
		b.carryCounter(b.ident(), b.shadow()),
		b.load(b.shadow()),
		b.addIndexes(),
		b.advanceSequences(b.shadow()),
		b.checks(b.shadow()),
	)
}

func (b builder) shadow() dialect.Ident {
	return b.ident().InSchemaOf(dialect.SuffixedName(b.d, b.ident().Name, dialect.ShadowSuffix))
}

func (b builder) old() dialect.Ident {
	return b.ident().InSchemaOf(dialect.SuffixedName(b.d, b.ident().Name, dialect.OldSuffix))
}

// The values that a swap stores, to find out whether others have changed the table
// meanwhile.
const (
	keptDefinition = "definition" // the table's definition before the copy
	keptAltered    = "altered"    // when the definition was last changed
	keptCounter    = "counter"    // the first number that the new table gives
	keptIndexed    = "indexed"    // the shadow's definition before its indexes were dropped
)

// createShadow stores the table's definition before it copies it, so that every later
// change is noticed.
func (b builder) createShadow() []Step {
	s := b.step(CreateShadow, b.shadow(), b.swapper.CreateLike(b.shadow(), b.ident()))
	s.Details.From = b.ident().Name
	now := b.swapper.Definition(b.ident())
	s.Setup = slices.Concat(now.Prepare, now.Find,
		b.swapper.SetVar(b.kept(keptDefinition), b.swapper.Var(dialect.FoundDefinition)), b.swapper.SetVar(b.kept(keptAltered), b.swapper.Altered(b.ident())))
	s.After = []Assertion{b.hasDefinition(b.shadow(), "the copy has the whole definition of "+b.ident().Name+" (what it lacks would be lost in a swap; use the strategy in-place)", "")}
	return []Step{s}
}

// hasDefinition asserts that a table still has the definition from which the shadow was made,
// and another condition if that is not empty.
func (b builder) hasDefinition(table dialect.Ident, says, also string) Assertion {
	p := b.assertion(says, b.swapper.Var(dialect.FoundDefinition)+" = "+b.swapper.Var(b.kept(keptDefinition))+also)
	p.Setup = wrapped(b.swapper.Definition(table).Find)
	return p
}

// unchangedAssertions assert that nobody has changed the table's definition while the
// shadow was loaded. The swap would undo such a change, or the change would make the
// swapped table wrong.
func (b builder) unchangedAssertions() []Assertion {
	assertions := []Assertion{b.hasDefinition(b.ident(), "nobody has changed the definition of "+b.ident().Name+" since the new table was made like it (plan again)",
		" AND "+b.swapper.Altered(b.ident())+" = "+b.swapper.Var(b.kept(keptAltered)))}
	return append(assertions, b.numberAssertions(b.ident())...)
}

// oldTableAssertions repeat unchangedAssertions for the time until the swap. Nobody
// changes the old table after that.
func (b builder) oldTableAssertions() []Assertion {
	assertions := []Assertion{b.hasDefinition(b.old(), "nobody has changed the definition of "+b.ident().Name+" while it was swapped (compare it with "+b.old().Name+", which still has the change)", "")}
	return append(assertions, b.numberAssertions(b.old())...)
}

// numberAssertions assert that no number that the new rows got was also given to another
// row. Numbers in the source are up to the user.
func (b builder) numberAssertions(old dialect.Ident) []Assertion {
	i := slices.IndexFunc(b.table.Columns, func(c dialect.Column) bool { return c.Assigned })
	if i < 0 || slices.ContainsFunc(b.columns.load, func(c dialect.Column) bool { return c.Assigned }) {
		return nil
	}
	return []Assertion{b.assertion("no row was added to "+b.ident().Name+" while the new rows were given their numbers ("+b.table.Columns[i].Name+"), which are the same (give the numbers in the source, or use the strategy in-place)",
		b.counter(old)+" = "+b.swapper.VarNumber(b.kept(keptCounter)))}
}

// kept is the name of a value that the session stores until the swap. In a set, each table
// has its own.
func (b builder) kept(name string) string {
	if b.in.Set == nil {
		return name
	}
	return name + "_" + strconv.Itoa(1+b.in.Set.index(b.d, b.ident()))
}

// counter is the table's next AUTO_INCREMENT value, under its own name or as the old
// table.
func (b builder) counter(table dialect.Ident) string {
	return b.swapper.Counter(b.renamed(table), b.in.Target.Counter)
}

// carryCounter copies the AUTO_INCREMENT from the old table to the new one. It runs
// before the load, so that no number is given twice, and after the swap, for rows
// inserted in between.
func (b builder) carryCounter(from, to dialect.Ident) []Step {
	if !slices.ContainsFunc(b.table.Columns, func(c dialect.Column) bool { return c.Assigned }) {
		return nil
	}
	next := b.counter(from)
	var kept []dialect.Stmt
	if to == b.shadow() {
		kept, next = b.swapper.SetVar(b.kept(keptCounter), next), b.swapper.VarNumber(b.kept(keptCounter))
	}
	setup, carry := b.swapper.CopyAutoIncrement(b.renamed(to), next)
	s := b.step(CopyAutoIncrement, to, carry)
	s.Setup = slices.Concat(kept, setup)
	return []Step{s}
}

func (b builder) swapTables() []Step {
	before, swap := b.swapper.SwapTables(dialect.Swapped{Table: b.ident(), Shadow: b.shadow(), Old: b.old()})
	s := b.step(SwapTables, b.ident(), swap)
	s.Details.From = b.shadow().Name
	if !b.portable() { // a script's next statement may run in another session, so nothing can be prepared
		s.Setup = before
	}
	if _, shows := dialect.As[dialect.SwapAwaiter](b.d); shows {
		s.GiveUpAfter = b.opts.LockTimeout
	}
	return []Step{s}
}

func (b builder) copyOldToBackup() []Step {
	s := b.copyStep(CopyToBackup, b.old(), b.backup.want, b.backup.names)
	s.Stage, s.OnFailure = BackupStage, b.opts.OnBackupFailure
	c := b.snapshotCopy(s.Details, b.old(), b.backup.want.Ident, b.backup.names)
	s.Chunks = b.swapper.CopyInChunks(c, b.renamed(b.old()), b.in.Target.RowsAtOnce(b.opts.ChunkRows, b.ident()))
	return []Step{s}
}

// keepOld replaces a failed backup: it renames the old table to a preserved table.
func (b builder) keepOld(preserved dialect.Ident) Step {
	s := b.step(KeepOld, preserved, b.d.RenameTable(b.old(), preserved))
	s.Event, s.Counts, s.Details.From = EventBackup, dialect.CountRows(b.d, preserved), b.old().Name
	return s
}

func (b builder) dropOld() []Step {
	return []Step{b.step(DropOld, b.old(), dialect.DropTable(b.d, b.old()))}
}
