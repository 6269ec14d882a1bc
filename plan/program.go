package plan

import (
	"fmt"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
)

// Program is a plan as a flat list of instructions, in the order of execution. The runner
// in package exec executes it, and the writers print it. No other code knows the order.
type Program []Instruction

// Instruction is one of the types of this file that end in "// an Instruction".
type Instruction interface{ instruction() }

type (
	// EnterSession sets up the session, and asserts that the plan may run in it.
	EnterSession struct { // an Instruction
		Stmts      []dialect.Stmt
		Assertions []Assertion
	}
	// SaveSession saves the settings of a session that the plan shares with others, and
	// RestoreSession restores them.
	SaveSession    struct{ Stmts []dialect.Stmt } // an Instruction
	RestoreSession struct{ Stmts []dialect.Stmt } // an Instruction

	// AcquireLock keeps other runs off the table until ReleaseLock.
	AcquireLock struct{ Stmts []dialect.Stmt } // an Instruction
	ReleaseLock struct{ Stmts []dialect.Stmt } // an Instruction

	// TakeLease takes the table's lease for the run that has begun: the lock keeps off
	// the runs of one server, the lease those of all nodes of a cluster. HoldLease renews
	// it, and asserts that nobody has taken it over; EndLease ends it.
	TakeLease struct { // an Instruction
		Stmts     []dialect.Stmt
		Assertion Assertion
	}
	HoldLease struct { // an Instruction
		Stmt      dialect.Stmt
		Assertion Assertion
	}
	EndLease struct{ Stmt dialect.Stmt } // an Instruction

	// CreateLedger creates or updates the ledger's tables.
	CreateLedger struct { // an Instruction
		Stmts  []dialect.Stmt
		Script LedgerScript
	}
	// AssertNoOpenRun asserts that no earlier run was cut off.
	AssertNoOpenRun struct{ Assertions []Assertion } // an Instruction
	// LookUp looks up, for a portable plan, what only the database knows.
	LookUp struct { // an Instruction
		Stmts      []dialect.Stmt
		Assertions []Assertion
	}

	// Begin opens a transaction, which the next Commit ends. Transactions do not nest.
	Begin struct { // an Instruction
		Purpose Purpose
		// Group is the index of the group that runs in the transaction, or whose audit
		// rows the transaction writes.
		Group int
		// Joint states that the transaction is that of all plans of a set. Group says nothing
		// then.
		Joint bool
		Stmts []dialect.Stmt
		// Auto is set for a group of one statement that the database commits by itself.
		// There is no transaction then.
		Auto bool
	}
	// Commit ends the transaction of the last Begin.
	Commit struct { // an Instruction
		Stmt dialect.Stmt
	}

	// TurnTo makes the instructions that follow those of one plan of a set, and its run the
	// present one, once it has begun. KeepRun keeps the run for that.
	TurnTo struct { // an Instruction
		Plan  int
		Stmts []dialect.Stmt
	}
	KeepRun struct{ Stmts []dialect.Stmt } // an Instruction
	// SwapTogether runs the one statement of several swaps, each step of which is one of a
	// plan's own.
	SwapTogether struct { // an Instruction
		Turns []TurnTo
		Steps []Step
	}

	// HoldTable locks the table and asserts what was reviewed, before anything else. It
	// is for plans in the caller's transaction, in which the first group has already
	// begun.
	HoldTable struct { // an Instruction
		Stmts      []dialect.Stmt
		Assertions []Assertion
	}
	// Assert stops the run unless all assertions hold.
	Assert struct{ Assertions []Assertion } // an Instruction
	// BeginRun writes the run's row.
	BeginRun struct{} // an Instruction
	// Announce writes the steps' audit rows with the state started.
	Announce struct{ Steps []Step } // an Instruction
	// CloseAbandoned closes earlier runs that were cut off and left nothing behind.
	CloseAbandoned struct{ Stmts []dialect.Stmt } // an Instruction
	// RunSteps runs steps that fail together, and marks them as done in the audit.
	RunSteps struct { // an Instruction
		Group int
		Steps []Step
	}
	// FinishRun marks the run as done, which makes its version.
	FinishRun struct{} // an Instruction
)

