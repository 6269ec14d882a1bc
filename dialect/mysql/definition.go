package mysql

import (
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// fact is what a view of the catalog shows of a table's definition.
type fact struct {
	view string
	// expressions are the relevant columns of each row.
	expressions []string
	// schema and table are the columns with the table's schema and name.
	schema, table string
}

// of is a fact from a view of information_schema.
func of(view string, columns ...string) fact {
	return fact{view: "information_schema." + view, expressions: columns, schema: "table_schema", table: "table_name"}
}

// commonFacts are facts that MySQL, MariaDB and TiDB all have. The row format counts only
// if it is one of the table's options.
func commonFacts(indexes ...string) []fact {
	return []fact{
		of("tables", "engine", "table_collation", "create_options", "table_comment"),
		of("columns", "ordinal_position", "column_name", "column_type", "collation_name", "is_nullable", "column_default", "extra", "generation_expression", "column_comment"),
		of("statistics", append(indexes, "index_name", "seq_in_index", "column_name", "non_unique", "collation", "sub_part", "index_type", "index_comment")...),
		of("partitions", "partition_ordinal_position", "partition_name", "partition_method", "partition_expression", "partition_description", "partition_comment",
			"subpartition_name", "subpartition_method", "subpartition_expression"),
	}
}

// Definition has the constraints' names without the table's name: the server puts it in
// front of generated names, and changes them when the table is renamed. It has the
// columns of histograms, but not their contents, which change with the rows.
func (Dialect) Definition(table dialect.Ident) string {
	name := "IF(left(constraint_name, " + fmt.Sprint(len([]rune(table.Name))+1) + ") = concat(" + text(table.Name) + ", '_'), substr(constraint_name, " +
		fmt.Sprint(len([]rune(table.Name))+1) + "), constraint_name)"
	histograms := of("column_statistics", "column_name")
	histograms.schema = "schema_name"
	checks := of("table_constraints LEFT JOIN information_schema.check_constraints USING (constraint_schema, constraint_name)", name, "constraint_type", "enforced", "check_clause")
	return definition(table, append(commonFacts("is_visible", "expression"), histograms, checks))
}

// Definition leaves out what only MySQL has. The names of checks stay unchanged.
func (MariaDB) Definition(table dialect.Ident) string {
	checks := of("check_constraints", "constraint_name", "level", "check_clause")
	checks.schema = "constraint_schema"
	return definition(table, append(commonFacts("ignored"), of("table_constraints", "constraint_name", "constraint_type"), checks))
}

// Definition adds what only TiDB shows. It leaves out TiFlash replicas: reading those of
// one table takes as long as reading those of all tables.
func (TiDB) Definition(table dialect.Ident) string {
	checks := of("tidb_check_constraints", "constraint_name", "check_clause")
	checks.schema = "constraint_schema"
	clustered := of("tidb_indexes", "key_name", "clustered", "is_global")
	placement := of("tables", "tidb_placement_policy_name", "tidb_row_id_sharding_info", "tidb_pk_type")
	return definition(table, append(commonFacts("is_visible", "expression"), of("table_constraints", "constraint_name", "constraint_type"), checks, clustered, placement))
}

// definition is a digest of the digests of all facts, each with its rows in a fixed
// order.
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

// Altered is when the server last wrote the definition, to the second. It also shows
// changes that the catalog does not show.
func (Dialect) Altered(table dialect.Ident) string {
	return "(SELECT max(create_time) FROM information_schema.tables WHERE table_schema = " + schemaOf(table) + " AND table_name = " + text(table.Name) + ")"
}
