package plan

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// errNoDialect is for a dialect that is nil.
var errNoDialect = errors.New("plan: the dialect is nil; give the one of the database, such as postgres.New()")

// Errors name what the user may choose by its field, as in Options.Create. A program
// whose users know it by another name, such as a flag, says that instead.

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

// HazardError says which hazards stop a plan until the user allows them.
// Nothing has been changed.
type HazardError struct {
	Table     dialect.Ident
	Operation Operation
	Hazards   []Hazard
}

func (e *HazardError) Error() string {
	lines := make([]string, len(e.Hazards))
	for i, h := range e.Hazards {
		lines[i] = fmt.Sprintf("%s: %s (allow it with Options.Allow %s)", h.Code, h.Message, h.Code)
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
