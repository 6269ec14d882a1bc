package dialect

import "strings"

// Syncer is a family that supports the strategy [Sync].
type Syncer interface {
	// CreateStage creates a table for the rows of a source, with an index that keeps out a
	// second row of the same key. The returned table has its actual name.
	CreateStage(t Table, key SyncKey) (Table, []Stmt)
	// CreateList creates a table for the keys of the rows that differ.
	CreateList(t Table, key SyncKey) (Table, []Stmt)
	// DropStage drops either of them if an earlier run of the session has left it.
	DropStage(table Ident) Stmt
	// BeginSync begins the transaction that compares and changes the rows, if the stage was
	// loaded in transactions before it. Until the commit nobody else writes to the rows of
	// the table, and all that the transaction reads is as it stands then.
	BeginSync(t Table) []Stmt
	// BeforeCompare prepares the comparison. Changed are references whose ON DELETE would
	// change other tables, and that no deleted row may have: it is asserted after the
	// comparison, and must stay so.
	BeforeCompare(stage Ident, changed []ForeignKey) []Stmt
	// SameKey is an SQL condition that is true if a column of the key is the same in two
	// rows, as the table's own index compares it. A and b are the tables' aliases.
	SameKey(key SyncKey, column, a, b string) string
	// OnlyStaged is the FROM of a query for the keys of the stage that the table lacks. They
	// are columns of the alias [StagedAlias].
	OnlyStaged(key SyncKey, stage, table Ident) string
	// Differs is an SQL condition that is true unless two readings are the same, bit for
	// bit, or both NULL.
	Differs(a, b SubqueryColumn) string
	// DeleteListed deletes the rows of the list from the table.
	DeleteListed(l Listed) Stmt
	// UpdateListed updates the rows of the list. If an assignment has no expression, the
	// value is that of the stage.
	UpdateListed(l Listed, set []Assignment) Stmt
}

// SyncKey is the key by which the rows of a table and of a source are matched.
type SyncKey struct {
	Table   Table
	Columns []string
}

// Listed are the rows of a table whose keys are in the list, and meet a condition on it.
type Listed struct {
	Key                SyncKey
	Table, Stage, List Ident
	// Where is the condition.
	Where string
}

// Assignment gives a column the value of an expression, or that of the stage.
type Assignment struct{ Column, Expr string }

// The aliases of the tables of a sync in its statements. A condition on the list may use
// them.
const (
	StandingAlias = "standing"
	StagedAlias   = "staged"
	ListedAlias   = "listed"
)

// SameKeys is an SQL condition that is true if two rows have the same key.
func SameKeys(d Dialect, s Syncer, key SyncKey, a, b string) string {
	same := make([]string, len(key.Columns))
	for i, c := range key.Columns {
		same[i] = s.SameKey(key, c, d.Quote(a), d.Quote(b))
	}
	return strings.Join(same, " AND ")
}

// OnlyStaged looks for the staged rows that find no row in the table. The hint says by which
// index the table is read.
func OnlyStaged(d Dialect, s Syncer, key SyncKey, stage, table Ident, hint string) string {
	return Aliased(d, stage, StagedAlias) + " LEFT JOIN " + Aliased(d, table, StandingAlias) + hint + " ON " + SameKeys(d, s, key, StandingAlias, StagedAlias) +
		"\nWHERE " + d.Quote(StandingAlias) + "." + d.Quote(key.Columns[0]) + " IS NULL"
}

// Aliased names a table with an alias.
func Aliased(d Dialect, table Ident, alias string) string {
	return d.QuoteTable(table) + " AS " + d.Quote(alias)
}

// Set writes assignments, whose staged values are those of the alias [StagedAlias].
func Set(d Dialect, set []Assignment, prefix string) string {
	parts := make([]string, len(set))
	for i, a := range set {
		expr := a.Expr
		if expr == "" {
			expr = d.Quote(StagedAlias) + "." + d.Quote(a.Column)
		}
		parts[i] = prefix + d.Quote(a.Column) + " = " + expr
	}
	return strings.Join(parts, ", ")
}

// TakesStage reports whether an assignment takes the stage's value.
func TakesStage(set []Assignment) bool {
	for _, a := range set {
		if a.Expr == "" {
			return true
		}
	}
	return false
}

// InsertListed inserts the staged rows whose keys are in the list. Fixed columns get the
// same value in every row, and null columns none.
func InsertListed(d Dialect, s Syncer, l Listed, columns []string, fixed []FixedValue, null []string) Stmt {
	names, values := quotedNames(d, columns), make([]string, len(columns))
	for i, c := range columns {
		values[i] = d.Quote(StagedAlias) + "." + names[i]
		for _, n := range null {
			if n == c {
				values[i] = "NULL"
			}
		}
	}
	for _, f := range fixed {
		names, values = append(names, d.Quote(f.Column)), append(values, d.Literal(f.Value))
	}
	f := d.Facts()
	insert, _ := f.Flavor.NewInsertBuilder().InsertInto(d.QuoteTable(l.Table)).Cols(names...).Build()
	return Stmt{SQL: insert + f.GivesIdentities + "\nSELECT " + strings.Join(values, ", ") + " FROM " + Aliased(d, l.List, ListedAlias) +
		" JOIN " + Aliased(d, l.Stage, StagedAlias) + " ON " + SameKeys(d, s, l.Key, ListedAlias, StagedAlias) + Where(l.Where)}
}
