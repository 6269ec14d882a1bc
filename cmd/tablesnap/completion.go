package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/exec"
)

// completionTime is the most time that a completion takes. A shell waits for it.
const completionTime = 2 * time.Second

// completeTables completes the argument T of a verb, and then versions of the table.
func (a *app) completeTables(cmd *cobra.Command, versions int) {
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		switch {
		case len(args) == 0:
			return a.tables(cmd), cobra.ShellCompDirectiveNoFileComp
		case len(args) <= versions:
			return a.versions(cmd, args[0]), cobra.ShellCompDirectiveNoFileComp
		default:
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
	}
}

// completeTableFlag completes the flag --table.
func (a *app) completeTableFlag(cmd *cobra.Command) {
	completeBy(cmd, "table", func(cmd *cobra.Command, _ []string) []string { return a.tables(cmd) })
}

// completeVersionFlag completes a flag with the versions of the verb's table.
func (a *app) completeVersionFlag(cmd *cobra.Command, flag string) {
	completeBy(cmd, flag, func(cmd *cobra.Command, args []string) []string {
		if len(args) == 0 {
			return nil
		}
		return a.versions(cmd, args[0])
	})
}

// completeSetFlag completes the flag --set with the sets of the settings.
func (a *app) completeSetFlag(cmd *cobra.Command) {
	completeBy(cmd, "set", func(cmd *cobra.Command, _ []string) []string {
		cmd.SetErr(io.Discard)
		if a.prepare(cmd, nil) != nil {
			return nil
		}
		s, err := a.settings()
		if err != nil {
			return nil
		}
		return s.SetNames()
	})
}

// completeRunFlag completes a flag with the runs of the set that --set names.
func (a *app) completeRunFlag(cmd *cobra.Command, flag string) {
	completeBy(cmd, flag, func(cmd *cobra.Command, _ []string) (numbers []string) {
		cmd.SetErr(io.Discard)
		if a.prepare(cmd, nil) != nil {
			return nil
		}
		set := cmd.Flag("set").Value.String()
		a.ask(func(ctx context.Context, c *exec.Client) {
			runs, err := c.Runs(ctx, exec.RunFilter{State: exec.Done, Limit: manyRuns})
			if err != nil {
				return
			}
			for _, r := range runs {
				if r.Set == set && r.ID == r.SetRun {
					numbers = append(numbers, fmt.Sprintf("%d\t%s", r.SetRun, printable(r.DocID+" "+orDash(r.FinishedAt))))
				}
			}
		})
		return numbers
	})
}

// manyRuns is how many runs a completion looks at.
const manyRuns = 1000

func completeBy(cmd *cobra.Command, flag string, values func(*cobra.Command, []string) []string) {
	err := cmd.RegisterFlagCompletionFunc(flag, func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		return values(cmd, args), cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil { // the flag is defined above
		panic(err)
	}
}

// tables are the tables of the settings, and those that the ledger knows.
func (a *app) tables(cmd *cobra.Command) []string {
	cmd.SetErr(io.Discard) // a note would be written into the user's command line
	if a.prepare(cmd, nil) != nil {
		return nil
	}
	var names []string
	if s, err := a.settings(); err == nil {
		names = s.TableNames()
	}
	a.ask(func(ctx context.Context, c *exec.Client) {
		runs, err := c.Audit(ctx, exec.RunFilter{Limit: manyRuns})
		if err != nil {
			return
		}
		for _, r := range runs {
			names = append(names, r.Table)
		}
	})
	slices.Sort(names)
	// A shell would take a line end or a tab in a name for the end of the name.
	return slices.DeleteFunc(slices.Compact(names), func(n string) bool { return n != printable(n) })
}

// versions are the versions of a table, with what they are.
func (a *app) versions(cmd *cobra.Command, table string) (numbers []string) {
	cmd.SetErr(io.Discard)
	if a.prepare(cmd, []string{table}) != nil {
		return nil
	}
	a.ask(func(ctx context.Context, c *exec.Client) {
		versions, err := c.BackupHistory(ctx, table, exec.DefaultLimit)
		if err != nil {
			return
		}
		for _, v := range versions {
			if v.Number != nil && v.Pruned == "" {
				numbers = append(numbers, fmt.Sprintf("%d\t%s", *v.Number, printable(orDash(v.DocID)+" "+v.When)))
			}
		}
	})
	return numbers
}

// ask calls query with a client of the database, if it can be read in time.
func (a *app) ask(query func(context.Context, *exec.Client)) {
	ctx, cancel := context.WithTimeout(context.Background(), completionTime)
	defer cancel()
	db, err := a.openExisting(ctx)
	if err != nil {
		return
	}
	defer db.close()
	query(ctx, db.client(""))
}
