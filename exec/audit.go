package exec

import "github.com/tablesnap/tablesnap/internal/ledger"

// The types that a client reads from the ledger.
type (
	// Version is one version of a table's contents, from [Client.BackupHistory].
	Version = ledger.Version
	// Run is a row of tablesnap_run: an upload, a restore, a backup or a prune. Times are
	// text in UTC, as stored.
	Run = ledger.Run
	// RunStep is a row of tablesnap_audit: a step of a [Run].
	RunStep = ledger.Step
	// RunFilter selects runs. A zero field selects all.
	RunFilter = ledger.RunFilter
	// State is the state of a run or a step.
	State = ledger.State
	// UnknownStepError says that tablesnap does not understand a step in the audit.
	// [Client.Recover] then does nothing.
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

// MadeVersion, in [RunFilter.Made], selects only runs that made a version.
const MadeVersion = ledger.MadeVersion

// DefaultLimit is the number of versions listed if the caller sets no limit.
const DefaultLimit = ledger.DefaultLimit
