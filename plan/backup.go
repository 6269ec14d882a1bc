package plan

import (
	"fmt"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/rowsource"
)

// backup is the backup table as it is and as the upload needs it.
type backup struct {
	have *dialect.Table // nil if there is none
	want dialect.Table
	// names are the names of want's metadata columns.
	names MetadataColumns
	// rename are metadata columns with their old and new names. The original now has a
	// column of the old name.
	rename [][2]string
	// add are columns that the backup table lacks.
	add []dialect.Column
	// rebuild states that a column must be widened.
	rebuild Rebuild
	// index states that the index on snapshot_version is missing.
	index NewIndex
}

// Rebuild says whether a backup table is rebuilt to widen its columns.
type Rebuild string

// NewIndex says whether the index on snapshot_version must be created.
type NewIndex string

const (
	rebuildNeeded Rebuild  = "rebuild"
	indexNeeded   NewIndex = "index"
)

// planBackup plans the changes after which the backup table can hold every column of t.
func planBackup(d dialect.Dialect, t dialect.Table, have *dialect.Table) (backup, error) {
	names := metadataNames(d, t)
	if have == nil {
		ident := t.Ident.InSchemaOf(dialect.SuffixedName(d, t.Ident.Name, dialect.BackupSuffix))
		want := d.BackupTable(t, ident, names)
		return backup{want: want, names: ledger.NewMetadata().Names(want), index: indexNeeded}, nil
	}
	places, err := ledger.FindMetadata(d, *have, &t)
	if err != nil {
		return backup{}, err
	}
	b := backup{have: have, want: *have}
	b.want.Columns = slices.Clone(have.Columns)
	b.makeWay(d, t, places)
	if err := b.widen(d, t, places); err != nil {
		return backup{}, err
	}
	if len(have.ReferencedBy) > 0 && b.rebuild == rebuildNeeded { // dropping the old table could cascade
		return backup{}, fmt.Errorf("its backup table %q would have to be made anew to keep every value, and %q refers to it; drop that foreign key, or rename the backup table", have.Ident.Name, have.ReferencedBy[0].Table.Name)
	}
	b.names = places.Names(b.want)
	if !slices.ContainsFunc(have.Indexes, func(i dialect.Index) bool { return i.Name == ledger.SnapshotIndex(d, have.Ident.Name) }) {
		b.index = indexNeeded
	}
	if !places.HasVersion() { // makeWay adds it as the first column
		b.names.Version = b.add[0].Name
	}
	b.want.Columns = append(b.want.Columns, b.add...)
	return b, nil
}

// steps create the backup table or widen it.
func (p backup) steps(b builder) []Step {
	ident := p.want.Ident
	var steps []Step
	step := func(k StepKind, stmts ...dialect.Stmt) {
		for _, s := range stmts {
			steps = append(steps, b.step(k, ident, s))
		}
	}
	if p.have == nil {
		step(CreateBackup, b.d.CreateTable(p.want))
	}
	for _, r := range p.rename {
		step(WidenBackup, dialect.RenameColumn(b.d, ident, r[0], r[1]))
	}
	if p.rebuild == rebuildNeeded {
		step(WidenBackup, b.d.Rebuild(p.renamed(), p.want)...)
	} else if p.have != nil {
		for _, c := range p.add {
			step(WidenBackup, dialect.AddColumn(b.d, ident, c))
		}
	}
	if p.index == indexNeeded {
		kind := WidenBackup
		if p.have == nil {
			kind = CreateBackup
		}
		step(kind, b.d.CreateIndex(ident, dialect.Index{Name: ledger.SnapshotIndex(b.d, ident.Name), Columns: []string{p.names.Version}}))
	}
	return steps
}

// renamed is the backup table after its metadata columns are renamed.
func (p backup) renamed() dialect.Table {
	t := *p.have
	t.Columns, t.Indexes = slices.Clone(t.Columns), slices.Clone(t.Indexes)
	for i := range t.Columns {
		t.Columns[i].Name = p.want.Columns[i].Name
	}
	for i := range t.Indexes {
		t.Indexes[i].Columns = slices.Clone(t.Indexes[i].Columns)
		for _, r := range p.rename {
			if at := slices.Index(t.Indexes[i].Columns, r[0]); at >= 0 {
				t.Indexes[i].Columns[at] = r[1]
			}
		}
	}
	return t
}

// metadataNames returns the names of a new backup table's metadata columns, with the
// prefix "backup_" for those that the original has too.
func metadataNames(d dialect.Dialect, t dialect.Table) [4]string {
	names := ledger.MetadataNames()
	for i := range names {
		names[i] = dialect.FreeName(d.SameName, "backup_", names[i], t)
	}
	return names
}

