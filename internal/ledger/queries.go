package ledger

import (
	"strconv"

	"github.com/huandu/go-sqlbuilder"

	"github.com/tablesnap/tablesnap/dialect"
)

// runColumns are the columns of tablesnap_run in the order of [SelectRuns].
var runColumns = []string{
	"id", "table_name", "operation", "event", "version_made", "version_replaced", "doc_id", "upload_timestamp",
	"source_name", "source_sha256", "source_rows", "plan_hash", "rows_backed_up", "rows_loaded", "warnings",
	"state", "actor", "tool_version", "started_at", "finished_at",
}

var stepColumns = []string{
	"run_id", "seq", "step", "kind", "event", "sql_text", "state", "row_count", "duration_ms", "message", "started_at", "finished_at",
}

// RunFilter selects runs. A zero field selects all.
type RunFilter struct {
	Table string
	Run   int64
	State State
	// Operation is the operation of a plan.
	Operation string
	// SourceName is the name of the uploaded source.
	SourceName string
	// Made is MadeVersion to select only runs that made a version, and no prunes.
	Made Made
	// Limit is the maximum number of runs, newest first.
	Limit int
}

// Made says whether a run made a version.
type Made string

// MadeVersion is a run that made a version.
const MadeVersion Made = "version"

// Query is a statement with its arguments.
type Query struct {
	SQL  string
	Args []any
}

// SelectRuns selects runs, newest first.
func SelectRuns(d dialect.Dialect, f RunFilter) Query {
	b := d.Facts().Flavor.NewSelectBuilder()
	b.Select(quoteAll(d, runColumns)...).From(sqlbuilder.Escape(quoteTable(d, dialect.RunTable)))
	if f.Table != "" {
		b.Where(b.Equal(d.Quote("table_name"), f.Table))
	}
	if f.Run != 0 {
		b.Where(b.Equal(d.Quote("id"), f.Run))
	}
	if f.State != "" {
		b.Where(b.Equal(d.Quote("state"), string(f.State)))
	}
	if f.Operation != "" {
		b.Where(b.Equal(d.Quote("operation"), f.Operation))
	}
	if f.SourceName != "" {
		b.Where(b.Equal(d.Quote("source_name"), f.SourceName))
	}
	if f.Made == MadeVersion {
		b.Where(b.GreaterThan(d.Quote("version_made"), 0))
	}
	b.OrderByDesc(d.Quote("id"))
	if f.Limit > 0 {
		b.Limit(f.Limit)
	}
	sql, args := b.Build()
	return Query{sql, args}
}

// SelectSteps selects the steps of a run, in order. Ledger is the version of the ledger's
// tables. The details are NULL before [dialect.DetailsMigration].
func SelectSteps(d dialect.Dialect, run, ledger int64) Query {
	b := selectSteps(d, ledger)
	sql, args := b.Where(b.Equal(d.Quote("run_id"), run)).OrderByAsc(d.Quote("seq")).Build()
	return Query{sql, args}
}

// SelectLogged selects a table's steps with an event, oldest first, in the form of
// SelectSteps.
func SelectLogged(d dialect.Dialect, table, event string, ledger int64) Query {
	runs := "(SELECT " + d.Quote("id") + " FROM " + quoteTable(d, dialect.RunTable) + " WHERE " + d.Quote("table_name") + " = " + text(d, table) + ")"
	b := selectSteps(d, ledger)
	sql, args := b.Where(b.Equal(d.Quote("event"), event), sqlbuilder.Escape(d.Quote("run_id")+" IN "+runs)).OrderByAsc(d.Quote("run_id")).Build()
	return Query{sql, args}
}

func selectSteps(d dialect.Dialect, ledger int64) *sqlbuilder.SelectBuilder {
	b := d.Facts().Flavor.NewSelectBuilder()
	details := "NULL"
	if ledger >= dialect.DetailsMigration {
		details = sqlbuilder.Escape(d.Quote("details"))
	}
	return b.Select(append(quoteAll(d, stepColumns), details)...).From(sqlbuilder.Escape(quoteTable(d, dialect.AuditTable)))
}

// SelectOpenRuns selects the ids of runs that have not ended, or have a step that has
// not, oldest first. An empty table selects all tables.
func SelectOpenRuns(d dialect.Dialect, table string) Query {
	b := d.Facts().Flavor.NewSelectBuilder()
	b.Select(sqlbuilder.Escape(d.Quote("id"))).From(sqlbuilder.Escape(quoteTable(d, dialect.RunTable))).Where(sqlbuilder.Escape(isOpen(d)))
	if table != "" {
		b.Where(b.Equal(d.Quote("table_name"), table))
	}
	sql, args := b.OrderByAsc(d.Quote("id")).Build()
	return Query{sql, args}
}

