package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/exec"
)

type recoverFlags struct {
	dryRun, yes, json bool
}

func (a *app) recoverCommand() *cobra.Command {
	var f recoverFlags
	cmd := &cobra.Command{
		Use:   "recover [T]",
		Short: "Bring a run that was cut off to its end, or back",
		Long: `recover reads the audit and looks at the tables. It completes each run that was cut
off (on table T, or on all tables), or takes it back. You can run it again at any
time. With --dry-run it says what it would do. Before it changes a table or deletes
rows it asks on a terminal; elsewhere it needs --yes.`,
		Example: `# See what is to do, then do it.
tablesnap recover prices --dry-run
tablesnap recover prices

# All tables, without a question.
tablesnap recover --yes`,
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, names []string) error {
			return a.recover(cmd, f, strings.Join(names, "")) // no name means every table
		},
	}
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "say what would be done, and do nothing")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	a.completeTables(cmd, 0)
	return cmd
}

func (a *app) recover(cmd *cobra.Command, f recoverFlags, table string) error {
	db, err := a.open(cmd.Context(), readWrite)
	if err != nil {
		return err
	}
	defer db.close()
	mode := exec.DoRecover
	if f.dryRun {
		mode = exec.DryRun
	}
	if mode == exec.DoRecover && !f.yes {
		if err := confirmRecovery(cmd, db.client(""), table); err != nil {
			return err
		}
	}
	done, err := db.client("").Recover(cmd.Context(), table, mode)
	if err != nil {
		return err
	}
	for i, r := range done {
		done[i].Warnings = a.maskOf(r.Table).warnings(r.Warnings)
	}
	if mode == exec.DoRecover {
		changedDatabase(cmd)
	}
	if f.json {
		return writeJSON(cmd.OutOrStdout(), done)
	}
	writeRecoveries(cmd.OutOrStdout(), done)
	return nil
}

// confirmRecovery asks the user if more than the ledger's tables would change.
func confirmRecovery(cmd *cobra.Command, client *exec.Client, table string) error {
	planned, err := client.Recover(cmd.Context(), table, exec.DryRun)
	if err != nil {
		return err
	}
	changes := slices.ContainsFunc(planned, func(r exec.Recovery) bool { return len(r.Statements) > 0 })
	if !changes {
		return nil
	}
	writeRecoveries(cmd.ErrOrStderr(), planned)
	if !onTerminal() {
		return unaskedError{"recover"}
	}
	return ask(cmd)
}

func writeRecoveries(w io.Writer, done []exec.Recovery) {
	if len(done) == 0 {
		fmt.Fprintln(w, "no run was cut off")
	}
	for _, r := range done {
		fmt.Fprintf(w, "%s\n", printable(r.Message))
		for _, s := range r.Statements {
			lines := strings.Split(s, "\n")
			for i, line := range lines {
				lines[i] = printable(line)
			}
			fmt.Fprintf(w, "  %s;\n", strings.Join(lines, "\n    "))
		}
		for _, warning := range r.Warnings {
			fmt.Fprintf(w, "  warning %s: %s\n", warning.Code, printable(warning.Message))
		}
		for _, right := range r.Missing {
			fmt.Fprintf(w, "  this user may not: %s\n", printable(right))
		}
	}
}
