package exec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/compare"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

const oldIsBackedUp = "the backup has as many rows of this version as the old table has"

// rollForward backs up the old table, as the run would have done, and drops it.
func rollForward(d dialect.Dialect, f found) (recoveryPlan, error) {
	t, r := f.table, *f.run
	c := recoveryPlan{says: fmt.Sprintf("%q has the new rows of run %d; its old rows are copied to the backup, and the old table is dropped", r.Table, r.ID), end: ledger.Done}
	// Other sessions may still be writing to the old table under its former name.
	c.first = append(awaitSwap(d, t.Old.Ident), continueNumbering(d, t)...)
	for _, s := range r.Steps {
		switch {
		case s.Kind == string(plan.CopyToBackup):
			copied, err := copyAgain(d, f, s)
			if err != nil {
				return c, err
			}
			c.first = append(c.first, copied...)
			c.together = append(c.together, recoveryStep{seq: s.Seq, state: ledger.Done, rows: snapshotRows(d, f),
				after: assertion(d, oldIsBackedUp, ledger.StepRows(d, s.Seq)+" = "+dialect.CountRows(d, t.Old.Ident))})
		case s.State == string(ledger.Started):
			c.together = append(c.together, recoveryStep{seq: s.Seq, state: ledger.Done})
		}
	}
	// If this recovery is cut off too, the next one finds the old table by this step.
	drop := plan.Step{Seq: r.Steps[len(r.Steps)-1].Seq + 1, Kind: plan.DropOld, SQL: dialect.DropTable(d, t.Old.Ident).SQL}
	drop.ID = fmt.Sprintf("%02d-%s", drop.Seq, drop.Kind)
	if f.table.Ledger.Migration >= dialect.DetailsMigration {
		drop.Details.Table = t.Old.Ident.Name
	}
	c.together = append(c.together, recoveryStep{setup: []dialect.Stmt{ledger.BeginStep(d, drop.Row(ledger.Started))}})
	c.last = append(c.last, dropOld(d, f, drop.Seq))
	return c, nil
}

// rollForwardPreserved completes a run whose backup failed, and whose old table became
// the preserved table.
func rollForwardPreserved(d dialect.Dialect, f found) (recoveryPlan, error) {
	kept := *f.kept()
	why := "; its backup had failed, and the old rows"
	if f.keepsTable() {
		why = "; the old rows"
	}
	c := recoveryPlan{says: fmt.Sprintf("%q has the new rows of run %d%s are kept whole in %q", f.run.Table, f.run.ID, why, kept.Name), end: ledger.Done}
	for _, s := range openSteps(*f.run) {
		again := recoveryStep{seq: s.Seq, state: ledger.Done}
		switch plan.StepKind(s.Kind) {
		case plan.KeepOld:
			if f.keepsTable() {
				break // it is not counted
			}
			again.rows, again.needs = dialect.CountRows(d, kept), dialect.Needs(kept, dialect.ToRead)
		case plan.CopyToBackup:
			again.state = ledger.Failed
		}
		c.together = append(c.together, again)
	}
	return c, nil
}

// rollForwardKeeping keeps the old table as the snapshot, as the run would have done.
func rollForwardKeeping(d dialect.Dialect, f found) (recoveryPlan, error) {
	keeps, _ := f.step(plan.KeepOld)
	known, err := keeps.Known()
	if err != nil {
		return recoveryPlan{}, err
	}
	old := f.table.Old.Ident
	kept := old.InSchemaOf(known.Table)
	c := recoveryPlan{says: fmt.Sprintf("%q has the new rows of run %d; its old rows are kept whole in %q", f.run.Table, f.run.ID, kept.Name), end: ledger.Done}
	c.first = append(awaitSwap(d, old), continueNumbering(d, f.table)...)
	c.first = append(c.first, recoveryStep{stmt: d.RenameTable(old, kept),
		needs: append(dialect.Needs(old, dialect.ToAlter, dialect.ToDrop), dialect.Needs(kept, dialect.ToCreate, dialect.ToInsert)...)})
	for _, s := range openSteps(*f.run) {
		c.together = append(c.together, recoveryStep{seq: s.Seq, state: ledger.Done})
	}
	return c, nil
}