// NoOpenRun is an SQL condition that is true if every run on the table has ended.
func NoOpenRun(d dialect.Dialect, table string) string {
	return "NOT EXISTS (SELECT 1 FROM " + quoteTable(d, dialect.RunTable) + " WHERE " + d.Quote("table_name") + " = " + text(d, table) +
		" AND " + isOpen(d) + ")"
}

// NoOtherOpenRun is NoOpenRun for all runs but the present one.
func NoOtherOpenRun(d dialect.Dialect, table string) string {
	return "NOT EXISTS (SELECT 1 FROM " + quoteTable(d, dialect.RunTable) + " WHERE " + d.Quote("table_name") + " = " + text(d, table) +
		" AND " + d.Quote("id") + " <> " + d.Ledger().ThisRun + " AND " + isOpen(d) + ")"
}

// isOpen is an SQL condition that is true if a run, or a step of it, has not ended.
func isOpen(d dialect.Dialect) string {
	started := d.Quote("state") + " = " + text(d, string(Started))
	return "(" + started + " OR " + d.Quote("id") + " IN (SELECT " + d.Quote("run_id") + " FROM " + quoteTable(d, dialect.AuditTable) + " WHERE " + started + "))"
}

// RowsBackedUp is an SQL expression for the number of rows backed up by the run that
// replaced a version.
func RowsBackedUp(d dialect.Dialect, table string, version int64) string {
	return ofDoneRun(d, "rows_backed_up", table, "version_replaced", version)
}

// TimestampOf is an SQL expression for the upload_timestamp of the run that made a
// version.
func TimestampOf(d dialect.Dialect, table string, version int64) string {
	return ofDoneRun(d, "upload_timestamp", table, "version_made", version)
}

// ofDoneRun is an SQL expression for a column of the finished run that made or replaced a
// version.
func ofDoneRun(d dialect.Dialect, column, table, as string, version int64) string {
	return "(SELECT max(" + d.Quote(column) + ") FROM " + quoteTable(d, dialect.RunTable) +
		" WHERE " + d.Quote("table_name") + " = " + text(d, table) + " AND " + d.Quote(as) + " = " + strconv.FormatInt(version, 10) +
		" AND " + d.Quote("state") + " = " + text(d, string(Done)) + ")"
}

// CloseAbandoned closes a table's runs that were cut off before they committed anything.
// Use it only inside the transaction of a run whose only group is the whole upload: its
// lock proves that no other such transaction is open. Runs that commit in several
// transactions are left alone, since one may be between two of them.
func CloseAbandoned(d dialect.Dialect, table string) []dialect.Stmt {
	abandoned := func(runID string) []string {
		return []string{
			d.Quote("state") + " = " + text(d, string(Started)),
			runID + " <> " + d.Ledger().ThisRun,
		}
	}
	runs := "(SELECT " + d.Quote("id") + " FROM " + quoteTable(d, dialect.RunTable) + " WHERE " + d.Quote("table_name") + " = " + text(d, table) + ")"
	message := text(d, "cut off before its commit: nothing of it was kept")
	inPieces := "(" + d.Quote("kind") + " = " + text(d, string(DeleteSnapshot))
	if words, ok := dialect.As[dialect.Portable](d); ok { // an older tablesnap, without details, may have deleted in several transactions
		details := d.Quote("details")
		inPieces += " AND (" + details + " IS NULL OR " + words.Detail(details, pieceRows) + " IS NOT NULL)"
	}
	inPieces += ")"
	return []dialect.Stmt{
		updateRows(d, dialect.AuditTable, [][2]string{
			{"state", text(d, string(RolledBack))}, {"message", message}, {"finished_at", d.Ledger().Now},
		}, append(abandoned(d.Quote("run_id")), "NOT "+inPieces, d.Quote("run_id")+" IN "+runs)...),
		updateRows(d, dialect.RunTable, [][2]string{
			{"state", text(d, string(RolledBack))}, {"finished_at", d.Ledger().Now},
		}, append(abandoned(d.Quote("id")), d.Quote("table_name")+" = "+text(d, table),
			d.Quote("id")+" NOT IN (SELECT "+d.Quote("run_id")+" FROM "+quoteTable(d, dialect.AuditTable)+" WHERE "+inPieces+")")...),
	}
}
