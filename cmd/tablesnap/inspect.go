package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) inspectCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "inspect T",
		Short: "Print what planning needs to know of a table, as JSON",
		Args:  args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, names []string) error {
			db, err := a.open(readOnly)
			if err != nil {
				return err
			}
			defer db.db.Close()
			t, err := db.client("").Inspect(cmd.Context(), names[0])
			if err != nil {
				return err
			}
			if t.Table == nil {
				fmt.Fprintf(cmd.ErrOrStderr(), "there is no table %q yet\n", t.Ident.Name)
			}
			return writeJSON(cmd.OutOrStdout(), t)
		},
	}
}