// continueNumbering sets the table's AUTO_INCREMENT to where the old table's was.
func continueNumbering(d dialect.Dialect, t dialect.Target) []recoveryStep {
	swapper, ok := dialect.As[dialect.Swapper](d)
	if !ok || t.Table == nil || !slices.ContainsFunc(t.Table.Columns, func(c dialect.Column) bool { return c.Assigned }) {
		return nil
	}
	setup, carry := swapper.CopyAutoIncrement(*t.Table, swapper.Counter(*t.Old, t.Counter))
	return []recoveryStep{{setup: setup, stmt: carry, needs: dialect.Needs(t.Ident, dialect.ToAlter)}}
}

// awaitSwap waits until the swap has finished, in families where other sessions see a
// swap before that.
func awaitSwap(d dialect.Dialect, old dialect.Ident) []recoveryStep {
	awaiter, ok := dialect.As[dialect.SwapAwaiter](d)
	if !ok {
		return nil
	}
	return []recoveryStep{{stmt: awaiter.AwaitSwap(old), needs: dialect.Needs(old, dialect.ToAlter)}}
}

// copyAgain repeats a step's copy from the start, with the tables as they are now. It
// first deletes the rows that the run has copied. The old table still has all of them.
func copyAgain(d dialect.Dialect, f found, s ledger.Step) ([]recoveryStep, error) {
	known, err := s.Known()
	if err != nil {
		return nil, err
	}
	names, err := f.canCopy(s, known)
	if err != nil {
		return nil, err
	}
	old, backup, version := *f.table.Old, *f.table.Backup, *known.Version
	copied := plan.SnapshotCopy(known, old.Ident, backup.Ident, names)
	again := recoveryStep{stmt: d.CopyRows(copied),
		needs: append(dialect.Needs(old.Ident, dialect.ToRead), dialect.Needs(backup.Ident, dialect.ToRead, dialect.ToInsert)...)}
	if swapper, ok := dialect.As[dialect.Swapper](d); ok {
		again.chunks = swapper.CopyInChunks(copied, old, f.table.RowsAtOnce(plan.DefaultChunkRows, old.Ident))
	}
	atOnce := deletedAtOnce(f.table)
	return []recoveryStep{
		{before: noForeignRows(d, f, names.Version), stmt: d.DeleteSnapshot(backup, names.Version, version, atOnce), limit: atOnce,
			needs: dialect.Needs(backup.Ident, dialect.ToDelete),
			hint: fmt.Sprintf("the copy begins anew, and would delete rows that run %d did not copy: look at those of %q with %s = %d, give the foreign ones their own version or keep them elsewhere, and recover again",
				f.run.ID, backup.Ident.Name, names.Version, version)},
		again,
	}, nil
}

// canCopy returns an error if the tables no longer fit the copy. Otherwise it returns the
// names of the backup table's metadata columns.
func (f found) canCopy(s ledger.Step, known ledger.Details) (plan.MetadataColumns, error) {
	old, backup := *f.table.Old, f.table.Backup
	names, ok := ledger.SnapshotColumns(f.d, f.table)
	switch {
	case known.From != old.Ident.Name:
		return names, unclear(s, "it copies the rows of %q, and the old rows are in %q", known.From, old.Ident.Name)
	case backup == nil || backup.Ident.Name != known.Table:
		return names, unclear(s, "there is no backup table %q any more; bring it back from a backup of the database, and recover again", known.Table)
	case !ok || names.Version == "":
		return names, unclear(s, "%q does not begin with the columns of a backup table, or has none that tells the versions apart; give them their names back, and recover again", known.Table)
	case f.run.VersionReplaced == nil || known.Version == nil || *f.run.VersionReplaced != *known.Version:
		return names, unclear(s, "it does not copy the version that the run has replaced; somebody has changed one of them: bring the rows of the run back from a backup of the database")
	}
	for _, name := range known.Columns {
		for _, t := range []dialect.Table{old, *backup} {
			if _, ok := t.Column(name, f.d.SameName); !ok {
				return names, unclear(s, "it copies the column %q, which %q does not have any more; give it back to the table, and recover again", name, t.Ident.Name)
			}
		}
	}
	return names, nil
}

