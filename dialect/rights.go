package dialect

import (
	"cmp"
	"context"
	"slices"
)

// Deed is something that a run does to a table and that a server may grant or deny.
type Deed string

// The deeds. ToCreate is about a table that does not exist yet.
const (
	ToRead   Deed = "read"
	ToInsert Deed = "insert"
	ToUpdate Deed = "update"
	ToDelete Deed = "delete"
	// ToTruncate empties a table without reading its rows.
	ToTruncate Deed = "truncate"
	ToCreate   Deed = "create"
	ToAlter    Deed = "alter"
	ToIndex    Deed = "index"
	ToDrop     Deed = "drop"
	// ToMakeTemporary creates a temporary table with any name.
	ToMakeTemporary Deed = "make a temporary table"
	// ToLock keeps others from writing to a table that the run itself does not change.
	ToLock Deed = "lock"
)

// Need is a deed that a run must be allowed to do. For the ledger's tables, the schema is
// empty as in [LedgerWords].
type Need struct {
	Table Ident
	Deed  Deed
}

// Needs returns a Need for each deed on one table.
func Needs(table Ident, deeds ...Deed) []Need {
	needs := make([]Need, len(deeds))
	for i, d := range deeds {
		needs[i] = Need{table, d}
	}
	return needs
}

// DistinctNeeds sorts needs and removes duplicates.
func DistinctNeeds(needs []Need) []Need {
	slices.SortFunc(needs, func(a, b Need) int {
		return cmp.Or(cmp.Compare(a.Table.Schema, b.Table.Schema), cmp.Compare(a.Table.Name, b.Table.Name), cmp.Compare(a.Deed, b.Deed))
	})
	return slices.Compact(needs)
}

// RightsKeeper is a backend whose server grants privileges to users.
type RightsKeeper interface {
	// Lacks lists the privileges that the connection's user lacks, as sentences without a
	// full stop, each with the GRANT statement.
	Lacks(ctx context.Context, c Conn, needs []Need) ([]string, error)
	// Denied reports whether the server rejected a statement because of a missing
	// privilege.
	Denied(error) bool
}