func (EnterSession) instruction()    {}
func (SaveSession) instruction()     {}
func (RestoreSession) instruction()  {}
func (AcquireLock) instruction()     {}
func (ReleaseLock) instruction()     {}
func (TakeLease) instruction()       {}
func (HoldLease) instruction()       {}
func (EndLease) instruction()        {}
func (CreateLedger) instruction()    {}
func (AssertNoOpenRun) instruction() {}
func (LookUp) instruction()          {}
func (Begin) instruction()           {}
func (Commit) instruction()          {}
func (TurnTo) instruction()          {}
func (KeepRun) instruction()         {}
func (SwapTogether) instruction()    {}
func (HoldTable) instruction()       {}
func (Assert) instruction()          {}
func (BeginRun) instruction()        {}
func (Announce) instruction()        {}
func (CloseAbandoned) instruction()  {}
func (RunSteps) instruction()        {}
func (FinishRun) instruction()       {}

// Purpose is what a transaction is for.
type Purpose string

// The purposes of transactions.
const (
	ForLedger Purpose = "ledger" // creates the ledger's tables
	ForRun    Purpose = "run"    // writes the run's row, and the audit rows of the first group
	ForAudit  Purpose = "audit"  // writes the audit rows of a later group
	ForGroup  Purpose = "group"  // a group of the plan
)

// LedgerScript says which statements create the ledger's tables.
type LedgerScript string

const (
	// UpdateLedger updates the ledger from the version that was inspected.
	UpdateLedger LedgerScript = ""
	// CompleteLedger creates whatever is missing.
	CompleteLedger LedgerScript = "complete"
)

// Program returns the plan's instructions for a session of its own.
func (p Plan) Program(d dialect.Dialect) Program {
	program := Program{EnterSession{Stmts: p.Session, Assertions: slices.Concat(p.Place, p.hazardAssertions(d))}}
	if len(p.Lock) > 0 {
		program = append(program, AcquireLock{p.Lock})
	}
	if create := ledger.Updates(d, p.Ledger.Migration, ledger.Exactly); len(create) > 0 {
		program = append(program, ledgerTransaction(d, Begin{Purpose: ForLedger}, CreateLedger{Stmts: create})...)
	}
	if len(p.NoneCutOff) > 0 {
		program = append(program, AssertNoOpenRun{p.NoneCutOff})
	}
	body := slices.Concat(Program{BeginRun{}}, p.takeLease(d), Program{Announce{p.Announced(0)}})
	program = append(program, ledgerTransaction(d, Begin{Purpose: ForRun}, body...)...)
	return append(program, p.groups(d)...)
}

// portableProgram returns the instructions of a plan that is bound to columns. They run
// in the caller's session, and often in the caller's transaction. Everything is looked up
// before anything is changed. Undoes is the plan whose run a restore undoes, or nil for
// an upload.
func (p Plan) portableProgram(d dialect.PortableDialect, undoes *Plan) Program {
	save, restore := d.SaveSession()
	program := Program{
		SaveSession{slices.Concat(d.Begin(dialect.Table{}, dialect.Replaces).Stmts, d.SetVar(keptSession, "1"), save)},
		EnterSession{Stmts: p.Session, Assertions: slices.Concat(p.Place, p.hazardAssertions(d))},
		HoldTable{p.Groups[0].Begin, p.Groups[0].Before},
	}
	if len(p.Lock) > 0 {
		program = append(program, AcquireLock{p.Lock})
	}
	program = append(program, CreateLedger{Stmts: ledger.Updates(d, 0, ledger.Nothing), Script: CompleteLedger})
	if len(p.NoneCutOff) > 0 {
		program = append(program, AssertNoOpenRun{p.NoneCutOff})
	}
	program = append(program, p.lookUp(d, undoes))
	body := slices.Concat(Program{BeginRun{}}, p.takeLease(d), Program{Assert{[]Assertion{sameSession(d)}}, Announce{p.Announced(0)}})
	program = append(program, ledgerTransaction(d, Begin{Purpose: ForRun}, body...)...)
	program = append(program, p.groups(d)...)
	return append(program, RestoreSession{append(restore, d.SetVar(keptSession, "NULL")...)})
}

// ledgerTransaction is a transaction that writes only to the ledger's tables.
func ledgerTransaction(d dialect.Dialect, begin Begin, body ...Instruction) Program {
	begin.Stmts = d.Begin(dialect.Table{}, dialect.Replaces).Stmts
	return slices.Concat(Program{begin}, body, Program{Commit{d.Facts().Commit}})
}

// groups returns the instructions of all groups, and the release of the lock.
func (p Plan) groups(d dialect.Dialect) Program {
	var program Program
	for i := range p.Groups {
		program = append(program, p.group(d, i)...)
	}
	program = append(program, p.endLease(d)...)
	if len(p.Unlock) > 0 {
		program = append(program, ReleaseLock{p.Unlock})
	}
	return program
}

