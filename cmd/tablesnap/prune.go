package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

func (a *app) pruneCommand() *cobra.Command {
	var f changeFlags
	var keep int
	var olderThan string
	var versions []int64
	cmd := &cobra.Command{
		Use:   "prune T --keep N | --older-than 90d | --version V",
		Short: "Delete old snapshots; the newest is always kept",
		Long: `prune deletes snapshots: all but the newest N (--keep), those that were taken longer
ago (--older-than), or those of the versions named (--version). What is deleted
cannot be brought back.

The newest snapshot is never deleted, nor one that is pinned (see pin). A version
whose rows came from no upload, or were changed by another program after it, can
be had from nowhere else: it is deleted only if --version names it.`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, names []string) error {
			req := exec.PruneRequest{Table: names[0], Keep: keep, Versions: versions}
			ways := 0
			for _, flag := range []string{"keep", "older-than", "version"} {
				if cmd.Flags().Changed(flag) {
					ways++
				}
			}
			if ways != 1 {
				return usagef("which snapshots? write one of --keep N, --older-than 90d and --version V")
			}
			if cmd.Flags().Changed("keep") && keep < 1 {
				return usagef("--keep is %d, and must be 1 or more: the newest snapshot always stays", keep)
			}
			if olderThan != "" {
				age, err := parseAge(olderThan)
				if err != nil {
					return err
				}
				req.Before = time.Now().Add(-age)
			}
			return a.change(cmd, f, func(ctx context.Context, c *exec.Client, actor string, o plan.Options) (plan.Plan, error) {
				req.Actor, req.Options = actor, o
				p, kept, err := c.PlanPrune(ctx, req)
				for _, k := range kept {
					if err == nil {
						fmt.Fprintf(cmd.ErrOrStderr(), "note: version %d stays: %s\n", k.Version, printable(k.Why))
					}
				}
				return p, err
			})
		},
	}
	fs := cmd.Flags()
	fs.IntVar(&keep, "keep", 0, "how many of the newest snapshots to keep")
	fs.StringVar(&olderThan, "older-than", "", "delete snapshots taken longer ago than this: 90d, 12w, 36h")
	fs.Int64SliceVar(&versions, "version", nil, "delete the snapshots of these versions")
	f.bind(cmd)
	return cmd
}

// parseAge reads days and weeks beside what Go calls a duration.
func parseAge(text string) (time.Duration, error) {
	const day = 24 * time.Hour
	for unit, length := range map[string]time.Duration{"d": day, "w": 7 * day} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			if n, err := strconv.Atoi(number); err == nil && n >= 0 && n < 100_000 {
				return time.Duration(n) * length, nil
			}
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return d, nil
	}
	return 0, usagef("--older-than is %q; write an age such as 90d, 12w or 36h", text)
}
