package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tablesnap/tablesnap/dialect"
)

// Lacks asks the server about all privileges at once
// (https://www.postgresql.org/docs/current/ddl-priv.html). Tables that the run creates
// belong to the user.
func (d Dialect) Lacks(ctx context.Context, c dialect.Conn, needs []dialect.Need) ([]string, error) {
	in := d.inspection(ctx, c)
	var tables, rights, schemas []string
	for _, n := range needs {
		tables, rights, schemas = append(tables, d.QuoteTable(n.Table)), append(rights, rightTo(n.Deed)), append(schemas, n.Table.Schema)
	}
	var queries []string
	for kind, l := range lacking() {
		if slices.ContainsFunc(rights, func(right string) bool { return slices.Contains(l.rights, right) }) {
			queries = append(queries, fmt.Sprintf("SELECT %s, %d, n.place FROM %s AND n.deed IN (%s)", l.says, kind, l.from, texts(l.rights)))
		}
	}
	if len(queries) == 0 {
		return nil, nil
	}
	var says []string
	for _, found := range in.Names("SELECT says FROM ("+strings.Join(queries, "\nUNION ALL ")+") AS missing (says, kind, place) ORDER BY kind, place", tables, rights, schemas) {
		if !slices.Contains(says, found) {
			says = append(says, found)
		}
	}
	if in.Err != nil {
		return nil, fmt.Errorf("look up the user's rights: %w", in.Err)
	}
	return says, nil
}

// lack is a part of a query: an expression that describes a missing privilege, and where it
// comes from. $1 are the tables, $2 the privileges, and $3 the schemas, which are empty for
// the ledger's.
type lack struct {
	rights     []string
	says, from string
}

func lacking() []lack {
	const (
		need  = `unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS n (ident, deed, schema, place)`
		table = need + ` JOIN (SELECT c.oid, c.relname, c.relowner, format('%I.%I', s.nspname, c.relname) AS name
			FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace) t ON t.oid = to_regclass(n.ident)`
	)
	onTables := []string{"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"}
	return []lack{
		{onTables,
			`format('%s on %s is missing: GRANT %1$s ON %2$s TO %3$I', n.deed, t.name, current_user)`, table + `
			WHERE NOT has_table_privilege(t.oid, CASE WHEN n.deed IN (` + texts(onTables) + `) THEN n.deed END)`}, // the server knows no others
		// Each of these rights allows every lock (https://www.postgresql.org/docs/current/sql-lock.html).
		{[]string{"LOCK"},
			`format('UPDATE on %s is missing, or DELETE, by which it may be locked: GRANT UPDATE ON %1$s TO %2$I', t.name, current_user)`, table + ` WHERE NOT has_table_privilege(t.oid, 'UPDATE, DELETE, TRUNCATE')`},
		{[]string{"ALTER", "INDEX", "DROP"},
			`format('only the owner of %s may alter or drop it: GRANT %I TO %I', t.name, pg_get_userbyid(t.relowner), current_user)`, table + ` WHERE NOT pg_has_role(t.relowner, 'USAGE')`},
		// The run's id is read from the sequence.
		{[]string{"INSERT"},
			`format('USAGE on the sequence %s is missing: GRANT USAGE ON SEQUENCE %1$s TO %2$I', q.name, current_user)`, table + `,
			LATERAL (SELECT pg_get_serial_sequence(t.name, 'id') AS name) q WHERE t.relname = '` + dialect.RunTable + `' AND NOT coalesce(has_sequence_privilege(q.name, 'USAGE'), true)`},
		{[]string{"CREATE"},
			`format('CREATE on the schema %I is missing: GRANT CREATE ON SCHEMA %1$I TO %2$I', s.name, current_user)`, need + `,
			LATERAL (SELECT coalesce(nullif(n.schema, ''), current_schema()) AS name) s WHERE NOT has_schema_privilege(s.name, 'CREATE')`},
		{[]string{"TEMPORARY"},
			`format('TEMPORARY on the database %I is missing: GRANT TEMPORARY ON DATABASE %1$I TO %2$I', current_database(), current_user)`, need + `
			WHERE NOT has_database_privilege(current_database(), 'TEMPORARY')`},
	}
}

func rightTo(d dialect.Deed) string {
	switch d {
	case dialect.ToRead:
		return "SELECT"
	case dialect.ToMakeTemporary:
		return "TEMPORARY"
	default:
		return strings.ToUpper(string(d))
	}
}

// Denied reports whether the server rejected a statement because of a missing privilege.
func (Dialect) Denied(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == "42501" // insufficient_privilege
}
