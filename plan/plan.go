package plan

import (
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Format is the format of [Plan] as JSON. It grows with every change that an
// older tablesnap would read wrongly.
const Format = 3

// Plan is one upload, restore, backup or prune as groups of steps. It is a
// value: the same input gives the same bytes.
type Plan struct {
	Format int `json:"format"`
	// Tool is the version of tablesnap that made the plan.
	Tool      string    `json:"tool"`
	Operation Operation `json:"operation"`
	Upload    Upload    `json:"upload"`
	// Restored says what a restore brings back.
	Restored *Restored `json:"restored,omitempty"`
	// Binding says in which databases the plan may run.
	Binding Binding `json:"binding,omitempty"`
	// Server, Table, TableHash and Ledger are what was found when the plan was
	// made. It runs only against the same.
	Server    dialect.Server `json:"server"`
	Table     *dialect.Table `json:"table"`
	TableHash string         `json:"table_hash,omitempty"`
	Backup    *dialect.Table `json:"backup"`
	Ledger    dialect.Ledger `json:"ledger"`
	// Session makes the session known before anything else runs in it.
	Session []dialect.Stmt `json:"session"`
	// Place holds in the session: the table and tablesnap's own tables are of one
	// schema.
	Place  []Assertion `json:"place,omitempty"`
	Groups []Group     `json:"groups"`
	// Lock keeps other runs off the table while the run goes on, and Unlock lets
	// them on; empty where the transaction's own locks are enough.
	Lock   []dialect.Stmt `json:"lock,omitempty"`
	Unlock []dialect.Stmt `json:"unlock,omitempty"`
	// NoneCutOff holds under the lock: whatever run is open has lost its session.
	NoneCutOff []Assertion `json:"none_cut_off,omitempty"`
	// LockTimeout is how long the run waits for others, in nanoseconds.
	LockTimeout time.Duration `json:"lock_timeout_ns,omitempty"`
	// LeaseFor is how long the run has the table without a sign of life, in
	// nanoseconds; zero where the transaction's own locks are enough. NoneOther holds
	// once the run has the lease: no other run is open, on whatever node it began.
	LeaseFor  time.Duration `json:"lease_ns,omitempty"`
	NoneOther []Assertion   `json:"none_other,omitempty"`
	// Preserve runs in place of the backup, where that fails and the upload
	// says [Preserve].
	Preserve []Step `json:"preserve,omitempty"`
	// Retention says which older snapshots the upload deletes at its end.
	Retention *Retained `json:"retention,omitempty"`
	Hazards   []Hazard  `json:"hazards,omitempty"`
	Warnings  []Warning `json:"warnings,omitempty"`
}

// Operation is what a plan does.
type Operation string

const (
	// OpUpload replaces all rows of a table with the rows of a source.
	OpUpload Operation = "upload"
	// OpRestore replaces them with those of a snapshot.
	OpRestore Operation = "restore"
	// OpBackup takes a snapshot and leaves the table alone.
	OpBackup Operation = "backup"
	// OpPrune deletes snapshots.
	OpPrune Operation = "prune"
	// OpPin keeps a version from being pruned. It is no plan: it changes one row
	// of tablesnap's own.
	OpPin Operation = "pin"
	// OpDiff compares, and is no plan either.
	OpDiff Operation = "diff"
	// OpMigrate makes tablesnap's own tables.
	OpMigrate Operation = "migrate"
	// OpRecover brings a run that was cut off to its end, or back.
	OpRecover Operation = "recover"
)

// replacesRows reports whether the operation changes the rows of the table.
func (o Operation) replacesRows() bool { return o == OpUpload || o == OpRestore }

// Upload is what the user asked for. A restore is an upload whose source is a
// snapshot.
type Upload struct {
	Table dialect.Ident `json:"table"`
	Kind  Kind          `json:"kind"`
	DocID string        `json:"doc_id"`
	// Timestamp is kept as given; empty means the time of the run.
	Timestamp string             `json:"upload_timestamp"`
	Source    rowsource.Manifest `json:"source"`
	// Null is the text that means NULL in the source, nil for the source's own
	// way: the same file read with another is another upload.
	Null *string `json:"null,omitempty"`
	// Renames are the source's columns that go into a column of another name.
	Renames map[string]string `json:"renames,omitempty"`
	// Actor is who uploads, empty where the plan leaves that to the run.
	Actor string `json:"actor,omitempty"`
	// Version is the number of the contents that the upload makes.
	Version int64 `json:"version"`
	// Replaces is the number of the contents that stood there before, nil
	// where there was no table.
	Replaces            *int64           `json:"replaces"`
	Strategy            dialect.Strategy `json:"strategy"`
	OnBackupFailure     Policy           `json:"on_backup_failure"`
	OnDropColumnFailure Policy           `json:"on_drop_column_failure"`
	Clear               ClearMode        `json:"clear,omitempty"`
	DropColumns         DropOrder        `json:"drop_columns,omitempty"`
	MaxShrink           int              `json:"max_shrink_percent"`
	Allow               []Code           `json:"allow,omitempty"`
}

// Policy is what a run does when a step fails.
type Policy string

const (
	// Abort stops the run and leaves the table as it was.
	Abort Policy = "abort"
	// Preserve keeps the old rows in a table of their own and goes on.
	Preserve Policy = "preserve"
	// Continue goes on without.
	Continue Policy = "continue"
)

// Group is a run of steps that commit together.
type Group struct {
	// Auto states that the group's one statement commits by itself.
	Auto bool `json:"auto,omitempty"`
	// Begin opens the group's transaction.
	Begin []dialect.Stmt `json:"begin,omitempty"`
	// Before must hold when the group begins, inside its transaction.
	Before []Assertion `json:"before,omitempty"`
	Steps  []Step      `json:"steps"`
}

// CountsRows reports whether the database tells how many rows the step touched.
func (s Step) CountsRows() bool { return s.Kind.ChangesRows() && !s.Uncounted }

// EventBackup is what a copy to the backup is logged as.
const EventBackup = "DATA_BACKUP"

// Step is one SQL statement.
type Step struct {
	Seq int `json:"seq"`
	// ID names the step in messages: its number and kind.
	ID    string        `json:"id"`
	Kind  StepKind      `json:"kind"`
	Table dialect.Ident `json:"table"`
	Event string        `json:"event,omitempty"`
	// Note says what a reader would wonder about.
	Note string `json:"note,omitempty"`
	// Setup prepares the step's statement.
	Setup []dialect.Stmt `json:"setup,omitempty"`
	// SQL is exactly what is printed and what is sent; of a load, its shape.
	SQL         string `json:"sql"`
	AutoCommits bool   `json:"auto_commits,omitempty"`
	// Uncounted states that the database does not count the rows of this step.
	Uncounted bool `json:"uncounted,omitempty"`
	// Chunks is set where a run copies piece by piece what a script copies at once.
	Chunks *dialect.Chunks `json:"chunks,omitempty"`
	// GiveUpAfter is how long a run waits for the statement, in nanoseconds, where
	// no timeout of the session bounds it; zero means as long as it takes.
	GiveUpAfter time.Duration `json:"give_up_after_ns,omitempty"`
	// Counts is an SQL expression for the rows of a statement that counts none.
	Counts string `json:"counts,omitempty"`
	// Load is set for a load whose rows come from outside of the database: they
	// are those of the source. The load of a restore is a copy, all in SQL.
	Load   *LoadSpec   `json:"load,omitempty"`
	Before []Assertion `json:"before,omitempty"`
	After  []Assertion `json:"after,omitempty"`
	// Stage names the steps that fail together, one savepoint for all of them;
	// OnFailure says what then happens. Empty: a failure ends the run.
	Stage     Stage  `json:"stage,omitempty"`
	OnFailure Policy `json:"on_failure,omitempty"`
	// Details are written into the step's audit row, with the fields that only the
	// database knows.
	Details  Details          `json:"details,omitzero"`
	LookedUp []LookedUpDetail `json:"looked_up,omitempty"`
	// IfStopped says what holds if the run stops here.
	IfStopped string `json:"if_stopped"`
}

// Stage names steps that fail together. Each dropped column is a stage of its
// own.
type Stage string

// BackupStage is all that the backup takes.
const BackupStage Stage = "backup"

// LoadSpec says where a source's rows go.
type LoadSpec struct {
	Columns []string `json:"columns"`
	// Fixed columns get the same value in every row, until they are dropped.
	Fixed  []dialect.FixedValue `json:"fixed,omitempty"`
	Rows   int64                `json:"rows"`
	SHA256 string               `json:"sha256"`
	// ChunkRows is how many rows a transaction may have; zero means all.
	ChunkRows int `json:"chunk_rows,omitempty"`
	// Twin is set where the rows are loaded once more, to compare with them what
	// triggers have made of the others.
	Twin *Twin `json:"twin,omitempty"`
}

// Twin is a temporary table of the columns that are loaded.
type Twin struct {
	Table  dialect.Table  `json:"table"`
	Create []dialect.Stmt `json:"create"`
	Drop   dialect.Stmt   `json:"drop"`
}

// Assertion is a statement that fails unless what it says is true.
type Assertion struct {
	Message string `json:"message"`
	SQL     string `json:"sql"`
	// Hazard is set where what fails is a hazard that the user may allow.
	Hazard Code `json:"hazard,omitempty"`
	// Hint says what to do where it fails, in a sentence without a full stop. Remedy is
	// the same for a program.
	Hint   string `json:"hint,omitempty"`
	Remedy Remedy `json:"remedy,omitempty"`
	// Counts is what the message of a failure counts, nil where it counts nothing.
	Counts *Counts `json:"counts,omitempty"`
}

// Counts are the rows that an assertion has found to be wrong.
type Counts struct {
	// SQL selects, for each of the columns, in how many rows it is wrong.
	SQL     []string `json:"sql"`
	Columns []string `json:"columns"`
}

// Steps returns the steps of all groups, in order.
func (p Plan) Steps() []Step {
	var steps []Step
	for _, g := range p.Groups {
		steps = append(steps, g.Steps...)
	}
	return steps
}

// Find returns the first step of a kind.
func (p Plan) Find(k StepKind) (Step, bool) {
	for _, s := range append(p.Steps(), p.Preserve...) {
		if s.Kind == k {
			return s, true
		}
	}
	return Step{}, false
}
