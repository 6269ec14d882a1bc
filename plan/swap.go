package plan

import (
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
)

// swapSteps load a shadow of the table and put it in the table's place. The old
// rows are copied to the backup after that: whatever was written to the table
// before it was renamed is among them.
func (b builder) swapSteps() []Step {
	return concat(
		b.createBackup(),
		b.createShadow(),
		b.dropColumns(b.shadow()),
		b.addColumns(b.shadow()),
		b.load(b.shadow()),
		b.carryCounter(b.ident(), b.shadow()),
		b.swapTables(),
		b.carryCounter(b.old(), b.ident()),
		b.copyOldToBackup(),
		b.dropOld(),
		b.retention(),
	)
}

func (b builder) shadow() dialect.Ident {
	return b.ident().InSchemaOf(b.d.SuffixedName(b.ident().Name, dialect.ShadowSuffix))
}

func (b builder) old() dialect.Ident {
	return b.ident().InSchemaOf(b.d.SuffixedName(b.ident().Name, dialect.OldSuffix))
}

func (b builder) createShadow() []Step {
	return []Step{b.step(CreateShadow, b.shadow(), b.d.CreateLike(b.shadow(), b.ident()))}
}

// carryCounter has the new table go on numbering rows where the old one has
// come to: ahead of the swap, so that no number is given twice, and after it,
// for the rows that were inserted in between.
func (b builder) carryCounter(from, to dialect.Ident) []Step {
	if !slices.ContainsFunc(b.table.Columns, func(c dialect.Column) bool { return c.Assigned }) {
		return nil
	}
	setup, carry := b.d.CarryCounter(from, to)
	s := b.step(CarryCounter, to, carry)
	s.Setup = setup
	return []Step{s}
}

func (b builder) swapTables() []Step {
	s := b.step(SwapTables, b.ident(), b.d.SwapTables(b.ident(), b.shadow(), b.old()))
	if !b.looksUp() { // where the next statement may be another session's, nothing can be prepared
		s.Setup = b.d.BeforeSwap(b.shadow())
	}
	if b.d.AwaitSwap(b.old()).SQL != "" {
		s.GiveUpAfter = b.opts.LockTimeout
	}
	return []Step{s}
}

func (b builder) copyOldToBackup() []Step {
	s := b.copyStep(CopyToBackup, b.old(), b.backup.want, b.backup.names)
	s.Stage, s.OnFailure = BackupStage, b.opts.OnBackupFailure
	s.Chunks = b.d.CopyInChunks(dialect.Stmt{SQL: s.SQL}, b.renamed(b.old()), b.opts.ChunkRows)
	return []Step{s}
}

// keepOld takes the backup's place if that fails: the old table, as it is, under
// the name of a preserved one.
func (b builder) keepOld(preserved dialect.Ident) Step {
	s := b.step(KeepOld, preserved, b.d.RenameTable(b.old(), preserved))
	s.Event, s.Counts = EventBackup, b.d.CountRows(preserved)
	return s
}

func (b builder) dropOld() []Step {
	return []Step{b.step(DropOld, b.old(), b.d.DropTable(b.old()))}
}
