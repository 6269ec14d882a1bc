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

// AuditNeeds are what each run, and its recovery, does to tablesnap's own tables.
func AuditNeeds(d Dialect) []Need {
	needs := Needs(LedgerTable(d, VersionTable), ToRead)
	for _, table := range []string{RunTable, AuditTable} {
		needs = append(needs, Needs(LedgerTable(d, table), ToRead, ToInsert, ToUpdate)...)
	}
	return needs
}

// LedgerNeeds are AuditNeeds, and what it takes to update tablesnap's own tables from
// the version migration.
func LedgerNeeds(d Dialect, migration int64) []Need {
	needs := AuditNeeds(d)
	if len(PendingMigrations(d, migration)) == 0 {
		return needs
	}
	needs = append(needs, Needs(LedgerTable(d, VersionTable), ToInsert)...)
	if migration < PinMigration {
		needs = append(needs, Needs(LedgerTable(d, PinTable), ToCreate)...)
	}
	if migration < DetailsMigration {
		needs = append(needs, Needs(LedgerTable(d, AuditTable), ToAlter)...)
	}
	return needs
}

// RightsKeeper is a backend whose server gives rights to users.
type RightsKeeper interface {
	// Lacks says in sentences without a full stop which rights the connection's
	// user lacks, each with the statement that gives it.
	Lacks(ctx context.Context, c Conn, needs []Need) ([]string, error)
	// Denied reports whether the server has refused a statement for want of a right.
	Denied(error) bool
}
