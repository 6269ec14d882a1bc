package exec

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
)

// errSetFailed is the error of the runs of a set in which another one has failed.
var errSetFailed = errors.New("another table of the set has failed")

// fail ends the runs of a set that cannot go on. If the tables have not changed yet, none of
// them does. Otherwise all of them have, and what is left to do is for recover.
func (s *setRun) fail(ctx context.Context, err error) error {
	ctx = context.WithoutCancel(ctx)
	failing := s.current
	if s.joint && failing.at >= len(failing.plan.Groups) && !failing.unknown(err) {
		return err // its run is done
	}
	s.turnBack(ctx, failing)
	failed := failing.fail(ctx, min(failing.at, len(failing.plan.Groups)-1), err)
	if failing.owner == ownedByCaller {
		return failed
	}
	if failing.lost != nil {
		for _, r := range s.runs {
			r.lost = &connectionLost{group: r.at, err: failed}
		}
		return failed
	}
	var left []error
	for i, r := range s.runs {
		if r == failing {
			continue
		}
		if err := s.failOther(ctx, i); err != nil {
			left = append(left, err)
		}
	}
	switch {
	case len(left) == 0 && failing.classify(err) == dialect.FailureRefused: // it says so already
		return failed
	case len(left) == 0 && !as[*CutOffError](failed):
		return fmt.Errorf("%w; no table of the set %q has changed", failed, s.set.Name)
	}
	return errors.Join(append([]error{failed}, left...)...)
}

// turnBack gives the turn to a run, after a rollback that may have given it to another one.
func (s *setRun) turnBack(ctx context.Context, r *run) {
	if s.begun {
		_ = r.exec(ctx, s.set.Turn(r.backend, slices.Index(s.runs, r)).Stmts...) // what follows fails, too
	}
}

// failOther ends a run whose set has failed at another table. It returns an error only if
// something is left of the run.
func (s *setRun) failOther(ctx context.Context, i int) error {
	r := s.runs[i]
	if s.joint || r.swapped() {
		if r.at >= len(r.plan.Groups) {
			return nil // it is done
		}
		return r.cutOff(errSetFailed)
	}
	r.failed = failure{message: fmt.Sprintf("%v (%q)", errSetFailed, s.current.plan.Upload.Table.Name)}
	if i < len(s.marks) && r.at == s.set.JointGroup(i) && len(r.steps) > s.marks[i].steps {
		r.failed.seq = afterAllSteps // its steps were done, and are rolled back
	}
	s.turnBack(ctx, r)
	if err := r.failAsItWas(ctx, r.at, errSetFailed); as[*CutOffError](err) || r.lost != nil {
		return err
	}
	return nil
}
