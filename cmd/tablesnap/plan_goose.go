package main

import (
	"cmp"
	"errors"
	"io"
	"path/filepath"

	"github.com/pressly/goose/v3"
	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// formatGoose is the format of a migration for goose.
const formatGoose = "goose"

// printMigration prints an upload, and what undoes it, as a migration for goose.
func (f planFlags) printMigration(cmd *cobra.Command, b dialect.Backend, in plan.Input, src rowsource.Source) error {
	d := dialect.InExternalTx(b)
	in.Goose = gooseFile(cmp.Or(f.out, f.check))
	m, err := plan.BuildMigration(d, in)
	if err != nil {
		return err
	}
	write := func(w io.Writer) error { return plan.WriteGoose(w, d, m, src) }
	return errors.Join(f.deliver(cmd, write), m.Up.Refused())
}

// gooseFile is the migration that a file is to goose, nil where its name does not
// begin with a version.
func gooseFile(name string) *dialect.GooseMigration {
	version, err := goose.NumericComponent(filepath.Base(name))
	if name == "" || err != nil {
		return nil
	}
	return &dialect.GooseMigration{Version: version, File: filepath.Base(name)}
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
