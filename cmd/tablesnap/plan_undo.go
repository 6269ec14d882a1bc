package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// scriptExtras are around a script.
type scriptExtras struct {
	// diff are lines about the rows that differ, or empty.
	diff     string
	withUndo bool
}

// extras are those that the flags ask for.
func (f planFlags) extras(uploads ...*openedUpload) scriptExtras {
	e := scriptExtras{withUndo: f.withUndo}
	for _, u := range uploads {
		if u.diff != "" && len(uploads) > 1 {
			e.diff += u.name + ":\n"
		}
		e.diff += u.diff
	}
	return e
}

// around writes a script with the rows that differ before it, as comments, and the undo script
// behind it. There is nothing to undo if undo is nil.
func (e scriptExtras) around(w io.Writer, undo, script func(io.Writer) error) error {
	if e.withUndo {
		if _, err := fmt.Fprint(w, "-- Two scripts follow: the upload, and behind the line UNDO what takes it back.\n\n"); err != nil {
			return err
		}
	}
	if err := e.writeDiff(w); err != nil {
		return err
	}
	if err := script(w); err != nil || !e.withUndo {
		return err
	}
	if undo == nil {
		_, err := fmt.Fprintf(w, "\n-- UNDO: %v.\n", plan.ErrNothingToUndo)
		return err
	}
	if _, err := fmt.Fprint(w, "\n-- UNDO: the rest takes the upload back; run it after the upload.\n\n"); err != nil {
		return err
	}
	return undo(w)
}

func (e scriptExtras) writeDiff(w io.Writer) error {
	if e.diff == "" {
		return nil
	}
	for line := range strings.Lines(e.diff) {
		if _, err := fmt.Fprintln(w, strings.TrimRight("-- "+line, " \n")); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w)
	return err
}

// undoOf is the plan that takes an upload back. It is nil if there is nothing to take back.
func undoOf(d dialect.Dialect, in plan.Input) (*plan.Plan, error) {
	undo, err := plan.BuildUndo(d, in)
	if errors.Is(err, plan.ErrNothingToUndo) {
		return nil, nil
	}
	return &undo, err
}
