package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"

	"github.com/tablesnap/tablesnap/dialect"
)

// Inspect reads the catalog; it writes nothing and counts nothing.
func (d Dialect) Inspect(ctx context.Context, c dialect.Conn, name string) (dialect.Target, error) {
	in := &inspection{ctx: ctx, conn: c, d: d}
	t := dialect.Target{Format: dialect.TargetFormat, Server: in.server()}
	t.Ident = in.find(name)
	t.Ledger = in.ledger(t.Ident)
	t.Table = in.table(t.Ident)
	t.Backup = in.table(t.Ident.InSchemaOf(d.SuffixedName(t.Ident.Name, dialect.BackupSuffix)))
	t.Preserved = in.preserved(t.Ident)
	if t.Table != nil {
		t.EstimatedRows = in.estimatedRows(t.Ident)
		in.rights(t.Table, ofTarget)
		in.dropBreaks(t.Table)
	}
	if t.Backup != nil {
		in.rights(t.Backup, ofBackup)
	}
	if in.err != nil {
		return t, fmt.Errorf("inspect table %q: %w", name, in.err)
	}
	return t, nil
}

// server finds out why nothing may be written
// (https://www.postgresql.org/docs/current/hot-standby.html).
func (in *inspection) server() dialect.Server {
	s := dialect.Server{Dialect: Name}
	var standby bool
	in.each(func(r *sql.Rows) error { return r.Scan(&standby) }, `SELECT pg_is_in_recovery()`)
	if standby {
		s.ReadOnly = "the server is a standby, which takes no writes; connect to the primary"
	}
	return s
}

// find returns the catalog's spelling of a name in the first schema of the
// search path that has it; where nothing has that name, of the table's name that
// it stands for. A table that is not there will be made in the first schema.
func (in *inspection) find(name string) dialect.Ident {
	for _, candidate := range []string{name, dialect.TableName(name)} {
		if found := in.inSearchPath(candidate); found.Name != "" {
			return found
		}
	}
	var schema *string
	in.each(func(r *sql.Rows) error { return r.Scan(&schema) }, `SELECT current_schema()`)
	if schema == nil {
		in.fail(errors.New("no schema of the search path exists; name one in the DSN with ?search_path="))
		return dialect.Ident{}
	}
	return dialect.Ident{Schema: *schema, Name: dialect.TableName(name)}
}

// inSearchPath looks a name up as the server does, temporary tables aside. The
// name is compared as text: as a name it would be cut to 63 bytes.
func (in *inspection) inSearchPath(name string) (found dialect.Ident) {
	in.each(func(r *sql.Rows) error { return r.Scan(&found.Schema, &found.Name) },
		`SELECT n.nspname, c.relname FROM unnest(current_schemas(false)) WITH ORDINALITY AS path (name, place)
		JOIN pg_namespace n ON n.nspname = path.name
		JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
		WHERE c.relname::text = $1 ORDER BY path.place LIMIT 1`, name)
	return found
}

// preservedSuffix finds what may follow a table's name in the name of a table
// that keeps rows which its backup table could not take.
var preservedSuffix = regexp.MustCompile(regexp.QuoteMeta(dialect.PreservedSuffix) + `[0-9]+(_[0-9]+)?$`)

func (in *inspection) preserved(t dialect.Ident) []string {
	var found []string
	for _, name := range in.names(`SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relkind = 'r' AND strpos(c.relname, $2) > 1 ORDER BY c.relname COLLATE "C"`, t.Schema, dialect.PreservedSuffix) {
		if suffix := preservedSuffix.FindString(name); suffix != "" && name == in.d.SuffixedName(t.Name, suffix) {
			found = append(found, name)
		}
	}
	return found
}

// inspection reads one thing after another and keeps the first error, so that
// what is read stands out from what can fail.
type inspection struct {
	ctx  context.Context
	conn dialect.Conn
	d    Dialect
	err  error
}

func (in *inspection) fail(err error) {
	if in.err == nil {
		in.err = err
	}
}

// each calls scan for every row of a query.
func (in *inspection) each(scan func(*sql.Rows) error, query string, args ...any) {
	if in.err != nil {
		return
	}
	rows, err := in.conn.QueryContext(in.ctx, query, args...)
	if err != nil {
		in.err = err
		return
	}
	defer rows.Close()
	for rows.Next() {
		if in.err = scan(rows); in.err != nil {
			return
		}
	}
	in.err = rows.Err()
}

func (in *inspection) names(query string, args ...any) []string {
	var names []string
	in.each(func(r *sql.Rows) error {
		var n string
		err := r.Scan(&n)
		names = append(names, n)
		return err
	}, query, args...)
	return names
}

// estimatedRows is what VACUUM or ANALYZE left, -1 for nothing
// (https://www.postgresql.org/docs/current/catalog-pg-class.html).
func (in *inspection) estimatedRows(t dialect.Ident) *int64 {
	var rows *int64
	in.each(func(r *sql.Rows) error { return r.Scan(&rows) },
		`SELECT CASE WHEN reltuples >= 0 THEN reltuples::bigint END FROM pg_class WHERE oid = to_regclass($1)`, in.d.QuoteTable(t))
	return rows
}

// LedgerVersion asks goose's version table.
func (d Dialect) LedgerVersion(ctx context.Context, c dialect.Conn) (int64, error) {
	in := &inspection{ctx: ctx, conn: c, d: d}
	v := in.ledgerVersion()
	return v, in.err
}

func (in *inspection) ledgerVersion() (version int64) {
	if in.ledgerSchema() != "" {
		in.each(func(r *sql.Rows) error { return r.Scan(&version) },
			`SELECT coalesce(max("version_id"), 0) FROM "`+dialect.VersionTable+`"`)
	}
	return version
}

// ledgerSchema is where tablesnap's own tables are found, empty where there are
// none.
func (in *inspection) ledgerSchema() string {
	found := in.names(`SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.oid = to_regclass($1)`, in.d.Quote(dialect.VersionTable))
	if len(found) == 0 {
		return ""
	}
	return found[0]
}

// ledger reads what is known of the table. One ledger is for the tables of one
// schema: of a table that it knows by its name alone there must not be two.
func (in *inspection) ledger(table dialect.Ident) dialect.Ledger {
	schema := in.ledgerSchema()
	if schema == "" {
		for _, first := range in.names(`SELECT current_schema() WHERE current_schema() IS NOT NULL`) {
			in.sameSchema(table, first)
		}
		return dialect.Ledger{}
	}
	in.sameSchema(table, schema)
	l := dialect.Ledger{Migration: in.ledgerVersion()}
	if l.Migration == 0 {
		return l
	}
	in.each(func(r *sql.Rows) error {
		l.Last = &dialect.Version{}
		return r.Scan(&l.Last.Number, &l.Last.Event, &l.Last.DocID, &l.Last.UploadTimestamp, &l.Last.Rows, &l.Last.SourceSHA256)
	}, `SELECT version_made, event, doc_id, upload_timestamp, coalesce(rows_loaded, 0), source_sha256 FROM "`+dialect.RunTable+
		`" WHERE table_name = $1 AND state = 'done' AND version_made > 0 ORDER BY version_made DESC LIMIT 1`, table.Name)
	return l
}

func (in *inspection) sameSchema(table dialect.Ident, ledger string) {
	if table.Schema != ledger {
		in.fail(fmt.Errorf("the table is in the schema %q, and tablesnap's own tables would be those of %q; name one schema in the DSN with ?search_path=%s", table.Schema, ledger, table.Schema))
	}
}
