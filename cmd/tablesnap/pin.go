package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
)

type pinFlags struct {
	remove bool
	actor  string
}

func (a *app) pinCommand() *cobra.Command {
	var f pinFlags
	cmd := &cobra.Command{
		Use:   "pin T VERSION",
		Short: "Keep a version from being pruned",
		Example: `tablesnap pin prices 3
tablesnap pin prices 3 --remove`,
		Args: args(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, names []string) error {
			version, err := strconv.ParseInt(names[1], 10, 64)
			if err != nil || version < 0 {
				return usagef("%q is no version; write a number that history shows", names[1])
			}
			return a.pin(cmd, f, names[0], version)
		},
	}
	cmd.Flags().BoolVar(&f.remove, "remove", false, "take the pin away")
	cmd.Flags().StringVar(&f.actor, "actor", "", "`NAME` who pins it (default: the system's user)")
	a.completeTables(cmd, 1)
	return cmd
}

func (a *app) pin(cmd *cobra.Command, f pinFlags, table string, version int64) error {
	read, err := a.openExisting(cmd.Context()) // creates no database
	if err != nil {
		return err
	}
	if err := read.close(); err != nil {
		return err
	}
	db, err := a.open(cmd.Context(), readWrite)
	if err != nil {
		return err
	}
	defer db.close()
	actor := f.actor
	if actor == "" {
		actor = whoRuns()
	}
	says := "is pinned: prune leaves it alone"
	if f.remove {
		says = "is not pinned any more"
		err = db.client(actor).Unpin(cmd.Context(), table, version)
	} else {
		err = db.client(actor).Pin(cmd.Context(), table, version, actor)
	}
	if err == nil {
		changedDatabase(cmd)
		fmt.Fprintf(cmd.OutOrStdout(), "version %d of %s %s\n", version, printable(table), says)
	}
	return db.busy(err)
}
