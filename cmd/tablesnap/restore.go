package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

type restoreFlags struct {
	change      changeFlags
	to          int64
	docID       string
	withSet     bool
	set         string
	toRun       int64
	beforeRun   int64
	keepColumns bool
}

// aboutRestore is the help text of restore.
const aboutRestore = `restore brings the rows of an earlier version back into the table: those that
history shows in the backup, or in a table of their own. It is an upload like any
other, whose source is the snapshot: the present rows are backed up first, the
table gets a new version, and all of it happens or nothing.

Columns that the table had in that version, and lost since, come back; with
--keep-columns the table keeps its shape. Columns that it gained since get their
default. What the database computes is left to it.

With --doc-id it is the newest version of that upload, other than the present one.

With --set all tables of a set are as they were after one of its runs (--to-run), or
before it (--before-run), in one transaction: history and audit show the run. With
--with-set all tables come back with which the version was made.`

func (a *app) restoreCommand() *cobra.Command {
	var f restoreFlags
	cmd := &cobra.Command{
		Use:   "restore T --to VERSION | --doc-id D | restore --set NAME --to-run RUN",
		Short: "Bring a version back, as a new one, after backing up the present rows",
		Long:  aboutRestore,
		Example: `# See the script first, then bring version 3 back.
tablesnap restore prices --to 3 --dry-run
tablesnap restore prices --to 3

# Bring back an upload by its doc_id, and write only the rows that differ.
tablesnap restore prices --doc-id november --strategy sync --yes

# Take run 12 of the set shop back.
tablesnap restore --set shop --before-run 12`,
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, names []string) error {
			makePlan, err := a.restorePlanner(cmd, f, names)
			if err != nil {
				return err
			}
			return a.change(cmd, f.change, makePlan)
		},
	}
	f.bind(cmd)
	a.completeTables(cmd, 0)
	a.completeVersionFlag(cmd, "to")
	a.completeSetFlag(cmd)
	a.completeRunFlag(cmd, "to-run")
	a.completeRunFlag(cmd, "before-run")
	return cmd
}

// restorePlanner plans the restore of a table, or of a set.
func (a *app) restorePlanner(cmd *cobra.Command, f restoreFlags, names []string) (planner, error) {
	switch {
	case isChanged(cmd, "set"):
		return a.setRestorePlanner(cmd, f, names)
	case isChanged(cmd, "to-run"), isChanged(cmd, "before-run"):
		return nil, usagef("--to-run and --before-run are for --set NAME")
	case len(names) == 0:
		return nil, usagef("which table? write restore T --to VERSION, or restore --set NAME --to-run RUN")
	case f.withSet && !isChanged(cmd, "to"):
		return nil, usagef("--with-set is for --to VERSION: the tables come back with which that version was made")
	}
	req, err := f.request(cmd, names[0])
	return func(ctx context.Context, c *exec.Client, actor string, o plan.Options) (work, error) {
		if f.withSet {
			run, err := c.SetRunOf(ctx, req.Table, f.to)
			if err != nil {
				return nil, err
			}
			return planSetRestore(ctx, c, exec.SetRestoreRequest{SetRun: run, LostColumns: req.LostColumns, Actor: actor, Options: o})
		}
		req.Actor, req.Options = actor, o
		p, err := c.PlanRestore(ctx, req)
		return &planned{plan: p}, err
	}, err
}

func (a *app) setRestorePlanner(cmd *cobra.Command, f restoreFlags, names []string) (planner, error) {
	switch {
	case len(names) > 0 || isChanged(cmd, "to") || f.docID != "" || f.withSet:
		return nil, usagef("--set brings back all tables of the set; write it without T, --to, --doc-id and --with-set")
	case isChanged(cmd, "to-run") == isChanged(cmd, "before-run"):
		return nil, usagef("which run of the set? write --to-run RUN or --before-run RUN; tablesnap history and audit show it")
	}
	req := exec.SetRestoreRequest{Set: f.set, SetRun: f.toRun, LostColumns: f.lostColumns()}
	if isChanged(cmd, "before-run") {
		req.SetRun, req.Moment = f.beforeRun, exec.BeforeRuns
	}
	if s, err := a.settings(); err != nil {
		return nil, err
	} else if tables, ok := s.Set(f.set); ok { // the database is theirs
		a.table, a.setTables = tables[0], tables
	}
	return func(ctx context.Context, c *exec.Client, actor string, o plan.Options) (work, error) {
		req.Actor, req.Options = actor, o
		return planSetRestore(ctx, c, req)
	}, nil
}

func planSetRestore(ctx context.Context, c *exec.Client, req exec.SetRestoreRequest) (work, error) {
	set, err := c.PlanSetRestore(ctx, req)
	return newSet(set), err
}

func (f *restoreFlags) bind(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.Int64Var(&f.to, "to", 0, "`N` the version to bring back")
	fs.StringVar(&f.docID, "doc-id", "", "`ID` the upload whose version to bring back")
	fs.BoolVar(&f.withSet, "with-set", false, "with --to: bring back all tables of the set that made the version")
	bindSet(cmd, &f.set)
	fs.Int64Var(&f.toRun, "to-run", 0, "`RUN` with --set: the run whose contents to bring back")
	fs.Int64Var(&f.beforeRun, "before-run", 0, "`RUN` with --set: the run to take back")
	fs.BoolVar(&f.keepColumns, "keep-columns", false, "do not bring back columns that the table lost")
	f.change.upload.bindReplacing(cmd)
	f.change.bind(cmd)
}

func (f restoreFlags) request(cmd *cobra.Command, table string) (exec.RestoreRequest, error) {
	req := exec.RestoreRequest{Table: table, DocID: f.docID, LostColumns: f.lostColumns()}
	if cmd.Flags().Changed("to") == (f.docID != "") {
		return req, usagef("which version? write --to VERSION or --doc-id D; tablesnap history lists them")
	}
	if f.docID == "" {
		req.Version = &f.to
	}
	return req, nil
}

func (f restoreFlags) lostColumns() plan.LostColumns {
	if f.keepColumns {
		return plan.LeaveLost
	}
	return plan.BringBack
}
