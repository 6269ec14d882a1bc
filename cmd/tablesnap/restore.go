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
	keepColumns bool
}

func (a *app) restoreCommand() *cobra.Command {
	var f restoreFlags
	cmd := &cobra.Command{
		Use:   "restore T --to VERSION | --doc-id D",
		Short: "Bring a version back, as a new one, after backing up the present rows",
		Long: `restore brings the rows of an earlier version back into the table: those that
history shows in the backup, or in a table of their own. It is an upload like any
other, whose source is the snapshot: the present rows are backed up first, the
table gets a new version, and all of it happens or nothing.

Columns that the table had in that version, and lost since, come back; with
--keep-columns the table keeps its shape. Columns that it gained since get their
default. What the database computes is left to it.

With --doc-id it is the newest version of that upload, other than the present one.`,
		Example: `# See the script first, then bring version 3 back.
tablesnap restore prices --to 3 --dry-run
tablesnap restore prices --to 3

# Bring back an upload by its doc_id, and write only the rows that differ.
tablesnap restore prices --doc-id november --strategy sync --yes`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, names []string) error {
			req, err := f.request(cmd, names[0])
			if err != nil {
				return err
			}
			return a.change(cmd, f.change, func(ctx context.Context, c *exec.Client, actor string, o plan.Options) (plan.Plan, error) {
				req.Actor, req.Options = actor, o
				return c.PlanRestore(ctx, req)
			})
		},
	}
	f.bind(cmd)
	a.completeTables(cmd, 0)
	a.completeVersionFlag(cmd, "to")
	return cmd
}

func (f *restoreFlags) bind(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.Int64Var(&f.to, "to", 0, "`N` the version to bring back")
	fs.StringVar(&f.docID, "doc-id", "", "`ID` the upload whose version to bring back")
	fs.BoolVar(&f.keepColumns, "keep-columns", false, "do not bring back columns that the table lost")
	f.change.upload.bindReplacing(cmd)
	f.change.bind(cmd)
}

func (f restoreFlags) request(cmd *cobra.Command, table string) (exec.RestoreRequest, error) {
	req := exec.RestoreRequest{Table: table, DocID: f.docID}
	if cmd.Flags().Changed("to") == (f.docID != "") {
		return req, usagef("which version? write --to VERSION or --doc-id D; tablesnap history lists them")
	}
	if f.docID == "" {
		req.Version = &f.to
	}
	if f.keepColumns {
		req.LostColumns = plan.LeaveLost
	}
	return req, nil
}
