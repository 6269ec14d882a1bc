package exec

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// DriftError says what has changed since the plan was made. Nothing was written; plan
// again.
type DriftError struct {
	Table dialect.Ident
	// Changes are sentences without a full stop.
	Changes []string
	Err     error
}

func (e *DriftError) Error() string {
	return fmt.Sprintf("run the plan for %q: it was made for something else: %s; plan the upload again", e.Table.Name, strings.Join(e.Changes, "; "))
}

func (e *DriftError) Unwrap() error { return e.Err }

// LockedError says that another session's lock was not released within the timeout.
// Nothing was changed; try again.
type LockedError struct {
	Table dialect.Ident
	// Advice says what to do. If it is empty, try again or wait longer
	// ([plan.RemedyLockTimeout]).
	Advice string
	Err    error
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("lock %q: another run or program holds it; %s: %v", e.Table.Name, cmp.Or(e.Advice, "try again, or wait longer"), e.Err)
}

func (e *LockedError) Unwrap() error { return e.Err }

// SourceError says why a source cannot be uploaded. Nothing was changed.
type SourceError struct{ Err error }

func (e *SourceError) Error() string { return "read the upload: " + e.Err.Error() }

func (e *SourceError) Unwrap() error { return e.Err }

// StepError says which step failed. The table is as it was.
type StepError struct {
	Step plan.Step
	Err  error
}

func (e *StepError) Error() string {
	return fmt.Sprintf("%s %s (step %s): %v", doing(e.Step.Kind), inWords(e.Step.Table), e.Step.ID, e.Err)
}

func inWords(i dialect.Ident) string {
	if i.Schema == "" {
		return strconv.Quote(i.Name)
	}
	return strconv.Quote(i.Schema) + "." + strconv.Quote(i.Name)
}

func (e *StepError) Unwrap() error { return e.Err }

// ExampleError is an error whose message has values of rows in it, as examples.
type ExampleError struct {
	// Examples is the part of the message with the values.
	Examples string
	Err      error
}

func (e *ExampleError) Error() string { return e.Err.Error() }

func (e *ExampleError) Unwrap() error { return e.Err }

// CutOffError says that a run was cut off. [Client.Recover] completes it or rolls it
// back. No row is lost.
type CutOffError struct {
	Table dialect.Ident
	Run   int64
	// Set is the set that the run belongs to, or empty. Recover all tables then.
	Set string
	Err error
}

func (e *CutOffError) Error() string {
	run, it := fmt.Sprintf("run %d on %q", e.Run, e.Table.Name), "it"
	if e.Set != "" {
		run, it = fmt.Sprintf("%s, with the set %q,", run, e.Set), "the whole set"
	}
	says := fmt.Sprintf("%s was cut off midway, and no row is lost; bring %s to its end, or back, with: %s", run, it, e.remedy())
	if e.Err != nil {
		says += fmt.Sprintf(" (%v)", e.Err)
	}
	return says
}

// remedy is the command that recovers the run, and all others of its set.
func (e *CutOffError) remedy() string {
	if e.Set != "" {
		return "tablesnap recover"
	}
	return "tablesnap recover " + dialect.ShellWord(e.Table.Name)
}

func (e *CutOffError) Unwrap() error { return e.Err }

// PartlyPrunedError says that a prune in several transactions has failed. The rows of
// snapshots that it has deleted stay deleted. The table is unchanged.
type PartlyPrunedError struct {
	Table dialect.Ident
	Err   error
}

func (e *PartlyPrunedError) Error() string {
	return fmt.Sprintf("%v; what was deleted by then stays deleted, and the same prune deletes the rest (tablesnap history %s shows what there is)", e.Err, dialect.ShellWord(e.Table.Name))
}

func (e *PartlyPrunedError) Unwrap() error { return e.Err }

func doing(k plan.StepKind) string {
	switch k {
	case plan.LoadRows:
		return "load rows into"
	case plan.DropColumn:
		return "drop a column of"
	case plan.SwapTables:
		return "swap in the new rows of"
	case plan.DropOld:
		return "drop the old rows, which are backed up, of"
	case plan.DeleteSnapshot:
		return "delete a snapshot in"
	case plan.DropPreserved:
		return "drop the snapshot"
	case plan.AddColumn:
		return "add a column to"
	case plan.CreateStage:
		return "make the table for the new rows,"
	case plan.CompareRows:
		return "list the rows that differ, in"
	case plan.DeleteRows:
		return "delete rows of"
	case plan.UpdateRows, plan.ParkRows, plan.DetachRows, plan.AttachRows:
		return "update rows of"
	case plan.InsertRows:
		return "insert rows into"
	case plan.RunBefore, plan.RunAfter:
		return "run a statement " + string(k) + " the upload of"
	case plan.CheckRows:
		return "check the new rows of"
	default:
		return strings.ReplaceAll(string(k), "-", " ")
	}
}
