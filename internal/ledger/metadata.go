package ledger

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// MetadataColumns are the names of a backup table's metadata columns. Version is empty if
// another program created the table and it has no such column yet.
type MetadataColumns struct{ ID, DocID, Timestamp, Version string }

// SnapshotColumns finds the metadata columns of a target's backup table. Ok is false if
// there is no backup table, or if the table only looks like one.
func SnapshotColumns(d dialect.Dialect, t dialect.Target) (names MetadataColumns, ok bool) {
	if t.Backup == nil {
		return MetadataColumns{}, false
	}
	places, err := FindMetadata(d, *t.Backup, t.Table)
	if err != nil {
		return MetadataColumns{}, false
	}
	return places.Names(*t.Backup), true
}

// MetadataNames are the usual names of a backup table's metadata columns, in order. They
// change if the original has a column of that name. So the first three are found by their
// position, and snapshot_version, which may have been added later, by its index.
func MetadataNames() [4]string {
	return [4]string{"id", "doc_id", "upload_timestamp", "snapshot_version"}
}

// MetadataPlaces are the positions of a backup table's metadata columns, in order. The
// last one is missing in a table that another program created.
type MetadataPlaces []int

// The positions of the metadata columns in a table that tablesnap created.
const (
	IDColumn = iota
	docIDColumn
	timestampColumn
	VersionColumn
)

// NewMetadata are the positions in a table that tablesnap creates.
func NewMetadata() MetadataPlaces {
	return MetadataPlaces{IDColumn, docIDColumn, timestampColumn, VersionColumn}
}

// HasVersion reports whether the table has a snapshot_version.
func (p MetadataPlaces) HasVersion() bool { return len(p) > VersionColumn }

// Names returns the names of the table's metadata columns.
func (p MetadataPlaces) Names(t dialect.Table) MetadataColumns {
	m := MetadataColumns{ID: t.Columns[IDColumn].Name, DocID: t.Columns[docIDColumn].Name, Timestamp: t.Columns[timestampColumn].Name}
	if p.HasVersion() {
		m.Version = t.Columns[p[VersionColumn]].Name
	}
	return m
}

// FindMetadata finds the metadata columns of a backup table. One that another program
// created has no snapshot_version. It returns an error if the table only looks like a
// backup table.
func FindMetadata(d dialect.Dialect, have dialect.Table, original *dialect.Table) (MetadataPlaces, error) {
	refuse := func(why string) error {
		return fmt.Errorf("%q has the name of its backup table but is none (%s); rename it or move it away", have.Ident.Name, why)
	}
	switch {
	case have.Kind != dialect.BaseTable:
		return nil, refuse("it is a " + string(have.Kind))
	case len(have.Columns) < VersionColumn:
		return nil, refuse("it does not begin with the columns id, doc_id, upload_timestamp")
	case len(have.Triggers) > 0:
		return nil, refuse("it has triggers: " + strings.Join(have.Triggers, ", "))
	case len(have.Uniques) > 0:
		return nil, refuse("it has a unique key, which would refuse the second backup of the same rows")
	case len(have.ForeignKeys) > 0:
		return nil, refuse("it has a foreign key, which would refuse rows whose parents are gone")
	}
	for i := range VersionColumn {
		if !isMetadata(have.Columns[i].Name, MetadataNames()[i]) {
			return nil, refuse("it does not begin with the columns id, doc_id, upload_timestamp")
		}
	}
	if len(have.PrimaryKey) != 1 || have.PrimaryKey[0] != have.Columns[IDColumn].Name {
		return nil, refuse("its primary key is not " + have.Columns[IDColumn].Name + " alone")
	}
	places := MetadataPlaces{IDColumn, docIDColumn, timestampColumn}
	if version := versionPlace(d, have, original); version >= 0 {
		places = append(places, version)
	}
	return places, nil
}

func isMetadata(name, base string) bool {
	name = strings.ToLower(name)
	for strings.HasPrefix(name, "backup_") {
		name = strings.TrimPrefix(name, "backup_")
	}
	return name == base
}

// versionPlace finds snapshot_version: the column under tablesnap's own index. If
// somebody dropped that index, it is the fourth column, provided that it has the name and
// the original has no column of that name. It is -1 if another program created the table
// and it has no such column yet.
func versionPlace(d dialect.Dialect, t dialect.Table, original *dialect.Table) int {
	for _, index := range t.Indexes {
		if index.Name == SnapshotIndex(d, t.Ident.Name) {
			return slices.IndexFunc(t.Columns, func(c dialect.Column) bool { return c.Name == index.Columns[0] })
		}
	}
	if len(t.Columns) <= VersionColumn || !isMetadata(t.Columns[VersionColumn].Name, MetadataNames()[VersionColumn]) {
		return -1
	}
	if original != nil {
		if _, taken := original.Column(t.Columns[VersionColumn].Name, d.SameName); taken {
			return -1
		}
	}
	return VersionColumn
}

// SnapshotIndex is the name of a backup table's index on snapshot_version.
func SnapshotIndex(d dialect.Dialect, backup string) string {
	return dialect.SuffixedName(d, backup, "_snapshot")
}
