package postgres

import (
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// The traits that decide whether an upload can be safe. Those that end in a colon are
// followed by a name or a list.
const (
	traitPartitioned = "partitioned"
	traitUnlogged    = "unlogged"
	traitChildren    = "inherited by: "
	traitParent      = "inherits from: "
	traitPartition   = "partition of: "
	traitForeign     = "foreign partition: "
	traitInsertRule  = "rule on insert: "
	traitRowSecurity = "row security"
	traitNoIdentity  = "deletes cannot be published by: "
	traitDeferred    = "deferred constraint"
	traitDistributed = "distributed by Citus: "
)

// Unsupported lists reasons why an upload cannot be safe.
func (d Dialect) Unsupported(t dialect.Target, s dialect.Strategy) []string {
	var why []string
	add := func(format string, args ...any) { why = append(why, fmt.Sprintf(format, args...)) }
	if t.Server.ReadOnly != "" {
		add("%s", t.Server.ReadOnly)
	}
	if t.Backup != nil && t.Backup.Kind == dialect.BaseTable {
		why = append(why, notAsBackup(*t.Backup)...)
	}
	if t.Table != nil && t.Table.Kind == dialect.BaseTable {
		why = append(why, notCopied(*t.Table)...)
		if s != dialect.NoStrategy {
			why = append(why, notInPlace(*t.Table)...)
		}
	}
	return why
}

func notAsBackup(t dialect.Table) (why []string) {
	for _, trait := range []string{traitRowSecurity, traitInsertRule, traitParent, traitPartition, traitChildren, traitDistributed} {
		if what, ok := traitOf(t, trait); ok {
			why = append(why, fmt.Sprintf("its backup table %q cannot take the rows (%s%s)", t.Ident.Name, trait, what))
		}
	}
	return why
}

// saying is what a trait of a table means for its upload.
type saying struct{ trait, says string }

// notCopied says why not even a snapshot of the table would be right.
func notCopied(t dialect.Table) []string {
	return said(t, []saying{
		{traitChildren, "it is inherited by %s, whose rows would be copied and deleted with its own"},
		{traitForeign, "its partition %s is a foreign table, on a server that takes no part in the transaction"},
		{traitDistributed, "it is distributed over several servers by Citus (%s), where one transaction's locks and checks do not hold for all rows"},
		{traitRowSecurity, "row-level security hides rows of it from you, which would be neither backed up nor cleared; upload as a role with BYPASSRLS, or as its owner%s"},
	})
}

// notInPlace says why the table's rows cannot be replaced.
func notInPlace(t dialect.Table) []string {
	return said(t, []saying{
		{traitParent, "it inherits from %s, so that its rows are rows of that table too; upload to a table of its own"},
		{traitPartition, "it is a partition of %s; upload to that table"},
		{traitInsertRule, "the rule %s changes what an INSERT does, and COPY knows nothing of rules; use a trigger"},
		{traitNoIdentity, "it is published by %s without a replica identity, so that its rows cannot be deleted; give it a primary key, or ALTER TABLE … REPLICA IDENTITY FULL"},
	})
}

func said(t dialect.Table, sayings []saying) (why []string) {
	for _, s := range sayings {
		if what, ok := traitOf(t, s.trait); ok {
			why = append(why, fmt.Sprintf(s.says, what))
		}
	}
	return why
}

// traitOf returns the rest of the trait with the prefix.
func traitOf(t dialect.Table, prefix string) (string, bool) {
	for _, trait := range t.Traits {
		if rest, ok := strings.CutPrefix(trait, prefix); ok {
			return rest, true
		}
	}
	return "", false
}
