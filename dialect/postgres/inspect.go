package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/internal/lookup"
)

// Inspect reads only the catalog. It counts no rows.
func (d Dialect) Inspect(ctx context.Context, c dialect.Conn, table dialect.Reference) (dialect.Target, error) {
	return lookup.Inspect(func() (dialect.Target, error) { return d.inspect(ctx, c, table, lookup.WithDrops) }, vanished)
}

// InspectWithoutDrops saves looking through the functions of the database.
func (d Dialect) InspectWithoutDrops(ctx context.Context, c dialect.Conn, table dialect.Reference) (dialect.Target, error) {
	return lookup.Inspect(func() (dialect.Target, error) { return d.inspect(ctx, c, table, lookup.WithoutDrops) }, vanished)
}

// vanished reports whether an error says that an object no longer exists. The server's
// own functions see the present catalog, whatever the query's snapshot is
// (https://www.postgresql.org/docs/current/errcodes-appendix.html).
func vanished(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && slices.Contains([]string{
		"42P01", "42703", "42704", // no such table, column, object
		"XX000", // the oid of something that is gone
	}, e.Code)
}

func (d Dialect) inspect(ctx context.Context, c dialect.Conn, table dialect.Reference, drops lookup.Drops) (dialect.Target, error) {
	in := d.inspection(ctx, c)
	t := dialect.Target{Format: dialect.TargetFormat, Server: in.server()}
	t.Ident = in.find(table)
	t.Ledger, t.LastRun = in.ledger(t.Ident)
	t.Table = in.table(t.Ident)
	t.Backup = in.table(t.Ident.InSchemaOf(dialect.SuffixedName(d, t.Ident.Name, dialect.BackupSuffix)))
	t.Preserved = in.preserved(t.Ident)
	if t.Table != nil {
		t.EstimatedRows, t.RowSize = in.estimates(t.Ident)
		if drops == lookup.WithDrops {
			in.dropBreaks(t.Table)
		}
	}
	return t, in.Inspected(table.Name.Text)
}

// server finds out whether the server takes no writes
// (https://www.postgresql.org/docs/current/hot-standby.html).
func (in *inspection) server() dialect.Server {
	s := dialect.Server{Dialect: Name}
	var version string
	var dsql bool
	in.Each(func(r *sql.Rows) error { return r.Scan(&version, &dsql) }, `SELECT version(), to_regclass('sys.iam_pg_role_mappings') IS NOT NULL`)
	if other := otherProduct(version, dsql); other != "" {
		in.Fail(fmt.Errorf("the server is %s, which speaks PostgreSQL's protocol and locks, rolls back and copies in other ways: no promise of tablesnap is kept there; use a server of PostgreSQL", other))
		return s
	}
	var standby bool
	in.Each(func(r *sql.Rows) error { return r.Scan(&standby) }, `SELECT pg_is_in_recovery()`)
	if standby {
		s.ReadOnly = "the server is a standby, which takes no writes; connect to the primary"
	}
	return s
}

// otherProduct is the name of another database that accepts PostgreSQL's clients, read
// from its version. Aurora DSQL is recognized by a table that only it has
// (https://www.cockroachlabs.com/docs/stable/functions-and-operators#system-info-functions,
// https://docs.yugabyte.com/stable/api/ysql/exprs/func_yb_version/,
// https://docs.aws.amazon.com/aurora-dsql/latest/userguide/using-database-and-iam-roles.html).
func otherProduct(version string, dsql bool) string {
	switch {
	case strings.Contains(version, "CockroachDB"):
		return "CockroachDB"
	case strings.Contains(version, "-YB-"):
		return "YugabyteDB"
	case dsql:
		return "Aurora DSQL"
	default:
		return ""
	}
}