// makeWay renames metadata columns whose name the original now uses. It adds
// snapshot_version to a backup table that another program created.
func (b *backup) makeWay(d dialect.Dialect, t dialect.Table, places ledger.MetadataPlaces) {
	for _, at := range places {
		old := b.want.Columns[at].Name
		if _, taken := t.Column(old, d.SameName); taken {
			b.want.Columns[at].Name = dialect.FreeName(d.SameName, "backup_", old, t, b.want)
			b.rename = append(b.rename, [2]string{old, b.want.Columns[at].Name})
		}
	}
	b.want.PrimaryKey = []string{b.want.Columns[ledger.IDColumn].Name}
	if places.HasVersion() {
		return
	}
	names := ledger.MetadataNames()
	names[ledger.VersionColumn] = dialect.FreeName(d.SameName, "backup_", names[ledger.VersionColumn], t, b.want)
	fresh := d.BackupTable(dialect.Table{}, b.want.Ident, names)
	b.add = append(b.add, fresh.Columns[ledger.VersionColumn])
}

// widen adds the columns that the backup table lacks, and has it rebuilt if one of its
// columns could change or reject a value.
func (b *backup) widen(d dialect.Dialect, t dialect.Table, places ledger.MetadataPlaces) error {
	for _, c := range t.Columns {
		at := slices.IndexFunc(b.want.Columns, func(h dialect.Column) bool { return d.SameName(h.Name, c.Name) })
		if at < 0 {
			fresh, _, err := b.keeping(d, t, d.BackupColumn(c), c) // the same type may store less in another kind of table
			if err != nil {
				return err
			}
			b.add = append(b.add, fresh)
			continue
		}
		column, rebuild, err := b.keeping(d, t, b.want.Columns[at], c)
		if err != nil {
			return err
		}
		if b.want.Columns[at] = column; rebuild {
			b.rebuild = rebuildNeeded
		}
	}
	for i, c := range b.want.Columns {
		if !c.Nullable && !slices.Contains(places, i) {
			b.want.Columns[i].Nullable = true
			b.rebuild = rebuildNeeded
		}
	}
	return nil
}

// keeping is the backup's column for the values of c: have, or a wider one.
func (b *backup) keeping(d dialect.Dialect, t dialect.Table, have, c dialect.Column) (column dialect.Column, wider bool, err error) {
	ok, column := d.CanStore(*b.have, t, have, c)
	if !ok && column.Type == "" {
		return column, false, fmt.Errorf("its backup table %q cannot keep the column %q: the type there is %s, in the table it is %s, and no type keeps the values of both; "+
			"rename the backup table, so that a new one is made (its snapshots stay under the new name)", b.have.Ident.Name, c.Name, have.Type, c.Type)
	}
	return column, !ok, nil
}

// snapshotDetails adds the upload that a snapshot's rows came from. Rows that no run has
// loaded have no doc_id and are version 0. After a restore of them they are a new
// version, and still have no doc_id.
func (b builder) snapshotDetails(copied Details) (Details, []LookedUpDetail) {
	if b.portable() {
		return copied, []LookedUpDetail{
			{Field: "version", JSON: b.words.Var(keptNewest)}, {Field: "doc_id", JSON: b.words.JSONText(b.words.Var(keptDoc))},
			{Field: "upload_timestamp", JSON: b.words.JSONText(b.words.Var(keptTimestamp))},
		}
	}
	copied.Version = b.replaces()
	last := b.in.Target.Ledger.Last
	if last == nil || last.DocID == "" {
		return copied, nil
	}
	copied.DocID = &last.DocID
	if words, ok := dialect.As[dialect.Portable](b.d); ok && b.timestampToCome() {
		return copied, []LookedUpDetail{{Field: "upload_timestamp", JSON: words.JSONText(b.lastTimestamp())}}
	}
	copied.UploadTimestamp = &last.UploadTimestamp
	return copied, nil
}

// timestampToCome reports whether the last upload has not run yet and has no timestamp of
// its own. It will then get the time of its run.
func (b builder) timestampToCome() bool {
	last := b.in.Target.Ledger.Last
	return last != nil && last.DocID != "" && last.UploadTimestamp == ""
}

func (b builder) lastTimestamp() string {
	return ledger.TimestampOf(b.d, b.ident().Name, b.in.Target.Ledger.Last.Number)
}

// SnapshotCopy is the copy that a step's details describe, into a table with these
// metadata columns.
func SnapshotCopy(copied Details, from, to dialect.Ident, names MetadataColumns) dialect.Copy {
	text := func(s *string) rowsource.Value {
		if s == nil {
			return rowsource.Value{}
		}
		return rowsource.Text(*s)
	}
	c := dialect.Copy{From: from, To: to, Columns: copied.Columns, Fixed: []dialect.FixedValue{
		{Column: names.DocID, Value: text(copied.DocID)}, {Column: names.Timestamp, Value: text(copied.UploadTimestamp)}, {Column: names.Version},
	}}
	if copied.Version != nil {
		c.Fixed[2].Value = rowsource.Integer(*copied.Version)
	}
	return c
}
