package ledger

// StepKind says what a step does.
type StepKind string

// The kinds of step.
const (
	CreateTable       StepKind = "create-table"
	CreateBackup      StepKind = "create-backup"
	WidenBackup       StepKind = "widen-backup"
	CopyToBackup      StepKind = "copy-to-backup"
	CreateShadow      StepKind = "create-shadow"
	DropIndexes       StepKind = "drop-indexes"
	AddIndexes        StepKind = "add-indexes"
	SwapTables        StepKind = "swap-tables"
	CopyAutoIncrement StepKind = "carry-counter"
	DropOld           StepKind = "drop-old"
	CreatePreserve    StepKind = "create-preserved"
	CopyToPreserve    StepKind = "copy-to-preserved"
	KeepOld           StepKind = "keep-old"
	// DropIndex drops an index of the table in place, which CreateIndex makes again after the
	// rows.
	DropIndex StepKind = "drop-index"
	// SetAside takes the names of its indexes and sequences from the old table, RecreateTable
	// makes the new one under the table's own name, and CreateIndex makes its indexes.
	SetAside       StepKind = "set-aside"
	RecreateTable  StepKind = "recreate-table"
	CreateIndex    StepKind = "create-index"
	Clear          StepKind = "clear"
	DropColumn     StepKind = "drop-column"
	AddColumn      StepKind = "add-column"
	LoadRows       StepKind = "load"
	DeleteSnapshot StepKind = "delete-snapshot"
	DropPreserved  StepKind = "drop-preserved"
	// The steps of a sync: a table for the new rows, and a list of the rows that differ.
	CreateStage StepKind = "create-stage"
	CompareRows StepKind = "compare"
	// DetachRows and AttachRows are about rows of a table that refers to itself.
	DetachRows StepKind = "detach"
	AttachRows StepKind = "attach"
	// ParkRows takes values away from rows that others get.
	ParkRows   StepKind = "park"
	DeleteRows StepKind = "delete"
	UpdateRows StepKind = "update"
	InsertRows StepKind = "insert"
	DropStage  StepKind = "drop-stage"
	// CheckRows looks whether the new rows meet a condition.
	CheckRows StepKind = "check"
	// RunBefore and RunAfter are statements of the user around an upload.
	RunBefore StepKind = "before"
	RunAfter  StepKind = "after"
)

// ChangesRows reports whether steps of this kind are counted by the rows that they
// change.
func (k StepKind) ChangesRows() bool {
	switch k {
	case CopyToBackup, CopyToPreserve, KeepOld, Clear, LoadRows, DeleteSnapshot,
		CompareRows, DetachRows, AttachRows, ParkRows, DeleteRows, UpdateRows, InsertRows:
		return true
	default:
		return false
	}
}

// EventPrune is the event for the deletion of a version's rows.
const EventPrune = "PRUNE"

// ChangedSince is the warning code of a run that backed up other rows than the last
// upload had loaded.
const ChangedSince = "CHANGED_SINCE"
