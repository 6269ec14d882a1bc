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
	// PinTable holds the versions that prune must leave alone.
	PinTable = "tablesnap_pin"
)

// VersionTable is the table in which goose keeps the version of tablesnap's
// own tables.
const VersionTable = "tablesnap_goose_version"

// PinMigration is the version of tablesnap's own tables since which there are
// pins.
const PinMigration = 2

// DetailsMigration is the version of tablesnap's own tables since which a step has
// details.
const DetailsMigration = 3

// Migration is one step of tablesnap's own tables.
type Migration struct {
	Version int64
	Stmts   []Stmt
}

// LedgerWords are the words that the statements on tablesnap's own tables need of a
// family. None of them depends on a table.
type LedgerWords struct {
	// Schema is where tablesnap's own tables are. It is empty if that is the current
	// schema.
	Schema string
	// Migrations make tablesnap's own tables, oldest first. Version 0, with which goose
	// begins, makes [VersionTable] as goose would, so that goose can read it.
	Migrations []Migration
	// Now is an SQL expression: the present time in UTC as text, in the form
	// 2006-01-02T15:04:05.000Z.
	Now string
	// ThisRun is an SQL expression: the id that [Dialect.RememberRun] has kept.
	ThisRun string
	// Changes is an SQL expression: how many rows the statement before this one
	// touched.
	Changes string
}

// LedgerTable returns where one of tablesnap's own tables lives.
func LedgerTable(d Dialect, name string) Ident { return Ident{Schema: d.Ledger().Schema, Name: name} }

// LedgerError says why tablesnap's own tables cannot be used as they are.
type LedgerError struct{ Message string }

func (e *LedgerError) Error() string { return e.Message }

// ownTables are the tables of the ledger, each with the migration that makes it.
func ownTables() map[string]int64 {
	return map[string]int64{VersionTable: 0, RunTable: 1, AuditTable: 1, PinTable: PinMigration}
}

// OwnTableNames are the names of the ledger's tables, goose's version table the
// last: whoever looks for them one by one while they are being made finds it if
// one of the others was there.
func OwnTableNames() []string { return []string{RunTable, AuditTable, PinTable, VersionTable} }

// CheckLedger refuses tablesnap's own tables which a newer tablesnap has made, and
// those of which one is missing. Version is what goose's table says, and found are
// those of [OwnTableNames] that were there after the version was read.
func CheckLedger(words LedgerWords, version int64, found []string) error {
	known := words.Migrations
	if newest := known[len(known)-1].Version; version > newest {
		return &LedgerError{Message: fmt.Sprintf("tablesnap's own tables were made by a newer tablesnap: they have version %d, and this one knows them up to version %d; use the newer one", version, newest)}
	}
	var missing []string
	for name, since := range ownTables() {
		if len(found) > 0 && version >= since && !slices.Contains(found, name) {
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
