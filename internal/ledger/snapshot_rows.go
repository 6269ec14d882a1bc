package ledger

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/tablesnap/tablesnap/dialect"
)

// SnapshotRows is a version to restore, and where its rows are.
type SnapshotRows struct {
	// Version is nil for a snapshot of another program, which is identified by its doc_id
	// and timestamp.
	Version *int64
	// DocID and Timestamp are those of the upload that the rows came from. They are empty
	// if the rows came from no upload.
	DocID, Timestamp string
	// SHA256 is that of the file that the rows came from, if any.
	SHA256 string
	Rows   int64
	Count  Count
	// Table holds the rows.
	Table  dialect.Table
	Layout Layout
	// Columns are the table's columns in that version.
	Columns []string
}

// Name is the snapshot's name in messages.
func (s SnapshotRows) Name() string { return snapshotName(s.Version, s.DocID, s.Timestamp) }

func snapshotName(version *int64, docID, timestamp string) string {
	if version == nil {
		return fmt.Sprintf("the snapshot %q of %q", docID, timestamp)
	}
	return fmt.Sprintf("version %d", *version)
}

// Count says who counts the rows of a snapshot.
type Count string

const (
	// Counted means that Rows is known, and the snapshot must have as many rows.
	Counted Count = ""
	// CountedByRun means that the run itself makes the snapshot. It must have the rows
	// that the run copies to it.
	CountedByRun Count = "by the run"
)

// Layout says what columns a table with snapshots has.
type Layout string

const (
	// BackupLayout has the metadata columns first.
	BackupLayout Layout = "backup"
	// OwnLayout has only the original's columns: the table was kept whole.
	OwnLayout Layout = "own"
)

// PreservedName is {table}_preserved_v{version}, with n added from the second name on,
// for when earlier names are taken.
func PreservedName(d dialect.Dialect, table dialect.Ident, version int64, n int) string {
	suffix := dialect.PreservedSuffix + strconv.FormatInt(version, 10)
	if n > 1 {
		suffix += "_" + strconv.Itoa(n)
	}
	return dialect.SuffixedName(d, table.Name, suffix)
}

// FreePreservedName is the first unused name for a preserved table of a version.
func FreePreservedName(d dialect.Dialect, t dialect.Target, version int64) string {
	n := 1
	for slices.Contains(t.Preserved, PreservedName(d, t.Ident, version, n)) {
		n++
	}
	return PreservedName(d, t.Ident, version, n)
}
