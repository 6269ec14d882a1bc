package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/exec"
)

type auditFlags struct {
	filter exec.RunFilter
	json   bool
}

func (a *app) auditCommand() *cobra.Command {
	var f auditFlags
	cmd := &cobra.Command{
		Use:   "audit [--run N] [--table T]",
		Short: "List the runs and their steps",
		Example: `tablesnap audit --table prices --limit 3
tablesnap audit --run 12 --json`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.audit(cmd, f) },
	}
	cmd.Flags().Int64Var(&f.filter.Run, "run", 0, "`N` the only run to list")
	cmd.Flags().StringVar(&f.filter.Table, "table", "", "`TABLE` the table whose runs to list")
	cmd.Flags().IntVar(&f.filter.Limit, "limit", exec.DefaultLimit, "`N` runs to list at most")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	a.completeTableFlag(cmd)
	return cmd
}

func (a *app) audit(cmd *cobra.Command, f auditFlags) error {
	if f.filter.Limit < 1 {
		return usagef("--limit is %d, and must be 1 or more", f.filter.Limit)
	}
	if cmd.Flags().Changed("run") && f.filter.Run < 1 {
		return usagef("--run is %d, and must be 1 or more", f.filter.Run)
	}
	db, err := a.openExisting(cmd.Context())
	if err != nil {
		return err
	}
	defer db.close()
	runs, err := db.client("").Audit(cmd.Context(), f.filter)
	if err != nil {
		return db.ahead(cmd.Context(), err)
	}
	if f.filter.Run != 0 && len(runs) == 0 {
		return inputError{fmt.Errorf("there is no run %d", f.filter.Run)}
	}
	s, err := a.settings()
	if err != nil {
		return err
	}
	runs = audited(s, runs)
	if f.json {
		return writeJSON(cmd.OutOrStdout(), runs)
	}
	if len(runs) == 0 {
		fmt.Fprintln(cmd.ErrOrStderr(), "note: there are no runs")
	}
	for i, r := range runs {
		if i > 0 {
			fmt.Fprintln(cmd.OutOrStdout())
		}
		writeRun(cmd, r)
	}
	return nil
}

func writeRun(cmd *cobra.Command, r exec.Run) {
	w := cmd.OutOrStdout()
	made := ""
	if r.VersionMade > 0 { // a prune makes no version
		made = fmt.Sprintf(", version %d", r.VersionMade)
	}
	fmt.Fprintf(w, "run %d: %s of %s%s, %s\n", r.ID, r.Operation, printable(r.Table), made, r.State)
	if r.SetRun != 0 {
		fmt.Fprintf(w, "  with the set %s, run %d\n", printable(r.Set), r.SetRun)
	}
	fmt.Fprintf(w, "  doc_id %s, upload_timestamp %s, by %s with tablesnap %s\n", docOrNone(r.DocID), printable(r.UploadTimestamp), printable(orDash(r.Actor)), r.ToolVersion)
	fmt.Fprintf(w, "  %s, SHA-256 %s\n", printable(r.SourceName), r.SourceSHA256)
	fmt.Fprintf(w, "  %s to %s\n", r.StartedAt, orDash(r.FinishedAt))
	if r.Warnings != "" {
		fmt.Fprintf(w, "  warnings: %s\n", r.Warnings)
	}
	var rows [][]string
	for _, s := range r.Steps {
		rows = append(rows, []string{s.Step, s.State, orBlank(s.Event), orBlank(s.RowCount), orBlank(s.DurationMS), orBlank(s.Message)})
	}
	writeTable(w, []string{"step", "state", "event", "rows", "ms", "message"}, []int{4, 5}, rows)
}

func orBlank[T any](p *T) string {
	if p == nil {
		return ""
	}
	return fmt.Sprint(*p)
}