// find returns the catalog's spelling of a name in the given schema, or in the first
// schema of the search path that has it. A new table is created in the given schema, or
// in the first of the search path.
func (in *inspection) find(table dialect.Reference) dialect.Ident {
	schema := in.schemaOf(table)
	for _, name := range table.Name.Spellings() {
		if found := in.inSchemas(schema, name); found.Name != "" {
			return found
		}
	}
	if schema != nil {
		return dialect.Ident{Schema: *schema, Name: table.Name.Made()}
	}
	in.Each(func(r *sql.Rows) error { return r.Scan(&schema) }, `SELECT current_schema()`)
	if schema == nil {
		in.Fail(errors.New("no schema of the search path exists; name one in the DSN with ?search_path="))
		return dialect.Ident{}
	}
	return dialect.Ident{Schema: *schema, Name: table.Name.Made()}
}

// schemaOf is the schema in a reference, or nil.
func (in *inspection) schemaOf(table dialect.Reference) *string {
	if table.Schema.Text == "" {
		return nil
	}
	for _, name := range table.Schema.Spellings() {
		if found := in.Names(`SELECT nspname FROM pg_namespace WHERE nspname::text = $1`, name); len(found) > 0 {
			return &found[0]
		}
	}
	in.Fail(dialect.NoSchema(table, "schema"))
	return nil
}

// inSchemas looks a name up in one schema, or in the search path without temporary
// tables.
func (in *inspection) inSchemas(schema *string, name string) (found dialect.Ident) {
	in.Each(func(r *sql.Rows) error { return r.Scan(&found.Schema, &found.Name) },
		`SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			AND n.nspname = ANY (CASE WHEN $2::text IS NULL THEN current_schemas(false) ELSE ARRAY[$2::name] END)
		WHERE `+named("$1")+` AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
		ORDER BY array_position(current_schemas(false), n.nspname) LIMIT 1`, name, schema)
	return found
}

func (in *inspection) preserved(t dialect.Ident) []string {
	return lookup.Preserved(in.d, t.Name, in.Names(`SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relkind = 'r' AND strpos(c.relname, $2) > 1 ORDER BY c.relname COLLATE "C"`, t.Schema, dialect.PreservedSuffix))
}

// inspection reads what planning needs to know.
type inspection struct {
	lookup.Reader
	d Dialect
}

func (d Dialect) inspection(ctx context.Context, c dialect.Conn) *inspection {
	return &inspection{Reader: lookup.Reader{Ctx: ctx, Conn: preparing(c)}, d: d}
}

// estimates are those of the rows, by what VACUUM or ANALYZE has stored, which is -1 if
// neither has run, and of the size of a row, with what is stored beside it. No function
// for sizes is called, since it would wait for whoever has locked the table
// (https://www.postgresql.org/docs/current/catalog-pg-class.html).
func (in *inspection) estimates(t dialect.Ident) (rows *int64, rowSize int64) {
	in.Each(func(r *sql.Rows) error { return r.Scan(&rows, &rowSize) },
		`SELECT CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END,
			coalesce(((c.relpages + coalesce(beside.relpages, 0)) * current_setting('block_size')::bigint / nullif(greatest(c.reltuples, 0), 0))::bigint, 0)
		FROM pg_class c LEFT JOIN pg_class beside ON beside.oid = c.reltoastrelid WHERE c.oid = to_regclass($1)`, in.d.QuoteTable(t))
	return rows, rowSize
}

// LedgerVersion reads goose's version table.
func (d Dialect) LedgerVersion(ctx context.Context, c dialect.Conn) (int64, error) {
	in := d.inspection(ctx, c)
	v := in.ledgerVersion()
	return v, in.Err
}

// ledgerVersion reads the version first: a session that is creating the ledger's tables
// creates them before it writes the version.
func (in *inspection) ledgerVersion() (version int64) {
	if len(in.tablesOf(dialect.VersionTable)) > 0 {
		in.Each(func(r *sql.Rows) error { return r.Scan(&version) },
			`SELECT coalesce(max("version_id"), 0) FROM "`+dialect.VersionTable+`"`)
	}
	in.Fail(dialect.CheckLedger(in.d.Ledger(), version, in.tablesOf(dialect.OwnTableNames()...)))
	return version
}

