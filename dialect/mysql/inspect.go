package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/internal/lookup"
)

// variant is what differs between the databases of the family at inspection.
type variant interface {
	dialect.Dialect
	catalog() catalog
	// lastTimestamp is that of [dialect.Server], by the server's variables.
	lastTimestamp(vars map[string]string) string
	// typeText converts the catalog's type of a column to SQL.
	typeText(columnType string) string
	// defaultExpr converts the catalog's default to an SQL expression.
	defaultExpr(catalogColumn) *string
	// defaultIs says whether all rows get the same default.
	defaultIs(catalogColumn) dialect.DefaultKind
}

// catalog has the queries and facts that differ between the servers. The queries take the
// arguments named in parentheses.
type catalog struct {
	// checks selects the conditions of a table's checks, and namedChecks their names in
	// the server's order (schema, table).
	checks, namedChecks string
	// checkNames says what becomes of the name of a check in a swap.
	checkNames checkNames
	// jsonChecks selects the checks that restrict a column to JSON (schema, table). It is
	// empty if JSON is a type of its own.
	jsonChecks string
	// ignored selects ignored indexes that would not be ignored in a copy of the table
	// (schema, table). It is empty if a copy keeps them ignored.
	ignored string
	// histograms selects the columns with a histogram that the user has made (schema,
	// table). It is empty if a swap keeps histograms.
	histograms string
	// statistics selects the table's statistics that the user has made (schema, table).
	// It is empty if a swap keeps them.
	statistics string
	// indexExpresses selects the expressions of a table's indexes (schema, table). It is
	// empty if there are none.
	indexExpresses string
	// lateIndexes says whether a load is faster if indexes are added after it.
	lateIndexes lateIndexes
	// innodbForeign is the view in which InnoDB shows every foreign key to users with
	// PROCESS. It is empty if there is none.
	innodbForeign string
	// referring says which of both tells sooner that no foreign key refers to a table.
	referring referring
	triggers  triggers
	// settings selects the settings that [inspection.settings] reads, under their names. It is
	// empty if a server of the family may lack one of them.
	settings string
	// counters is a statement that shows a table's counters, given the table's name. It
	// is empty if the catalog shows them.
	counters string
	// increment selects the increment of a sequence, given its name in SQL, and its
	// database and name as texts. It is empty if there are no sequences.
	increment string
	// roles says whose privileges SHOW GRANTS shows.
	roles roles
	// autoRandom selects the catalog's entry about an AUTO_RANDOM key (schema, table). It
	// is empty if there are no such keys.
	autoRandom string
}

// checkNames says what happens to the name of a check if a table is created LIKE another
// and then renamed.
type checkNames string

const (
	// checksCopied means that the copy's check has the same name.
	checksCopied checkNames = ""
	// checksCounted means that the server gives new names, numbered in the order of the
	// old names. They change with the table's name.
	checksCounted checkNames = "counted"
	// checksStay means that the check keeps the name that it got in the shadow table, so
	// the next shadow table cannot use that name.
	checksStay checkNames = "stay"
)

// referring says who knows the foreign keys that refer to a table.
type referring string

const (
	catalogSooner referring = ""
	// innodbSooner means that the catalog opens all tables to find them.
	innodbSooner referring = "innodb"
)

// roles says whether SHOW GRANTS also shows the privileges of the active roles.
type roles string

const (
	rolesNamed roles = "" // only if the statement names the roles
	rolesShown roles = "shown"
)

// triggers says whether the server supports triggers.
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
		lateIndexes:    fasterLate,
		checkNames:     checksCounted,
		roles:          rolesNamed,
		histograms:     mysqlHistograms,
		innodbForeign:  "information_schema.innodb_foreign",
		referring:      catalogSooner,
		triggers:       hasTriggers,
	}
}

// Inspect reads only the catalog. It counts no rows.
func (d Dialect) Inspect(ctx context.Context, c dialect.Conn, table dialect.Reference) (dialect.Target, error) {
	return inspect(ctx, c, d, table, lookup.WithDrops)
}