// group returns the instructions of one group, after those that write its audit rows.
func (p Plan) group(d dialect.Dialect, i int) Program {
	g := p.Groups[i]
	var program Program
	if announced := p.Announced(i); i > 0 && len(announced) > 0 {
		program = ledgerTransaction(d, Begin{Purpose: ForAudit, Group: i}, append(Program{Announce{announced}}, p.holdLease(d)...)...)
	}
	begin := Begin{Purpose: ForGroup, Group: i, Auto: g.Auto}
	if i > 0 || p.Binding != BoundToColumns { // otherwise HoldTable has already begun it
		begin.Stmts = g.Begin
		program = append(program, begin, Assert{g.Before})
	} else {
		program = append(program, begin)
	}
	if g.Auto && len(p.Announced(i)) == 0 { // nothing undoes it; else the lease was renewed with its audit rows
		program = append(program, p.holdLease(d)...)
	}
	if p.Atomic() && !g.Auto && len(p.NoneCutOff) == 0 { // otherwise there are none
		program = append(program, CloseAbandoned{ledger.CloseAbandoned(d, p.Upload.Table.Name)})
	}
	for _, steps := range stages(g.Steps) {
		program = append(program, RunSteps{Group: i, Steps: steps})
	}
	if i == p.FinalGroup() {
		program = append(program, p.finish()...)
	}
	program = append(program, p.holdLease(d)...)
	if g.Auto {
		return append(program, Commit{})
	}
	return append(program, Commit{d.Facts().Commit})
}

// finish ends the run and announces the cleanup steps. Both commit together, except in a
// portable plan, where each statement may commit by itself. Such a plan writes what is
// left to do before it ends the run.
func (p Plan) finish() Program {
	switch cleanup := p.Cleanup(); {
	case len(cleanup) == 0:
		return Program{FinishRun{}}
	case p.Binding == BoundToColumns:
		return Program{Announce{cleanup}, FinishRun{}}
	default:
		return Program{FinishRun{}, Announce{cleanup}}
	}
}

// stages splits steps into stages. A step without a stage is alone.
func stages(steps []Step) [][]Step {
	var cut [][]Step
	for _, s := range steps {
		if n := len(cut); n > 0 && s.Stage != "" && cut[n-1][0].Stage == s.Stage {
			cut[n-1] = append(cut[n-1], s)
			continue
		}
		cut = append(cut, []Step{s})
	}
	return cut
}

// hazardAssertions fail for each hazard that the user has not allowed. Only scripts need
// them, since a run is refused earlier.
func (p Plan) hazardAssertions(d dialect.Dialect) []Assertion {
	var failing []Assertion
	for _, h := range p.Hazards {
		if h.Allowed != ByUser {
			message := fmt.Sprintf("hazard %s is allowed", h.Code)
			failing = append(failing, assertion(d, message, "1 = 0"))
		}
	}
	return failing
}

// Atomic reports whether the whole plan, but for the user's statements around it, is one
// transaction, so that a run that is cut off leaves nothing behind.
func (p Plan) Atomic() bool {
	own := slices.DeleteFunc(slices.Clone(p.Groups), Group.IsAround)
	return len(own) == 1 && !own[0].Auto && !own[0].inPieces()
}

// FinalGroup is the group that makes the version and ends the run: the last one that does
// more than delete old snapshots. Groups after it only clean up.
func (p Plan) FinalGroup() int {
	for i := len(p.Groups) - 1; i > 0; i-- {
		if g := p.Groups[i]; !g.Auto && !g.onlyPrunes() {
			return i
		}
	}
	return 0
}

// Announced are the steps whose audit rows are committed before a group. They are the
// group's own. Before a swap they are all steps up to the final group, so that after the
// swap the audit says what must happen to the old rows.
func (p Plan) Announced(group int) []Step {
	swap := slices.IndexFunc(p.Groups, func(g Group) bool { return g.has(SwapTables) })
	last := group
	switch {
	case group > p.FinalGroup(), swap >= 0 && group > swap:
		return nil
	case group == swap:
		last = p.FinalGroup()
	}
	var steps []Step
	for _, g := range p.Groups[group : last+1] {
		steps = append(steps, g.Steps...)
	}
	return steps
}

// Cleanup are the steps after the final group. Their audit rows are written with the
// final group, so that none of them is forgotten.
func (p Plan) Cleanup() []Step {
	var steps []Step
	for _, g := range p.Groups[p.FinalGroup()+1:] {
		steps = append(steps, g.Steps...)
	}
	return steps
}
