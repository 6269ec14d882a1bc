package plan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
)

// ErrNothingToUndo says that the upload creates its table, so there is no earlier
// version. Drop the table to undo the upload.
var ErrNothingToUndo = errors.New("the upload makes the table, and there is no version before it to bring back")

// BuildUndo plans the undo of an upload: a restore of the replaced version, for the
// database as the upload leaves it. Columns that the upload adds stay, with NULLs. The
// restore may have fewer rows than the upload, since it restores the earlier rows.
func BuildUndo(d dialect.Dialect, in Input) (Plan, error) {
	if d == nil {
		return Plan{}, errNoDialect
	}
	in.Kind = in.Kind.orAnyTable()
	matched, mismatch := matchColumns(d, in)
	b, err := newBuilder(d, in, OpUpload, matched, mismatch)
	switch {
	case err != nil:
		return Plan{}, err
	case b.table == nil:
		return Plan{}, ErrNothingToUndo
	}
	after := b.targetAfter()
	version := *b.replaces()
	s := SnapshotRows{Version: &version, Count: CountedByRun, Layout: BackupLayout, Columns: dialect.ColumnNames(b.table.Columns)}
	if b.keepsTable() {
		s.Table, s.Layout = b.renamed(b.preserved()), OwnLayout
	} else {
		s.Table = *after.Backup
	}
	if last := in.Target.Ledger.Last; last != nil && last.DocID != "" {
		s.DocID, s.Timestamp = last.DocID, last.UploadTimestamp
	}
	o := in.Options
	o.Clear, o.DropColumns, o.NewColumns, o.Retention, o.MaxChange = "", "", "", Retention{}, nil
	o.Checks, o.Before, o.After = nil, nil, nil
	if b.remakes() && len(matched.add)+len(matched.drop) > 0 { // how the table will be made is not known yet
		o.Strategy, o.Backup = dialect.InPlace, BackupRows
	}
	if len(matched.add) > 0 { // the earlier version has no values for the new columns
		o.Allow = append(slices.Clone(o.Allow), ColumnsReset)
	}
	p, err := BuildRestore(d, RestoreInput{Target: after, Snapshot: s, Actor: in.Actor, Tool: in.Tool, Options: o, Set: in.Set})
	if err != nil {
		return Plan{}, fmt.Errorf("plan what takes the upload back: %w", err)
	}
	return p, nil
}

// targetAfter is what inspection would find once the upload is done.
func (b builder) targetAfter() dialect.Target {
	after := b.in.Target
	table := b.table.Without(b.columns.drop)
	table.Columns = append(table.Columns, b.columns.add...)
	backup := b.backup.want
	backup.Indexes = slices.Clone(backup.Indexes)
	if b.backup.rebuild == rebuildNeeded || len(b.backup.rename) > 0 {
		backup.Indexes = b.backup.renamed().Indexes
	}
	if b.backup.index == indexNeeded {
		backup.Indexes = append(backup.Indexes, dialect.Index{Name: ledger.SnapshotIndex(b.d, backup.Ident.Name), Columns: []string{b.backup.names.Version}})
	}
	if after.Table = &table; b.keepsTable() {
		after.Preserved = append(slices.Clone(after.Preserved), b.preserved().Name)
	} else {
		after.Backup = &backup
	}
	after.Ledger.Last = &dialect.VersionSummary{
		Number: b.version(), Event: b.in.Kind.Event, DocID: b.in.DocID, UploadTimestamp: b.in.Timestamp,
		Rows: b.in.Source.Rows, SourceSHA256: b.in.Source.SHA256,
	}
	if migrations := b.d.Ledger().Migrations; len(migrations) > 0 {
		after.Ledger.Migration = max(after.Ledger.Migration, migrations[len(migrations)-1].Version)
	}
	return after
}
