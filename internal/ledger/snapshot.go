package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// Reader reads snapshots of one table. Target is the table as inspected.
type Reader struct {
	Conn    dialect.Conn
	Dialect dialect.Backend
	Target  dialect.Target
}

// Snapshot finds the rows of an earlier version in the backup table or in a preserved
// table, and the columns that the version had. The error says in a sentence why there are
// none.
func (r Reader) Snapshot(ctx context.Context, v Version) (SnapshotRows, error) {
	s := SnapshotRows{Version: v.Number, DocID: deref(v.DocID), Timestamp: deref(v.UploadTimestamp), Layout: BackupLayout}
	if s.DocID == "" {
		s.Timestamp = "" // the timestamp is that of a restore of rows that came from no upload
	}
	var err error
	var copied *Step
	if v.replacedBy != nil {
		if copied, err = copiedBy(ctx, r.Conn, r.Dialect, r.Target, *v.replacedBy); err != nil {
			return s, err
		}
	}
	if s.Table, err = r.table(ctx, v.Where); err != nil {
		return s, err
	}
	if copied != nil && copied.Kind == string(KeepOld) || copied == nil && r.setAside(s.Table) {
		s.Layout = OwnLayout
		s.Columns = dialect.ColumnNames(s.Table.Columns)
	}
	where, names, err := r.chosen(s, v)
	if err != nil {
		return s, err
	}
	if err := r.Conn.QueryRowContext(ctx, "SELECT "+dialect.RowsWhere(r.Dialect, s.Table.Ident, where)).Scan(&s.Rows); err != nil {
		return s, fmt.Errorf("count the rows of %s in %q: %w", v.name(), v.Where, err)
	}
	if err := v.complete(s.Rows); err != nil {
		return s, err
	}
	if s.Columns == nil && copied != nil {
		known, _ := copied.Known() // no columns if an older tablesnap did not record them
		if s.Columns, err = inTable(r.Dialect, s.Table, known.Columns); err != nil {
			return s, fmt.Errorf("%s had %w", v.name(), err)
		}
	}
	if s.Columns == nil {
		s.Columns, err = r.usedColumns(ctx, s.Table, where, names)
	}
	return s, err
}

// setAside reports whether a table that keeps a version is the renamed original, and not
// a copy that a run made.
func (r Reader) setAside(t dialect.Table) bool {
	in := r.Target
	in.Backup = &t
	_, isCopy := SnapshotColumns(r.Dialect, in)
	return !isCopy && slices.Contains(r.Target.Preserved, t.Ident.Name)
}

// complete returns an error if rows of a snapshot were deleted.
func (v Version) complete(rows int64) error {
	if v.replacedBy == nil || v.replacedBy.RowsBackedUp == nil || *v.replacedBy.RowsBackedUp == rows {
		return nil
	}
	return fmt.Errorf("%s had %s when it was backed up, and %q has %d of them", v.name(), dialect.Rows(*v.replacedBy.RowsBackedUp), v.Where, rows)
}

// copiedBy is the step of a run that copied the replaced rows or kept them.
func copiedBy(ctx context.Context, c dialect.Conn, d dialect.Backend, t dialect.Target, run Run) (*Step, error) {
	if err := run.ReadSteps(ctx, c, d, t); err != nil {
		return nil, err
	}
	for _, s := range run.Steps {
		switch StepKind(s.Kind) {
		case CopyToBackup, CopyToPreserve, KeepOld:
			if s.State == string(Done) {
				return &s, nil
			}
		}
	}
	return nil, nil
}

func (r Reader) table(ctx context.Context, name string) (dialect.Table, error) {
	if b := r.Target.Backup; b != nil && b.Ident.Name == name {
		return *b, nil
	}
	t, err := r.Dialect.Inspect(ctx, r.Conn, dialect.Named(name))
	if err == nil && t.Table == nil {
		err = fmt.Errorf("there is no table %q any more", name)
	}
	if err != nil {
		return dialect.Table{}, err
	}
	return *t.Table, nil
}

// chosen is the condition that selects the snapshot's rows, and the names of the table's
// metadata columns.
func (r Reader) chosen(s SnapshotRows, v Version) (where string, names MetadataColumns, err error) {
	if s.Layout == OwnLayout {
		return "", names, nil
	}
	in := r.Target
	in.Backup = &s.Table
	names, ok := SnapshotColumns(r.Dialect, in)
	switch {
	case !ok:
		return "", names, fmt.Errorf("%q is no table of tablesnap's any more", s.Table.Ident.Name)
	case v.Number == nil:
		return OfUpload(r.Dialect, names.Version, names.DocID, s.DocID, names.Timestamp, s.Timestamp), names, nil
	default:
		return dialect.OfVersion(r.Dialect, names.Version, *v.Number), names, nil
	}
}

// inTable returns names in the table's own spelling, and nil for nil. The error names
// columns that are missing: somebody has dropped or renamed them, and their values are
// lost.
func inTable(d dialect.Dialect, t dialect.Table, names []string) (found []string, err error) {
	var missing []string
	for _, n := range names {
		if c, ok := t.Column(n, d.SameName); ok {
			found = append(found, c.Name)
		} else {
			missing = append(missing, fmt.Sprintf("%q", n))
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("columns that %q lacks now: %s; somebody has dropped or renamed them: give them their names back, or bring the table back from a backup of the database", t.Ident.Name, strings.Join(missing, ", "))
	}
	return found, nil
}

// usedColumns guesses a version's columns if the audit does not tell them: those with a
// value in the snapshot, and the table's present nullable columns.
func (r Reader) usedColumns(ctx context.Context, kept dialect.Table, where string, names MetadataColumns) ([]string, error) {
	var columns []string
	for _, c := range kept.Columns {
		if c.Name != names.ID && c.Name != names.DocID && c.Name != names.Timestamp && c.Name != names.Version {
			columns = append(columns, c.Name)
		}
	}
	if len(columns) == 0 {
		return []string{}, nil
	}
	q := SelectNotNull(r.Dialect, kept.Ident, where, columns)
	found, err := collect(ctx, r.Conn, q, func(rows *sql.Rows, counts *[]int64) error {
		*counts = make([]int64, len(columns))
		into := make([]any, len(columns))
		for i := range into {
			into[i] = &(*counts)[i]
		}
		return rows.Scan(into...)
	})
	if err != nil || len(found) != 1 {
		return nil, fmt.Errorf("look which columns of %q are in use: %w", kept.Ident.Name, err)
	}
	used := []string{}
	for i, name := range columns {
		if found[0][i] > 0 || r.takesNull(name) {
			used = append(used, name)
		}
	}
	return used, nil
}

func (r Reader) takesNull(column string) bool {
	if r.Target.Table == nil {
		return false
	}
	c, ok := r.Target.Table.Column(column, r.Dialect.SameName)
	return ok && c.Nullable
}
