package exec

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// SetRequest is uploads to several tables that are one: all of them commit together, or none
// does.
type SetRequest struct {
	// Name is recorded with each run.
	Name string
	// Uploads are in any order. Their Events are not called.
	Uploads []Request
	// Events, if set, is called as the runs progress, from more than one goroutine.
	Events func(Event)
}

// SetResult is the result of the runs of a set.
type SetResult struct {
	Set string `json:"set"`
	// SetRun is the id that the runs share.
	SetRun int64 `json:"set_run"`
	// Tables are in the order of the set's plans.
	Tables []Result `json:"tables"`
}

// PlanSet measures the sources and plans the uploads as one. It writes nothing. Its errors are
// those of [Client.Plan], joined, and a *plan.SetError if the uploads cannot be one.
func (c *Client) PlanSet(ctx context.Context, req SetRequest) (plan.Set, error) {
	inputs, err := c.SetInput(ctx, req)
	if err != nil {
		return plan.Set{}, err
	}
	return plan.BuildSet(c.backend, req.Name, inputs)
}

// SetInput is [Client.Input] for each upload of a set, in the order of the request.
// [plan.BuildSet] plans the set from the result.
func (c *Client) SetInput(ctx context.Context, req SetRequest) ([]plan.Input, error) {
	inputs, failed := make([]plan.Input, len(req.Uploads)), make([]error, len(req.Uploads))
	for i, upload := range req.Uploads {
		inputs[i], failed[i] = c.Input(ctx, upload)
	}
	return inputs, errors.Join(failed...)
}

// UploadSet uploads to several tables, all or nothing. Its errors are those of [Client.Upload]
// and [Client.PlanSet].
func (c *Client) UploadSet(ctx context.Context, req SetRequest) (SetResult, error) {
	inputs, err := c.SetInput(ctx, req)
	if err != nil {
		return SetResult{}, err
	}
	set, err := plan.BuildSet(c.backend, req.Name, inputs)
	if err != nil {
		return SetResult{}, err
	}
	sources := make(map[string]rowsource.Source)
	for i, in := range inputs {
		sources[in.Target.Ident.Name] = req.Uploads[i].Source
	}
	return c.RunSet(ctx, set, sources, req.Events)
}

// ApplySet runs a set that was planned earlier, from the same sources by the names of their
// tables. Its errors are those of [Client.Apply].
func (c *Client) ApplySet(ctx context.Context, set plan.Set, sources map[string]rowsource.Source, events func(Event)) (SetResult, error) {
	planned := make(map[string]rowsource.Source)
	for _, p := range set.Plans {
		if p.Operation != plan.OpUpload {
			continue // its rows are in the database
		}
		src, err := c.asPlanned(ctx, p, sources[p.Upload.Table.Name])
		if err != nil {
			return SetResult{}, err
		}
		planned[p.Upload.Table.Name] = src
	}
	return c.RunSet(ctx, set, planned, events)
}

// RunSet runs a set that was planned a moment ago. Unlike ApplySet, it does not read the
// sources beforehand.
func (c *Client) RunSet(ctx context.Context, set plan.Set, sources map[string]rowsource.Source, events func(Event)) (SetResult, error) {
	if err := set.Refused(); err != nil {
		return SetResult{}, err
	}
	s := &setRun{set: set, link: &link{}}
	for _, p := range set.Plans {
		r, err := c.newRun(ctx, p, sources[p.Upload.Table.Name], events)
		if err != nil {
			return SetResult{}, err
		}
		s.referring = append(s.referring, r.referring...)
		r.link = s.link
		s.runs = append(s.runs, r)
	}
	if len(s.runs) == 0 {
		return SetResult{}, fmt.Errorf("run the set %q: it has no plans", set.Name)
	}
	s.current = s.runs[0]
	var result SetResult
	err := c.sessions.session(ctx, dialect.ForWriting, set.Plans[0].Session, func(conn dialect.Conn) error {
		s.conn = conn
		var err error
		result, err = s.execute(ctx)
		return err
	})
	if s.lost() {
		s.current.awaitOwnEnd(ctx, sessionOf(s.conn))
		return c.resolveSet(ctx, s)
	}
	return result, err
}

