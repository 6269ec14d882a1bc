package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
)

// DefaultLimit is the number of versions listed if the user sets no limit.
const DefaultLimit = 50

// Version is one version of a table's contents.
type Version struct {
	// Number is nil for a snapshot that another program put into the backup table before
	// tablesnap adopted it.
	Number          *int64  `json:"version"`
	Event           string  `json:"event"`
	DocID           *string `json:"doc_id"`
	UploadTimestamp *string `json:"upload_timestamp"`
	// Rows is nil if the rows were not counted.
	Rows *int64 `json:"rows"`
	// Where is the table that holds the version's rows now. It is empty if none does.
	Where string `json:"where"`
	Actor string `json:"actor"`
	// When is the end of the run that made the version.
	When string `json:"finished_at"`
	// Set is the set with which the version was made, and SetRun the id that the runs of the
	// set share. They are empty and 0 if there is none.
	Set    string `json:"set,omitempty"`
	SetRun int64  `json:"set_run,omitempty"`
	// Pruned is when a prune deleted the rows. It is empty if none did.
	Pruned string `json:"pruned_at,omitempty"`
	// PartlyPruned is when a prune ended that deleted only some of the rows. Otherwise it
	// is empty.
	PartlyPruned string `json:"partly_pruned_at,omitempty"`
	// Pinned states that prune keeps the version.
	Pinned bool `json:"pinned,omitempty"`
	// OpenRun is set on the version that the table holds, if a run has not ended: it is
	// still active, or was cut off. Otherwise it is 0.
	OpenRun int64 `json:"open_run_id,omitempty"`

	// replacedBy is the run that replaced the version, or nil.
	replacedBy *Run
}

// Present reports whether the table holds the version.
func (v Version) Present(t dialect.Target) bool { return v.Where == t.Ident.Name }

// name is the version's name in messages.
func (v Version) name() string {
	return snapshotName(v.Number, deref(v.DocID), deref(v.UploadTimestamp))
}

// AllVersions means no limit.
const AllVersions = 0

// Versions returns the versions of a table's contents, newest first: those that runs have
// made, the contents before the first run, and the snapshots of another program in an
// adopted backup table. If an open run has already changed the table, the first one is
// its unfinished version.
func Versions(ctx context.Context, c dialect.Conn, d dialect.Backend, t dialect.Target, limit int) ([]Version, error) {
	var runs []Run
	l := locator{ctx: ctx, conn: c, d: d, target: t}
	if t.Ledger.Migration > 0 {
		var err error
		filter := RunFilter{Table: t.Ident.Name, State: Done, Made: MadeVersion, Limit: limit}
		if runs, err = Runs(ctx, c, d, filter); err != nil {
			return nil, err
		}
		if err = AddSets(ctx, c, d, t.Ledger.Migration, runs); err != nil {
			return nil, err
		}
		if l.prunings, err = prunings(ctx, c, d, t); err != nil {
			return nil, err
		}
		if l.pinned, err = Pins(ctx, c, d, t); err != nil {
			return nil, err
		}
		if l.open, err = OpenRun(ctx, c, d, t); err != nil {
			return nil, err
		}
	}
	versions := l.underWay()
	for i, r := range runs {
		v := Version{Number: &r.VersionMade, Event: r.Event, DocID: &r.DocID, UploadTimestamp: &r.UploadTimestamp, When: deref(r.FinishedAt), Actor: deref(r.Actor)}
		v.Rows, v.Set, v.SetRun = r.RowsLoaded, r.Set, r.SetRun
		v.replacedBy = replacing(runs[:i], r.VersionMade)
		l.locate(&v, age(i))
		versions = append(versions, v)
	}
	if v, ok := l.beforeTheFirst(runs); ok {
		versions = append(versions, v)
	}
	versions = append(versions, l.foreign()...)
	if l.open != nil && len(versions) > 0 {
		versions[0].OpenRun = l.open.ID
	}
	if limit > 0 && len(versions) > limit {
		versions = versions[:limit]
	}
	return versions, l.err
}

// age is the number of newer versions.
type age int

// locator finds the table that holds a version's rows. It remembers the first error.
type locator struct {
	ctx      context.Context //nolint:containedctx // it lives as long as one search
	conn     dialect.Conn
	d        dialect.Backend
	target   dialect.Target
	prunings map[int64]pruning
	pinned   []int64
	// open is the run that has not ended, or nil. out is the table with the rows that it
	// has swapped out.
	open *Run
	out  string
	err  error
}

// underWay is the version that an open run has already put into the table, if any.
func (l *locator) underWay() []Version {
	if l.open == nil {
		return []Version{}
	}
	if l.out = l.open.Swapped(l.d, l.target); l.out == "" {
		return []Version{}
	}
	r := *l.open
	v := Version{Number: &r.VersionMade, Event: r.Event, DocID: &r.DocID, UploadTimestamp: &r.UploadTimestamp, Actor: deref(r.Actor), Where: l.target.Ident.Name}
	if load, ok := r.Step(LoadRows); ok {
		v.Rows = load.RowCount
	}
	return []Version{v}
}

