package ledger

import (
	"strconv"
	"strings"

	"github.com/huandu/go-sqlbuilder"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// State is how far a run or a step has come.
type State string

// The states of runs and steps.
const (
	Started    State = "started"
	Done       State = "done"
	Failed     State = "failed"
	Skipped    State = "skipped"
	RolledBack State = "rolled_back"
	Unknown    State = "unknown"
)

// NewRun is a row of tablesnap_run as a run begins.
type NewRun struct {
	Table           string
	Operation       string
	Event           string
	VersionMade     int64
	VersionReplaced *int64
	// LookedUp are SQL expressions that take the place of the values of columns
	// which only the database knows.
	LookedUp map[string]string
	DocID    string
	// UploadTimestamp is kept as given; empty means the time of the run.
	UploadTimestamp string
	SourceName      string
	SourceSHA256    string
	// SourceRows is an SQL expression.
	SourceRows  string
	PlanHash    string
	Warnings    string
	Actor       string
	ToolVersion string
}

// StepRow is a row of tablesnap_audit as its step begins.
type StepRow struct {
	Seq     int
	Step    string
	Kind    string
	Event   string
	SQLText string
	State   State
	Message string
	// Details are written if there are any; LookedUp are further fields of theirs.
	Details  Details
	LookedUp []LookedUpDetail
}

// BeginRun is the statement that writes a run's row.
func BeginRun(d dialect.Dialect, r NewRun) dialect.Stmt {
	timestamp := text(d, r.UploadTimestamp)
	if r.UploadTimestamp == "" {
		timestamp = d.Ledger().Now
	}
	values := [][2]string{
		{"table_name", text(d, r.Table)},
		{"operation", text(d, r.Operation)},
		{"event", text(d, r.Event)},
		{"version_made", strconv.FormatInt(r.VersionMade, 10)},
		{"version_replaced", number(r.VersionReplaced)},
		{"doc_id", text(d, r.DocID)},
		{"upload_timestamp", timestamp},
		{"source_name", text(d, r.SourceName)},
		{"source_sha256", text(d, r.SourceSHA256)},
		{"source_rows", r.SourceRows},
		{"plan_hash", text(d, r.PlanHash)},
		{"warnings", text(d, r.Warnings)},
		{"state", text(d, string(Started))},
		{"actor", optionalText(d, r.Actor)},
		{"tool_version", text(d, r.ToolVersion)},
		{"started_at", d.Ledger().Now},
	}
	for i, v := range values {
		if expr, ok := r.LookedUp[v[0]]; ok {
			values[i][1] = expr
		}
	}
	return insertRow(d, dialect.RunTable, values)
}

// BeginStep is the statement that writes a step's row.
func BeginStep(d dialect.Dialect, s StepRow) dialect.Stmt {
	finished := "NULL"
	if s.State != Started {
		finished = d.Ledger().Now
	}
	values := [][2]string{
		{"run_id", d.Ledger().ThisRun},
		{"seq", strconv.Itoa(s.Seq)},
		{"step", text(d, s.Step)},
		{"kind", text(d, s.Kind)},
		{"event", optionalText(d, s.Event)},
		{"sql_text", text(d, s.SQLText)},
		{"state", text(d, string(s.State))},
		{"message", optionalText(d, s.Message)},
		{"started_at", d.Ledger().Now},
		{"finished_at", finished},
	}
	if len(s.LookedUp) > 0 || !s.Details.IsZero() {
		values = append(values, [2]string{"details", s.Details.expr(d, s.LookedUp)})
	}
	return insertRow(d, dialect.AuditTable, values)
}

// Outcome is what became of a step.
type Outcome struct {
	State State
	// Rows is an SQL expression for the number of rows touched, empty where
	// that says nothing.
	Rows string
	// Millis is an SQL expression for the duration, empty where nobody measured it.
	Millis  string
	Message string
}

// FinishStep is the statement that turns a step's started row into what became
// of it.
func FinishStep(d dialect.Dialect, seq int, o Outcome) dialect.Stmt {
	sets := [][2]string{
		{"state", text(d, string(o.State))},
		{"row_count", orNull(o.Rows)},
		{"duration_ms", orNull(o.Millis)},
		{"message", optionalText(d, o.Message)},
		{"finished_at", d.Ledger().Now},
	}
	return updateRows(d, dialect.AuditTable, sets,
		d.Quote("run_id")+" = "+d.Ledger().ThisRun, d.Quote("seq")+" = "+strconv.Itoa(seq))
}

// StepRows is an SQL expression for the number of rows that a step touched, as
// its audit row has it.
func StepRows(d dialect.Dialect, seq int) string {
	return "(SELECT " + d.Quote("row_count") + " FROM " + quoteTable(d, dialect.AuditTable) +
		" WHERE " + d.Quote("run_id") + " = " + d.Ledger().ThisRun + " AND " + d.Quote("seq") + " = " + strconv.Itoa(seq) + ")"
}

// RowsOfKind is an SQL expression for the number of rows that the steps of a
// kind touched.
func RowsOfKind(d dialect.Dialect, kind string) string {
	return "(SELECT max(" + d.Quote("row_count") + ") FROM " + quoteTable(d, dialect.AuditTable) +
		" WHERE " + d.Quote("run_id") + " = " + d.Ledger().ThisRun + " AND " + d.Quote("kind") + " = " + text(d, kind) + ")"
}

// RunOutcome is what became of a run.
type RunOutcome struct {
	State State
	// RowsBackedUp and RowsLoaded are SQL expressions, empty for none.
	RowsBackedUp, RowsLoaded string
	// Warnings is an SQL expression, empty to leave the warnings as they are.
	Warnings string
}

// FinishRun is the statement that closes a run's row.
func FinishRun(d dialect.Dialect, o RunOutcome) dialect.Stmt {
	sets := [][2]string{
		{"state", text(d, string(o.State))},
		{"rows_backed_up", orNull(o.RowsBackedUp)},
		{"rows_loaded", orNull(o.RowsLoaded)},
		{"finished_at", d.Ledger().Now},
	}
	if o.Warnings != "" {
		sets = append(sets, [2]string{"warnings", o.Warnings})
	}
	return updateRows(d, dialect.RunTable, sets, d.Quote("id")+" = "+d.Ledger().ThisRun)
}

// RunIs is an SQL condition: the run is in a state.
func RunIs(d dialect.Dialect, s State) string {
	return "(SELECT " + d.Quote("state") + " FROM " + quoteTable(d, dialect.RunTable) + " WHERE " + d.Quote("id") + " = " + d.Ledger().ThisRun + ") = " + text(d, string(s))
}

// RunExists is an SQL condition: the row of a run is there.
func RunExists(d dialect.Dialect, id int64) string {
	return "EXISTS (SELECT 1 FROM " + quoteTable(d, dialect.RunTable) + " WHERE " + d.Quote("id") + " = " + strconv.FormatInt(id, 10) + ")"
}

// StepExists is an SQL condition: the row of a step of the run is there, in one of
// the states, if any are given.
func StepExists(d dialect.Dialect, seq int, in ...State) string {
	cond := d.Quote("run_id") + " = " + d.Ledger().ThisRun + " AND " + d.Quote("seq") + " = " + strconv.Itoa(seq)
	if len(in) > 0 {
		states := make([]string, len(in))
		for i, s := range in {
			states[i] = text(d, string(s))
		}
		cond += " AND " + d.Quote("state") + " IN (" + strings.Join(states, ", ") + ")"
	}
	return "EXISTS (SELECT 1 FROM " + quoteTable(d, dialect.AuditTable) + " WHERE " + cond + ")"
}

// NewestVersion is an SQL expression for the number of the table's newest
// version, 0 where no run has made one.
func NewestVersion(d dialect.Dialect, table string) string {
	return "(SELECT coalesce(max(" + d.Quote("version_made") + "), 0) FROM " + quoteTable(d, dialect.RunTable) +
		" WHERE " + d.Quote("table_name") + " = " + text(d, table) +
		" AND " + d.Quote("state") + " = " + text(d, string(Done)) + ")"
}

func insertRow(d dialect.Dialect, table string, values [][2]string) dialect.Stmt {
	b := d.Facts().Flavor.NewInsertBuilder().InsertInto(quoteTable(d, table))
	cols, vals := make([]string, len(values)), make([]any, len(values))
	for i, v := range values {
		cols[i], vals[i] = d.Quote(v[0]), sqlbuilder.Raw(v[1])
	}
	sql, _ := b.Cols(cols...).Values(vals...).Build()
	return dialect.Stmt{SQL: sql}
}

func updateRows(d dialect.Dialect, table string, sets [][2]string, where ...string) dialect.Stmt {
	b := d.Facts().Flavor.NewUpdateBuilder().Update(quoteTable(d, table))
	assignments := make([]string, len(sets))
	for i, s := range sets {
		assignments[i] = b.Assign(d.Quote(s[0]), sqlbuilder.Raw(s[1]))
	}
	sql, _ := b.Set(assignments...).Where(sqlbuilder.EscapeAll(where...)...).Build()
	return dialect.Stmt{SQL: sql}
}

func quoteTable(d dialect.Dialect, name string) string {
	return d.QuoteTable(dialect.LedgerTable(d, name))
}

func text(d dialect.Dialect, s string) string { return d.Literal(rowsource.Text(s)) }

// optionalText writes an empty text as NULL.
func optionalText(d dialect.Dialect, s string) string {
	if s == "" {
		return "NULL"
	}
	return text(d, s)
}

func number(n *int64) string {
	if n == nil {
		return "NULL"
	}
	return strconv.FormatInt(*n, 10)
}

func orNull(expr string) string {
	if expr == "" {
		return "NULL"
	}
	return expr
}

// quoteAll quotes names for a builder.
func quoteAll(d dialect.Dialect, names []string) []string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = d.Quote(n)
	}
	return sqlbuilder.EscapeAll(quoted...)
}
