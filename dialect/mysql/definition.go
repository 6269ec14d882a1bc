package mysql

import (
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// fact is what a view of the catalog has of a table's definition.
type fact struct {
	view string
	// expressions are what counts of each row.
	expressions []string
	// schema and table are the columns that name the table.
	schema, table string
}

// of is a fact of a view of information_schema.
func of(view string, columns ...string) fact {
	return fact{view: "information_schema." + view, expressions: columns, schema: "table_schema", table: "table_name"}
}

// commonFacts are those that MySQL, MariaDB and TiDB all have. How a row is kept
// counts only where the table says so, in its options.
func commonFacts(indexes ...string) []fact {
	return []fact{
		of("tables", "engine", "table_collation", "create_options", "table_comment"),
		of("columns", "ordinal_position", "column_name", "column_type", "collation_name", "is_nullable", "column_default", "extra", "generation_expression", "column_comment"),
		of("statistics", append(indexes, "index_name", "seq_in_index", "column_name", "non_unique", "collation", "sub_part", "index_type", "index_comment")...),
		of("partitions", "partition_ordinal_position", "partition_name", "partition_method", "partition_expression", "partition_description", "partition_comment",
			"subpartition_name", "subpartition_method", "subpartition_expression"),
	}
}

// Definition has the constraints' names without the table's own, with which the
// server begins those that it gives, and changes them when it renames the table.
// Of a histogram it has the column: what is in it, rows change.
func (Dialect) Definition(table dialect.Ident) string {
	name := "IF(left(constraint_name, " + fmt.Sprint(len([]rune(table.Name))+1) + ") = concat(" + text(table.Name) + ", '_'), substr(constraint_name, " +
		fmt.Sprint(len([]rune(table.Name))+1) + "), constraint_name)"
	histograms := of("column_statistics", "column_name")
	histograms.schema = "schema_name"
	checks := of("table_constraints LEFT JOIN information_schema.check_constraints USING (constraint_schema, constraint_name)", name, "constraint_type", "enforced", "check_clause")
	return definition(table, append(commonFacts("is_visible", "expression"), histograms, checks))
}

// Definition is without what only MySQL has; names of checks stay as they are.
func (MariaDB) Definition(table dialect.Ident) string {
	checks := of("check_constraints", "constraint_name", "level", "check_clause")
	checks.schema = "constraint_schema"
	return definition(table, append(commonFacts("ignored"), of("table_constraints", "constraint_name", "constraint_type"), checks))
}

// Definition has what TiDB shows beside the common facts. Of replicas in TiFlash it
// has none: looking at one table's takes as long as at those of all.
func (TiDB) Definition(table dialect.Ident) string {
	checks := of("tidb_check_constraints", "constraint_name", "check_clause")
	checks.schema = "constraint_schema"
	clustered := of("tidb_indexes", "key_name", "clustered", "is_global")
	placement := of("tables", "tidb_placement_policy_name", "tidb_row_id_sharding_info", "tidb_pk_type")
	return definition(table, append(commonFacts("is_visible", "expression"), of("table_constraints", "constraint_name", "constraint_type"), checks, clustered, placement))
}

// definition is one digest of the digests of all facts, each of its rows, in an
// order that does not depend on the server's.
func definition(table dialect.Ident, facts []fact) string {
	digests := make([]string, len(facts))
	for i, f := range facts {
		quoted := make([]string, len(f.expressions))
		for j, e := range f.expressions {
			quoted[j] = "quote(" + e + ")"
		}
		digests[i] = fmt.Sprintf("(SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(%s), 256) AS digest FROM %s WHERE %s = %s AND %s = %s) AS facts)",
			strings.Join(quoted, ", "), f.view, f.schema, schemaOf(table), f.table, text(table.Name))
	}
	return "sha2(concat_ws('/', " + strings.Join(digests, ", ") + "), 256)"
}

// Altered is the time at which the server last wrote the definition, to the
// second: it tells of what the catalog does not show.
func (Dialect) Altered(table dialect.Ident) string {
	return "(SELECT max(create_time) FROM information_schema.tables WHERE table_schema = " + schemaOf(table) + " AND table_name = " + text(table.Name) + ")"
}
