package plan

import "github.com/tablesnap/tablesnap/dialect"

// BackupSteps are the steps that make, or widen, the backup table of a table
// that exists. A *RefusedError says what stands in its place.
func BackupSteps(d dialect.Dialect, t dialect.Target) ([]Step, error) {
	b, err := blockBuilder(d, t, nil)
	if err != nil {
		return nil, err
	}
	return number(b.createBackup()), nil
}

// SnapshotSteps are BackupSteps and the copy of the table's rows, as those of
// the version given.
func SnapshotSteps(d dialect.Dialect, t dialect.Target, of dialect.Version) ([]Step, error) {
	b, err := blockBuilder(d, t, &of)
	if err != nil {
		return nil, err
	}
	return number(concat(b.createBackup(), b.copyToBackup())), nil
}

func blockBuilder(d dialect.Dialect, t dialect.Target, of *dialect.Version) (builder, error) {
	refuse := func(why string) (builder, error) {
		return builder{}, &RefusedError{Table: t.Ident, Reasons: []string{why}}
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
	t.Ledger.Last = of
	return builder{d: d, in: Input{Target: t}, opts: Options{OnBackupFailure: Abort}, table: t.Table, backup: backup}, nil
}
