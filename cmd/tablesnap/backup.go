package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

func (a *app) backupCommand() *cobra.Command {
	var f changeFlags
	cmd := &cobra.Command{
		Use:   "backup T [--doc-id D]",
		Short: "Take a snapshot of a table without an upload",
		Long: `backup copies the present rows to the backup table and leaves the table alone. The
snapshot is that of the version which the table had; from then on the same rows
are a version of their own, so that the next upload backs up another version.

The doc_id and the timestamp of that version are those of the upload whose rows
they are, unless --doc-id and --upload-timestamp say otherwise.`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, names []string) error {
			return a.change(cmd, f, func(ctx context.Context, c *exec.Client, actor string, o plan.Options) (plan.Plan, error) {
				return c.PlanBackup(ctx, exec.BackupRequest{
					Table: names[0], DocID: f.upload.docID, UploadTimestamp: f.upload.timestamp, Actor: actor, Options: o,
				})
			})
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.upload.docID, "doc-id", "", "the id by which the contents will be known (default: that of the upload whose rows they are)")
	fs.StringVar(&f.upload.timestamp, "upload-timestamp", "", "the timestamp by which they will be known, kept as given")
	f.bind(cmd)
	return cmd
}
