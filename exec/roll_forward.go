package exec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec/history"
	"github.com/tablesnap/tablesnap/plan"
)

const oldIsBackedUp = "the backup has as many rows of this version as the old table has"

// rollForward backs up the old table, as the run would have, and drops it.
func rollForward(d dialect.Dialect, f found) recoveryPlan {
	t, r := f.table, *f.run
	c := recoveryPlan{says: fmt.Sprintf("%q has the new rows of run %d; its old rows are copied to the backup, and the old table is dropped", r.Table, r.ID), end: dialect.Done}
	// Others may still write to the old table under the name that it had.
	c.first = append(awaitSwap(d, t.Old.Ident), continueNumbering(d, t)...)
	for _, s := range r.Steps {
		switch {
		case s.Kind == string(plan.CopyToBackup):
			c.first = append(c.first, copyAgain(d, f, s)...)
			c.together = append(c.together, recoveryStep{seq: s.Seq, state: dialect.Done, rows: snapshotRows(d, f),
				after: assertion(d, oldIsBackedUp, dialect.StepRows(d, s.Seq)+" = "+dialect.CountRows(d, t.Old.Ident))})
		case s.State == string(dialect.Started):
			c.together = append(c.together, recoveryStep{seq: s.Seq, state: dialect.Done})
		}
	}
	// So that the old table is not forgotten, should this be cut off in turn.
	drop := plan.Step{Seq: r.Steps[len(r.Steps)-1].Seq + 1, Kind: plan.DropOld, SQL: dialect.DropTable(d, t.Old.Ident).SQL}
	drop.ID = fmt.Sprintf("%02d-%s", drop.Seq, drop.Kind)
	c.together = append(c.together, recoveryStep{setup: []dialect.Stmt{dialect.BeginStep(d, drop.Row(dialect.Started))}})
	c.last = append(c.last, dropOld(d, f, drop.Seq))
	return c
}

// rollForwardPreserved ends a run whose backup had failed, and whose old table has become
// the preserved one.
func rollForwardPreserved(d dialect.Dialect, f found) recoveryPlan {
	kept := *f.kept()
	c := recoveryPlan{says: fmt.Sprintf("%q has the new rows of run %d; its backup had failed, and the old rows are kept whole in %q", f.run.Table, f.run.ID, kept.Name), end: dialect.Done}
	for _, s := range openSteps(*f.run) {
		again := recoveryStep{seq: s.Seq, state: dialect.Done}
		switch plan.StepKind(s.Kind) {
		case plan.KeepOld:
			again.rows, again.needs = dialect.CountRows(d, kept), dialect.Needs(kept, dialect.ToRead)
		case plan.CopyToBackup:
			again.state = dialect.Failed
		}
		c.together = append(c.together, again)
	}
	return c
}

// continueNumbering has the table go on numbering rows where the old one had come to.
func continueNumbering(d dialect.Dialect, t dialect.Target) []recoveryStep {
	swapper, ok := dialect.As[dialect.Swapper](d)
	if !ok || t.Table == nil || !slices.ContainsFunc(t.Table.Columns, func(c dialect.Column) bool { return c.Assigned }) {
		return nil
	}
	setup, carry := swapper.CopyAutoIncrement(*t.Table, swapper.Counter(*t.Old, t.Counter))
	return []recoveryStep{{setup: setup, stmt: carry, needs: dialect.Needs(t.Ident, dialect.ToAlter)}}
}

// awaitSwap waits for a swap that others have seen by now, if it may not be over.
func awaitSwap(d dialect.Dialect, old dialect.Ident) []recoveryStep {
	awaiter, ok := dialect.As[dialect.SwapAwaiter](d)
	if !ok {
		return nil
	}
	return []recoveryStep{{stmt: awaiter.AwaitSwap(old), needs: dialect.Needs(old, dialect.ToAlter)}}
}

