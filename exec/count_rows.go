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
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	before := r.wrote
	go func() {
		defer close(ended)
		r.count(ctx, s, func(ctx context.Context) (int64, bool) {
			if own.unseen() {
				return 0, true
			}
			n, known, err := counter.RowsWritten(ctx, own.db, own.id)
			return max(0, n-before), known && err == nil
		})
	}()
	return func() {
		cancel()
		<-ended
	}
}

// count tells what rows counts, until ctx is done or the rows are not known.
func (r *run) count(ctx context.Context, s plan.Step, rows func(context.Context) (n int64, known bool)) {
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		n, known := rows(ctx)
		if !known {
			return
		}
		if n > 0 {
			r.tell(r.progress(s, n))
		}
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