// InspectWithoutDrops saves looking through the triggers and views of all databases.
func (d Dialect) InspectWithoutDrops(ctx context.Context, c dialect.Conn, table dialect.Reference) (dialect.Target, error) {
	return inspect(ctx, c, d, table, lookup.WithoutDrops)
}

func inspect(ctx context.Context, c dialect.Conn, v variant, table dialect.Reference, drops lookup.Drops) (dialect.Target, error) {
	return lookup.Inspect(func() (dialect.Target, error) { return inspectOnce(ctx, c, v, table, drops) }, vanished)
}

// vanished reports whether an error says that a table no longer exists or has changed.
func vanished(err error) bool {
	var e *mysqldriver.MySQLError
	return errors.As(err, &e) && slices.Contains([]uint16{
		1146, // no such table
		1412, // the definition has changed
		8028, // TiDB: the schema has changed
	}, e.Number)
}

func inspectOnce(ctx context.Context, c dialect.Conn, v variant, table dialect.Reference, drops lookup.Drops) (dialect.Target, error) {
	in := &inspection{Reader: lookup.Reader{Ctx: ctx, Conn: inlining{c}}, v: v, created: map[string]string{}}
	t := dialect.Target{Format: dialect.TargetFormat, Server: in.server()}
	t.Ident = in.find(table)
	beside := func(suffix string) dialect.Ident {
		return t.Ident.InSchemaOf(dialect.SuffixedName(v, t.Ident.Name, suffix))
	}
	in.list(t.Ident, beside(dialect.BackupSuffix), beside(dialect.ShadowSuffix), beside(dialect.OldSuffix),
		beside(dialect.StageSuffix), beside(dialect.ListSuffix))
	t.Table = in.table(t.Ident)
	t.Backup = in.table(beside(dialect.BackupSuffix))
	t.Shadow = in.table(beside(dialect.ShadowSuffix))
	t.Old = in.table(beside(dialect.OldSuffix))
	t.Stage = in.table(beside(dialect.StageSuffix))
	t.List = in.table(beside(dialect.ListSuffix))
	t.Preserved = in.preserved(t.Ident)
	t.Ledger, t.LastRun = in.ledger(t.Ident.Name)
	if t.Table != nil {
		t.Table.Traits = append(t.Table.Traits, in.lostInSwap(t.Ident)...)
		t.EstimatedRows, t.RowSize = in.estimates(t.Ident)
		t.Counter = in.counter(*t.Table)
		t.Hidden = in.hidden(*t.Table)
		in.indexDefinitions(t.Table)
		if drops == lookup.WithDrops {
			in.dropBreaks(t.Table)
		}
	}
	if t.Server.WriteSetBytes > 0 {
		t.RowBytes = in.rowBytes(t)
	}
	return t, in.Inspected(table.Name.Text)
}

// find returns the catalog's spelling of a name in the current database, or the name that
// a new table will get. The server decides whether case matters
// (https://dev.mysql.com/doc/refman/8.4/en/identifier-case-sensitivity.html).
func (in *inspection) find(table dialect.Reference) dialect.Ident {
	var schema, found *string
	for i, name := range table.Name.Spellings() {
		in.Each(func(r *sql.Rows) error { return r.Scan(&schema, &found) },
			`SELECT DATABASE(), (SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ? LIMIT 1)`, name)
		if schema == nil {
			in.Fail(errors.New("no database is selected; name one in the DSN"))
			return dialect.Ident{}
		}
		if i == 0 {
			in.mustBeIn(table, *schema)
		}
		if found != nil {
			return dialect.Ident{Schema: *schema, Name: *found}
		}
	}
	return dialect.Ident{Schema: *schema, Name: table.Name.Made()}
}

// mustBeIn rejects a table of another database, since a ledger is about the tables of one
// database.
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
	// namedChecks are the names of the table's checks, if the server has named them.
	namedChecks []string
	// created are the tables' definitions as the server writes them, by their names.
	created map[string]string
	// granted caches the user's privileges.
	granted *grantList
}

