// Package ledger has all SQL on tablesnap's own tables that is the same for every
// database: a row for each run and for each of its steps, and the pins. What a family
// says of these tables is in [dialect.LedgerWords].
package ledger
