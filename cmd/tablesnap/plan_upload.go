package main

import (
	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/exec"
)

// openedUpload is an upload whose source is open. Its report tells the faults of the source.
type openedUpload struct {
	req    exec.Request
	report *faultReport
	close  func()
}

// openUpload opens the source of an upload. Each verb that plans an upload begins with it.
// Call close at the end. With asJSON, faults that end the planning are printed as JSON.
func (a *app) openUpload(cmd *cobra.Command, f *uploadFlags, files []string, asJSON bool) (u openedUpload, err error) {
	src, done, err := a.upload(cmd, f, files)
	if err != nil {
		return u, err
	}
	if u.req, err = f.request(src); err == nil {
		u.report, err = newFaultReport(cmd, f.faults, &u.req)
	}
	if err != nil {
		done()
		return u, err
	}
	u.report.asJSON, u.report.mask = asJSON, a.maskOf(f.table)
	u.close = func() {
		u.report.done()
		done()
	}
	return u, nil
}

// plannedUpload is an upload that was planned to run at once.
type plannedUpload struct {
	planned
	name  string // of the table
	flags applyFlags
	close func() // closes the source; nil if it is not open
}

// planUpload plans an upload, and tells the faults of its file.
func (a *app) planUpload(cmd *cobra.Command, f applyFlags, files []string, open *connections) (u plannedUpload, err error) {
	o, err := a.openUpload(cmd, &f.upload, files, f.json)
	if err != nil {
		return u, err
	}
	u.name, u.flags, u.close = f.upload.table, f, o.close
	a.lockTimeout = f.upload.lockTimeout
	o.req.Options.Create = f.mayCreate()
	want, err := a.expected(cmd, f)
	if err != nil {
		return u, err
	}
	db, err := open.of(a)
	if err != nil {
		return u, err
	}
	u.planned, err = db.planToRun(cmd, f, o.req, want)
	return u, o.report.tell(err)
}

// expected are the plans that an upload must be.
func (a *app) expected(cmd *cobra.Command, f applyFlags) ([]expectation, error) {
	if !cmd.Flags().Changed("expect") {
		return nil, nil
	}
	if f.expect == "" { // such as that of a variable which is not set
		return nil, usagef("--expect is empty; which plan was reviewed?")
	}
	return expectations(f.expect, f.upload.table, a.planFormats)
}

// connections are open databases, so that the uploads to one share it.
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

func (c *connections) close() {
	for _, db := range c.byDSN {
		db.db.Close()
	}
}

// connectionsToPlan are read-only, so that a refused plan changes nothing and creates no
// database file.
func (a *app) connectionsToPlan(cmd *cobra.Command, f applyFlags) connections {
	return connections{open: func() (database, error) { return a.openToPlanFirst(cmd, f.mayCreate()) }}
}