// copyAgain runs the copy of the audit from its start: what the run had
// committed of it is deleted first. All of it is still in the old table.
func copyAgain(d dialect.Dialect, f found, s history.Step) []recoveryStep {
	copied := dialect.Stmt{SQL: s.SQLText}
	again := []recoveryStep{{stmt: copied, needs: dialect.Needs(f.table.Old.Ident, dialect.ToRead)}}
	if swapper, ok := dialect.As[dialect.Swapper](d); ok {
		again[0].chunks = swapper.CopyInChunks(copied, *f.table.Old, plan.DefaultChunkRows)
	}
	if f.table.Backup != nil {
		again[0].needs = append(again[0].needs, dialect.Needs(f.table.Backup.Ident, dialect.ToRead, dialect.ToInsert)...)
	}
	names, ok := plan.SnapshotColumns(d, f.table)
	if !ok || names.Version == "" || f.run.VersionReplaced == nil {
		return again
	}
	version := *f.run.VersionReplaced
	begun := recoveryStep{before: noForeignRows(d, f, names.Version), stmt: d.DeleteSnapshot(*f.table.Backup, names.Version, version, plan.DeletedAtOnce), limit: plan.DeletedAtOnce,
		needs: dialect.Needs(f.table.Backup.Ident, dialect.ToDelete),
		hint: fmt.Sprintf("the copy begins anew, and would delete rows that run %d did not copy: look at those of %q with %s = %d, give the foreign ones their own version or keep them elsewhere, and recover again",
			f.run.ID, f.table.Backup.Ident.Name, names.Version, version)}
	return append([]recoveryStep{begun}, again...)
}

// noForeignRows holds that each row which the backup has of the run's version stands
// in the old table, from which the run copies. Most often there are none.
func noForeignRows(d dialect.Dialect, f found, versionColumn string) *plan.Assertion {
	version, old := *f.run.VersionReplaced, *f.table.Old
	part := dialect.Contents{Table: *f.table.Backup, VersionColumn: versionColumn, Version: version}
	all := dialect.Contents{Table: old}
	for _, c := range old.StoredColumns() {
		if kept, ok := f.table.Backup.Column(c.Name, d.SameName); ok {
			part.Columns, all.Columns = append(part.Columns, kept), append(all.Columns, c)
		}
	}
	cond := snapshotRows(d, f) + " = 0"
	if len(all.Columns) > 0 {
		cond = "(" + cond + " OR " + dialect.NoneBut(d, part, all) + ")"
	}
	return assertion(d, fmt.Sprintf("the rows of version %d in %q are those of the old table", version, f.table.Backup.Ident.Name), cond)
}

// snapshotRows is an expression for the rows that the backup has of the version
// that the run has replaced.
func snapshotRows(d dialect.Dialect, f found) string {
	names, ok := plan.SnapshotColumns(d, f.table)
	if !ok || names.Version == "" || f.run.VersionReplaced == nil {
		return "NULL"
	}
	return dialect.SnapshotRows(d, f.table.Backup.Ident, names.Version, *f.run.VersionReplaced)
}

// dropOld drops the old table once the backup has as many rows of its version, and
// every column: counted now, whatever the audit says. Where the user went on
// without a backup, there is none to count.
func dropOld(d dialect.Dialect, f found, seq int) recoveryStep {
	old := *f.table.Old
	drop := recoveryStep{stmt: dialect.DropTable(d, old.Ident), seq: seq, state: dialect.Done, needs: dialect.Needs(old.Ident, dialect.ToRead, dialect.ToDrop)}
	drop.hint = fmt.Sprintf("keep what you need of %q, remove it with %s; and recover again", old.Ident.Name, drop.stmt.SQL)
	if f.wentWithoutBackup() {
		return drop
	}
	drop.before = assertion(d, oldIsBackedUp, snapshotRows(d, f)+" = "+dialect.CountRows(d, old.Ident))
	if late := notIn(d, f.table.Backup, old); late != "" {
		drop.before = assertion(d, fmt.Sprintf("the backup has the column %q of the old table", late), "1 = 0")
	}
	return drop
}

// wentWithoutBackup reports whether a run that is done has no backup, as its user
// wanted it.
func (f found) wentWithoutBackup() bool {
	return f.done() && slices.Contains(strings.Fields(f.run.Warnings), string(plan.NoBackup))
}

// notIn is the first column of a table that the backup lacks, empty for none.
func notIn(d dialect.Dialect, backup *dialect.Table, t dialect.Table) string {
	for _, c := range t.StoredColumns() {
		if backup == nil {
			return c.Name
		}
		if _, ok := backup.Column(c.Name, d.SameName); !ok {
			return c.Name
		}
	}
	return ""
}
