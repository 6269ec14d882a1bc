package dialect

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Details are what recovery and history need to know of a step: the column details
// of its audit row, as JSON. A field that is not set is not written.
type Details struct {
	// Migration is the goose migration that made the run.
	Migration *GooseMigration `json:"migration,omitempty"`
	// Undoes is the run that this one takes back.
	Undoes int64 `json:"undoes,omitempty"`
}

// GooseMigration is a migration of goose, as a run knows it.
type GooseMigration struct {
	Version int64 `json:"version"`
	// File is the name of the migration's file, without its folder.
	File string `json:"file"`
}

// IsZero reports whether there is nothing to write.
func (d Details) IsZero() bool { return d == Details{} }

// JSON is the text of the column.
func (d Details) JSON() string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(d) // numbers and texts: it cannot fail
	return strings.TrimSpace(b.String())
}

// undoing is an SQL expression for the column, where the run that is undone is known
// to the database alone.
func (d Details) undoing(in Dialect, run string) string {
	portable, ok := As[Portable](in)
	if !ok {
		return "NULL" // no such run was looked up
	}
	d.Undoes = 0
	head := strings.TrimSuffix(d.JSON(), "}")
	if head != "{" {
		head += ","
	}
	return portable.AsJSON(portable.Concat(text(in, head+`"undoes":`), run, text(in, "}")))
}

// ParseDetails reads what JSON wrote. Fields of a newer tablesnap are left out.
func ParseDetails(text string) (Details, error) {
	var d Details
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return d, fmt.Errorf("read the details of a step: %w", err)
	}
	return d, nil
}
