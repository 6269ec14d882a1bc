package exec

import (
	"log/slog"

	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// Event reports the progress of a run.
type Event struct {
	Kind EventKind
	Step plan.Step
	// Bytes is how much of the source has been read, for StepGoesOn.
	Bytes int64
	// Result is the step's result, for StepEnded.
	Result StepResult
}

// EventKind is what an [Event] reports of its step.
type EventKind string

// The kinds of event.
const (
	StepBegun EventKind = "begun"
	// StepGoesOn is sent from time to time during a load.
	StepGoesOn EventKind = "goes on"
	StepEnded  EventKind = "ended"
)

// WithLog returns a client whose runs log each step to l: its start at debug level, and
// its end. Row values are never logged.
func (c *Client) WithLog(l *slog.Logger) *Client {
	logged := *c
	logged.log = l
	return &logged
}

func (r *run) tell(e Event) {
	if r.events != nil {
		r.events(e)
	}
	if r.log == nil {
		return
	}
	about := []any{"run", r.id, "table", e.Step.Table.Name, "step", e.Step.ID}
	switch e.Kind {
	case StepBegun:
		r.log.Debug("step begun", about...)
	case StepGoesOn:
		r.log.Debug("step goes on", append(about, "bytes", e.Bytes)...)
	case StepEnded:
		about = append(about, "state", e.Result.State, "rows", e.Result.Rows, "duration", e.Result.Duration)
		if e.Result.State == ledger.Failed {
			r.log.Error("step failed", about...) // its message may hold a value
			return
		}
		r.log.Info("step ended", about...)
	}
}
