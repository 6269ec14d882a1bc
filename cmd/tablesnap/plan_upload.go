package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// openedUpload is an upload whose source is open. Its report tells the faults of the source.
type openedUpload struct {
	name   string // of the table, as the user or the settings call it
	req    exec.Request
	report *faultReport
	close  func()

	// The rest is there once its table was looked at.
	in    plan.Input
	shown planned
	diff  string // lines about the rows that differ, or empty
}

// openUpload opens the source of an upload. Each verb that plans an upload begins with it.
// Call close at the end. With asJSON, faults that end the planning are printed as JSON.
func (a *app) openUpload(cmd *cobra.Command, f *uploadFlags, files []string, asJSON bool) (*openedUpload, error) {
	src, done, err := a.upload(cmd, f, files)
	if err != nil {
		return nil, err
	}
	u := &openedUpload{name: f.table}
	if u.req, err = f.request(src); err == nil {
		u.report, err = newFaultReport(cmd, f.faults, &u.req)
	}
	if err != nil {
		done()
		return nil, err
	}
	u.report.asJSON, u.report.mask = asJSON, a.maskOf(f.table)
	u.close = func() {
		u.report.done()
		done()
	}
	return u, nil
}

// look looks at the table and at the source, and tells the source's faults.
func (u *openedUpload) look(ctx context.Context, db database) error {
	u.shown.dialect, u.shown.source = db.backend, u.req.Source
	in, err := db.client("").Input(ctx, u.req)
	if err := u.report.tell(err); err != nil {
		return db.ahead(ctx, err)
	}
	u.req.Source, u.in = in.Source.AsRead(u.req.Source), in
	return nil
}

// lookToRun is look for an upload that will run at once.
func (u *openedUpload) lookToRun(cmd *cobra.Command, f applyFlags, db database) (err error) {
	u.req.Options.Create = f.mayCreate()
	if err := u.look(cmd.Context(), db); err != nil || !f.asks() {
		return err
	}
	u.shown.summary, err = db.summaryOf(cmd.Context(), u.in, u.req, ifCheap, nil)
	return db.ahead(cmd.Context(), err)
}

// planUpload plans an upload, and tells the faults of its file.
func (a *app) planUpload(cmd *cobra.Command, f applyFlags, files []string, open *connections) (*openedUpload, error) {
	u, err := a.openUpload(cmd, &f.upload, files, f.json)
	if err != nil {
		return nil, err
	}
	a.lockTimeout = f.upload.lockTimeout
	want, err := a.expected(cmd, f, f.upload.table)
	if err != nil {
		return u, err
	}
	db, err := open.of(a)
	if err != nil {
		return u, err
	}
	if err := u.lookToRun(cmd, f, db); err != nil {
		return u, err
	}
	if u.shown.plan, err = plan.Build(db.backend, u.in); err != nil {
		return u, err
	}
	if err := want.check(u.candidate, u.in.Options.Binding); err != nil {
		return u, err
	}
	return u, db.mayRun(cmd, &u.shown)
}

// expected are the plans that an upload must be. The name is that of the table or the set.
func (a *app) expected(cmd *cobra.Command, f applyFlags, name string) (expectations, error) {
	if !cmd.Flags().Changed("expect") {
		return nil, nil
	}
	if f.expect == "" { // such as that of a variable which is not set
		return nil, usagef("--expect is empty; which plan was reviewed?")
	}
	return expectationsOf(f.expect, name, a.planFormats)
}

// connections are open databases, so that the uploads to one share it, and a plan and its
// run.
type connections struct {
	open  func() (database, error)
	byDSN map[string]database
}

// of is the database of the present table.
func (c *connections) of(a *app) (database, error) {
	dsn, _, err := a.chooseDSN()
	if err != nil {
		return database{}, err
	}
	if db, ok := c.byDSN[dsn]; ok {
		return db, nil
	}
	db, err := c.open()
	if err != nil {
		return db, err
	}
	if c.byDSN == nil {
		c.byDSN = make(map[string]database)
	}
	c.byDSN[dsn] = db
	return db, nil
}

func (c *connections) close() error {
	var errs []error
	for _, db := range c.byDSN {
		errs = append(errs, db.close())
	}
	clear(c.byDSN)
	return errors.Join(errs...)
}

// toRun prepares connections to plan for the run of the plan. Servers stay connected, unless
// the user is asked first, who may take long. Files are opened again, to write.
func (c *connections) toRun(a *app, cmd *cobra.Command, f applyFlags) error {
	var errs []error
	for dsn, db := range c.byDSN {
		if db.connect == nil || f.asks() {
			errs = append(errs, db.close())
			delete(c.byDSN, dsn)
		}
	}
	c.open = func() (database, error) { return a.openToRun(cmd, f.mayCreate()) }
	return errors.Join(errs...)
}

// connectionsToPlan are read-only, so that a refused plan changes nothing and creates no
// database file.
func (a *app) connectionsToPlan(cmd *cobra.Command, f applyFlags) connections {
	return connections{open: func() (database, error) { return a.openToPlanFirst(cmd, f.mayCreate()) }}
}
