package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) migrateCommand() *cobra.Command {
	var create bool
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Make tablesnap's own tables, or bring them up to date (apply does it by itself)",
		Example: `tablesnap migrate --dsn postgres://ada@db.example.com/shop
tablesnap migrate --database prod`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			db, err := a.openToWrite(cmd.Context(), create)
			if err != nil {
				return err
			}
			defer db.close()
			applied, err := db.client("").Migrate(cmd.Context())
			if err != nil {
				return db.busy(err)
			}
			changedDatabase(cmd)
			if len(applied) == 0 {
				fmt.Fprintln(cmd.OutOrStdout(), "tablesnap's tables are up to date")
			}
			for _, v := range applied {
				fmt.Fprintf(cmd.OutOrStdout(), "tablesnap's tables are at version %d\n", v)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&create, "create", false, "make a SQLite file that does not exist")
	return cmd
}
