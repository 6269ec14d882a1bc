package plan

import (
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
)

// Program returns the instructions of all plans of the set, for a session of its own. What
// each plan does before the group that changes its table is done first, and then all these
// groups as one.
func (s Set) Program(d dialect.Dialect) Program {
	program := s.enter(d)
	program = append(program, s.beginRuns(d)...)
	for i, p := range s.Plans {
		program = append(program, s.Turn(d, i))
		for g := range p.jointGroup() {
			program = append(program, p.group(d, g)...)
		}
	}
	program = append(program, s.announceJoint(d)...)
	if s.Plans[0].Groups[s.Plans[0].jointGroup()].Auto {
		program = append(program, s.swapTogether(d)...)
	} else {
		program = append(program, s.changeTogether(d)...)
	}
	for i, p := range s.Plans {
		program = append(program, s.Turn(d, i))
		for g := p.jointGroup() + 1; g < len(p.Groups); g++ {
			program = append(program, p.group(d, g)...)
		}
		program = append(program, p.endLease(d)...)
	}
	for _, i := range s.byName() {
		if unlock := s.Plans[i].Unlock; len(unlock) > 0 {
			program = append(program, ReleaseLock{unlock})
		}
	}
	return program
}

// jointGroup is the group that changes the rows of the plan's table. In a set it is one with
// those of the other plans.
func (p Plan) jointGroup() int {
	swap := slices.IndexFunc(p.Groups, func(g Group) bool { return g.has(SwapTables) })
	if swap >= 0 {
		return swap
	}
	return p.FinalGroup()
}

// JointGroup is the index of the group of a plan that is one with those of the other plans.
func (s Set) JointGroup(plan int) int { return s.Plans[plan].jointGroup() }

// Turn makes the following instructions those of a plan, and its run the present one.
func (s Set) Turn(d dialect.Dialect, i int) TurnTo {
	keeper, _ := dialect.As[dialect.RunKeeper](d)
	return TurnTo{Plan: i, Stmts: keeper.UseRun(s.number(i))}
}

// enter sets up the session, and keeps other runs off all tables.
func (s Set) enter(d dialect.Dialect) Program {
	first := s.Plans[0]
	enter := EnterSession{Stmts: first.Session}
	for _, p := range s.Plans {
		enter.Assertions = slices.Concat(enter.Assertions, p.Place, p.hazardAssertions(d))
	}
	program := Program{enter}
	for _, i := range s.byName() {
		if lock := s.Plans[i].Lock; len(lock) > 0 {
			program = append(program, TurnTo{Plan: i}, AcquireLock{lock})
		}
	}
	if create := ledger.Updates(d, first.Ledger.Migration, ledger.Exactly); len(create) > 0 {
		program = append(program, ledgerTransaction(d, Begin{Purpose: ForLedger}, CreateLedger{Stmts: create})...)
	}
	for i, p := range s.Plans {
		if len(p.NoneCutOff) > 0 {
			program = append(program, TurnTo{Plan: i}, AssertNoOpenRun{p.NoneCutOff})
		}
	}
	return program
}

// beginRuns writes the rows of all runs in one transaction.
func (s Set) beginRuns(d dialect.Dialect) Program {
	keeper, _ := dialect.As[dialect.RunKeeper](d)
	var body Program
	for _, i := range s.byName() {
		p := s.Plans[i]
		body = append(body, TurnTo{Plan: i}, BeginRun{}, KeepRun{keeper.KeepRun(s.number(i))})
		body = append(body, p.takeLease(d)...)
		body = append(body, Announce{p.Announced(0)})
	}
	return ledgerTransaction(d, Begin{Purpose: ForRun, Joint: true}, body...)
}

// announceJoint writes the audit rows of the joint groups, unless they were written with the
// runs' own.
func (s Set) announceJoint(d dialect.Dialect) Program {
	var body Program
	for i, p := range s.Plans {
		if announced := p.Announced(p.jointGroup()); p.jointGroup() > 0 && len(announced) > 0 {
			body = append(body, s.Turn(d, i), Announce{announced})
			body = append(body, p.holdLease(d)...)
		}
	}
	if len(body) == 0 {
		return nil
	}
	return ledgerTransaction(d, Begin{Purpose: ForAudit, Joint: true}, body...)
}

