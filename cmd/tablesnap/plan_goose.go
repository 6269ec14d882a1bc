package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// formatGoose is the format of a migration for goose.
const formatGoose = "goose"

// printMigration prints an upload, and what undoes it, as a migration for goose.
func (f planFlags) printMigration(cmd *cobra.Command, b dialect.Backend, in plan.Input, src rowsource.Source) error {
	d := dialect.Join(b)
	m, err := plan.BuildMigration(d, in)
	if err != nil {
		return err
	}
	write := func(w io.Writer) error { return plan.WriteGoose(w, d, m, src) }
	return errors.Join(f.deliver(cmd.OutOrStdout(), write), m.Up.Refused())
}

func (f planFlags) refuseForGoose() error {
	switch {
	case f.rows != "" && f.rows != "all":
		return usagef("--rows is for --format sql; a migration holds all rows")
	case f.diff:
		return usagef("--diff is for --format sql; a migration runs where the table holds other rows")
	case f.withUndo:
		return usagef("--with-undo is for --format sql; a migration has the way back in it")
	}
	return nil
}
