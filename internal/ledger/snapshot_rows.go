package ledger

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/tablesnap/tablesnap/dialect"
)

// SnapshotRows is a version that a restore brings back, and where its rows are.
type SnapshotRows struct {
	// Version is nil for a snapshot of another program, which is known by its
	// doc_id and timestamp.
	Version *int64
	// DocID and Timestamp are those of the upload whose rows they are, empty
	// where they are nobody's.
	DocID, Timestamp string
	// SHA256 is that of the file that the rows came from, if they did.
	SHA256 string
	Rows   int64
	Count  Count
	// Table holds the rows.
	Table  dialect.Table
	Layout Layout
	// Columns are those that the table had in that version.
	Columns []string
}

// Name is what the snapshot is called in messages.
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
	// Counted: they were counted, and have to be as many.
	Counted Count = ""
	// CountedByRun: they are not in the snapshot yet. They have to be those that
	// are copied to it.
	CountedByRun Count = "by the run"
)

// Layout says how a table holds snapshots.
type Layout string

const (
	// BackupLayout begins with the metadata columns.
	BackupLayout Layout = "backup"
	// OwnLayout is that of the original: a table that was kept whole.
	OwnLayout Layout = "own"
)

// PreservedName is {table}_preserved_v{version}, and the nth name where those
// before it are taken.
func PreservedName(d dialect.Dialect, table dialect.Ident, version int64, n int) string {
	suffix := dialect.PreservedSuffix + strconv.FormatInt(version, 10)
	if n > 1 {
		suffix += "_" + strconv.Itoa(n)
	}
	return dialect.SuffixedName(d, table.Name, suffix)
}

// FreePreservedName is the first name for the preserved rows of a version that is
// free.
func FreePreservedName(d dialect.Dialect, t dialect.Target, version int64) string {
	n := 1
	for slices.Contains(t.Preserved, PreservedName(d, t.Ident, version, n)) {
		n++
	}
	return PreservedName(d, t.Ident, version, n)
}
