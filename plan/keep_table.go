package plan

import (
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
)

// keepsTable reports whether the old table itself becomes the snapshot.
func (b builder) keepsTable() bool { return b.opts.Backup == BackupTable && b.swaps() }

// backupMode is empty for the default.
func (b builder) backupMode() BackupMode {
	if b.keepsTable() {
		return BackupTable
	}
	return ""
}

// refuseBackupMode are the reasons why the old table cannot be kept.
func (b builder) refuseBackupMode() []error {
	switch {
	case b.opts.Backup != "" && b.opts.Backup != BackupRows && b.opts.Backup != BackupTable:
		return []error{fmt.Errorf("Options.Backup is %q; it may be %q or %q", b.opts.Backup, BackupRows, BackupTable)}
	case b.opts.Backup != BackupTable || b.table == nil || !b.op.replacesRows():
		return nil
	case b.swapper == nil && b.remaker == nil:
		return []error{fmt.Errorf("the old table can be kept as the snapshot only where tables are swapped, and %s does not swap; its rows are copied to the backup", b.d.Facts().Name)}
	case b.opts.Strategy != dialect.Swap:
		return []error{remediedBy(RemedySwap, "the old table can be kept as the snapshot only if it is swapped out; by the strategy %s its rows are copied to the backup", b.opts.Strategy)}
	case b.portable():
		return []error{fmt.Errorf("a migration copies the old rows to the backup: whether the old table can be kept depends on which tables there are when it runs")}
	case b.remakes():
		return b.refuseTied()
	}
	return nil
}

// keepTable renames the old table to that of its version. Its rows are not counted, so that
// it takes the same time however many there are.
func (b builder) keepTable(old dialect.Ident, rename dialect.Stmt) Step {
	s := b.step(KeepOld, b.preserved(), rename)
	s.Event, s.Uncounted, s.Details.From = EventBackup, true, old.Name
	s.Note = "the old table is the snapshot of its version"
	return s
}

// closeAfterKeeping adds the group that ends the run: nothing is left to do then but to say so.
func (b builder) closeAfterKeeping(groups []Group) []Group {
	if !b.keepsTable() || b.remakes() {
		return groups
	}
	var closed []Group
	for _, g := range groups {
		closed = append(closed, g)
		if g.has(KeepOld) {
			closed = append(closed, Group{Begin: b.d.Begin(b.opened(), b.access()).Stmts})
		}
	}
	return closed
}

// swappedOut is the old table until it is dropped or kept.
func (p Plan) swappedOut() dialect.Ident {
	if dropped, ok := p.Find(DropOld); ok {
		return dropped.Table
	}
	kept, _ := p.Find(KeepOld)
	return kept.Table.InSchemaOf(kept.Details.From)
}

// KeptIn is the table that keeps the old rows as a whole. It is empty if they are copied.
func (p Plan) KeptIn() string {
	if kept, ok := p.Find(KeepOld); ok && p.Upload.Backup == BackupTable {
		return kept.Table.Name
	}
	return ""
}
