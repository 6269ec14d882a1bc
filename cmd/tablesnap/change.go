package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// changeFlags are the flags of restore, backup and prune, whose plans need no file.
type changeFlags struct {
	upload uploadFlags
	show   planFlags
	dryRun bool
	apply  applyFlags
}

func (f *changeFlags) bind(cmd *cobra.Command) {
	f.upload.bindRun(cmd)
	fs := cmd.Flags()
	fs.BoolVar(&f.dryRun, "dry-run", false, "print the script, and run nothing")
	fs.StringVar(&f.show.out, "out", "", "`FILE` the file to write the plan to; nothing runs")
	formats := slices.DeleteFunc(planFormats(), func(p planFormat) bool { return p.ofMigration })
	f.show.formats = formats
	fs.StringVar(&f.show.format, "format", "", "`FORMAT` "+strings.Join(formatNames(formats), ", ")+" (default: as for plan)")
	fs.BoolVar(&f.apply.yes, "yes", false, "do not ask")
	fs.BoolVar(&f.apply.json, "json", false, "print the result as JSON")
	complete(cmd, "format", formatNames(formats))
}

// planner makes the plan of one of these verbs. The actor is stored in the plan. It is
// empty if the plan is run at once.
type planner func(ctx context.Context, c *exec.Client, actor string, o plan.Options) (work, error)

// change plans on a read-only connection, and then prints or runs the plan.
func (a *app) change(cmd *cobra.Command, f changeFlags, makePlan planner) error {
	format, options, err := f.format(cmd)
	if err != nil {
		return err
	}
	o, err := f.upload.options()
	if err != nil {
		return err
	}
	a.lockTimeout = f.upload.lockTimeout
	open := connections{open: func() (database, error) { return a.openToChange(cmd) }}
	defer open.close()
	db, err := open.of(a)
	if err != nil {
		return err
	}
	actor := ""
	if f.shown() {
		actor = f.upload.actor
	}
	p, err := makePlan(cmd.Context(), db.client(""), actor, o)
	switch {
	case err != nil:
		err = db.ahead(cmd.Context(), err)
	case f.shown():
		err = f.print(cmd, db, format, options, p)
	default:
		err = db.mayRun(cmd, p)
	}
	if err != nil || f.shown() {
		return errors.Join(err, open.close())
	}
	f.apply.upload = f.upload
	return a.runWork(cmd, f.apply, &open, p)
}

// openToChange opens a database that exists to plan what may run at once.
func (a *app) openToChange(cmd *cobra.Command) (database, error) {
	db, err := a.openExisting(cmd.Context())
	return a.orWorkIn(cmd, db, err)
}

// shown reports whether the plan is printed instead of run.
func (f changeFlags) shown() bool { return f.dryRun || f.show.out != "" }

func (f changeFlags) format(cmd *cobra.Command) (planFormat, plan.ScriptOptions, error) {
	if cmd.Flags().Changed("format") && !f.shown() {
		return planFormat{}, plan.ScriptOptions{}, usagef("--format is for --dry-run and --out; write one of them")
	}
	if format, err := findFormat(planFormats(), f.show.format); err == nil && format.ofMigration {
		return format, plan.ScriptOptions{}, usagef("--format %s is for plan, whose migration has the way back in it; here it is %s", format.name, strings.Join(formatNames(f.show.formats), " or "))
	}
	f.show.format = f.show.formatFor(cmd)
	return f.show.writer()
}

func (f changeFlags) print(cmd *cobra.Command, db database, format planFormat, o plan.ScriptOptions, p work) error {
	p.in(db.backend, o, f.show.summary(cmd, db))
	return f.show.deliverWork(cmd, format, db, p)
}