// resolveSet finds out what became of the runs of a set whose connection was lost.
func (c *Client) resolveSet(ctx context.Context, s *setRun) (SetResult, error) {
	var failed []error
	for _, r := range s.runs {
		if r.lost == nil { // it has not begun
			continue
		}
		if _, err := c.resolveInDoubt(ctx, r); err != nil {
			failed = append(failed, err)
		}
	}
	if len(failed) > 0 {
		return SetResult{}, errors.Join(failed...)
	}
	return s.result(), nil
}

// setRun is the execution of a set on one connection.
type setRun struct {
	*link
	set plan.Set
	// runs are those of the set's plans, of which current has the turn.
	runs    []*run
	current *run
	// begun is true once the rows of the runs are written, and joint once the tables have
	// changed.
	begun, joint bool
	// marks are the numbers of steps that each run had done when the joint group began.
	marks []mark
}

// mark is what a run had before a group, to which it returns if the group is tried again.
type mark struct{ steps, extra, checks int }

func (s *setRun) lost() bool {
	for _, r := range s.runs {
		if r.lost != nil {
			return true
		}
	}
	return false
}

func (s *setRun) result() SetResult {
	result := SetResult{Set: s.set.Name}
	for _, r := range s.runs {
		result.Tables = append(result.Tables, r.result())
		if result.SetRun == 0 || r.id < result.SetRun {
			result.SetRun = r.id // the runs begin one after the other
		}
	}
	return result
}

// execute runs the set's program. If a part of it fails, the audit says so.
func (s *setRun) execute(ctx context.Context) (SetResult, error) {
	defer func() {
		for _, r := range s.runs {
			r.endLease(ctx)
		}
		for _, r := range s.runs {
			_ = r.exec(context.WithoutCancel(ctx), r.unlock...)
		}
	}()
	for rest := s.set.Program(s.current.backend); len(rest) > 0; {
		var err error
		if rest, err = s.next(ctx, rest); err != nil {
			return SetResult{}, err
		}
	}
	return s.result(), nil
}

// next executes the program's first transaction, or its first instruction if that is outside
// of transactions. It returns the rest of the program.
func (s *setRun) next(ctx context.Context, p plan.Program) (plan.Program, error) {
	begin, ok := p[0].(plan.Begin)
	if !ok {
		err := s.instruction(ctx, p[0])
		if err != nil && s.begun {
			err = s.fail(ctx, err)
		}
		return p[1:], err
	}
	body, rest := transactionOf(p)
	var err error
	switch {
	case begin.Purpose == plan.ForLedger:
		return rest, nil // it exists
	case begin.Purpose == plan.ForRun:
		return rest, s.begin(ctx, begin, body)
	case !begin.Joint:
		err = s.current.perform(ctx, begin, body)
	case begin.Purpose == plan.ForAudit:
		err = s.current.noted(s.transaction(ctx, begin, body, never))
	default:
		err = s.change(ctx, begin, body)
	}
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	return rest, nil
}

func (s *setRun) instruction(ctx context.Context, in plan.Instruction) error {
	switch in := in.(type) {
	case plan.TurnTo:
		return s.turn(ctx, in)
	case plan.SwapTogether:
		return s.swap(ctx, in)
	default:
		return s.current.instruction(ctx, in)
	}
}

func (s *setRun) instructions(ctx context.Context, body plan.Program) error {
	for _, in := range body {
		if err := s.instruction(ctx, in); err != nil {
			return err
		}
	}
	return nil
}

// turn gives the turn to another run.
func (s *setRun) turn(ctx context.Context, to plan.TurnTo) error {
	s.current = s.runs[to.Plan]
	return s.current.exec(ctx, to.Stmts...)
}

