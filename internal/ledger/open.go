package ledger

import (
	"context"
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
)

// OpenRun finds a table's oldest run that has not ended, with its steps. The run is still
// active, or was cut off. It is nil if there is none.
func OpenRun(ctx context.Context, c dialect.Conn, d dialect.Backend, t dialect.Target) (*Run, error) {
	if t.Ledger.Migration == 0 {
		return nil, nil
	}
	open, err := OpenRuns(ctx, c, d, t.Ident.Name)
	if err != nil || len(open) == 0 {
		return nil, err
	}
	runs, err := Runs(ctx, c, d, RunFilter{Run: open[0]})
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	run := runs[0]
	return &run, run.ReadSteps(ctx, c, d, t)
}

// Step returns the first step of a kind.
func (r Run) Step(k StepKind) (Step, bool) {
	for _, s := range r.Steps {
		if s.Kind == string(k) {
			return s, true
		}
	}
	return Step{}, false
}

// Swapped returns the table that holds the rows which an open run has swapped out and not
// yet backed up: the old table, or the preserved table that replaces a failed backup. It
// is empty if the run has not swapped yet.
func (r Run) Swapped(d dialect.Dialect, t dialect.Target) string {
	_, swaps := r.Step(SwapTables)
	switch {
	case !swaps || t.Shadow != nil || r.State != string(Started):
		return ""
	case t.Old != nil:
		return t.Old.Ident.Name
	}
	keeps, ok := r.Step(KeepOld)
	if !ok || r.VersionReplaced == nil {
		return ""
	}
	return madeBy(keeps, preservedNames(d, t, *r.VersionReplaced))
}

// Describe says what an open run is and where the rows are.
func (r Run) Describe(d dialect.Dialect, t dialect.Target) string {
	says := fmt.Sprintf("run %d on %q (%s) has not ended", r.ID, r.Table, r.Operation)
	old := r.Swapped(d, t)
	switch {
	case old != "":
		says += fmt.Sprintf("; the table holds the rows of version %d", r.VersionMade)
		if r.VersionReplaced != nil {
			says += fmt.Sprintf(", and %q those of version %d", old, *r.VersionReplaced)
		}
	case r.State == string(Started) && r.VersionReplaced != nil:
		says += fmt.Sprintf("; the table holds the rows of version %d", *r.VersionReplaced)
	case r.State == string(Done) && r.VersionMade > 0:
		says += fmt.Sprintf("; the table holds the rows of version %d, and something is left to drop", r.VersionMade)
	}
	return says
}
