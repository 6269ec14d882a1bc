package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// withUndoOf appends the undo script to the script of an upload.
func withUndoOf(d dialect.Dialect, in plan.Input, script planWriter) (planWriter, error) {
	undo, err := undoOf(d, in)
	if err != nil {
		return nil, err
	}
	return func(w io.Writer, p planned) error {
		if _, err := fmt.Fprint(w, "-- Two scripts follow: the upload, and behind the line UNDO what takes it back.\n\n"); err != nil {
			return err
		}
		if err := script(w, p); err != nil {
			return err
		}
		if undo == nil {
			_, err := fmt.Fprintf(w, "\n-- UNDO: %v.\n", plan.ErrNothingToUndo)
			return err
		}
		if _, err := fmt.Fprint(w, "\n-- UNDO: the rest takes the upload back; run it after the upload.\n\n"); err != nil {
			return err
		}
		return plan.WriteScript(w, d, *undo, nil, plan.ScriptOptions{Rows: plan.AllRows})
	}, nil
}

// undoOf is the plan that takes an upload back. It is nil if there is nothing to take back.
func undoOf(d dialect.Dialect, in plan.Input) (*plan.Plan, error) {
	undo, err := plan.BuildUndo(d, in)
	if errors.Is(err, plan.ErrNothingToUndo) {
		return nil, nil
	}
	return &undo, err
}