// estimates are InnoDB's own, of the rows and of the size of a row. MySQL's catalog may
// have some that are a day old
// (https://dev.mysql.com/doc/refman/8.4/en/information-schema-optimization.html).
func (in *inspection) estimates(t dialect.Ident) (rows *int64, rowSize int64) {
	in.Each(func(r *sql.Rows) error { return r.Scan(&rows, &rowSize) },
		`SELECT /*+ SET_VAR(information_schema_stats_expiry = 0) */ table_rows, coalesce(avg_row_length, 0) FROM information_schema.tables
		WHERE table_schema = ? AND table_name = ?`, t.Schema, t.Name)
	return rows, rowSize
}

// rowBytes reads InnoDB's estimate of how large a row of each table is. It includes values
// that are stored beside the row.
func (in *inspection) rowBytes(t dialect.Target) map[string]int64 {
	sizes := map[string]int64{}
	names := slices.Clone(t.Preserved)
	for _, table := range []*dialect.Table{t.Table, t.Backup, t.Old} {
		if table != nil {
			names = append(names, table.Ident.Name)
		}
	}
	for _, name := range names {
		var size sql.NullInt64
		in.Each(func(r *sql.Rows) error { return r.Scan(&size) },
			`SELECT avg_row_length FROM information_schema.tables WHERE table_schema = ? AND table_name = ?`, t.Ident.Schema, name)
		sizes[name] = size.Int64
	}
	return sizes
}

// counter is the highest of a table's counters. If the user may not read them, the rows'
// numbers must do.
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

// LedgerVersion reads goose's version table.
func (Dialect) LedgerVersion(ctx context.Context, c dialect.Conn) (int64, error) {
	in := &inspection{Reader: lookup.Reader{Ctx: ctx, Conn: inlining{c}}}
	v := in.ledgerVersion()
	return v, in.Err
}

const selectVersion = "SELECT coalesce(max(`version_id`), 0) FROM `" + dialect.VersionTable + "`"

// ledgerVersion reads the version first: a session that is creating the ledger's tables
// creates them before it writes the version.
func (in *inspection) ledgerVersion() (version int64) {
	scan := func(r *sql.Rows) error { return r.Scan(&version) }
	if in.Err != nil {
		return 0
	}
	// The catalog is queried only if a read fails, since the catalog is much slower.
	if in.TryEach(scan, selectLedger()) == nil {
		in.Fail(dialect.CheckLedger(Dialect{}.Ledger(), version, dialect.OwnTableNames()))
		return version
	}
	if err := in.TryEach(scan, selectVersion); err != nil && len(in.tablesOf(dialect.VersionTable)) > 0 {
		in.Each(scan, selectVersion)
	}
	in.Fail(dialect.CheckLedger(Dialect{}.Ledger(), version, in.tablesOf(dialect.OwnTableNames()...)))
	return version
}

// selectLedger reads the version. It fails unless all of tablesnap's own tables are there.
func selectLedger() string {
	query := selectVersion + " WHERE TRUE"
	for _, name := range dialect.OwnTableNames() {
		query += " OR EXISTS (SELECT 1 FROM `" + name + "`)"
	}
	return query
}

// tablesOf returns those of the names that are tables.
func (in *inspection) tablesOf(names ...string) []string {
	args := make([]any, len(names))
	for i, name := range names {
		args[i] = name
	}
	return in.Names(`SELECT table_name FROM information_schema.tables
		WHERE table_schema = DATABASE() AND table_name IN (?`+strings.Repeat(", ?", len(names)-1)+`)`, args...)
}

func (in *inspection) ledger(table string) (dialect.Ledger, time.Duration) {
	l := dialect.Ledger{Migration: in.ledgerVersion()}
	if l.Migration == 0 {
		return l, 0
	}
	last, took := in.LastVersion("FROM `"+dialect.RunTable+
		"` WHERE table_name = ? AND state = 'done' AND version_made > 0 ORDER BY version_made DESC LIMIT 1", table)
	l.Last = last
	return l, took
}

// Namesakes searches all databases that the user may see. The schema counts as chosen,
// since the DSN names the database.
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
	shortest, longest := dialect.NearlyAsLong(missing.Name)
	found.Beside = in.Names(`SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_type = 'BASE TABLE'
		AND char_length(table_name) BETWEEN ? AND ? ORDER BY table_name`, missing.Schema, shortest, longest)
	return found, in.Err
}
