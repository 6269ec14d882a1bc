package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// Run is a row of tablesnap_run. Times are text in UTC, as stored.
type Run struct {
	ID              int64   `json:"run_id"`
	Table           string  `json:"table_name"`
	Operation       string  `json:"operation"`
	Event           string  `json:"event"`
	VersionMade     int64   `json:"version_made"`
	VersionReplaced *int64  `json:"version_replaced"`
	DocID           string  `json:"doc_id"`
	UploadTimestamp string  `json:"upload_timestamp"`
	SourceName      string  `json:"source_name"`
	SourceSHA256    string  `json:"source_sha256"`
	SourceRows      int64   `json:"source_rows"`
	PlanHash        string  `json:"plan_hash"`
	RowsBackedUp    *int64  `json:"rows_backed_up"`
	RowsLoaded      *int64  `json:"rows_loaded"`
	Warnings        string  `json:"warnings"`
	State           string  `json:"state"`
	Actor           *string `json:"actor"`
	ToolVersion     string  `json:"tool_version"`
	StartedAt       string  `json:"started_at"`
	FinishedAt      *string `json:"finished_at"`
	// Set is the set that the run belongs to, and SetRun the id that the runs of the set share.
	// They are set only on request.
	Set    string `json:"set,omitempty"`
	SetRun int64  `json:"set_run,omitempty"`
	// Steps are set only on request.
	Steps []Step `json:"steps,omitempty"`
}

// warnings are the codes of the run's warnings.
func (r Run) warnings() []string { return strings.Fields(r.Warnings) }

// MarshalJSON writes the warnings as a list of objects with a code, as a result has them.
func (r Run) MarshalJSON() ([]byte, error) {
	type warning struct {
		Code string `json:"code"`
	}
	type columns Run
	out := struct {
		columns
		Warnings []warning `json:"warnings"`
		Steps    []Step    `json:"steps,omitempty"`
	}{columns: columns(r), Warnings: []warning{}, Steps: r.Steps}
	for _, code := range r.warnings() {
		out.Warnings = append(out.Warnings, warning{code})
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(out)
	return b.Bytes(), err
}

// Step is a row of tablesnap_audit.
type Step struct {
	RunID      int64   `json:"run_id"`
	Seq        int     `json:"seq"`
	Step       string  `json:"step"`
	Kind       string  `json:"kind"`
	Event      *string `json:"event"`
	SQLText    string  `json:"sql_text"`
	State      string  `json:"state"`
	RowCount   *int64  `json:"row_count"`
	DurationMS *int64  `json:"duration_ms"`
	Message    *string `json:"message"`
	StartedAt  string  `json:"started_at"`
	FinishedAt *string `json:"finished_at"`
	// Details is nil for a step of an older tablesnap, which wrote none.
	Details *Details `json:"details,omitempty"`
	// Understood is set by [Run.ReadSteps].
	Understood *Understood `json:"-"`
}

// Runs returns the runs that the filter selects, newest first. The ledger's tables must
// exist: call [Migrate] first, or make a run.
func Runs(ctx context.Context, c dialect.Conn, d dialect.Dialect, f RunFilter) ([]Run, error) {
	runs, err := collect(ctx, c, SelectRuns(d, f), func(rows *sql.Rows, r *Run) error {
		return rows.Scan(&r.ID, &r.Table, &r.Operation, &r.Event, &r.VersionMade, &r.VersionReplaced, &r.DocID, &r.UploadTimestamp,
			&r.SourceName, &r.SourceSHA256, &r.SourceRows, &r.PlanHash, &r.RowsBackedUp, &r.RowsLoaded, &r.Warnings,
			&r.State, &r.Actor, &r.ToolVersion, &r.StartedAt, &r.FinishedAt)
	})
	if err != nil {
		return nil, fmt.Errorf("read the runs: %w", err)
	}
	return runs, nil
}

// OpenRuns returns the ids of the runs that have not ended, or have a step that has not,
// oldest first. Such a run is still active, or was cut off. An empty table selects all
// tables.
func OpenRuns(ctx context.Context, c dialect.Conn, d dialect.Dialect, table string) ([]int64, error) {
	ids, err := collect(ctx, c, SelectOpenRuns(d, table), func(rows *sql.Rows, id *int64) error { return rows.Scan(id) })
	if err != nil {
		return nil, fmt.Errorf("read the open runs: %w", err)
	}
	return ids, nil
}

// Steps returns the steps of a run, in order.
func Steps(ctx context.Context, c dialect.Conn, d dialect.Backend, run int64) ([]Step, error) {
	version, err := d.LedgerVersion(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("look up tablesnap's own tables: %w", err)
	}
	steps, err := collect(ctx, c, SelectSteps(d, run, version), scanStep)
	if err != nil {
		return nil, fmt.Errorf("read the steps of run %d: %w", run, err)
	}
	return steps, nil
}

// scanStep reads a row of [SelectSteps] or [SelectLogged].
func scanStep(rows *sql.Rows, s *Step) error {
	var details *string
	if err := rows.Scan(&s.RunID, &s.Seq, &s.Step, &s.Kind, &s.Event, &s.SQLText, &s.State, &s.RowCount, &s.DurationMS,
		&s.Message, &s.StartedAt, &s.FinishedAt, &details); err != nil || details == nil {
		return err
	}
	read, err := ParseDetails(*details)
	s.Details = &read
	return err
}

func collect[T any](ctx context.Context, c dialect.Conn, q Query, scan func(*sql.Rows, *T) error) ([]T, error) {
	rows, err := c.QueryContext(ctx, q.SQL, q.Args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := []T{}
	for rows.Next() {
		var t T
		if err := scan(rows, &t); err != nil {
			return nil, err
		}
		found = append(found, t)
	}
	return found, rows.Err()
}