// locate fills in where a version's rows are.
func (l *locator) locate(v *Version, at age) {
	v.Pinned = slices.Contains(l.pinned, *v.Number)
	p := l.prunings[*v.Number]
	if v.Pruned = p.done; v.Pruned != "" {
		return
	}
	v.Where = l.where(*v, at)
	switch {
	case p.begun == "":
	case v.Where == "":
		v.Pruned = p.begun // all rows were deleted, but the run could not record it
	case l.lacksRows(*v):
		v.PartlyPruned = p.begun
	}
}

// lacksRows reports whether the backup has fewer rows of a version than were copied to
// it.
func (l *locator) lacksRows(v Version) bool {
	names, ok := SnapshotColumns(l.d, l.target)
	if l.err != nil || !ok || v.Where != l.target.Backup.Ident.Name || v.replacedBy == nil || v.replacedBy.RowsBackedUp == nil {
		return false
	}
	var rows int64
	count := "SELECT " + CountSnapshot(l.d, l.target.Backup.Ident, names.Version, *v.Number)
	l.err = l.conn.QueryRowContext(l.ctx, count).Scan(&rows)
	return l.err == nil && rows < *v.replacedBy.RowsBackedUp
}

// replacing is the run that replaced a version.
func replacing(runs []Run, version int64) *Run {
	for i := range runs {
		if r := runs[i].VersionReplaced; r != nil && *r == version {
			return &runs[i]
		}
	}
	return nil
}

func (l *locator) where(v Version, at age) string {
	if at == 0 && l.out != "" {
		return l.out
	}
	if at == 0 && l.target.Table != nil {
		return l.target.Ident.Name
	}
	if name := l.preserved(v); name != "" {
		return name
	}
	empty := v.Rows != nil && *v.Rows == 0
	if l.inBackup(*v.Number) || empty && l.target.Backup != nil {
		return l.target.Backup.Ident.Name
	}
	return ""
}

// preserved finds the preserved table of a version: the one that the run has created, and
// not another table of such a name. If the audit does not say, it is the last one,
// because a taken name gets a number (see PreservedName).
func (l *locator) preserved(v Version) string {
	named := preservedNames(l.d, l.target, *v.Number)
	if len(named) == 0 || l.err != nil {
		return ""
	}
	last := named[len(named)-1]
	if v.replacedBy == nil {
		return last
	}
	var copied *Step
	if copied, l.err = copiedBy(l.ctx, l.conn, l.d, l.target, *v.replacedBy); copied == nil {
		return last
	}
	if StepKind(copied.Kind) == CopyToBackup {
		return ""
	}
	return madeBy(*copied, named)
}

// preservedNames are the existing tables with a preserved table's name.
func preservedNames(d dialect.Dialect, t dialect.Target, version int64) (named []string) {
	for n := range len(t.Preserved) + 1 {
		if name := PreservedName(d, t.Ident, version, n+1); slices.Contains(t.Preserved, name) {
			named = append(named, name)
		}
	}
	return named
}

// madeBy is the one of the tables that a step has created. It is empty if there is none.
func madeBy(s Step, tables []string) string {
	known, err := s.Known()
	if err != nil || !slices.Contains(tables, known.Table) {
		return ""
	}
	return known.Table
}

func (l *locator) inBackup(version int64) bool {
	if l.target.Backup == nil || l.err != nil {
		return false
	}
	names, ok := SnapshotColumns(l.d, l.target)
	if !ok || names.Version == "" {
		return false
	}
	found, err := collect(l.ctx, l.conn, HasSnapshot(l.d, l.target.Backup.Ident, names.Version, version),
		func(rows *sql.Rows, n *int64) error { return rows.Scan(n) })
	l.err = err
	return len(found) > 0
}

// beforeTheFirst is version 0: the contents that the first upload replaced, or those of a
// table that was never uploaded to.
func (l *locator) beforeTheFirst(runs []Run) (Version, bool) {
	zero := int64(0)
	if len(runs) == 0 {
		ok := l.target.Table != nil
		return Version{Number: &zero, Where: cmp.Or(l.out, l.target.Ident.Name), Pinned: slices.Contains(l.pinned, 0)}, ok
	}
	first := runs[len(runs)-1]
	if first.VersionReplaced == nil || *first.VersionReplaced != 0 {
		return Version{}, false
	}
	v := Version{Number: &zero, Rows: first.RowsBackedUp, replacedBy: &first}
	l.locate(&v, age(len(runs)))
	return v, true
}

// foreign are the snapshots that another program left in the backup table.
func (l *locator) foreign() []Version {
	if l.target.Backup == nil || l.err != nil {
		return nil
	}
	names, ok := SnapshotColumns(l.d, l.target)
	if !ok {
		return nil
	}
	q := SelectForeignSnapshots(l.d, l.target.Backup.Ident, names.DocID, names.Timestamp, names.Version)
	found, err := collect(l.ctx, l.conn, q, func(rows *sql.Rows, v *Version) error {
		v.Where = l.target.Backup.Ident.Name
		return rows.Scan(&v.DocID, &v.UploadTimestamp, &v.Rows)
	})
	l.err = err
	return found
}

func deref[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}
