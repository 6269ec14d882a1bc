package main

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/exec"
)

type historyFlags struct {
	limit  int
	json   bool
	format string
	diff   bool
}

// historyFormats are the values of --format.
func historyFormats() []string { return []string{"text", "json", "html"} }

func (a *app) historyCommand() *cobra.Command {
	var f historyFlags
	cmd := &cobra.Command{
		Use:   "history T",
		Short: "List the versions of a table's contents, and where their rows are",
		Example: `tablesnap history prices
tablesnap history prices --limit 5 --json

# Draw the versions: their rows, and what changed from one to the next.
tablesnap history prices --format html > prices.html`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, names []string) error { return a.history(cmd, f, names[0]) },
	}
	cmd.Flags().IntVar(&f.limit, "limit", exec.DefaultLimit, "`N` versions to list at most")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	cmd.Flags().StringVar(&f.format, "format", "", "`FORMAT` text (default), json, or html: a page with a chart")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "with html: count the rows that differ, also if that is slow")
	complete(cmd, "format", historyFormats())
	a.completeTables(cmd, 0)
	return cmd
}

func (a *app) history(cmd *cobra.Command, f historyFlags, table string) error {
	if err := f.check(); err != nil {
		return err
	}
	db, err := a.openExisting(cmd.Context())
	if err != nil {
		return err
	}
	defer db.close()
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
	switch {
	case f.json || f.format == "json":
		return writeJSON(cmd.OutOrStdout(), versions)
	case f.format == "html":
		return writeHistoryPage(cmd, db, table, f, versions)
	}
	headings, rows := []string{"version", "event", "doc_id", "upload_timestamp", "rows", "where", "actor", "when"}, versionRows(versions)
	if slices.ContainsFunc(versions, func(v exec.Version) bool { return v.SetRun != 0 }) {
		headings = append(headings, "set")
		for i, v := range versions {
			rows[i] = append(rows[i], inSet(v))
		}
	}
	writeTable(cmd.OutOrStdout(), headings, []int{1, 5}, rows)
	return nil
}

func (f historyFlags) check() error {
	switch {
	case f.limit < 1:
		return usagef("--limit is %d, and must be 1 or more", f.limit)
	case f.format != "" && !slices.Contains(historyFormats(), f.format):
		return usagef("--format is %q; it may be text, json or html", f.format)
	case f.json && f.format != "" && f.format != "json":
		return usagef("--json and --format %s both choose the format; write one of them", f.format)
	case f.diff && f.format != "html":
		return usagef("--diff is for --format html")
	}
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
		count := "?"
		if v.Rows != nil {
			count = strconv.FormatInt(*v.Rows, 10)
		}
		rows = append(rows, []string{orDash(v.Number), v.Event, orDash(v.DocID), orDash(v.UploadTimestamp), count, whereIs(v), v.Actor, v.When})
	}
	return rows
}

// inSet says with which run of which set a version was made. It is empty for one that was made
// by itself.
func inSet(v exec.Version) string {
	if v.SetRun == 0 {
		return ""
	}
	return fmt.Sprintf("%s, run %d", v.Set, v.SetRun)
}

// whereIs says which table has the rows of a version, and what is particular about them.
func whereIs(v exec.Version) string {
	switch {
	case v.Pruned != "":
		return "(pruned)"
	case v.Where == "":
		return "(gone)"
	case v.PartlyPruned != "":
		return v.Where + ", partly pruned"
	case v.Pinned:
		return v.Where + ", pinned"
	case v.OpenRun > 0:
		return fmt.Sprintf("%s, run %d has not ended", v.Where, v.OpenRun)
	}
	return v.Where
}

func orDash[T any](p *T) string {
	if p == nil {
		return "-"
	}
	return fmt.Sprint(*p)
}
