package plan

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// errNoDialect is returned if the dialect is nil.
var errNoDialect = errors.New("plan: the dialect is nil; give the one of the database, such as postgres.New()")

// Remedy is what the user can do about an error. A [RemedyError] has it.
type Remedy = rowsource.Remedy

// RemedyError is an error with its remedies.
type RemedyError = rowsource.RemedyError

// The remedies for a refusal.
const (
	// RemedyCreate is to set [Options].Create.
	RemedyCreate Remedy = "create the table"
	// RemedyInferTypes is to set [Options].Types to [InferTypes].
	RemedyInferTypes Remedy = "infer the types"
	// RemedyNewColumns is to set [Options].NewColumns.
	RemedyNewColumns Remedy = "add the columns"
	// RemedySwap is to set [Options].Strategy to [dialect.Swap].
	RemedySwap Remedy = "swap the table"
	// RemedyKeepTable is to set [Options].Backup to [BackupTable].
	RemedyKeepTable Remedy = "keep the old table"
	// RemedySync is to set [Options].Strategy to [dialect.Sync], and RemedyKey to set
	// [Options].Key.
	RemedySync Remedy = "sync the table"
	RemedyKey  Remedy = "name the key"
	// RemedyNoChunks is to leave [Options].ChunkRows unset, or to swap.
	RemedyNoChunks Remedy = "leave the chunks out"
	// RemedySmallerChunks is to set [Options].ChunkRows.
	RemedySmallerChunks Remedy = "make the chunks smaller"
	// RemedyLockTimeout is to set [Options].LockTimeout.
	RemedyLockTimeout Remedy = "wait longer for the lock"
	// RemedyAllowRewrite is to add [TriggersRewrite] to [Options].Allow.
	RemedyAllowRewrite Remedy = "allow triggers to rewrite the rows"
	// RemedyVersion is to prune a version by its number.
	RemedyVersion Remedy = "name the version"
)

// RefusedError says why an upload can never run as asked. Nothing was changed.
type RefusedError struct {
	Table dialect.Ident
	// Operation is the refused operation. If it is empty, it is an upload.
	Operation Operation
	// Reasons are sentences without a full stop; there is at least one.
	Reasons []string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("refuse to %s %q: %s", e.Operation.doing(), e.Table.Name, strings.Join(e.Reasons, "; "))
}

// refuse is the *RefusedError for one or more reasons, with their remedies.
func refuse(table dialect.Ident, op Operation, reasons []error) error {
	refused := &RefusedError{Table: table, Operation: op}
	var remedies []Remedy
	for _, why := range apart(reasons) {
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

// apart are the errors with joined ones taken apart.
func apart(errs []error) (each []error) {
	for _, err := range errs {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			each = append(each, apart(joined.Unwrap())...)
			continue
		}
		each = append(each, err)
	}
	return each
}

// reasons converts sentences to errors.
func reasons(says ...string) []error {
	errs := make([]error, len(says))
	for i, why := range says {
		errs[i] = errors.New(why)
	}
	return errs
}

// remediedBy is a reason with one remedy.
func remediedBy(r Remedy, format string, args ...any) error {
	return &RemedyError{Remedies: []Remedy{r}, Err: fmt.Errorf(format, args...)}
}

// HazardError says which hazards stop a plan until the user allows their codes in
// [Options].Allow. Nothing was changed.
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

// doing is the operation as a verb, to be followed by a table's name.
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
