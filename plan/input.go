package plan

import (
	"slices"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Input is everything that [Build] looks at.
type Input struct {
	// Target is the result of inspection.
	Target dialect.Target
	// Namesakes are the tables that the user may have meant, if the target's table does
	// not exist.
	Namesakes dialect.Namesakes
	// Source is the manifest of the file, without the rows that are left out.
	Source rowsource.Manifest
	Kind   Kind
	DocID  string
	// Timestamp is the caller's upload_timestamp, stored unchanged. If it is empty, the
	// time of the run is used, so that a plan does not depend on a clock.
	Timestamp string
	Actor     string
	// Set is the set that the upload is a part of, or nil if it is none.
	Set *Membership
	// Goose is the goose migration that runs the plan. It is nil if there is none or it
	// is unknown.
	Goose *GooseMigration
	// Tool is the version of tablesnap, for the run's row.
	Tool    string
	Options Options
	// Sample is what the table's first rows hold in columns that the source lacks, or nil
	// if they were not read.
	Sample *Sample
	// Counted is the table's row count up to [CountTo], or nil if the rows were not
	// counted.
	Counted *int64
}

// Options are choices with a default.
type Options struct {
	// Strategy is how the rows are replaced. If it is empty, it is the family's default.
	Strategy dialect.Strategy
	// Create lets an upload create a missing table. Otherwise the upload is refused,
	// since the name may be a typo.
	Create bool
	// Types says which types the columns of a table get that the upload creates, and
	// PrimaryKey names those of its primary key. They change nothing about a table that
	// exists.
	Types      Types
	PrimaryKey []string
	// NewColumns says what happens to columns of the file that the table lacks.
	NewColumns NewColumns
	// Backup says how a swap keeps the old rows. The default is BackupRows.
	Backup BackupMode
	// OnBackupFailure is Preserve (the default), Abort or Continue. There is nothing to
	// choose if the old table itself is kept.
	OnBackupFailure Policy
	// OnDropColumnFailure is Continue (the default) or Abort.
	OnDropColumnFailure Policy
	// Clear is how the old rows are deleted. The default is ClearByDelete.
	Clear ClearMode
	// DropColumns is when the kind's columns are dropped. The default is DropFirst.
	DropColumns DropOrder
	// MaxShrink is the minimum size of the source in percent of the table's rows. If it
	// is nil, it is 50.
	MaxShrink *int
	// MaxBadRows is the most rows that may be left out because the table cannot take them.
	// If there are more, that is the hazard [BadRows]. If it is zero and the hazard is not
	// allowed, the first one ends the planning.
	MaxBadRows int64
	// Key are the columns by which a sync matches rows. If it is empty, it is the primary
	// key, or a unique key without NULLs.
	Key []string
	// MaxChange is the most rows that a sync may delete or update, in percent of the
	// table's rows. If it is nil, there is no limit.
	MaxChange *int
	// Checks are the conditions that the new rows must meet. They are made by uploads only:
	// a restore brings rows back that stood in the table.
	Checks []Check
	// Before and After are statements that run before the upload and after its commit, each
	// in a transaction of its own. {table} stands for the table. If one of After fails, that
	// is a warning.
	Before, After []string
	// Allow lists the hazards that do not stop the upload.
	Allow []Code
	// Binding says in which databases the plan may run. The default is BoundToVersion.
	Binding Binding
	// ChunkRows is the maximum number of rows in a transaction of a swap or a prune. If
	// it is zero, it is 100,000, and 50,000 for a prune. In place, all rows are one
	// transaction.
	ChunkRows int
	// IndexesAfter is the least number of rows for which a swap, or an upload in place, makes
	// the table's indexes after the rows, on databases where that is faster. If it is zero, it
	// is 50,000. A restore always does so.
	IndexesAfter int64
	// Retention says which old snapshots the upload deletes at its end.
	Retention Retention
	// LockTimeout is how long a statement waits for another session's lock. If it is
	// zero, it is 10 seconds.
	LockTimeout time.Duration
	// Lease is how long a run that shows no sign of life has the table, before another
	// one or a recovery may take it over; zero means a minute, or twice the LockTimeout.
	// It counts where a run commits in several transactions.
	Lease time.Duration
}

// Binding says in which databases a plan may run.
type Binding string

const (
	// BoundToVersion allows only the inspected database, with the same version of the
	// table.
	BoundToVersion Binding = ""
	// BoundToColumns allows every database in which the table has the reviewed columns.
	// The plan looks up versions, earlier uploads and the backup table as it runs.
	BoundToColumns Binding = "columns"
	// BoundToNone allows no database: the plan is to be compared. It leaves out what
	// changes by itself, such as version numbers, earlier doc_ids and row counts, and has
	// those of a first upload. So it changes only with the source, the options, the
	// definition of the table, the kind of server and the version of tablesnap.
	BoundToNone Binding = "none"
)

// NewColumns says what happens to columns of the file that the table lacks.
type NewColumns string

// The choices of NewColumns.
const (
	RefuseNewColumns NewColumns = ""
	AddNewColumns    NewColumns = "add"
)

// BackupMode is how the rows that an upload replaces are kept.
type BackupMode string

const (
	// BackupRows copies them to the backup table.
	BackupRows BackupMode = "rows"
	// BackupTable keeps the table that a swap replaces, under a name of its own. That takes a
	// rename, however many rows there are. If the family can roll definitions back, it is
	// refused for a table to which anything is tied, and needs [dialect.Target.Making].
	BackupTable BackupMode = "table"
)

// ClearMode is how the old rows are deleted.
type ClearMode string

// The ways to clear a table. DELETE does not block readers. TRUNCATE is faster and leaves
// no dead rows; it is allowed only if the database can roll it back.
const (
	ClearByDelete   ClearMode = "delete"
	ClearByTruncate ClearMode = "truncate"
)

// DropOrder is when columns are dropped, if the database can drop them before the load.
type DropOrder string

// Columns are dropped before the load, or after it. After it, readers wait only for the
// drop.
const (
	DropFirst DropOrder = "first"
	DropLast  DropOrder = "last"
)

const defaultMaxShrink = 50

// DefaultLockTimeout is how long a run waits for locks if the user sets no timeout.
const DefaultLockTimeout = 10 * time.Second

// DefaultChunkRows is the number of rows in a transaction of a swap if the user sets
// none. TiDB and the nodes of a cluster can handle it.
const DefaultChunkRows = 100_000

// defaultIndexesAfter is the number of rows from which on two more changes of a
// definition take less time than the indexes.
const defaultIndexesAfter = 50_000

func (o Options) withDefaults(d dialect.Dialect) Options {
	if o.Strategy == "" {
		o.Strategy = d.Facts().Strategies[0]
	}
	if o.Backup == BackupTable { // it is a rename, and without it the run does not end
		o.OnBackupFailure = Abort
	}
	if o.OnBackupFailure == "" {
		o.OnBackupFailure = Preserve
	}
	if o.OnDropColumnFailure == "" {
		o.OnDropColumnFailure = Continue
	}
	if o.MaxShrink == nil {
		percent := defaultMaxShrink
		o.MaxShrink = &percent
	}
	o.MaxChange = leastChange(o)
	if o.LockTimeout == 0 {
		o.LockTimeout = DefaultLockTimeout
	}
	if o.Lease == 0 {
		o.Lease = max(DefaultLease, 2*o.LockTimeout) // a statement may wait that long
	}
	if o.IndexesAfter == 0 {
		o.IndexesAfter = defaultIndexesAfter
	}
	if o.ChunkRows == 0 && d.Facts().CommitsDefinitions && (o.Strategy == dialect.Swap || o.Strategy == dialect.Sync) {
		o.ChunkRows = DefaultChunkRows
	}
	return o
}

// LeavesOut reports whether rows that the table cannot take may be left out, if there are
// not too many.
func (o Options) LeavesOut() bool { return o.MaxBadRows > 0 || slices.Contains(o.Allow, BadRows) }

// DefaultSession are the session settings if the user sets none.
func DefaultSession() dialect.SessionOptions {
	return dialect.SessionOptions{LockTimeout: DefaultLockTimeout}
}
