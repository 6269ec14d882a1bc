package plan

import (
	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
)

// anyVersion leaves out of an input what changes from one version of a table to the next.
// What is left is like a first upload to a table whose backup table exists and is up to
// date.
func anyVersion(d dialect.Dialect, in Input) Input {
	t := in.Target
	in.Target = dialect.Target{
		Format: t.Format, Server: t.Server, Ident: t.Ident, Table: t.Table, Backup: t.Backup, Hidden: t.Hidden, Making: t.Making,
		Empty:  true, // otherwise the plan would warn of rows that no upload has brought
		Ledger: dialect.Ledger{Migration: newestMigration(d)},
	}
	in.Sample, in.Counted = nil, nil
	if t.Table == nil {
		return in
	}
	shape := t.Table.Shape()
	in.Target.Table = &shape
	if _, err := planBackup(d, shape, t.Backup); err != nil {
		return in // another table has its name, which no version mends
	}
	if b, err := planBackup(d, shape, nil); err == nil {
		b.want.Indexes = []dialect.Index{{Name: ledger.SnapshotIndex(d, b.want.Ident.Name), Columns: []string{b.names.Version}}}
		in.Target.Backup = &b.want
	}
	return in
}

func newestMigration(d dialect.Dialect) (newest int64) {
	for _, m := range d.Ledger().Migrations {
		newest = max(newest, m.Version)
	}
	return newest
}
