// Package ledger has the SQL on the ledger's tables that is the same for every database:
// a row for each run and each of its steps, and the pins. What differs between families
// is in [dialect.LedgerWords].
//
// It writes rows (statements.go), reads them back as runs, versions and snapshots
// (runs.go, versions.go, snapshot.go), and creates the tables: [Updates] returns the
// statements of the migrations, to run them or to print them.
package ledger
