package exec

import (
	"log/slog"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// Event reports the progress of a run.
type Event struct {
	Kind EventKind
	// Table is the table of the run.
	Table dialect.Ident
	Step  plan.Step
	// Bytes is how much of the source has been read, for StepGoesOn of a load.
	Bytes int64
	// Rows is how many rows the step has written so far, for StepGoesOn. A load counts those
	// that it has sent; other rows are counted by the server.
	Rows int64
	// Of is how many rows the step will have written at its end, and OfIs says how that is
	// known.
	Of   int64
	OfIs Certainty
	// Result is the step's result, for StepEnded.
	Result StepResult
}

// EventKind is what an [Event] reports of its step.
type EventKind string

// The kinds of event.
const (
	StepBegun EventKind = "begun"
	// StepGoesOn is sent from time to time during a load or a copy in chunks, and during
	// other steps if the server counts their rows.
	StepGoesOn EventKind = "goes on"
	StepEnded  EventKind = "ended"
	// CommitSent is sent before the transaction of steps is committed. From there on an
	// interruption may not stop the commit. The event has no step.
	CommitSent EventKind = "commit sent"
)

// Certainty says how a number of rows is known.
type Certainty string

// The certainties. An estimate is the number that the last version left, or the database's
// own estimate.
const (
	NotKnown  Certainty = ""
	Estimated Certainty = "estimated"
	Counted   Certainty = "counted"
)

// WithLog returns a client whose runs log each step to l: its start at debug level, and
// its end. Row values are never logged.
func (c *Client) WithLog(l *slog.Logger) *Client {
	logged := *c
	logged.log = l
	return &logged
}

func (r *run) tell(e Event) {
	e.Table = r.plan.Upload.Table
	if r.events != nil {
		r.events(e)
	}
	if r.log == nil {
		return
	}
	about := []any{"run", r.id, "table", e.Step.Table.Name, "step", e.Step.ID}
	switch e.Kind {
	case CommitSent:
		r.log.Debug("commit sent", "run", r.id, "table", r.plan.Upload.Table.Name)
	case StepBegun:
		r.log.Debug("step begun", about...)
	case StepGoesOn:
		r.log.Debug("step goes on", append(about, "rows", e.Rows, "bytes", e.Bytes)...)
	case StepEnded:
		about = append(about, "state", e.Result.State, "rows", e.Result.Rows, "duration", e.Result.Duration)
		if e.Result.State == ledger.Failed {
			r.log.Error("step failed", about...) // its message may hold a value
			return
		}
		r.log.Info("step ended", about...)
	}
}
