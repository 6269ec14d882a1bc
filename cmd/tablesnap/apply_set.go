package main

import (
	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/plan"
)

// applySet plans a set of the settings, asks once, and runs it: all of it, or nothing.
func (a *app) applySet(cmd *cobra.Command, f applyFlags, files []string) error {
	if f.plan != "" {
		return usagef("--plan names all that it runs; write it without --set")
	}
	if err := f.upload.refuseForSet(files, f.all); err != nil {
		return err
	}
	want, err := a.expected(cmd, f, f.set)
	if err != nil {
		return err
	}
	uploads, err := a.openSet(f.set, func(table string) (*openedUpload, error) {
		of := f.upload
		of.table = table
		return a.openUpload(cmd, &of, nil, f.json)
	})
	defer closeAll(uploads)
	if err != nil {
		return err
	}
	open := a.connectionsToPlan(cmd, f)
	defer open.close()
	s, err := a.planSetToRun(cmd, f, uploads, want, &open)
	if err != nil {
		return err
	}
	return a.runWork(cmd, f, &open, s)
}

// planSetToRun plans a set. It must be the one that was expected, and may be run.
func (a *app) planSetToRun(cmd *cobra.Command, f applyFlags, uploads []*openedUpload, want expectations, open *connections) (*plannedSet, error) {
	a.lockTimeout = uploads[0].req.Options.LockTimeout
	db, err := open.of(a)
	if err != nil {
		return nil, err
	}
	if err := a.forEachUpload(uploads, func(u *openedUpload) error { return u.lookToRun(cmd, f, db) }); err != nil {
		return nil, err
	}
	set, err := plan.BuildSet(db.backend, f.set, inputsOf(uploads))
	if err != nil {
		return nil, err
	}
	s := newSetOf(set, uploads)
	s.dialect = db.backend
	if err := want.check(candidatesOf(db.backend, f.set, uploads), uploads[0].in.Options.Binding); err != nil {
		return nil, err
	}
	return s, db.mayRun(cmd, s)
}
