package plan

import (
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Input is all that [Build] looks at.
type Input struct {
	// Target is what inspection found.
	Target dialect.Target
	// Namesakes are the tables that may have been meant, where the target's does not
	// exist.
	Namesakes dialect.Namesakes
	// Source is the manifest of the file.
	Source rowsource.Manifest
	Kind   Kind
	DocID  string
	// Null is the text that meant NULL when the source was measured, nil for
	// the source's own way.
	Null *string
	// Renames are those of the source, where some of its columns have other names in
	// the file (see [rowsource.Renamed]).
	Renames map[string]string
	// Timestamp is the caller's upload_timestamp, kept as given. Empty means
	// the time of the run, so that a plan does not depend on a clock.
	Timestamp string
	Actor     string
	// Goose is the goose migration that runs the plan, nil where none does or nobody
	// knows which.
	Goose *GooseMigration
	// Tool is the version of tablesnap, for the run's row.
	Tool    string
	Options Options
	// Sample is what the first rows of the table hold in the columns that the
	// source lacks, nil where nobody has looked.
	Sample *Sample
	// Counted is how many rows the table has, counted up to [CountTo]; nil where
	// nobody has counted.
	Counted *int64
}

// Options are the choices that have a default.
type Options struct {
	// Strategy is how the rows are replaced; empty means the family's default.
	Strategy dialect.Strategy
	// Create lets an upload make the table where it does not exist; without it such
	// an upload is refused, since the name may be a slip of the pen.
	Create bool
	// NewColumns says what happens to columns of the file that the table lacks.
	NewColumns NewColumns
	// OnBackupFailure is Preserve, Abort or Continue; empty means Preserve.
	OnBackupFailure Policy
	// OnDropColumnFailure is Continue or Abort; empty means Continue.
	OnDropColumnFailure Policy
	// Clear is how the old rows go; empty means ClearByDelete.
	Clear ClearMode
	// DropColumns is when the kind's columns go; empty means DropFirst.
	DropColumns DropOrder
	// MaxShrink is the least that the source may have of the table's rows, in
	// percent; nil means 50.
	MaxShrink *int
	// Allow names the hazards that do not stop the upload.
	Allow []Code
	// Binding says to what the plan is bound; empty means BoundToVersion.
	Binding Binding
	// ChunkRows is how many rows a transaction of a swap or a prune may have at most;
	// zero means 100,000, and 50,000 in a prune. In place, all rows are one transaction.
	ChunkRows int
	// Retention has an upload delete older snapshots at its end.
	Retention Retention
	// LockTimeout is how long a statement waits for another session; zero
	// means 10 seconds.
	LockTimeout time.Duration
	// Lease is how long a run that shows no sign of life has the table, before another
	// one or a recovery may take it over; zero means a minute, or twice the LockTimeout.
	// It counts where a run commits in several transactions.
	Lease time.Duration
}

// Binding says in which databases a plan may run.
type Binding string

const (
	// BoundToVersion is for the one database that was inspected, as it was then.
	BoundToVersion Binding = ""
	// BoundToColumns is for every database in which the table has the columns that
	// were reviewed: versions, the uploads before and whether there is a backup
	// table are looked up as the plan runs.
	BoundToColumns Binding = "columns"
)

// NewColumns says what happens to columns of the file that the table lacks.
type NewColumns string

// The choices for NewColumns.
const (
	RefuseNewColumns NewColumns = ""
	AddNewColumns    NewColumns = "add"
)

// ClearMode is how the old rows are taken out of the table.
type ClearMode string

// The ways to clear a table. A delete leaves readers alone; a truncate is
// quicker and leaves no dead rows, where the database can undo it.
const (
	ClearByDelete   ClearMode = "delete"
	ClearByTruncate ClearMode = "truncate"
)

// DropOrder is when columns are dropped, where that can be ahead of the load.
type DropOrder string

// A column is dropped before the load, or after it: then readers wait only for the
// drop.
const (
	DropFirst DropOrder = "first"
	DropLast  DropOrder = "last"
)

const defaultMaxShrink = 50

// DefaultLockTimeout is how long a run waits for another where the user set no
// time.
const DefaultLockTimeout = 10 * time.Second

// DefaultChunkRows is how many rows a transaction of a swap has where the user
// chose no number: what TiDB and the nodes of a cluster take without ado.
const DefaultChunkRows = 100_000

func (o Options) withDefaults(d dialect.Dialect) Options {
	if o.Strategy == "" {
		o.Strategy = d.Facts().Strategies[0]
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
	if o.LockTimeout == 0 {
		o.LockTimeout = DefaultLockTimeout
	}
	if o.Lease == 0 {
		o.Lease = max(DefaultLease, 2*o.LockTimeout) // a statement may wait that long
	}
	if o.ChunkRows == 0 && o.Strategy == dialect.Swap {
		o.ChunkRows = DefaultChunkRows
	}
	return o
}

// DefaultSession are the settings of a session where the user chose none.
func DefaultSession() dialect.SessionOptions {
	return dialect.SessionOptions{LockTimeout: DefaultLockTimeout}
}
