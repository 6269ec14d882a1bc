package ledger

import "github.com/tablesnap/tablesnap/dialect"

// AuditNeeds are the privileges on the ledger's tables that every run and its recovery
// need.
func AuditNeeds(d dialect.Dialect) []dialect.Need {
	needs := dialect.Needs(dialect.LedgerTable(d, dialect.VersionTable), dialect.ToRead)
	for _, table := range []string{dialect.RunTable, dialect.AuditTable} {
		needs = append(needs, dialect.Needs(dialect.LedgerTable(d, table), dialect.ToRead, dialect.ToInsert, dialect.ToUpdate)...)
	}
	if dialect.HasSessionLock(d) {
		needs = append(needs, dialect.Needs(dialect.LedgerTable(d, dialect.LeaseTable), dialect.ToRead, dialect.ToInsert, dialect.ToUpdate)...)
	}
	return needs
}

// UpdateNeeds are AuditNeeds and the privileges to update the ledger's tables from the
// version migration.
func UpdateNeeds(d dialect.Dialect, migration int64) []dialect.Need {
	needs := AuditNeeds(d)
	if len(Pending(d, migration)) == 0 {
		return needs
	}
	needs = append(needs, dialect.Needs(dialect.LedgerTable(d, dialect.VersionTable), dialect.ToInsert)...)
	if migration < dialect.PinMigration {
		needs = append(needs, dialect.Needs(dialect.LedgerTable(d, dialect.PinTable), dialect.ToCreate)...)
	}
	if migration < dialect.DetailsMigration {
		needs = append(needs, dialect.Needs(dialect.LedgerTable(d, dialect.AuditTable), dialect.ToAlter)...)
	}
	if dialect.HasSessionLock(d) && migration < dialect.LeaseMigration {
		needs = append(needs, dialect.Needs(dialect.LedgerTable(d, dialect.LeaseTable), dialect.ToCreate)...)
	}
	return needs
}
