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
	table := in.d.QuoteTable(t.Ident)
	note := func(trait, query string) {
		if found := in.Names(query, table); len(found) > 0 {
			t.Traits = append(t.Traits, trait+strings.Join(found, ", "))
		}
	}
	if t.HasTrait(traitPartitioned) {
		note(traitForeign, `SELECT c.relname FROM pg_partition_tree(to_regclass($1)) p JOIN pg_class c ON c.oid = p.relid
			WHERE c.relkind = 'f' ORDER BY c.relname COLLATE "C"`)
	} else {
		note(traitChildren, `SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
			WHERE i.inhparent = to_regclass($1) ORDER BY c.relname COLLATE "C"`)
	}
	// https://docs.citusdata.com/en/stable/develop/api_metadata.html
	if len(in.Names(`SELECT 1 WHERE to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL`)) > 0 {
		note(traitDistributed, `SELECT 'pg_dist_partition' FROM pg_catalog.pg_dist_partition WHERE logicalrelid::oid = to_regclass($1)`)
	}
	const parents = `SELECT p.relname FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhrelid = to_regclass($1) AND c.relispartition = `
	note(traitPartition, parents+`true`)
	note(traitParent, parents+`false ORDER BY i.inhseqno`)
	note(traitInsertRule, `SELECT rulename FROM pg_rewrite WHERE ev_class = to_regclass($1) AND ev_type = '3' AND ev_enabled IN ('O', 'A') ORDER BY rulename`)
	if len(in.Names(`SELECT 1 FROM pg_trigger WHERE tgrelid = to_regclass($1) AND NOT tgisinternal AND tgdeferrable AND tgenabled IN ('O', 'A') AND tgtype & 28 <> 0
		UNION SELECT 1 FROM pg_constraint WHERE conrelid = to_regclass($1) AND contype IN ('p', 'u', 'x') AND condeferrable`, table)) > 0 {
		t.Traits = append(t.Traits, traitDeferred)
	}
	// https://www.postgresql.org/docs/current/logical-replication-publication.html
	note(traitNoIdentity, `SELECT p.pubname FROM pg_publication p JOIN pg_class c ON c.oid = to_regclass($1)
		WHERE p.pubdelete AND (c.relreplident = 'n' OR c.relreplident = 'd' AND NOT EXISTS (
			SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary))
		AND EXISTS (SELECT 1 FROM pg_get_publication_tables(p.pubname::text) pt WHERE pt.relid = c.oid) ORDER BY p.pubname COLLATE "C"`)
}

// rowSecurity finds out whether policies hide rows of the table from the user.
func (in *inspection) rowSecurity(t *dialect.Table) {
	if t.Kind == dialect.BaseTable && len(in.Names(`SELECT 1 WHERE row_security_active(to_regclass($1))`, in.d.QuoteTable(t.Ident))) > 0 {
		t.Traits = append(t.Traits, traitRowSecurity)
	}
}

// sequences finds the sequences in defaults, except those of Assigned columns.
func (in *inspection) sequences(t *dialect.Table) {
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
