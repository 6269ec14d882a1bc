package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/exec"
)

type historyFlags struct {
	limit int
	json  bool
}

func (a *app) historyCommand() *cobra.Command {
	var f historyFlags
	cmd := &cobra.Command{
		Use:   "history T",
		Short: "List the versions of a table's contents, and where their rows are",
		Example: `tablesnap history prices
tablesnap history prices --limit 5 --json`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, names []string) error { return a.history(cmd, f, names[0]) },
	}
	cmd.Flags().IntVar(&f.limit, "limit", exec.DefaultLimit, "`N` versions to list at most")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	a.completeTables(cmd, 0)
	return cmd
}

func (a *app) history(cmd *cobra.Command, f historyFlags, table string) error {
	if f.limit < 1 {
		return usagef("--limit is %d, and must be 1 or more", f.limit)
	}
	db, err := a.openExisting(cmd.Context())
	if err != nil {
		return err
	}
	defer db.db.Close()
	if err := noteOpenRun(cmd, db, table); err != nil {
		return err
	}
	t, err := db.client("").Inspect(cmd.Context(), table)
	if err != nil {
		return db.ahead(cmd.Context(), err)
	}
	versions, err := db.client("").BackupHistory(cmd.Context(), table, f.limit)
	if err != nil {
		return db.ahead(cmd.Context(), err)
	}
	if t.Table == nil && len(versions) == 0 {
		return inputError{fmt.Errorf("there is no table %q, and no upload of it", table)}
	}
	if f.json {
		return writeJSON(cmd.OutOrStdout(), versions)
	}
	writeTable(cmd.OutOrStdout(), []string{"version", "event", "doc_id", "upload_timestamp", "rows", "where", "actor", "when"},
		[]int{1, 5}, versionRows(versions))
	return nil
}

// noteOpenRun prints a note if a run on the table has not ended, with the place of the
// rows.
func noteOpenRun(cmd *cobra.Command, db database, table string) error {
	says, err := db.client("").OpenRun(cmd.Context(), table)
	if err != nil {
		return db.ahead(cmd.Context(), err)
	}
	if says != "" {
		fmt.Fprintf(cmd.ErrOrStderr(), "note: %s\n", printable(says))
	}
	return nil
}

func versionRows(versions []exec.Version) [][]string {
	var rows [][]string
	for _, v := range versions {
		number := "-"
		if v.Number != nil {
			number = strconv.FormatInt(*v.Number, 10)
		}
		count := "?"
		if v.Rows != nil {
			count = strconv.FormatInt(*v.Rows, 10)
		}
		where := v.Where
		switch {
		case v.Pruned != "":
			where = "(pruned)"
		case where == "":
			where = "(gone)"
		case v.PartlyPruned != "":
			where += ", partly pruned"
		case v.Pinned:
			where += ", pinned"
		case v.OpenRun > 0:
			where += fmt.Sprintf(", run %d has not ended", v.OpenRun)
		}
		rows = append(rows, []string{number, v.Event, orDash(v.DocID), orDash(v.UploadTimestamp), count, where, v.Actor, v.When})
	}
	return rows
}

func orDash[T any](p *T) string {
	if p == nil {
		return "-"
	}
	return fmt.Sprint(*p)
}
