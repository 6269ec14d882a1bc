package plan

import "github.com/tablesnap/tablesnap/internal/ledger"

// The types of the ledger that plans use.
type (
	// StepKind says what a step does.
	StepKind = ledger.StepKind
	// Details are what recovery and history need to know about a step.
	Details = ledger.Details
	// LookedUpDetail is a field of the details whose value is looked up in the database.
	LookedUpDetail = ledger.LookedUpDetail
	// GooseMigration identifies a migration of goose.
	GooseMigration = ledger.GooseMigration
	// SnapshotRows is a version to restore, and where its rows are.
	SnapshotRows = ledger.SnapshotRows
	// Count says who counts the rows of a snapshot.
	Count = ledger.Count
	// Layout says what columns a table with snapshots has.
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
	DropIndexes       = ledger.DropIndexes
	AddIndexes        = ledger.AddIndexes
	DropIndex         = ledger.DropIndex
	SwapTables        = ledger.SwapTables
	CopyAutoIncrement = ledger.CopyAutoIncrement
	DropOld           = ledger.DropOld
	CreatePreserve    = ledger.CreatePreserve
	CopyToPreserve    = ledger.CopyToPreserve
	KeepOld           = ledger.KeepOld
	SetAside          = ledger.SetAside
	RecreateTable     = ledger.RecreateTable
	CreateIndex       = ledger.CreateIndex
	Clear             = ledger.Clear
	DropColumn        = ledger.DropColumn
	AddColumn         = ledger.AddColumn
	LoadRows          = ledger.LoadRows
	DeleteSnapshot    = ledger.DeleteSnapshot
	DropPreserved     = ledger.DropPreserved
	CreateStage       = ledger.CreateStage
	CompareRows       = ledger.CompareRows
	DetachRows        = ledger.DetachRows
	AttachRows        = ledger.AttachRows
	ParkRows          = ledger.ParkRows
	DeleteRows        = ledger.DeleteRows
	UpdateRows        = ledger.UpdateRows
	InsertRows        = ledger.InsertRows
	DropStage         = ledger.DropStage
	CheckRows         = ledger.CheckRows
	RunBefore         = ledger.RunBefore
	RunAfter          = ledger.RunAfter
)

// Who counts the rows of a snapshot, and how a table holds it.
const (
	Counted      = ledger.Counted
	CountedByRun = ledger.CountedByRun
	BackupLayout = ledger.BackupLayout
	OwnLayout    = ledger.OwnLayout
)
