package dialect

import (
	"cmp"
	"context"
	"slices"
)

// Deed is what a run does to a table, as far as a server gives rights to it.
type Deed string

// The deeds. To create is about the name of a table that does not exist yet.
const (
	ToRead   Deed = "read"
	ToInsert Deed = "insert"
	ToUpdate Deed = "update"
	ToDelete Deed = "delete"
	// ToTruncate is to empty a table without looking at its rows.
	ToTruncate Deed = "truncate"
	ToCreate   Deed = "create"
	ToAlter    Deed = "alter"
	ToIndex    Deed = "index"
	ToDrop     Deed = "drop"
	// ToMakeTemporary is to make a temporary table, of whatever name.
	ToMakeTemporary Deed = "make a temporary table"
)

// Need is a deed that a run has to be allowed. The schema is empty for tablesnap's
// own tables, as in [LedgerWords].
type Need struct {
	Table Ident
	Deed  Deed
}

// Needs are the deeds on one table.
func Needs(table Ident, deeds ...Deed) []Need {
	needs := make([]Need, len(deeds))
	for i, d := range deeds {
		needs[i] = Need{table, d}
	}
	return needs
}

// DistinctNeeds sorts needs and takes each once.
func DistinctNeeds(needs []Need) []Need {
	slices.SortFunc(needs, func(a, b Need) int {
		return cmp.Or(cmp.Compare(a.Table.Schema, b.Table.Schema), cmp.Compare(a.Table.Name, b.Table.Name), cmp.Compare(a.Deed, b.Deed))
	})
	return slices.Compact(needs)
}

// RightsKeeper is a backend whose server gives rights to users.
type RightsKeeper interface {
	// Lacks says in sentences without a full stop which rights the connection's
	// user lacks, each with the statement that gives it.
	Lacks(ctx context.Context, c Conn, needs []Need) ([]string, error)
	// Denied reports whether the server has refused a statement for want of a right.
	Denied(error) bool
}
