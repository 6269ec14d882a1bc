package plan

import "github.com/tablesnap/tablesnap/internal/ledger"

// What the ledger keeps of a plan.
type (
	// StepKind says what a step does.
	StepKind = ledger.StepKind
	// Details are what recovery and history need to know of a step.
	Details = ledger.Details
	// LookedUpDetail is a field of the details that only the database knows.
	LookedUpDetail = ledger.LookedUpDetail
	// GooseMigration is a migration of goose, as a run knows it.
	GooseMigration = ledger.GooseMigration
	// SnapshotRows is a version that a restore brings back, and where its rows are.
	SnapshotRows = ledger.SnapshotRows
	// Count says who counts the rows of a snapshot.
	Count = ledger.Count
	// Layout says how a table holds snapshots.
	Layout = ledger.Layout
	// MetadataColumns are the names of a backup table's metadata columns.
	MetadataColumns = ledger.MetadataColumns
)

// The kinds of step.
const (
	CreateTable       = ledger.CreateTable
	CreateBackup      = ledger.CreateBackup
	WidenBackup       = ledger.WidenBackup
	CopyToBackup      = ledger.CopyToBackup
	CreateShadow      = ledger.CreateShadow
	SwapTables        = ledger.SwapTables
	CopyAutoIncrement = ledger.CopyAutoIncrement
	DropOld           = ledger.DropOld
	CreatePreserve    = ledger.CreatePreserve
	CopyToPreserve    = ledger.CopyToPreserve
	KeepOld           = ledger.KeepOld
	Clear             = ledger.Clear
	DropColumn        = ledger.DropColumn
	AddColumn         = ledger.AddColumn
	LoadRows          = ledger.LoadRows
	DeleteSnapshot    = ledger.DeleteSnapshot
	DropPreserved     = ledger.DropPreserved
)

// Who counts the rows of a snapshot, and how a table holds it.
const (
	Counted      = ledger.Counted
	CountedByRun = ledger.CountedByRun
	BackupLayout = ledger.BackupLayout
	OwnLayout    = ledger.OwnLayout
)
