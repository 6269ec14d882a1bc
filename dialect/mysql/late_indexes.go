package mysql

import (
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// lateIndexes says whether a load is faster if the table gets indexes after the rows. InnoDB
// sorts the keys of all rows at once
// (https://dev.mysql.com/doc/refman/8.4/en/sorted-index-builds.html). TiDB fills an index
// by transactions on rows that are there, which takes longer than to load them with it
// (https://docs.pingcap.com/tidb/stable/sql-statement-add-index/).
type lateIndexes string

const (
	fasterLate lateIndexes = "faster"
	slowerLate lateIndexes = ""
)

// indexDefinitions copies the line of each index from SHOW CREATE TABLE, and puts the
// indexes into that order. The catalog shows neither the order nor all options. If an index
// is of another kind (FULLTEXT, SPATIAL), none gets its line: the order would change.
func (in *inspection) indexDefinitions(t *dialect.Table) {
	listed := in.listedAs(t.Ident)
	if in.v.catalog().lateIndexes == slowerLate || listed == nil || listed.engine == nil || *listed.engine != "InnoDB" {
		return
	}
	var found []dialect.Index
	for line := range strings.SplitSeq(in.created[t.Ident.Name], "\n") {
		line = strings.TrimSuffix(strings.TrimPrefix(line, "  "), ",")
		i := slices.IndexFunc(t.Indexes, func(i dialect.Index) bool { return strings.HasPrefix(line, "KEY "+in.v.Quote(i.Name)+" (") })
		if i >= 0 {
			index := t.Indexes[i]
			index.Definition = line
			found = append(found, index)
		}
	}
	if len(found) == len(t.Indexes) {
		t.Indexes = found
	}
}

// LateIndexes are all indexes that are not unique, or none. Each node of a cluster would wait
// until another one has added an index
// (https://galeracluster.com/library/documentation/schema-upgrades.html).
func (Dialect) LateIndexes(s dialect.Server, t dialect.Table) []dialect.Index {
	late := func(i dialect.Index) bool { return i.Definition != "" && !slices.Contains(i.Columns, expressionKey) }
	if s.Cluster != "" || numberedByIndex(t) || slices.ContainsFunc(t.Indexes, func(i dialect.Index) bool { return !late(i) }) {
		return nil
	}
	return t.Indexes
}

// numberedByIndex reports whether the table's AUTO_INCREMENT needs one of its indexes.
func numberedByIndex(t dialect.Table) bool {
	for _, c := range t.Columns {
		leads := func(key []string) bool { return len(key) > 0 && key[0] == c.Name }
		if c.Assigned && !leads(t.PrimaryKey) && !slices.ContainsFunc(t.Uniques, leads) {
			return true
		}
	}
	return false
}

// DropIndexes drops them by name.
func (d Dialect) DropIndexes(table dialect.Ident, indexes []dialect.Index) dialect.Stmt {
	return d.alterIndexes(table, indexes, func(i dialect.Index) string { return "DROP INDEX " + d.Quote(i.Name) })
}

// AddIndexes adds them as the server has written them.
func (d Dialect) AddIndexes(table dialect.Ident, indexes []dialect.Index) dialect.Stmt {
	return d.alterIndexes(table, indexes, func(i dialect.Index) string { return "ADD " + i.Definition })
}

func (d Dialect) alterIndexes(table dialect.Ident, indexes []dialect.Index, change func(dialect.Index) string) dialect.Stmt {
	changes := make([]string, len(indexes))
	for i, index := range indexes {
		changes[i] = "\n  " + change(index)
	}
	return d.alter(table, strings.Join(changes, ","))
}
