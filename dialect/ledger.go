package dialect

import (
	"fmt"
	"slices"
	"strings"
)

// The audit tables.
const (
	RunTable   = "tablesnap_run"
	AuditTable = "tablesnap_audit"
	// PinTable lists the versions that prune must keep.
	PinTable = "tablesnap_pin"
	// LeaseTable holds, for each table, which run has it and until when.
	LeaseTable = "tablesnap_lease"
)

// VersionTable is where goose keeps the version of the ledger's tables.
const VersionTable = "tablesnap_goose_version"

// PinMigration is the first version of the ledger's tables with pins.
const PinMigration = 2

// LeaseMigration is the first version of the ledger's tables with leases, in a family that
// needs them.
const LeaseMigration = 4

// DetailsMigration is the first version of the ledger's tables with details of a step.
const DetailsMigration = 3

// Migration is one migration of the ledger's tables.
type Migration struct {
	Version int64
	Stmts   []Stmt
}

// LedgerWords are a family's SQL fragments for statements on the ledger's tables. They
// are the same for every uploaded table.
type LedgerWords struct {
	// Schema holds the ledger's tables. If it is empty, they are in the current schema.
	Schema string
	// Migrations create the ledger's tables, oldest first. Version 0 creates
	// [VersionTable] as goose would, so that goose can read it.
	Migrations []Migration
	// Now is an SQL expression for the present time in UTC as text, in the form
	// 2006-01-02T15:04:05.000Z.
	Now string
	// ThisRun is an SQL expression for the id that [Dialect.RememberRun] has stored.
	ThisRun string
	// Changes is an SQL expression for the number of rows that the statement before it
	// changed.
	Changes string
}

// LedgerTable returns a ledger table's name with its schema.
func LedgerTable(d Dialect, name string) Ident { return Ident{Schema: d.Ledger().Schema, Name: name} }

// LedgerError says why the ledger's tables cannot be used.
type LedgerError struct{ Message string }

func (e *LedgerError) Error() string { return e.Message }

// ownTables maps each table of the ledger to the migration that creates it.
func ownTables() map[string]int64 {
	return map[string]int64{VersionTable: 0, RunTable: 1, AuditTable: 1, PinTable: PinMigration, LeaseTable: LeaseMigration}
}

// OwnTableNames lists the ledger's tables, with goose's version table last. A reader that
// looks for them one by one while another session creates them then finds the version
// table if it found any other.
func OwnTableNames() []string {
	return []string{RunTable, AuditTable, PinTable, LeaseTable, VersionTable}
}

// CheckLedger rejects a ledger made by a newer tablesnap, and one with a missing table.
// Version is what goose's table says. Found are those of [OwnTableNames] that exist,
// looked up after the version was read.
func CheckLedger(words LedgerWords, version int64, found []string) error {
	known := words.Migrations
	if newest := known[len(known)-1].Version; version > newest {
		return &LedgerError{Message: fmt.Sprintf("tablesnap's own tables were made by a newer tablesnap: they have version %d, and this one knows them up to version %d; use the newer one", version, newest)}
	}
	var missing []string
	for name, since := range ownTables() {
		if len(found) > 0 && version >= since && makes(known, since) && !slices.Contains(found, name) {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	if len(missing) == 0 {
		return nil
	}
	return &LedgerError{Message: fmt.Sprintf("of tablesnap's own tables %s is missing, and without it nobody knows which versions there are: bring it back from a backup of the database; "+
		"or move the others away (%s), and tablesnap begins anew, with the backup tables under other names", strings.Join(missing, ", "), strings.Join(found, ", "))}
}

// makes reports whether the family has the migration: only some families need leases.
// Version 0 is goose's version table.
func makes(known []Migration, version int64) bool {
	return version == 0 || slices.ContainsFunc(known, func(m Migration) bool { return m.Version == version })
}
