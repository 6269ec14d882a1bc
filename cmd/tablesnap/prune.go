package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/config"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// pruneFlags choose the snapshots to delete.
type pruneFlags struct {
	change    changeFlags
	keep      int
	olderThan string
	versions  []int64
}

func (a *app) pruneCommand() *cobra.Command {
	var f pruneFlags
	cmd := &cobra.Command{
		Use:   "prune T --keep N | --older-than 90d | --version V",
		Short: "Delete old snapshots; the newest is always kept",
		Long: `prune deletes snapshots: all but the newest N (--keep), those that were taken longer
ago (--older-than), or those of the versions named (--version). What is deleted
cannot be brought back.

It deletes more than --chunk-rows rows in several transactions. If that is cut off,
what was deleted stays deleted, and the same prune deletes the rest.

The newest snapshot is never deleted, nor one that is pinned (see pin). A version
whose rows came from no upload, or were changed by another program after it, can
be had from nowhere else: it is deleted only if --version names it.`,
		Example: `# Keep the newest five snapshots.
tablesnap prune prices --keep 5

# Delete what is older than a quarter of a year, without a question.
tablesnap prune prices --older-than 90d --yes`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, names []string) error {
			req, err := f.request(cmd, names[0])
			if err != nil {
				return err
			}
			return a.change(cmd, f.change, planPrune(cmd, req))
		},
	}
	fs := cmd.Flags()
	fs.IntVar(&f.keep, "keep", 0, "`N` newest snapshots to keep")
	fs.StringVar(&f.olderThan, "older-than", "", "`AGE` delete snapshots that are older than this: 90d, 12w or 36h")
	fs.Int64SliceVar(&f.versions, "version", nil, "delete the snapshots of these versions")
	fs.IntVar(&f.change.upload.chunkRows, "chunk-rows", 0, fmt.Sprintf("`N` the most rows to delete in one transaction (default %d)", plan.DeletedAtOnce))
	f.change.bind(cmd)
	a.completeTables(cmd, 0)
	a.completeVersionFlag(cmd, "version")
	return cmd
}

// planPrune plans, and notes which of the chosen versions stay.
func planPrune(cmd *cobra.Command, req exec.PruneRequest) planner {
	return func(ctx context.Context, c *exec.Client, actor string, o plan.Options) (work, error) {
		req.Actor, req.Options = actor, o
		p, kept, err := c.PlanPrune(ctx, req)
		if err != nil {
			return nil, err // the error says what is kept
		}
		for _, k := range kept {
			fmt.Fprintf(cmd.ErrOrStderr(), "note: version %d stays: %s%s\n", k.Version, printable(k.Why), adviceOf(cmd, hintsOf(k.Remedy)))
		}
		return &planned{plan: p}, nil
	}
}

func (f pruneFlags) request(cmd *cobra.Command, table string) (exec.PruneRequest, error) {
	req := exec.PruneRequest{Table: table, Keep: f.keep, Versions: f.versions}
	ways := 0
	for _, flag := range []string{"keep", "older-than", "version"} {
		if cmd.Flags().Changed(flag) {
			ways++
		}
	}
	if ways != 1 {
		return req, usagef("which snapshots? write one of --keep N, --older-than 90d and --version V")
	}
	if cmd.Flags().Changed("keep") && f.keep < 1 {
		return req, usagef("--keep is %d, and must be 1 or more: the newest snapshot always stays", f.keep)
	}
	if cmd.Flags().Changed("older-than") {
		age, err := config.ParseAge(f.olderThan)
		if err != nil {
			return req, usagef("--older-than: %w", err)
		}
		req.Before = time.Now().Add(-age)
	}
	return req, nil
}
