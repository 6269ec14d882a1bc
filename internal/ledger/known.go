package ledger

import (
	"context"
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
)

// UnknownStepError says that tablesnap does not understand a step in the audit, so it
// leaves the step alone.
type UnknownStepError struct {
	Run  int64
	Step string
	// Why is a sentence without a full stop.
	Why string
}

func (e *UnknownStepError) Error() string {
	return fmt.Sprintf("read step %s of run %d in %s: %s", e.Step, e.Run, dialect.AuditTable, e.Why)
}

// ReadSteps reads the steps of the run, each with its details (see [Step.Known]).
func (r *Run) ReadSteps(ctx context.Context, c dialect.Conn, d dialect.Backend, t dialect.Target) error {
	steps, err := Steps(ctx, c, d, r.ID)
	if err != nil {
		return err
	}
	old := legacy{d: d, target: t}
	for _, s := range steps {
		if s.isLegacy() && StepKind(s.Kind) == CopyToBackup && r.VersionReplaced != nil {
			if err := old.readReplaced(ctx, c, *r.VersionReplaced); err != nil {
				return err
			}
		}
	}
	for i := range steps {
		steps[i].understand(old)
	}
	r.Steps = steps
	return nil
}

// Understood is what recovery and history know about a step.
type Understood struct {
	Details Details
	// Lacks says in a sentence without a full stop why the step is not understood. It is
	// empty if it is.
	Lacks string
}

// Known returns the details that recovery and history need. The error is a
// *UnknownStepError.
func (s Step) Known() (Details, error) {
	u := Understood{Lacks: "it was not read"}
	if s.Understood != nil {
		u = *s.Understood
	}
	if u.Lacks != "" {
		return Details{}, &UnknownStepError{Run: s.RunID, Step: s.Step, Why: u.Lacks}
	}
	return u.Details, nil
}

func (s *Step) understand(old legacy) {
	s.Understood = &Understood{}
	if s.isLegacy() {
		s.Understood.Details, s.Understood.Lacks = old.details(*s)
		return
	}
	s.Understood.Details, s.Understood.Lacks = *s.Details, lacking(StepKind(s.Kind), *s.Details)
}

const unknownKind = "this tablesnap knows no step of the kind %q; use the tablesnap that began the run (tool_version in " + dialect.RunTable + ") or a newer one"

// lacking says what is missing in the details of a step of this kind. It is empty if
// nothing is.
func lacking(kind StepKind, d Details) string {
	lacks := ""
	needs := func(found bool, field string) {
		if !found {
			lacks = fmt.Sprintf("its details lack the field %q; somebody has changed them: bring them back from a backup of the database", field)
		}
	}
	switch kind {
	case CopyToBackup, CopyToPreserve:
		needs(len(d.Columns) > 0, "columns")
		needs(d.Version != nil, "version")
		needs(d.From != "", "from")
	case KeepOld:
		needs(d.From != "", "from")
	case DropColumn:
		needs(len(d.Columns) == 1, "columns")
	case DeleteSnapshot, DropPreserved:
		needs(d.Version != nil, "version")
	case CreateTable, CreateBackup, WidenBackup, CreateShadow, DropIndexes, AddIndexes, DropIndex, SwapTables, CopyAutoIncrement,
		DropOld, CreatePreserve, Clear, AddColumn, LoadRows,
		CreateStage, CompareRows, DetachRows, AttachRows, ParkRows, DeleteRows, UpdateRows, InsertRows, DropStage,
		CheckRows, RunBefore, RunAfter, SetAside, RecreateTable, CreateIndex:
	default:
		return fmt.Sprintf(unknownKind, kind)
	}
	needs(d.Table != "", "table")
	return lacks
}
