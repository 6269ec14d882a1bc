package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/internal/lookup"
)

// variant is what inspection needs of one of the family.
type variant interface {
	dialect.Dialect
	catalog() catalog
	// typeText turns the catalog's type of a column into SQL.
	typeText(columnType string) string
	// defaultExpr turns what the catalog has of a default into an expression.
	defaultExpr(catalogColumn) *string
	// defaultIs says whether a default is one value.
	defaultIs(catalogColumn) dialect.DefaultKind
}

// catalog says where a server keeps what the others keep elsewhere, or not at
// all.
type catalog struct {
	// checks selects the conditions of a table's checks, and namedChecks their names
	// in the server's order (schema, table).
	checks, namedChecks string
	// checkNames says what becomes of the name of a check in a swap.
	checkNames checkNames
	// json selects the columns that a check holds to JSON (schema, table); empty where
	// JSON is a type of its own.
	json string
	// ignored selects the indexes that a copy would have the server use (schema,
	// table); empty where it would not.
	ignored string
	// histograms selects the columns of which the server keeps a histogram that the
	// user asked for (schema, table); empty where a swap keeps them.
	histograms string
	// statistics selects what the server keeps of the table's statistics that the user
	// asked for (schema, table); empty where a swap keeps them.
	statistics string
	// indexExpresses selects the expressions of a table's indexes (schema,
	// table); empty where there are none.
	indexExpresses string
	// innodbForeign is where InnoDB shows every foreign key, whoever asks, as
	// long as he has PROCESS; empty where there is no such table.
	innodbForeign string
	triggers      triggers
	// counters is a statement that shows where a table's counters have come to, for
	// a table's name; empty where the catalog tells.
	counters string
	// increment selects by how much a sequence counts, for its name in SQL, and its
	// database and name as texts; empty where there are no sequences.
	increment string
	// autoRandom selects what the catalog says of an AUTO_RANDOM key (schema, table);
	// empty where there is none.
	autoRandom string
}

// checkNames says what becomes of the name of a check when its table is made like
// another, and renamed.
type checkNames string

const (
	// checksCopied: the copy has it.
	checksCopied checkNames = ""
	// checksCounted: the copy's are those that the server gives, in the order of the
	// names, and change with the table's name.
	checksCounted checkNames = "counted"
	// checksStay: it remains that of the shadow, and the next shadow cannot have it.
	checksStay checkNames = "stay"
)

// triggers says whether the server knows triggers.
type triggers string

const (
	hasTriggers triggers = "triggers"
	noTriggers  triggers = ""
)

const (
	mysqlChecks = `SELECT c.check_clause FROM information_schema.check_constraints c
		JOIN information_schema.table_constraints t ON t.constraint_schema = c.constraint_schema
			AND t.constraint_name = c.constraint_name AND t.constraint_type = 'CHECK'
		WHERE t.table_schema = ? AND t.table_name = ?`
	mysqlNamedChecks = `SELECT constraint_name FROM information_schema.table_constraints
		WHERE table_schema = ? AND table_name = ? AND constraint_type = 'CHECK' ORDER BY constraint_name`
	mysqlHistograms = `SELECT column_name FROM information_schema.column_statistics
		WHERE schema_name = ? AND table_name = ? ORDER BY column_name`
	mysqlIndexExpressions = `SELECT expression FROM information_schema.statistics
		WHERE table_schema = ? AND table_name = ? AND expression IS NOT NULL`
)

func (Dialect) catalog() catalog {
	return catalog{
		checks:         mysqlChecks,
		indexExpresses: mysqlIndexExpressions,
		namedChecks:    mysqlNamedChecks,
		checkNames:     checksCounted,
		histograms:     mysqlHistograms,
		innodbForeign:  "information_schema.innodb_foreign",
		triggers:       hasTriggers,
	}
}

// Inspect reads the catalog; it writes nothing and counts nothing.
func (d Dialect) Inspect(ctx context.Context, c dialect.Conn, table dialect.Reference) (dialect.Target, error) {
	return inspect(ctx, c, d, table)
}

