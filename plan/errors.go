package plan

import (
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// RefusedError says why an upload can never be done as asked. Nothing has been
// changed.
type RefusedError struct {
	Table dialect.Ident
	// Reasons are sentences without a full stop; there is at least one.
	Reasons []string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("refuse to upload to %q: %s", e.Table.Name, strings.Join(e.Reasons, "; "))
}

// HazardError says which hazards stop a plan until the user allows them.
// Nothing has been changed.
type HazardError struct {
	Table   dialect.Ident
	Hazards []Hazard
}

func (e *HazardError) Error() string {
	lines := make([]string, len(e.Hazards))
	for i, h := range e.Hazards {
		lines[i] = fmt.Sprintf("%s: %s (allow it with --allow %s)", h.Code, h.Says, h.Code)
	}
	return fmt.Sprintf("refuse to upload to %q unasked: %s", e.Table.Name, strings.Join(lines, "; "))
}