// swapTogether swaps all tables in one statement.
func (s Set) swapTogether(d dialect.Dialect) Program {
	program := Program{Begin{Purpose: ForGroup, Joint: true, Auto: true}}
	swap := SwapTogether{}
	for i, p := range s.Plans {
		g := p.Groups[p.jointGroup()]
		program = append(program, s.Turn(d, i), Assert{g.Before})
		swap.Turns = append(swap.Turns, s.Turn(d, i))
		swap.Steps = append(swap.Steps, g.Steps[0])
	}
	program = append(program, swap)
	for i, p := range s.Plans {
		program = append(program, s.Turn(d, i))
		program = append(program, p.holdLease(d)...)
	}
	return append(program, Commit{})
}

// changeTogether changes the rows of all tables in one transaction.
func (s Set) changeTogether(d dialect.Dialect) Program {
	begin := Begin{Purpose: ForGroup, Joint: true}
	for _, i := range s.byName() {
		for _, stmt := range s.Plans[i].Groups[s.Plans[i].jointGroup()].Begin {
			if !slices.Contains(begin.Stmts, stmt) {
				begin.Stmts = append(begin.Stmts, stmt)
			}
		}
	}
	program := Program{begin}
	for i, p := range s.Plans {
		program = append(program, s.Turn(d, i), Assert{p.Groups[p.jointGroup()].Before})
		if p.Atomic() && len(p.NoneCutOff) == 0 {
			program = append(program, CloseAbandoned{ledger.CloseAbandoned(d, p.Upload.Table.Name)})
		}
	}
	program = append(program, s.steps(d)...)
	for i, p := range s.Plans {
		program = append(program, s.Turn(d, i))
		program = append(program, p.finish()...)
		program = append(program, p.holdLease(d)...)
	}
	return append(program, Commit{d.Facts().Commit})
}

// steps are those of all joint groups, phase by phase. Rows are deleted where others refer to
// them last, and loaded there first.
func (s Set) steps(d dialect.Dialect) Program {
	var program Program
	for phase := range phases {
		if phase == closing {
			program = append(program, s.settle(d)...)
		}
		for i := range s.Plans {
			if phase == removing || phase == removingLast {
				i = len(s.Plans) - 1 - i
			}
			group := s.Plans[i].jointGroup()
			turned := false
			for _, steps := range stages(s.Plans[i].Groups[group].Steps) {
				if s.Plans[i].phase(steps[0]) != phase {
					continue
				}
				if !turned {
					program, turned = append(program, s.Turn(d, i)), true
				}
				program = append(program, RunSteps{Group: group, Steps: steps})
			}
		}
	}
	return program
}

// settle asserts that the references hold which the database checks only at the commit.
func (s Set) settle(d dialect.Dialect) Program {
	checker, ok := dialect.As[dialect.ConstraintChecker](d)
	if !ok {
		return nil
	}
	for i, p := range s.Plans {
		if p.Table == nil {
			continue
		}
		if check := checker.CheckDeferredConstraints(*p.Table); check.SQL != "" {
			return Program{s.Turn(d, i), Assert{[]Assertion{{Message: "all references among the tables hold", SQL: check.SQL}}}}
		}
	}
	return nil
}

// phase is a part of the transaction of a set. All tables go through one before any goes
// through the next.
type phase int

const (
	copying      phase = iota // the snapshots, and what a sync compares
	detaching                 // references that go are taken away
	removing                  // rows go
	writing                   // rows come, and change
	attaching                 // references that come are given
	removingLast              // rows go to which others referred until then
	closing                   // conditions, columns that go, old snapshots
	phases
)

// phase is that of a step of the joint group.
func (p Plan) phase(s Step) phase {
	if p.KeptIn() != "" { // its new table is made, loaded and renamed in one go
		return copying
	}
	order := func(k StepKind) int { return index(p.Groups[p.jointGroup()].Steps, k) }
	switch s.Kind {
	case DetachRows:
		return detaching
	case Clear:
		return removing
	case DeleteRows:
		if order(DeleteRows) > order(InsertRows) {
			return removingLast
		}
		return removing
	case ParkRows, UpdateRows, InsertRows:
		return writing
	case LoadRows, AddColumn, DropIndex, CreateIndex:
		if order(CompareRows) >= 0 { // the stage has the rows first
			return copying
		}
		return writing
	case AttachRows:
		return attaching
	case CopyAutoIncrement, CheckRows, DropStage, DeleteSnapshot, DropPreserved:
		return closing
	case DropColumn:
		if order(DropColumn) < order(LoadRows) && order(CompareRows) < 0 {
			return writing
		}
		return closing
	default:
		return copying
	}
}