func inspect(ctx context.Context, c dialect.Conn, v variant, table dialect.Reference) (dialect.Target, error) {
	return lookup.Inspect(func() (dialect.Target, error) { return inspectOnce(ctx, c, v, table) }, vanished)
}

// vanished knows the errors of a table that is no more, or not as it was.
func vanished(err error) bool {
	var e *mysqldriver.MySQLError
	return errors.As(err, &e) && slices.Contains([]uint16{
		1146, // no such table
		1412, // the definition has changed
		8028, // TiDB: the schema has changed
	}, e.Number)
}

func inspectOnce(ctx context.Context, c dialect.Conn, v variant, table dialect.Reference) (dialect.Target, error) {
	in := &inspection{Reader: lookup.Reader{Ctx: ctx, Conn: inlining{c}}, v: v}
	t := dialect.Target{Format: dialect.TargetFormat, Server: in.server()}
	t.Ident = in.find(table)
	beside := func(suffix string) dialect.Ident {
		return t.Ident.InSchemaOf(dialect.SuffixedName(v, t.Ident.Name, suffix))
	}
	in.list(t.Ident, beside(dialect.BackupSuffix), beside(dialect.ShadowSuffix), beside(dialect.OldSuffix))
	t.Table = in.table(t.Ident)
	t.Backup = in.table(beside(dialect.BackupSuffix))
	t.Shadow = in.table(beside(dialect.ShadowSuffix))
	t.Old = in.table(beside(dialect.OldSuffix))
	t.Preserved = in.preserved(t.Ident)
	t.Ledger = in.ledger(t.Ident.Name)
	if t.Table != nil {
		t.Table.Traits = append(t.Table.Traits, in.lostInSwap(t.Ident)...)
		t.EstimatedRows = in.estimatedRows(t.Ident)
		t.Counter = in.counter(*t.Table)
		t.Hidden = in.hidden(*t.Table)
		in.dropBreaks(t.Table)
	}
	return t, in.Inspected(table.Name.Text)
}

// find returns the catalog's spelling of a name in the current database, or the
// name that a table gets which does not exist. Whether case matters is the server's
// to say (https://dev.mysql.com/doc/refman/8.4/en/identifier-case-sensitivity.html).
func (in *inspection) find(table dialect.Reference) dialect.Ident {
	var schema *string
	in.Each(func(r *sql.Rows) error { return r.Scan(&schema) }, `SELECT DATABASE()`)
	if schema == nil {
		in.Fail(errors.New("no database is selected; name one in the DSN"))
		return dialect.Ident{}
	}
	in.mustBeIn(table, *schema)
	for _, name := range table.Name.Spellings() {
		found := in.Names(`SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_name = ?`, *schema, name)
		if len(found) > 0 {
			return dialect.Ident{Schema: *schema, Name: found[0]}
		}
	}
	return dialect.Ident{Schema: *schema, Name: table.Name.Made()}
}

// mustBeIn refuses a table of another database: a ledger is about the tables of one.
func (in *inspection) mustBeIn(table dialect.Reference, present string) {
	if table.Schema.Text == "" {
		return
	}
	for _, name := range table.Schema.Spellings() {
		found := in.Names(`SELECT schema_name FROM information_schema.schemata WHERE schema_name = ?`, name)
		switch {
		case len(found) == 0:
			continue
		case found[0] != present:
			in.Fail(dialect.OtherSchema(table, "database", present, "connect to it: write a DSN that ends in /"+found[0]))
		}
		return
	}
	in.Fail(dialect.NoSchema(table, "database"))
}

// inspection reads what planning needs to know.
type inspection struct {
	lookup.Reader
	v variant
	// listed are the tables that list has found.
	listed []listing
	// namedChecks are the names of the table's checks, where the server names them.
	namedChecks []string
	// granted keeps the user's rights once they were read.
	granted *grantList
}

// estimatedRows is InnoDB's estimate; MySQL would give one of up to a day ago
// (https://dev.mysql.com/doc/refman/8.4/en/information-schema-optimization.html).
func (in *inspection) estimatedRows(t dialect.Ident) *int64 {
	var rows *int64
	in.Each(func(r *sql.Rows) error { return r.Scan(&rows) },
		`SELECT /*+ SET_VAR(information_schema_stats_expiry = 0) */ table_rows FROM information_schema.tables
		WHERE table_schema = ? AND table_name = ?`, t.Schema, t.Name)
	return rows
}

