package ledger

import (
	"slices"
	"strconv"
	"strings"

	"github.com/huandu/go-sqlbuilder"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// State is the state of a run or a step.
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

// NewRun is a new row of tablesnap_run.
type NewRun struct {
	Table           string
	Operation       string
	Event           string
	VersionMade     int64
	VersionReplaced *int64
	// LookedUp are SQL expressions for columns whose values are looked up in the
	// database.
	LookedUp map[string]string
	DocID    string
	// UploadTimestamp is stored unchanged. If it is empty, the time of the run is used.
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

// StepRow is a new row of tablesnap_audit.
type StepRow struct {
	Seq     int
	Step    string
	Kind    string
	Event   string
	SQLText string
	State   State
	Message string
	// Details are written if any are set. LookedUp are further fields of the details.
	Details  Details
	LookedUp []LookedUpDetail
}

// BeginRun inserts a run's row.
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

// BeginStep inserts a step's row.
func BeginStep(d dialect.Dialect, s StepRow) dialect.Stmt {
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
		{"finished_at", s.finishedAt(d)},
	}
	if len(s.LookedUp) > 0 || !s.Details.IsZero() {
		values = append(values, [2]string{"details", s.Details.expr(d, s.LookedUp)})
	}
	return insertRow(d, dialect.AuditTable, values)
}

// BeginSteps inserts the rows of steps, without their statements, as one INSERT, which says once what is the
// same for all of them.
func BeginSteps(d dialect.Dialect, steps []StepRow) dialect.Stmt {
	shared := [][2]string{{"run_id", d.Ledger().ThisRun}, {"sql_text", text(d, "")}, {"started_at", d.Ledger().Now}}
	own := []string{"seq", "step", "kind", "event", "details"}
	if slices.ContainsFunc(steps, func(s StepRow) bool { return s.State != Started }) {
		own = slices.Insert(own, len(own)-1, "state", "finished_at")
	} else {
		shared = append(shared, [2]string{"state", text(d, string(Started))})
	}
	if slices.ContainsFunc(steps, func(s StepRow) bool { return s.Message != "" }) {
		own = slices.Insert(own, len(own)-1, "message")
	}
	var columns, values, rows []string
	for _, v := range shared {
		columns, values = append(columns, d.Quote(v[0])), append(values, v[1])
	}
	for _, name := range own {
		columns, values = append(columns, d.Quote(name)), append(values, d.Quote(name))
	}
	values[len(values)-1] = asJSON(d, values[len(values)-1])
	for i, s := range steps {
		rows = append(rows, s.selected(d, own, i == 0))
	}
	return dialect.Stmt{SQL: "INSERT INTO " + quoteTable(d, dialect.AuditTable) + " (" + strings.Join(columns, ", ") + ")\nSELECT " + strings.Join(values, ", ") +
		" FROM (\n  SELECT " + strings.Join(rows, " UNION ALL\n  SELECT ") + "\n) AS " + d.Quote("steps")}
}

func (s StepRow) finishedAt(d dialect.Dialect) string {
	if s.State == Started {
		return "NULL"
	}
	return d.Ledger().Now
}

// selected are the values of a step's own columns, for a SELECT. The first one of several
// names the columns.
func (s StepRow) selected(d dialect.Dialect, columns []string, first bool) string {
	details := "NULL"
	if len(s.LookedUp) > 0 || !s.Details.IsZero() {
		details = s.Details.textExpr(d, s.LookedUp)
	}
	of := map[string]string{"state": text(d, string(s.State)), "finished_at": s.finishedAt(d),
		"seq": strconv.Itoa(s.Seq), "step": text(d, s.Step), "kind": text(d, s.Kind), "event": optionalText(d, s.Event), "message": optionalText(d, s.Message), "details": details,
	}
	values := make([]string, len(columns))
	for i, name := range columns {
		values[i] = of[name]
		if first {
			values[i] += " AS " + d.Quote(name)
		}
	}
	return strings.Join(values, ", ")
}

// Outcome is the final state of a step.
type Outcome struct {
	State State
	// Rows is an SQL expression for the number of rows changed. It is empty if that says
	// nothing.
	Rows string
	// Millis is an SQL expression for the duration. It is empty if not measured.
	Millis  string
	Message string
}

// FinishStep updates a started step's row to its outcome.
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

// CountStep writes the row count of a started step. Rows is an SQL expression.
func CountStep(d dialect.Dialect, seq int, rows string) dialect.Stmt {
	return updateRows(d, dialect.AuditTable, [][2]string{{"row_count", rows}}, ofSteps(d, seq))
}

// FinishSteps marks started steps as done.
func FinishSteps(d dialect.Dialect, seqs ...int) dialect.Stmt {
	return updateRows(d, dialect.AuditTable, [][2]string{{"state", text(d, string(Done))}, {"finished_at", d.Ledger().Now}}, ofSteps(d, seqs...))
}

// ofSteps is an SQL condition on the rows of the run's steps.
func ofSteps(d dialect.Dialect, seqs ...int) string {
	of := d.Quote("run_id") + " = " + d.Ledger().ThisRun + " AND " + d.Quote("seq")
	if len(seqs) == 1 {
		return of + " = " + strconv.Itoa(seqs[0])
	}
	list := make([]string, len(seqs))
	for i, seq := range seqs {
		list[i] = strconv.Itoa(seq)
	}
	return of + " IN (" + strings.Join(list, ", ") + ")"
}

// StepRows is an SQL expression for the row count in the audit row of a step. Of several
// steps, no more than one may have a count: those in the place of one that failed.
func StepRows(d dialect.Dialect, seqs ...int) string {
	count := d.Quote("row_count")
	if len(seqs) > 1 {
		count = "max(" + count + ")"
	}
	return "(SELECT " + count + " FROM " + quoteTable(d, dialect.AuditTable) + " WHERE " + ofSteps(d, seqs...) + ")"
}

// RowsOfKind is an SQL expression for the largest row count of the run's steps of a kind.
func RowsOfKind(d dialect.Dialect, kind string) string {
	return "(SELECT max(" + d.Quote("row_count") + ") FROM " + quoteTable(d, dialect.AuditTable) +
		" WHERE " + d.Quote("run_id") + " = " + d.Ledger().ThisRun + " AND " + d.Quote("kind") + " = " + text(d, kind) + ")"
}

// RunOutcome is the final state of a run.
type RunOutcome struct {
	State State
	// RowsBackedUp and RowsLoaded are SQL expressions. They are empty if there are no
	// such rows.
	RowsBackedUp, RowsLoaded string
	// Warnings is an SQL expression. If it is empty, the warnings stay as they are.
	Warnings string
	// Changes is an SQL condition: the run has changed the table. If it is false, the run
	// makes no version. If it is empty, the run makes the version that its row names.
	Changes string
}

// FinishRun closes a run's row.
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
	if o.Changes != "" {
		made, replaced := d.Quote("version_made"), d.Quote("version_replaced")
		sets = append(sets, [2]string{"version_made", "CASE WHEN " + o.Changes + " THEN " + made + " ELSE 0 END"},
			[2]string{"version_replaced", "CASE WHEN " + o.Changes + " THEN " + replaced + " END"})
	}
	return updateRows(d, dialect.RunTable, sets, d.Quote("id")+" = "+d.Ledger().ThisRun)
}

// RunIs is an SQL condition that is true if the run is in a state.
func RunIs(d dialect.Dialect, s State) string {
	return "(SELECT " + d.Quote("state") + " FROM " + quoteTable(d, dialect.RunTable) + " WHERE " + d.Quote("id") + " = " + d.Ledger().ThisRun + ") = " + text(d, string(s))
}

// RunExists is an SQL condition that is true if a run's row exists.
func RunExists(d dialect.Dialect, id int64) string {
	return "EXISTS (SELECT 1 FROM " + quoteTable(d, dialect.RunTable) + " WHERE " + d.Quote("id") + " = " + strconv.FormatInt(id, 10) + ")"
}

// StepExists is an SQL condition that is true if the run's row for a step exists, in one
// of the states if any are given.
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

// NewestVersion is an SQL expression for the number of the table's newest version. It is
// 0 if there is none.
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
