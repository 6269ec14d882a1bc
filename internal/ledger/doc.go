// Package ledger has all SQL on tablesnap's own tables that is the same for every
// database: a row for each run and for each of its steps, and the pins. What a family
// says of these tables is in [dialect.LedgerWords].
//
// It writes rows (statements.go), reads them back as runs, versions and snapshots
// (runs.go, versions.go, snapshot.go), and makes the tables: [Updates] has the
// statements of a migration, for whoever runs or writes them.
package ledger