// counter is the highest number that one of a table's counters has come to. Where
// the user may not ask, what is in the rows has to do.
func (in *inspection) counter(t dialect.Table) *int64 {
	numbers := slices.ContainsFunc(t.Columns, func(c dialect.Column) bool { return c.Assigned })
	if in.v.catalog().counters == "" || !numbers || in.Err != nil {
		return nil
	}
	var highest int64
	err := in.TryEach(func(r *sql.Rows) error {
		var schema, table, column, kind string
		var next int64
		err := r.Scan(&schema, &table, &column, &next, &kind)
		highest = max(highest, next)
		return err
	}, fmt.Sprintf(in.v.catalog().counters, in.v.QuoteTable(t.Ident)))
	if err != nil || highest == 0 {
		return nil
	}
	return &highest
}

// LedgerVersion asks goose's version table.
func (Dialect) LedgerVersion(ctx context.Context, c dialect.Conn) (int64, error) {
	in := &inspection{Reader: lookup.Reader{Ctx: ctx, Conn: inlining{c}}}
	v := in.ledgerVersion()
	return v, in.Err
}

// ledgerVersion reads the version first: whoever is making tablesnap's own tables
// just now makes them before it.
func (in *inspection) ledgerVersion() (version int64) {
	scan := func(r *sql.Rows) error { return r.Scan(&version) }
	const query = "SELECT coalesce(max(`version_id`), 0) FROM `" + dialect.VersionTable + "`"
	if in.Err != nil {
		return 0
	}
	// The catalog is asked only about what cannot be read, which takes it far longer.
	if err := in.TryEach(scan, query); err != nil && len(in.tablesOf(dialect.VersionTable)) > 0 {
		in.Each(scan, query)
	}
	in.Fail(dialect.CheckLedger(Dialect{}.Ledger(), version, in.tablesOf(dialect.OwnTableNames()...)))
	return version
}

// tablesOf are those of the names that are tables.
func (in *inspection) tablesOf(names ...string) []string {
	args := make([]any, len(names))
	for i, name := range names {
		args[i] = name
	}
	return in.Names(`SELECT table_name FROM information_schema.tables
		WHERE table_schema = DATABASE() AND table_name IN (?`+strings.Repeat(", ?", len(names)-1)+`)`, args...)
}

func (in *inspection) ledger(table string) dialect.Ledger {
	l := dialect.Ledger{Migration: in.ledgerVersion()}
	if l.Migration == 0 {
		return l
	}
	l.Last = in.LastVersion("SELECT version_made, event, doc_id, upload_timestamp, coalesce(rows_loaded, 0), source_sha256 FROM `"+dialect.RunTable+
		"` WHERE table_name = ? AND state = 'done' AND version_made > 0 ORDER BY version_made DESC LIMIT 1", table)
	return l
}

// Namesakes looks into all databases that the user may see. The DSN has chosen one.
func (Dialect) Namesakes(ctx context.Context, c dialect.Conn, missing dialect.Ident) (dialect.Namesakes, error) {
	in := &inspection{Reader: lookup.Reader{Ctx: ctx, Conn: inlining{c}}}
	found := dialect.Namesakes{Chosen: true, Reach: "connect to that database: write a DSN that ends in its name"}
	in.Each(func(r *sql.Rows) error {
		var i dialect.Ident
		err := r.Scan(&i.Schema, &i.Name)
		if i.Schema == missing.Schema {
			found.Here = append(found.Here, i)
		} else {
			found.Elsewhere = append(found.Elsewhere, i)
		}
		return err
	}, `SELECT table_schema, table_name FROM information_schema.tables WHERE lower(table_name) = lower(?)
		AND table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema', 'INFORMATION_SCHEMA', 'PERFORMANCE_SCHEMA', 'METRICS_SCHEMA')
		ORDER BY table_schema, table_name`, missing.Name)
	return found, in.Err
}
