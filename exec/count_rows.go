package exec

import (
	"context"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// countEvery is the time between two looks at the server's own count of a step's rows.
const countEvery = time.Second

// counting tells how many rows a step has written so far, as the server counts them, until
// done is called. A load and a copy in chunks count their own.
func (r *run) counting(ctx context.Context, s plan.Step) (done func()) {
	own := sessionOf(r.conn)
	if own == nil || r.events == nil || s.Load != nil || s.Chunks != nil || !s.CountsRows() || r.writesElsewhere() {
		return func() {}
	}
	counter, ok := dialect.As[dialect.RowCounter](r.backend)
	if !ok {
		return func() {}
	}
	before := r.wrote
	return repeatedly(ctx, countEvery, func(ctx context.Context) (goOn bool) {
		if own.unseen() {
			return true
		}
		n, known, err := counter.RowsWritten(ctx, own.db, own.id)
		if err != nil || !known {
			return false
		}
		if n > before {
			r.tell(r.progress(s, n-before))
		}
		return true
	})
}

// repeatedly runs work in the background, after each pause, until it says not to go on or
// end is called, which waits for it.
func repeatedly(ctx context.Context, pause time.Duration, work func(context.Context) (goOn bool)) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if !work(ctx) {
					return
				}
			}
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// writesElsewhere reports whether statements on the table write rows of other tables, which
// the server counts too.
func (r *run) writesElsewhere() bool {
	t := r.plan.Table
	return t != nil && len(t.Triggers)+len(t.UpdateTriggers)+len(t.ReferencedBy) > 0
}

// progress is the event of a step that has written that many rows.
func (r *run) progress(s plan.Step, rows int64) Event {
	of, certainty := r.toWrite(s)
	return Event{Kind: StepGoesOn, Step: s, Rows: rows, Of: of, OfIs: certainty}
}

// toWrite is how many rows a step will have written at its end.
func (r *run) toWrite(s plan.Step) (rows int64, is Certainty) {
	switch s.Kind {
	case plan.LoadRows:
		switch restored := r.plan.Restored; {
		case s.Load != nil:
			return s.Load.Rows, Counted
		case restored != nil && restored.Rows != "": // its number is looked up by the statement
			return 0, NotKnown
		default:
			return r.plan.Upload.Source.Rows, Counted
		}
	case plan.Clear:
		for _, done := range r.steps {
			if done.Step.Kind == plan.CopyToBackup || done.Step.Kind == plan.CopyToPreserve {
				return done.Rows, Counted
			}
		}
		return r.before()
	case plan.CopyToBackup, plan.CopyToPreserve:
		return r.before()
	default:
		return 0, NotKnown
	}
}

// before is how many rows the table had before the run, as the last version left them or
// the database estimates.
func (r *run) before() (int64, Certainty) {
	switch {
	case r.plan.Ledger.Last != nil:
		return r.plan.Ledger.Last.Rows, Estimated
	case r.estimated != nil:
		return *r.estimated, Estimated
	default:
		return 0, NotKnown
	}
}
