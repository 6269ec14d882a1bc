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
)

// printMigration prints an upload and its undo as a migration for goose.
func (f planFlags) printMigration(cmd *cobra.Command, format planFormat, db database, u *openedUpload) (err error) {
	in, p := u.in, u.shown
	if now, err := plan.Build(db.backend, in); err == nil { // BuildMigration returns the error
		db.noteRights(cmd, &planned{plan: now})
	}
	p.dialect = dialect.InExternalTx(db.backend)
	in.Goose = gooseFile(cmp.Or(f.out, f.check))
	if p.migration, err = plan.BuildMigration(p.dialect, in); err != nil {
		return err
	}
	return errors.Join(f.deliver(cmd, func(w io.Writer) error { return format.write(w, p) }), p.migration.Up.Refused())
}

func writeMigration(w io.Writer, p planned) error {
	return plan.WriteGoose(w, p.dialect, p.migration, p.source)
}

// gooseFile returns goose's migration for a file. It is nil if the file's name does not
// begin with a version.
func gooseFile(name string) *plan.GooseMigration {
	version, err := goose.NumericComponent(filepath.Base(name))
	if name == "" || err != nil {
		return nil
	}
	return &plan.GooseMigration{Version: version, File: filepath.Base(name)}
}

func refuseForGoose(f planFlags) error {
	switch {
	case f.rows != "" && f.rows != "all":
		return usagef("--rows is for --format sql; a migration holds all rows")
	case f.diff:
		return usagef("--diff is for --format sql; a migration runs where the table holds other rows")
	case f.forVersion != "":
		return usagef("--for is for the other formats; a migration is for any version by itself")
	case f.withUndo:
		return usagef("--with-undo is for --format sql; a migration has the way back in it")
	}
	return nil
}
