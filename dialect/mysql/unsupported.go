package mysql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// The traits of a table that decide which strategies are safe.
const (
	// traitNoTransactions is followed by the engine's name.
	traitNoTransactions = "without transactions: "
	traitVersioned      = "system-versioned"
	traitPartitioned    = "partitioned"
	traitCached         = "cached"
	// traitOnUpdate and traitInvisible are followed by a column's name.
	traitOnUpdate  = "on update: "
	traitInvisible = "invisible: "
	// traitCollation is followed by the table's default collation.
	traitCollation = "collation: "
	// traitNamedCheck is followed by the name of a check that a swap would rename, and
	// traitHistogram by a column whose histogram a swap would lose.
	traitNamedCheck = "named check: "
	// traitIgnored is followed by an ignored index, which a swap would make active.
	traitIgnored   = "ignored index: "
	traitHistogram = "histogram: "
	// traitStatistics marks a table with statistics that the user has made and that a swap
	// would lose.
	traitStatistics = "persistent statistics"
	// traitChecked marks a table with checks that keep the names of the shadow table, so
	// that the next swap would fail.
	traitChecked = "checked"
	// traitAutoRandom is followed by the number of bits in the primary key's first
	// column that are incremented.
	traitAutoRandom = "auto random: "
)

// Unsupported lists reasons why an upload cannot be safe. The planner checks foreign keys
// that would block a clear; see [dialect.ForeignKey].
func (d Dialect) Unsupported(t dialect.Target, s dialect.Strategy) []string {
	var why []string
	add := func(format string, args ...any) { why = append(why, fmt.Sprintf(format, args...)) }
	if t.Server.ReadOnly != "" {
		add("%s", t.Server.ReadOnly)
	}
	if t.Backup != nil {
		if engine, ok := trait(*t.Backup, traitNoTransactions); ok {
			add("its backup table %q is of the engine %s, which knows no transactions; convert it with ALTER TABLE … ENGINE=InnoDB", t.Backup.Ident.Name, engine)
		}
	}
	for _, left := range []*dialect.Table{t.Shadow, t.Old, t.Stage, t.List} {
		if left != nil {
			add("the table %q was left by a run that was cut off; tablesnap recover %s ends it. If that finds no such run, see what the table holds, and remove it with: %s", left.Ident.Name, t.Ident.Name, dialect.DropTable(d, left.Ident).SQL)
		}
	}
	if t.Server.NeedsKeys != "" && (t.Table == nil || len(t.Table.PrimaryKey) == 0) {
		add("%s, and %q has none; give it one, or make it with one before the upload", t.Server.NeedsKeys, t.Ident.Name)
	}
	if t.Table == nil {
		return why
	}
	switch s {
	case dialect.Swap:
		return slices.Concat(why, noSwap(*t.Table), noChunks(t))
	case dialect.NoStrategy:
		return append(why, noSnapshot(t)...)
	default: // in place and by sync, the rows change in one transaction
	}
	return append(why, notInPlace(*t.Table, t.Server, s)...)
}

// notInPlace is also about a sync, which is one transaction too.
func notInPlace(t dialect.Table, server dialect.Server, s dialect.Strategy) (why []string) {
	add := func(format string, args ...any) { why = append(why, fmt.Sprintf(format, args...)) }
	if engine, ok := trait(t, traitNoTransactions); ok {
		add("the table's engine %s knows no transactions: in place, its rows would be gone for good where the load fails; use the strategy swap", engine)
	}
	for _, f := range t.ForeignKeys {
		if f.RefTable == f.Table && f.Occupied && s != dialect.Sync {
			// https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html
			add("its rows refer to one another (%s), and are checked row by row, so that whether it can be cleared depends on their order; set these columns to NULL first, or drop the foreign key and add it again after the upload", strings.Join(f.Columns, ", "))
		}
	}
	if server.Cluster != "" {
		add("the server is a node of %s, where locks do not keep the writers of other nodes out; use the strategy swap", server.Cluster)
	}
	return why
}