// tablesOf returns those of the names that are tables, in this order.
func (in *inspection) tablesOf(names ...string) []string {
	return in.Names(`SELECT c.relname FROM unnest($1::text[]) WITH ORDINALITY AS n (ident, place)
		JOIN pg_class c ON c.oid = to_regclass(n.ident) ORDER BY n.place`, in.quoted(names))
}

// ledgerSchema is the schema with any of the ledger's tables, so that a missing one is
// noticed. It is empty if there are none.
func (in *inspection) ledgerSchema() (schema string) {
	in.Each(func(r *sql.Rows) error { return r.Scan(&schema) },
		`SELECT s.nspname FROM unnest($1::text[]) WITH ORDINALITY AS n (ident, place)
		JOIN pg_class c ON c.oid = to_regclass(n.ident) JOIN pg_namespace s ON s.oid = c.relnamespace
		ORDER BY n.place DESC LIMIT 1`, in.quoted(dialect.OwnTableNames()))
	return schema
}

func (in *inspection) quoted(names []string) []string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = in.d.Quote(name)
	}
	return quoted
}

// ledger reads what is known about the table. A ledger is for the tables of one schema:
// it stores only names, and two tables must not share one.
func (in *inspection) ledger(table dialect.Ident) (dialect.Ledger, time.Duration) {
	schema := in.ledgerSchema()
	if schema == "" {
		for _, first := range in.Names(`SELECT current_schema() WHERE current_schema() IS NOT NULL`) {
			in.sameSchema(table, first)
		}
		return dialect.Ledger{}, 0
	}
	in.sameSchema(table, schema)
	l := dialect.Ledger{Migration: in.ledgerVersion()}
	if l.Migration == 0 {
		return l, 0
	}
	last, took := in.LastVersion(`FROM "`+dialect.RunTable+
		`" WHERE table_name = $1 AND state = 'done' AND version_made > 0 ORDER BY version_made DESC LIMIT 1`, table.Name)
	l.Last = last
	return l, took
}

func (in *inspection) sameSchema(table dialect.Ident, ledger string) {
	if table.Schema != ledger {
		in.Fail(&dialect.NameError{Table: table.Name, Message: fmt.Sprintf(
			"it is in the schema %q, and tablesnap's own tables would be those of %q; name one schema in the DSN with ?search_path=%s", table.Schema, ledger, table.Schema)})
	}
}

// Namesakes searches all schemas of the database. The schema counts as chosen only if a
// search path was set.
func (d Dialect) Namesakes(ctx context.Context, c dialect.Conn, missing dialect.Ident) (dialect.Namesakes, error) {
	in := d.inspection(ctx, c)
	found := dialect.Namesakes{Reach: "name that schema in the DSN with ?search_path="}
	in.Each(func(r *sql.Rows) error { return r.Scan(&found.Chosen) },
		`SELECT reset_val <> boot_val FROM pg_settings WHERE name = 'search_path'`) // tablesnap's session sets it too
	in.Each(func(r *sql.Rows) error {
		var i dialect.Ident
		err := r.Scan(&i.Schema, &i.Name)
		if i.Schema == missing.Schema {
			found.Here = append(found.Here, i)
		} else {
			found.Elsewhere = append(found.Elsewhere, i)
		}
		return err
	}, `SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE lower(c.relname) = lower($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
			AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_%'
		ORDER BY n.nspname, c.relname`, missing.Name)
	shortest, longest := dialect.NearlyAsLong(missing.Name)
	found.Beside = in.Names(`SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND char_length(c.relname) BETWEEN $2 AND $3 ORDER BY c.relname`, missing.Schema, shortest, longest)
	return found, in.Err
}
