package plan

import (
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Format is the format of [Plan] as JSON. It increases with every change that an older
// tablesnap would read wrongly.
const Format = 5

// Plan is one upload, restore, backup or prune as groups of steps. It is a value: the
// same input gives the same bytes.
type Plan struct {
	Format int `json:"format"`
	// Tool is the version of tablesnap that made the plan.
	Tool      string    `json:"tool_version"`
	Operation Operation `json:"operation"`
	Upload    Upload    `json:"upload"`
	// Set is the set that the plan is a part of. Such a plan runs only with the set.
	Set *Membership `json:"in_set,omitempty"`
	// Restored is the version that a restore brings back.
	Restored *Restored `json:"restored,omitempty"`
	// Binding says in which databases the plan may run.
	Binding Binding `json:"binding,omitempty"`
	// Server, Table, TableHash and Ledger are what was found at planning. The plan runs
	// only if they are still the same.
	Server    dialect.Server `json:"server"`
	Table     *dialect.Table `json:"table_definition"`
	TableHash string         `json:"table_hash,omitempty"`
	Backup    *dialect.Table `json:"backup_definition"`
	Ledger    dialect.Ledger `json:"ledger"`
	// Session sets up the session, before anything else runs in it.
	Session []dialect.Stmt `json:"session"`
	// Place asserts that the session finds the table and the ledger's tables in one
	// schema.
	Place  []Assertion `json:"place,omitempty"`
	Groups []Group     `json:"groups"`
	// Lock takes the lock that keeps other runs off the table, and Unlock releases it.
	// They are empty if the transaction's own locks are enough.
	Lock   []dialect.Stmt `json:"lock,omitempty"`
	Unlock []dialect.Stmt `json:"unlock,omitempty"`
	// NoneCutOff asserts, under the lock, that no run on the table is open. An open one
	// would have lost its session.
	NoneCutOff []Assertion `json:"none_cut_off,omitempty"`
	// LockTimeout is how long the run waits for others, in nanoseconds.
	LockTimeout time.Duration `json:"lock_timeout_ns,omitempty"`
	// LeaseFor is how long the run has the table without a sign of life, in
	// nanoseconds; zero where the transaction's own locks are enough. NoneOther holds
	// once the run has the lease: no other run is open, on whatever node it began.
	LeaseFor  time.Duration `json:"lease_ns,omitempty"`
	NoneOther []Assertion   `json:"none_other,omitempty"`
	// Preserve replaces the backup if that fails and the policy is [Preserve].
	Preserve []Step `json:"preserve,omitempty"`
	// Retention says which old snapshots the upload deletes at its end.
	Retention *Retained `json:"retention,omitempty"`
	Hazards   []Hazard  `json:"hazards,omitempty"`
	Warnings  []Warning `json:"warnings,omitempty"`
}

// Operation is what a plan does.
type Operation string

const (
	// OpUpload replaces all rows of a table with the rows of a source.
	OpUpload Operation = "upload"
	// OpRestore replaces all rows of a table with those of a snapshot.
	OpRestore Operation = "restore"
	// OpBackup takes a snapshot and leaves the table alone.
	OpBackup Operation = "backup"
	// OpPrune deletes snapshots.
	OpPrune Operation = "prune"
	// OpPin protects a version from prune. It needs no plan: it changes one row of the
	// ledger.
	OpPin Operation = "pin"
	// OpDiff compares rows. It needs no plan either.
	OpDiff Operation = "diff"
	// OpMigrate creates or updates the ledger's tables.
	OpMigrate Operation = "migrate"
	// OpRecover completes a run that was cut off, or rolls it back.
	OpRecover Operation = "recover"
)

// replacesRows reports whether the operation changes the table's rows.
func (o Operation) replacesRows() bool { return o == OpUpload || o == OpRestore }

// Upload is the user's request. A restore is an upload whose source is a snapshot.
type Upload struct {
	Table dialect.Ident `json:"table"`
	Kind  Kind          `json:"upload_kind"`
	DocID string        `json:"doc_id"`
	// Timestamp is stored unchanged. If it is empty, the time of the run is used.
	Timestamp string             `json:"upload_timestamp"`
	Source    rowsource.Manifest `json:"source"`
	// Actor is who uploads. It is empty if the run decides.
	Actor string `json:"actor,omitempty"`
	// Version is the version that the upload makes.
	Version int64 `json:"version_made"`
	// Replaces is the version that the upload replaces, or nil if there was no table.
	Replaces            *int64           `json:"version_replaced"`
	Strategy            dialect.Strategy `json:"strategy"`
	Backup              BackupMode       `json:"backup_mode,omitempty"`
	OnBackupFailure     Policy           `json:"on_backup_failure"`
	OnDropColumnFailure Policy           `json:"on_drop_column_failure"`
	Clear               ClearMode        `json:"clear,omitempty"`
	DropColumns         DropOrder        `json:"drop_order,omitempty"`
	MaxShrink           int              `json:"max_shrink_percent"`
	// Key are the columns by which a sync matches rows, and MaxChange is the most that it
	// may delete or update, in percent of the table's rows.
	// Keeps are the columns that the source lacks, and that rows which stay keep.
	Key       []string `json:"key,omitempty"`
	MaxChange *int     `json:"max_change_percent,omitempty"`
	Keeps     []string `json:"keeps,omitempty"`
	Allow     []Code   `json:"allow,omitempty"`
	// MaxBadRows is the most rows of the source that may be left out.
	MaxBadRows int64 `json:"max_bad_rows,omitempty"`
	// Checks are the conditions that the new rows must meet.
	Checks []Check `json:"checks,omitempty"`
}

// Read is how the source was read at planning, and how it must be read again.
func (u Upload) Read() rowsource.Options {
	o := u.Source.Read
	o.Name, o.Format = u.Source.Name, u.Source.Format
	return o
}

// AsRead is the source as it was read at planning, whatever its own options are. It is nil
// if src is.
func (u Upload) AsRead(src rowsource.Source) rowsource.Source {
	if src == nil {
		return nil
	}
	return src.With(u.Read())
}

// Policy is what a run does when a step fails.
type Policy string

const (
	// Abort stops the run and leaves the table as it was.
	Abort Policy = "abort"
	// Preserve keeps the old rows in a preserved table and continues.
	Preserve Policy = "preserve"
	// Continue continues without the failed step.
	Continue Policy = "continue"
)

// Group is a list of steps that commit together.
type Group struct {
	// Auto states that the group's one statement commits by itself.
	Auto bool `json:"auto_commits,omitempty"`
	// Begin opens the group's transaction.
	Begin []dialect.Stmt `json:"begin,omitempty"`
	// Before are the assertions at the group's start, inside its transaction.
	Before []Assertion `json:"assert_before,omitempty"`
	Steps  []Step      `json:"steps"`
}

// CountsRows reports whether the database returns the number of rows that the step
// changed, or that a check has found.
func (s Step) CountsRows() bool {
	return (s.Kind.ChangesRows() || s.Check != nil) && !s.Uncounted
}

// EventBackup is the event of a copy to the backup in the audit.
const EventBackup = "DATA_BACKUP"

// Step is one SQL statement.
type Step struct {
	Seq int `json:"seq"`
	// ID names the step in messages: its number and kind.
	ID    string        `json:"step"`
	Kind  StepKind      `json:"kind"`
	Table dialect.Ident `json:"table"`
	Event string        `json:"event,omitempty"`
	// Note explains the step to readers of a script.
	Note string `json:"note,omitempty"`
	// Setup prepares the step's statement.
	Setup []dialect.Stmt `json:"setup,omitempty"`
	// SQL is exactly the text that is printed and sent. For a load, it is the load's
	// shape.
	SQL         string `json:"sql_text"`
	AutoCommits bool   `json:"auto_commits,omitempty"`
	// Uncounted states that the database does not count the rows of this step.
	Uncounted bool `json:"uncounted,omitempty"`
	// Chunks is set if a run copies in chunks what a script copies at once.
	Chunks *dialect.Chunks `json:"chunks,omitempty"`
	// GiveUpAfter is how long a run waits for the statement, in nanoseconds, if no
	// timeout of the session applies to it. Zero means no limit.
	GiveUpAfter time.Duration `json:"give_up_after_ns,omitempty"`
	// Counts is an SQL expression for the number of changed rows, for a statement that
	// does not return it.
	Counts string `json:"count_sql,omitempty"`
	// Check is set for a check.
	Check *CheckStep `json:"check,omitempty"`
	// Load is set for a load from a source. A restore loads with an INSERT ... SELECT
	// instead.
	Load   *LoadSpec   `json:"load,omitempty"`
	Before []Assertion `json:"assert_before,omitempty"`
	After  []Assertion `json:"assert_after,omitempty"`
	// Stage names the steps that fail together and share one savepoint. OnFailure says
	// what happens then. If it is empty, a failure ends the run.
	Stage     Stage  `json:"stage,omitempty"`
	OnFailure Policy `json:"on_failure,omitempty"`
	// Details are written to the step's audit row. LookedUp are further fields, looked up
	// in the database.
	Details  Details          `json:"details,omitzero"`
	LookedUp []LookedUpDetail `json:"looked_up,omitempty"`
	// IfStopped says what state the table is in if the run stops here.
	IfStopped string `json:"if_stopped"`
}

// Stage names steps that fail together. Each dropped column is a stage of its own.
type Stage string

// BackupStage has all steps of the backup.
const BackupStage Stage = "backup"

// LoadSpec says where a source's rows go.
type LoadSpec struct {
	Columns []string `json:"columns"`
	// New are those of them that the plan creates.
	New []dialect.Column `json:"new,omitempty"`
	// Fixed columns get the same value in every row, until they are dropped.
	Fixed  []dialect.FixedValue `json:"fixed,omitempty"`
	Rows   int64                `json:"source_rows"`
	SHA256 string               `json:"source_sha256"`
	// ChunkRows is the maximum number of rows in a transaction. Zero means no limit.
	ChunkRows int `json:"chunk_rows,omitempty"`
	// Twin is set if the rows are loaded a second time, to find out whether triggers have
	// changed them in the table.
	Twin *Twin `json:"twin,omitempty"`
}

// Twin is a temporary table with the loaded columns.
type Twin struct {
	Table  dialect.Table  `json:"table_definition"`
	Create []dialect.Stmt `json:"create"`
	Drop   dialect.Stmt   `json:"drop"`
}

// Assertion is a statement that fails unless Message is true.
type Assertion struct {
	Message string `json:"message"`
	SQL     string `json:"sql_text"`
	// Setup finds out what the assertion is about. It runs before the assertion.
	Setup []dialect.Stmt `json:"setup,omitempty"`
	// Hazard is set if a failure is a hazard that the user may allow.
	Hazard Code `json:"hazard,omitempty"`
	// Hint says what to do after a failure, in a sentence without a full stop. Remedy
	// says the same to programs.
	Hint   string `json:"hint,omitempty"`
	Remedy Remedy `json:"remedy,omitempty"`
	// Counts counts rows for the message of a failure. It is nil if there is nothing to
	// count.
	Counts *Counts `json:"wrong_rows,omitempty"`
	// Examples are rows that the message names. It is nil if it names none.
	Examples *Examples `json:"examples,omitempty"`
}

// Counts counts the rows that made an assertion fail.
type Counts struct {
	// SQL has one query for each column: the number of rows in which it is wrong.
	SQL     []string `json:"queries"`
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
