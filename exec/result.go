package exec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Result is the result of a run.
type Result struct {
	RunID        int64         `json:"run_id"`
	Table        dialect.Ident `json:"table"`
	Version      int64         `json:"version"`
	Replaced     *int64        `json:"version_replaced"`
	RowsBackedUp int64         `json:"rows_backed_up"`
	RowsLoaded   int64         `json:"rows_loaded"`
	// KeptIn is the table that keeps the old rows as a whole, in place of a copy in the backup
	// table. Their number was not counted.
	KeptIn string `json:"kept_in,omitempty"`
	// Changes are set for a sync. Unchanged states that no row differed, so that the run
	// made no version: Version is the one that stands.
	Changes   *Changes       `json:"synced,omitempty"`
	Unchanged bool           `json:"unchanged,omitempty"`
	Steps     []StepResult   `json:"steps"`
	Warnings  []plan.Warning `json:"warnings,omitempty"`
	// Checks are those that warn, and have found rows.
	Checks []FailedCheck `json:"checks,omitempty"`
	// Bad are the rows of the source that were left out, or nil.
	Bad *rowsource.BadRows `json:"bad_rows,omitempty"`
}

// StepResult is the result of a step.
type StepResult struct {
	Step     plan.Step
	State    State
	Rows     int64
	Duration time.Duration
	Message  string
}

// MarshalJSON writes the step with the names that the audit has for it.
func (s StepResult) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(struct {
		Seq        int           `json:"seq"`
		Step       string        `json:"step"`
		Kind       plan.StepKind `json:"kind"`
		Table      dialect.Ident `json:"table"`
		Event      string        `json:"event,omitempty"`
		SQLText    string        `json:"sql_text"`
		State      State         `json:"state"`
		RowCount   int64         `json:"row_count"`
		DurationMS int64         `json:"duration_ms"`
		Message    string        `json:"message,omitempty"`
	}{s.Step.Seq, s.Step.ID, s.Step.Kind, s.Step.Table, s.Step.Event, s.Step.SQL, s.State, s.Rows, s.Duration.Milliseconds(), s.Message})
	return b.Bytes(), err
}

func (r *run) result() Result {
	res := Result{
		RunID: r.id, Table: r.plan.Upload.Table, Version: r.plan.Upload.Version, Replaced: r.plan.Upload.Replaces,
		Bad: r.plan.Upload.Source.Bad, KeptIn: r.plan.KeptIn(), Steps: r.steps, Checks: r.failedChecks, Warnings: append(append([]plan.Warning{}, r.plan.Warnings...), r.extra...),
	}
	for _, s := range r.steps {
		switch s.Step.Kind {
		case plan.CopyToBackup, plan.CopyToPreserve, plan.KeepOld:
			res.RowsBackedUp += s.Rows
		case plan.LoadRows:
			res.RowsLoaded += s.Rows
		}
	}
	if res.Changes = r.changes(); r.unchanged() {
		res.Unchanged, res.Version, res.Replaced = true, deref(r.plan.Upload.Replaces), nil
		return res
	}
	if w, ok := r.changedSince(res.RowsBackedUp); ok {
		res.Warnings = append(res.Warnings, w)
	}
	if w, ok := r.plan.Late(res.RowsBackedUp); ok {
		res.Warnings = append(res.Warnings, w)
	}
	return res
}

// changedSince compares the number of rows in the table with what the last upload left.
func (r *run) changedSince(rows int64) (plan.Warning, bool) {
	last := r.plan.Ledger.Last
	copied := slices.ContainsFunc(r.steps, func(s StepResult) bool {
		return s.Step.Event == plan.EventBackup && s.State == Done && s.Step.CountsRows()
	})
	if last == nil || !copied || last.Rows == rows {
		return plan.Warning{}, false
	}
	return plan.Warning{Code: plan.ChangedSince, Message: fmt.Sprintf("%q had %s, and version %d had left %d: another program wrote to it since",
		r.plan.Upload.Table.Name, dialect.Rows(rows), last.Number, last.Rows)}, true
}
