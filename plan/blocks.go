package plan

import (
	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// BackupSteps create or widen the backup table of an existing table. A *RefusedError says
// why that is not possible.
func BackupSteps(d dialect.Dialect, t dialect.Target) ([]Step, error) {
	b, err := blockBuilder(d, t)
	if err != nil {
		return nil, err
	}
	return number(b.createBackup()), nil
}

// SnapshotSteps are BackupSteps and the copy of the table's rows, as those of the named
// upload. The snapshot has no version, since the next upload makes a snapshot of the
// version that it replaces.
func SnapshotSteps(d dialect.Dialect, t dialect.Target, docID, timestamp string) ([]Step, error) {
	b, err := blockBuilder(d, t)
	if err != nil {
		return nil, err
	}
	copied := b.step(CopyToBackup, b.backup.want.Ident, d.CopyRows(dialect.Copy{
		From: b.ident(), To: b.backup.want.Ident, Columns: dialect.ColumnNames(b.table.Columns),
		Fixed: []dialect.FixedValue{
			{Column: b.backup.names.DocID, Value: rowsource.Text(docID)},
			{Column: b.backup.names.Timestamp, Value: rowsource.Text(timestamp)},
		},
	}))
	return number(concat(b.createBackup(), []Step{copied})), nil
}

func blockBuilder(d dialect.Dialect, t dialect.Target) (builder, error) {
	refuse := func(why string) (builder, error) {
		return builder{}, &RefusedError{Table: t.Ident, Reasons: []string{why}}
	}
	if d == nil {
		return builder{}, errNoDialect
	}
	if t.Table == nil {
		return refuse("the table does not exist")
	}
	if t.Table.Kind != dialect.BaseTable {
		return refuse("it is a " + string(t.Table.Kind) + "; only tables are backed up")
	}
	backup, err := planBackup(d, *t.Table, t.Backup)
	if err != nil {
		return refuse(err.Error())
	}
	return builder{d: d, in: Input{Target: t}, opts: Options{OnBackupFailure: Abort}, table: t.Table, backup: backup}, nil
}