// noForeignRows asserts that every row of the run's version in the backup is also in the
// old table, from which the run copies. Usually the backup has none yet.
func noForeignRows(d dialect.Dialect, f found, versionColumn string) *plan.Assertion {
	version, old := *f.run.VersionReplaced, *f.table.Old
	part := compare.Contents{Table: *f.table.Backup, VersionColumn: versionColumn, Version: version}
	all := compare.Contents{Table: old}
	for _, c := range old.StoredColumns() {
		if kept, ok := f.table.Backup.Column(c.Name, d.SameName); ok {
			part.Columns, all.Columns = append(part.Columns, kept), append(all.Columns, c)
		}
	}
	cond := snapshotRows(d, f) + " = 0"
	if len(all.Columns) > 0 {
		cond = "(" + cond + " OR " + compare.NoneBut(d, part, all) + ")"
	}
	return assertion(d, fmt.Sprintf("the rows of version %d in %q are those of the old table", version, f.table.Backup.Ident.Name), cond)
}

// snapshotRows is an SQL expression for the number of rows that the backup has of the
// version which the run replaced.
func snapshotRows(d dialect.Dialect, f found) string {
	names, ok := ledger.SnapshotColumns(d, f.table)
	if !ok || names.Version == "" || f.run.VersionReplaced == nil {
		return "NULL"
	}
	return ledger.CountSnapshot(d, f.table.Backup.Ident, names.Version, *f.run.VersionReplaced)
}

// dropOld drops the old table once the backup has all its columns and as many rows. It
// counts the rows now and does not rely on the audit. If the user chose to go on without
// a backup, there is nothing to count.
func dropOld(d dialect.Dialect, f found, seq int) recoveryStep {
	old := *f.table.Old
	drop := recoveryStep{stmt: dialect.DropTable(d, old.Ident), seq: seq, state: ledger.Done, needs: dialect.Needs(old.Ident, dialect.ToRead, dialect.ToDrop)}
	drop.hint = fmt.Sprintf("keep what you need of %q, remove it with %s; and recover again", old.Ident.Name, drop.stmt.SQL)
	if f.wentWithoutBackup() {
		return drop
	}
	drop.before = assertion(d, oldIsBackedUp, snapshotRows(d, f)+" = "+dialect.CountRows(d, old.Ident))
	if late := f.notCopied(old); late != "" {
		drop.before = assertion(d, fmt.Sprintf("the backup has the column %q of the old table", late), "1 = 0")
	}
	return drop
}

// wentWithoutBackup reports whether a finished run has no backup because the user chose
// to go on without one.
func (f found) wentWithoutBackup() bool {
	return f.done() && slices.Contains(strings.Fields(f.run.Warnings), string(plan.NoBackup))
}

// notCopied is the first column of the old table that the backup lacks or that the run
// did not copy. It is empty if there is none.
func (f found) notCopied(old dialect.Table) string {
	copied, ok := f.step(plan.CopyToBackup)
	known, err := copied.Known()
	for _, c := range old.StoredColumns() {
		if f.table.Backup == nil || !ok || err != nil {
			return c.Name
		}
		_, kept := f.table.Backup.Column(c.Name, f.d.SameName)
		if !kept || !slices.ContainsFunc(known.Columns, func(name string) bool { return f.d.SameName(name, c.Name) }) {
			return c.Name
		}
	}
	return ""
}
