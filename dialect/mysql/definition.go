package mysql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// fact is what a view of the catalog shows of a table's definition.
type fact struct {
	view string
	// expressions are the relevant columns of each row. A question mark in them stands for
	// the table's name; there are names of them.
	expressions []string
	names       int
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

// facts have the constraints' names without the table's name: the server puts it in front
// of generated names, and changes them when the table is renamed. They have the columns of
// histograms, but not their contents, which change with the rows.
func (Dialect) facts() []fact {
	const name = "IF(left(constraint_name, char_length(?) + 1) = concat(?, '_'), substr(constraint_name, char_length(?) + 1), constraint_name)"
	histograms := of("column_statistics", "column_name")
	histograms.schema = "schema_name"
	checks := of("table_constraints LEFT JOIN information_schema.check_constraints USING (constraint_schema, constraint_name)", name, "constraint_type", "enforced", "check_clause")
	checks.names = 3
	return append(commonFacts("is_visible", "expression"), histograms, checks)
}

// facts leave out what only MySQL has. The names of checks stay unchanged.
func (MariaDB) facts() []fact {
	checks := of("check_constraints", "constraint_name", "level", "check_clause")
	checks.schema = "constraint_schema"
	return append(commonFacts("ignored"), of("table_constraints", "constraint_name", "constraint_type"), checks)
}

// facts add what only TiDB shows. They leave out TiFlash replicas: reading those of one table
// takes as long as reading those of all tables.
func (TiDB) facts() []fact {
	checks := of("tidb_check_constraints", "constraint_name", "check_clause")
	checks.schema = "constraint_schema"
	clustered := of("tidb_indexes", "key_name", "clustered", "is_global")
	placement := of("tables", "tidb_placement_policy_name", "tidb_row_id_sharding_info", "tidb_pk_type")
	return append(commonFacts("is_visible", "expression"), of("table_constraints", "constraint_name", "constraint_type"), checks, clustered, placement)
}

// definer is a family member with its facts.
type definer interface {
	dialect.Preparer
	dialect.Variables
	facts() []fact
}

// Definition leaves the table's name open in what it prepares.
func (d Dialect) Definition(t dialect.Ident) dialect.Definition { return define(d, t) }

// Definition has MariaDB's facts.
func (d MariaDB) Definition(t dialect.Ident) dialect.Definition { return define(d, t) }

// Definition has TiDB's facts.
func (d TiDB) Definition(t dialect.Ident) dialect.Definition { return define(d, t) }

func define(d definer, t dialect.Ident) dialect.Definition {
	return dialect.Definition{Prepare: prepareDefinition(d, t), Find: findDefinition(d, t)}
}

// definition is the name of the prepared statement that finds a definition.
const definition = "tablesnap_definition"

// prepareDefinition prepares a digest of the digests of all facts, each with the number of
// its view. The table's name is left open.
func prepareDefinition(d definer, table dialect.Ident) []dialect.Stmt {
	facts := d.facts()
	digests := make([]string, len(facts))
	for i, f := range facts {
		digests[i] = fmt.Sprintf("SELECT sha2(json_array(%d, %s), 256) AS digest FROM %s WHERE %s = %s AND %s = ?",
			i, strings.Join(f.expressions, ", "), f.view, f.schema, schemaOf(table), f.table)
	}
	digest := "(SELECT sha2(group_concat(digest ORDER BY digest), 256) FROM (" + strings.Join(digests, " UNION ALL ") + ") AS facts)"
	return []dialect.Stmt{d.Prepare(definition, d.SetVar(dialect.FoundDefinition, digest)[0].SQL)}
}

func findDefinition(d definer, table dialect.Ident) []dialect.Stmt {
	const name = "@tablesnap_name"
	var names []string
	for _, f := range d.facts() {
		names = append(names, slices.Repeat([]string{name}, f.names+1)...)
	}
	return []dialect.Stmt{
		{SQL: "SET " + name + " = " + text(table.Name)},
		{SQL: d.Execute(definition).SQL + " USING " + strings.Join(names, ", ")},
	}
}

// Altered is when the server last wrote the definition, to the second. It also shows
// changes that the catalog does not show.
func (Dialect) Altered(table dialect.Ident) string {
	return "(SELECT max(create_time) FROM information_schema.tables WHERE table_schema = " + schemaOf(table) + " AND table_name = " + text(table.Name) + ")"
}
