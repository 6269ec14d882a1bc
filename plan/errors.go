package plan

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// errNoDialect is for a dialect that is nil.
var errNoDialect = errors.New("plan: the dialect is nil; give the one of the database, such as postgres.New()")

// Remedy is what the user can do about an error; a [RemedyError] has it.
type Remedy = rowsource.Remedy

// RemedyError is an error with what can be done about it.
type RemedyError = rowsource.RemedyError

// What can be done about a refusal.
const (
	// RemedyCreate is to set [Options].Create.
	RemedyCreate Remedy = "create the table"
	// RemedyNewColumns is to set [Options].NewColumns.
	RemedyNewColumns Remedy = "add the columns"
	// RemedySwap is to set [Options].Strategy to [dialect.Swap].
	RemedySwap Remedy = "swap the table"
	// RemedyNoChunks is to leave [Options].ChunkRows away, or to swap.
	RemedyNoChunks Remedy = "leave the chunks out"
	// RemedyLockTimeout is to set [Options].LockTimeout.
	RemedyLockTimeout Remedy = "wait longer for the lock"
	// RemedyAllowRewrite is to add [TriggersRewrite] to [Options].Allow.
	RemedyAllowRewrite Remedy = "allow triggers to rewrite the rows"
	// RemedyVersion is to prune a version by its number.
	RemedyVersion Remedy = "name the version"
)

// RefusedError says why an upload can never be done as asked. Nothing has been
// changed.
type RefusedError struct {
	Table dialect.Ident
	// Operation is what was refused; empty means an upload.
	Operation Operation
	// Reasons are sentences without a full stop; there is at least one.
	Reasons []string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("refuse to %s %q: %s", e.Operation.doing(), e.Table.Name, strings.Join(e.Reasons, "; "))
}

// refuse is the *RefusedError for one reason or more, with their remedies.
func refuse(table dialect.Ident, op Operation, reasons []error) error {
	refused := &RefusedError{Table: table, Operation: op}
	var remedies []Remedy
	for _, why := range reasons {
		refused.Reasons = append(refused.Reasons, why.Error())
		if r, ok := errors.AsType[*RemedyError](why); ok {
			remedies = append(remedies, r.Remedies...)
		}
	}
	if len(remedies) == 0 {
		return refused
	}
	return &RemedyError{Remedies: remedies, Err: refused}
}

// reasons are the sentences as errors.
func reasons(says ...string) []error {
	errs := make([]error, len(says))
	for i, why := range says {
		errs[i] = errors.New(why)
	}
	return errs
}

// remediedBy is the reason with the one thing that the user can do about it.
func remediedBy(r Remedy, format string, args ...any) error {
	return &RemedyError{Remedies: []Remedy{r}, Err: fmt.Errorf(format, args...)}
}

// HazardError says which hazards stop a plan until the user allows them by their
// codes, in [Options].Allow. Nothing has been changed.
type HazardError struct {
	Table     dialect.Ident
	Operation Operation
	Hazards   []Hazard
}

func (e *HazardError) Error() string {
	lines := make([]string, len(e.Hazards))
	for i, h := range e.Hazards {
		lines[i] = fmt.Sprintf("%s: %s", h.Code, h.Message)
	}
	return fmt.Sprintf("%s %q blocked: %s", e.Operation.doing(), e.Table.Name, strings.Join(lines, "; "))
}

// doing is the operation as a verb that a table's name follows.
func (o Operation) doing() string {
	switch o {
	case OpRestore:
		return "restore"
	case OpBackup:
		return "back up"
	case OpPin:
		return "change the pin of a version of"
	case OpPrune:
		return "prune the snapshots of"
	case OpDiff:
		return "compare a file with"
	case OpMigrate:
		return "make or update"
	case OpRecover:
		return "recover the run that was cut off on"
	default:
		return "upload to"
	}
}
