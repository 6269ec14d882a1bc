package exec

import "github.com/tablesnap/tablesnap/internal/ledger"

// What a client reads from tablesnap's own tables.
type (
	// Version is one numbered state of a table's contents, as
	// [Client.BackupHistory] returns it.
	Version = ledger.Version
	// Run is a row of tablesnap_run: an upload, a restore, a backup or a prune. Times
	// are text in UTC, as they are kept.
	Run = ledger.Run
	// RunStep is a row of tablesnap_audit: a step of a [Run].
	RunStep = ledger.Step
	// RunFilter chooses runs; a zero field chooses all.
	RunFilter = ledger.RunFilter
	// State is how far a run or a step has come.
	State = ledger.State
	// UnknownStepError says that tablesnap does not understand what the audit says of a
	// step, so that [Client.Recover] cannot do anything about it.
	UnknownStepError = ledger.UnknownStepError
)

// The states of runs and steps.
const (
	Started    = ledger.Started
	Done       = ledger.Done
	Failed     = ledger.Failed
	Skipped    = ledger.Skipped
	RolledBack = ledger.RolledBack
	Unknown    = ledger.Unknown
)

// MadeVersion in [RunFilter.Made] chooses the runs alone that made a version.
const MadeVersion = ledger.MadeVersion

// DefaultLimit is how many versions are listed unasked.
const DefaultLimit = ledger.DefaultLimit
