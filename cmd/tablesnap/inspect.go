package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) inspectCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "inspect T",
		Short: "Print what planning needs to know of a table, as JSON",
		Long: `inspect prints all that planning an upload needs to know of the database: plan
--schema plans from it without a connection, and gives the same bytes.

It holds the definitions of the table, of its backup table and of other tables whose
names a plan uses; the table's newest version and its snapshots
(numbers, row counts, doc_id, file hash); what a plan relies on of the server; and
the engine's estimate of the row count. It holds no row of the table, no password
and no name of a host or user.`,
		Example: `# Plan on a machine that has no database.
tablesnap inspect prices > prices.json
tablesnap plan prices.csv --table prices --doc-id november --schema prices.json`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, names []string) error {
			db, err := a.open(cmd.Context(), readOnly)
			if err != nil {
				return err
			}
			defer db.close()
			if err := noteOpenRun(cmd, db, names[0]); err != nil {
				return err
			}
			t, err := db.client("").Schema(cmd.Context(), names[0])
			if err != nil {
				return db.ahead(cmd.Context(), err)
			}
			if db.missing {
				fmt.Fprintf(cmd.ErrOrStderr(), "note: there is no database %q yet\n", db.path)
			} else if t.Table == nil {
				fmt.Fprintf(cmd.ErrOrStderr(), "note: there is no table %q yet\n", t.Ident.Name)
			}
			return writeJSON(cmd.OutOrStdout(), t)
		},
	}
	cmd.Flags().Bool("json", true, "print JSON, which is all that it prints")
	a.completeTables(cmd, 0)
	return cmd
}
