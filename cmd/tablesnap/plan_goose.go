package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// formatGoose is the format of a migration for goose.
const formatGoose = "goose"

// planGoose prints an upload, and what undoes it, as a migration for goose.
func (a *app) planGoose(cmd *cobra.Command, f planFlags, db database, req exec.Request) error {
	m, err := db.client("").PlanMigration(cmd.Context(), req)
	if err != nil {
		return db.busy(err)
	}
	return errors.Join(f.deliver(cmd.OutOrStdout(), func(w io.Writer) error {
		return plan.WriteGoose(w, dialect.Join(db.backend), m, req.Source)
	}), m.Up.Refused())
}

func (f planFlags) refuseForGoose() error {
	switch {
	case f.rows != "" && f.rows != "all":
		return usagef("--rows is for --format sql; a migration holds all rows")
	case f.diff:
		return usagef("--diff is for --format sql; a migration runs where the table holds other rows")
	}
	return nil
}
