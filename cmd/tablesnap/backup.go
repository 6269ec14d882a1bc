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
		Example: `# Keep the present rows before somebody works on the table by hand.
tablesnap backup prices --doc-id before-cleanup

tablesnap backup prices --dry-run`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, names []string) error {
			return a.change(cmd, f, func(ctx context.Context, c *exec.Client, actor string, o plan.Options) (work, error) {
				p, err := c.PlanBackup(ctx, exec.BackupRequest{
					Table: names[0], DocID: f.upload.docID, UploadTimestamp: f.upload.timestamp, Actor: actor, Options: o,
				})
				return &planned{plan: p}, err
			})
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.upload.docID, "doc-id", "", "`ID` the id for the contents (default: that of their upload)")
	fs.StringVar(&f.upload.timestamp, "upload-timestamp", "", "`TIMESTAMP` the timestamp for the contents, kept as given")
	f.bind(cmd)
	a.completeTables(cmd, 0)
	return cmd
}
