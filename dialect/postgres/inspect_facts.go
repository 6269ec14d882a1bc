package postgres

import (
	"database/sql"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// relatives finds tables that inherit rows from the table or to it
// (https://www.postgresql.org/docs/current/ddl-inherit.html), rules that COPY would
// bypass, and publications that cannot replicate a DELETE.
func (in *inspection) relatives(t *dialect.Table) {
	below := note{traitChildren, `SELECT string_agg(c.relname, ', ' ORDER BY c.relname COLLATE "C") FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = to_regclass($1)`}
	if t.HasTrait(traitPartitioned) {
		below = note{traitForeign, `SELECT string_agg(c.relname, ', ' ORDER BY c.relname COLLATE "C") FROM pg_partition_tree(to_regclass($1)) p JOIN pg_class c ON c.oid = p.relid
		WHERE c.relkind = 'f'`}
	}
	notes := append([]note{below}, relations()...)
	queries, found, into := make([]string, len(notes)), make([]sql.NullString, len(notes)), make([]any, len(notes))
	for i, n := range notes {
		queries[i], into[i] = "("+n.names+")", &found[i]
	}
	var citus bool
	table := in.d.QuoteTable(t.Ident)
	in.Each(func(r *sql.Rows) error { return r.Scan(append(into, &citus)...) },
		"SELECT "+strings.Join(queries, ",\n")+", to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL", table)
	for i, n := range notes {
		if found[i].Valid {
			t.Traits = append(t.Traits, n.trait+found[i].String)
		}
	}
	// https://docs.citusdata.com/en/stable/develop/api_metadata.html
	if citus && len(in.Names(`SELECT 1 FROM pg_catalog.pg_dist_partition WHERE logicalrelid::oid = to_regclass($1)`, table)) > 0 {
		t.Traits = append(t.Traits, traitDistributed+"pg_dist_partition")
	}
}

// note is a trait, and a query of the names that it ends with, which is NULL if the table
// does not have it.
type note struct{ trait, names string }

func relations() []note {
	const parents = `SELECT string_agg(p.relname, ', ' ORDER BY i.inhseqno) FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhrelid = to_regclass($1) AND c.relispartition = `
	return []note{
		{traitPartition, parents + `true`},
		{traitParent, parents + `false`},
		{traitInsertRule, `SELECT string_agg(rulename, ', ' ORDER BY rulename) FROM pg_rewrite
			WHERE ev_class = to_regclass($1) AND ev_type = '3' AND ev_enabled IN ('O', 'A')`},
		{traitDeferred, `SELECT '' WHERE EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = to_regclass($1) AND NOT tgisinternal AND tgdeferrable AND tgenabled IN ('O', 'A') AND tgtype & 28 <> 0)
			OR EXISTS (SELECT 1 FROM pg_constraint WHERE conrelid = to_regclass($1) AND contype IN ('p', 'u', 'x') AND condeferrable)`},
		// https://www.postgresql.org/docs/current/logical-replication-publication.html
		{traitNoIdentity, `SELECT string_agg(p.pubname, ', ' ORDER BY p.pubname COLLATE "C") FROM pg_publication p JOIN pg_class c ON c.oid = to_regclass($1)
			WHERE p.pubdelete AND (c.relreplident = 'n' OR c.relreplident = 'd' AND NOT EXISTS (
				SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary))
			AND EXISTS (SELECT 1 FROM pg_get_publication_tables(p.pubname::text) pt WHERE pt.relid = c.oid)`},
	}
}

// sequences finds the sequences in defaults, except those of Assigned columns.
func (in *inspection) sequences(t *dialect.Table) {
	if !slices.ContainsFunc(t.Columns, func(c dialect.Column) bool { return c.Default != nil }) {
		return
	}
	in.Each(func(r *sql.Rows) error {
		var column string
		var s dialect.Sequence
		var owned, may bool
		if err := r.Scan(&column, &s.Name, &owned, &may); err != nil {
			return err
		}
		i := slices.IndexFunc(t.Columns, func(c dialect.Column) bool { return c.Name == column })
		switch kind := parseType(bareType(t.Columns[i])).family(); {
		case owned && t.Columns[i].Assigned:
			return nil
		case !may:
			s.Stays = "you lack the rights UPDATE and USAGE on it"
		case kind != familyInteger && kind != familyNumeric:
			s.Stays = "its numbers are a part of a " + t.Columns[i].Type
		}
		t.Columns[i].Sequences = append(t.Columns[i].Sequences, s)
		return nil
	}, `SELECT a.attname, s.seqrelid::regclass::text, s.seqrelid IS NOT DISTINCT FROM pg_get_serial_sequence($1, a.attname)::regclass, `+mayMove+`
		FROM pg_attribute a JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum JOIN pg_sequence s ON `+namedByDefault+`
		WHERE a.attrelid = to_regclass($1) AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum, 2`, in.d.QuoteTable(t.Ident))
}