// noChunks says why a table is too large for the one transaction in which a table without
// a usable key is copied.
func noChunks(t dialect.Target) []string {
	bytes := tooLarge(t)
	if bytes == 0 || len(chunkKey(*t.Table)) > 0 {
		return nil
	}
	return []string{fmt.Sprintf("it has no primary key, nor a unique key without NULLs, by which its rows could be copied in chunks, and with about %d bytes it is larger than a transaction of %s may be (%d bytes); give it a key", bytes, t.Server.Cluster, t.Server.WriteSetBytes)}
}

// noSnapshot says why a table is too large for the one transaction of a snapshot, which
// has to show the table as it was at one moment.
func noSnapshot(t dialect.Target) []string {
	bytes := tooLarge(t)
	if bytes == 0 {
		return nil
	}
	return []string{fmt.Sprintf("a snapshot without an upload is one transaction, and with about %d bytes the table is larger than a transaction of %s may be (%d bytes); an upload by swap copies the old rows in chunks", bytes, t.Server.Cluster, t.Server.WriteSetBytes)}
}

// tooLarge is the table's estimated size in bytes if that is more than one transaction of
// the cluster may write. Otherwise it is 0.
func tooLarge(t dialect.Target) int64 {
	if t.EstimatedRows == nil || t.Server.WriteSetBytes == 0 {
		return 0
	}
	if bytes := *t.EstimatedRows * t.RowBytes[t.Ident.Name]; bytes > t.Server.WriteSetBytes {
		return bytes
	}
	return 0
}

// noSwap finds what belongs to the old table and would be lost with it.
func noSwap(t dialect.Table) (why []string) {
	add := func(format string, args ...any) { why = append(why, fmt.Sprintf(format, args...)) }
	for _, f := range t.ForeignKeys {
		add("its foreign key %s (%s) would be lost in a swap", f.Name, strings.Join(f.Columns, ", "))
	}
	for _, f := range t.ReferencedBy {
		add("the foreign key %s of %q would go on to refer to the old table after a swap", f.Name, f.Table.Name)
	}
	if len(t.Triggers) > 0 {
		add("its triggers would be lost in a swap: %s", strings.Join(t.Triggers, ", "))
	}
	if t.HasTrait(traitVersioned) {
		add("it is system-versioned, and a swap would throw its history away")
	}
	if t.HasTrait(traitCached) {
		// https://docs.pingcap.com/tidb/stable/cached-tables/
		add("it is a cached table, which cannot be renamed; use the strategy in-place, or run ALTER TABLE %s NOCACHE before the upload, and … CACHE after it", Dialect{}.QuoteTable(t.Ident))
	}
	if t.HasTrait(traitChecked) {
		add("it has CHECK constraints, whose names would stay those of the shadow, so that the next swap fails; use the strategy in-place")
	}
	if names := traits(t, traitNamedCheck); len(names) > 0 {
		add("its CHECK constraints would get other names in a swap (%s); use the strategy in-place", strings.Join(names, ", "))
	}
	if indexes := traits(t, traitIgnored); len(indexes) > 0 {
		add("its ignored indexes would be used after a swap (%s); use the strategy in-place", strings.Join(indexes, ", "))
	}
	if columns := traits(t, traitHistogram); len(columns) > 0 {
		add("its histograms would be lost in a swap (%s); use the strategy in-place, or drop them with ANALYZE TABLE … DROP HISTOGRAM and make them again after it", strings.Join(columns, ", "))
	}
	if t.HasTrait(traitStatistics) {
		// https://mariadb.com/docs/server/ha-and-performance/optimization-and-tuning/query-optimizations/statistics-for-optimizing-queries/engine-independent-table-statistics
		add("its engine-independent statistics would be lost in a swap; use the strategy in-place, or delete them (DELETE FROM mysql.table_stats, mysql.column_stats, mysql.index_stats), and make them again after it with ANALYZE TABLE … PERSISTENT FOR ALL")
	}
	return why
}

// traits returns the text after the prefix in every trait that has the prefix.
func traits(t dialect.Table, prefix string) (found []string) {
	for _, trait := range t.Traits {
		if rest, ok := strings.CutPrefix(trait, prefix); ok {
			found = append(found, rest)
		}
	}
	return found
}

// trait returns the text after the prefix in the first trait that has the prefix.
func trait(t dialect.Table, prefix string) (string, bool) {
	for _, trait := range t.Traits {
		if rest, ok := strings.CutPrefix(trait, prefix); ok {
			return rest, true
		}
	}
	return "", false
}
