package dialect

import (
	"fmt"
	"slices"
	"strings"
)

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
