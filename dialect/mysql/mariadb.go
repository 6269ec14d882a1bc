package mysql

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/internal/lookup"
	"github.com/tablesnap/tablesnap/rowsource"
)

// NameMariaDB is MariaDB's name in plans and DSNs.
const NameMariaDB dialect.Name = "mariadb"

// MariaDB overrides what differs from MySQL.
type MariaDB struct{ Dialect }

// NewMariaDB returns the MariaDB dialect.
func NewMariaDB() MariaDB { return MariaDB{} }

// Facts are MySQL's with MariaDB's name.
func (d MariaDB) Facts() dialect.Facts {
	f := d.Dialect.Facts()
	f.Name = NameMariaDB
	return f
}

// Session removes the limit on a statement's run time, and turns on checks
// (https://mariadb.com/docs/server/server-management/variables-and-modes/server-system-variables).
// Since 11.6.2, locking a row that was written after the transaction's snapshot is an
// error (1020), so a copy would never succeed on a busy table. The session turns this
// off, since the copy needs its locks and not its snapshot.
func (MariaDB) Session(o dialect.SessionOptions) []dialect.Stmt {
	return commonSession(o, mariadbCatchUp,
		"explicit_defaults_for_timestamp = ON",
		"check_constraint_checks = ON",
		"max_statement_time = 0 /*M!110602 , innodb_snapshot_isolation = OFF */",
		"system_versioning_asof = DEFAULT",
		// Newer servers have a second setting for notes.
		notesOn+" /*M!101106 , note_verbosity = 'basic' */",
	)
}

// Checker is MySQL's, with MariaDB's bounds. A newer MariaDB has a later last TIMESTAMP; the
// server has to tell about those in between if it is not known
// (https://mariadb.com/docs/server/reference/data-types/date-and-time-data-types/timestamp).
func (d MariaDB) Checker(s dialect.Server, _ dialect.Table, c dialect.Column) valueCheck {
	check := checker(s, d.field(c), c, limits{
		firstTimestamp:  "1970-01-01 00:00:00.000001",
		lastTimestamp:   cmp.Or(s.LastTimestamp, timestampsTo2106),
		longestFraction: "999999",
		lacks:           lacking,
	})
	if c.JSON {
		return checkedJSON(c, check)
	}
	return check
}

// Lacks is MySQL's, with MariaDB's grants.
func (d MariaDB) Lacks(ctx context.Context, c dialect.Conn, needs []dialect.Need) ([]string, error) {
	return lackedRights(ctx, c, d, needs)
}

// lastTimestamp: since 11.5, a TIMESTAMP of a server of 64 bits has seconds without a sign
// (https://mariadb.com/docs/release-notes/community-server/old-releases/release-notes-mariadb-11-5-rolling-releases/mariadb-11-5-1-release-notes).
func (MariaDB) lastTimestamp(vars map[string]string) string {
	var major, minor int
	_, err := fmt.Sscanf(strings.TrimPrefix(vars["version"], "5.5.5-"), "%d.%d", &major, &minor)
	unsigned := major > 11 || major == 11 && minor >= 5
	switch {
	case err != nil || unsigned && !strings.Contains(vars["version_compile_machine"], "64"):
		return "" // the server knows
	case unsigned:
		return timestampsTo2106
	default:
		return timestampsTo2038
	}
}

// Placeholder: MariaDB's JSON is a LONGTEXT with a check
// (https://mariadb.com/docs/server/reference/data-types/string-data-types/json).
func (d MariaDB) Placeholder(c dialect.Column) rowsource.Value {
	if parseType(c.Type).base == "longtext" {
		return rowsource.Text("null")
	}
	return d.Dialect.Placeholder(c)
}

// CreateTemporary numbers the rows, since MariaDB can read a temporary table several
// times in a statement.
func (d MariaDB) CreateTemporary(t dialect.Table) (dialect.Table, []dialect.Stmt) {
	return d.Dialect.CreateTemporary(d.numbered(t))
}

func (d MariaDB) Inspect(ctx context.Context, c dialect.Conn, table dialect.Reference) (dialect.Target, error) {
	return inspect(ctx, c, d, table, lookup.WithDrops)
}

func (d MariaDB) InspectWithoutDrops(ctx context.Context, c dialect.Conn, table dialect.Reference) (dialect.Target, error) {
	return inspect(ctx, c, d, table, lookup.WithoutDrops)
}

// defaultExpr: MariaDB stores every default as an expression. It stores NULL for a
// nullable column without a default
// (https://mariadb.com/docs/server/reference/system-tables/information-schema/information-schema-tables/information-schema-columns-table).
func (MariaDB) defaultExpr(c catalogColumn) *string {
	if c.defaultText == nil || *c.defaultText == "NULL" {
		return nil
	}
	return c.defaultText
}

// defaultIs treats every default that is no literal as computed.
func (MariaDB) defaultIs(c catalogColumn) dialect.DefaultKind {
	if literalDefault.MatchString(*c.defaultText) {
		return ""
	}
	return dialect.ComputedDefault
}

func (MariaDB) catalog() catalog {
	return catalog{
		checks: `SELECT check_clause FROM information_schema.check_constraints
			WHERE constraint_schema = ? AND table_name = ? AND level = 'Table'`,
		checkNames: checksCopied,
		jsonChecks: `SELECT check_clause FROM information_schema.check_constraints
			WHERE constraint_schema = ? AND table_name = ? AND check_clause LIKE 'json_valid(%)'`,
		// CREATE TABLE LIKE does not copy that an index is ignored (seen in 10.11 and
		// 11.8).
		ignored: `SELECT DISTINCT index_name FROM information_schema.statistics
			WHERE table_schema = ? AND table_name = ? AND ignored = 'YES' ORDER BY index_name`,
		// Only users who may read the database mysql see them.
		statistics:  `SELECT 'table' FROM mysql.table_stats WHERE db_name = ? AND table_name = ?`,
		lateIndexes: fasterLate,
		// MariaDB has no indexes on expressions.
		innodbForeign: "information_schema.innodb_sys_foreign",
		referring:     innodbSooner,
		roles:         rolesShown,
		triggers:      hasTriggers,
		increment:     "SELECT increment FROM %[1]s",
		settings: `SELECT @@GLOBAL.sql_mode AS sql_mode, @@GLOBAL.read_only AS read_only, @@GLOBAL.innodb_read_only AS innodb_read_only,
			@@GLOBAL.wsrep_on AS wsrep_on, @@GLOBAL.wsrep_max_ws_size AS wsrep_max_ws_size, @@GLOBAL.wsrep_max_ws_rows AS wsrep_max_ws_rows,
			version() AS version, @@version_comment AS version_comment, @@version_compile_machine AS version_compile_machine`,
	}
}

// SwapTables needs no preparation: in MariaDB a rename right after a load is not slower.
func (d MariaDB) SwapTables(swaps ...dialect.Swapped) (before []dialect.Stmt, swap dialect.Stmt) {
	return nil, d.rename(swaps)
}