// transaction executes a joint transaction, again if the database chose it as the victim of a
// deadlock.
func (s *setRun) transaction(ctx context.Context, begin plan.Begin, body plan.Program, went func() string) error {
	s.marks = nil
	for _, r := range s.runs {
		s.marks = append(s.marks, mark{len(r.steps), len(r.extra), len(r.failedChecks)})
	}
	lead := s.runs[0]
	for try := 1; ; try++ {
		for i, r := range s.runs {
			m := s.marks[i]
			r.steps, r.extra, r.failedChecks, r.failed, r.chunks = r.steps[:m.steps], r.extra[:m.extra], r.failedChecks[:m.checks], failure{}, 0
		}
		err := lead.transaction(ctx, begin.Stmts, went, func() error { return s.instructions(ctx, body) })
		if !lead.mayTryAgain(ctx, try, err) {
			return err
		}
	}
}

// begin writes the rows of the runs and takes their tables.
func (s *setRun) begin(ctx context.Context, begin plan.Begin, body plan.Program) error {
	err := s.transaction(ctx, begin, body, func() string { return ledger.RunExists(s.current.backend, s.current.id) })
	if err == nil {
		s.begun = true
		for _, r := range s.runs {
			r.renewed = r.keepRenewing()
		}
		return nil
	}
	err = s.current.failToBegin(err)
	for _, r := range s.runs {
		r.lease = nil // it went with the transaction
		if s.current.lost != nil && r.id != 0 {
			r.lost = s.current.lost
		}
	}
	return err
}

// change executes the group that changes all tables.
func (s *setRun) change(ctx context.Context, begin plan.Begin, body plan.Program) error {
	for i, r := range s.runs {
		r.at = s.set.JointGroup(i)
	}
	var err error
	if begin.Auto {
		err = s.instructions(ctx, body)
	} else {
		err = s.transaction(ctx, begin, body, func() string { return ledger.RunIs(s.current.backend, ledger.Done) })
	}
	if err != nil {
		return s.current.noted(err)
	}
	s.joint = true
	for _, r := range s.runs {
		r.at++
	}
	return nil
}

// swap swaps all tables by one statement. What takes long comes first.
func (s *setRun) swap(ctx context.Context, in plan.SwapTogether) error {
	for i, step := range in.Steps {
		if err := s.runs[in.Turns[i].Plan].exec(ctx, step.Setup...); err != nil {
			return err
		}
	}
	began := time.Now()
	err := s.each(ctx, in, func(step plan.Step) error {
		s.current.tell(Event{Kind: StepBegun, Step: step})
		return s.current.assertAll(ctx, step, step.Before)
	})
	if err != nil {
		return err
	}
	if _, err := s.current.execRowsInTime(ctx, in.Steps[0]); err != nil {
		return s.current.stepFailed(in.Steps[len(in.Steps)-1], time.Since(began), err)
	}
	took := time.Since(began)
	for i, step := range in.Steps {
		r := s.runs[in.Turns[i].Plan]
		r.steps = append(r.steps, StepResult{Step: step, State: ledger.Done, Duration: took})
	}
	return s.each(ctx, in, func(step plan.Step) error { return s.swapped(ctx, step) })
}

// each does the work for each of the steps, in the turn of its run.
func (s *setRun) each(ctx context.Context, in plan.SwapTogether, work func(plan.Step) error) error {
	for i, step := range in.Steps {
		if err := s.turn(ctx, in.Turns[i]); err != nil {
			return err
		}
		began := time.Now()
		if err := work(step); err != nil {
			return s.current.stepFailed(step, time.Since(began), err)
		}
	}
	return nil
}

// swapped marks the audit row of a swap as done.
func (s *setRun) swapped(ctx context.Context, step plan.Step) error {
	did := s.current.steps[len(s.current.steps)-1]
	done := ledger.FinishStep(s.current.backend, step.Seq, step.Finished("", strconv.FormatInt(did.Duration.Milliseconds(), 10)))
	if err := s.current.execOwn(ctx, done); err != nil {
		return fmt.Errorf("write the audit row: %w", err)
	}
	if err := s.current.assertAll(ctx, step, step.After); err != nil {
		return err
	}
	s.current.tell(Event{Kind: StepEnded, Step: step, Result: did})
	return nil
}
