package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/rowsource"
)

type exportFlags struct {
	version, format, null string
}

func (a *app) exportCommand() *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export T",
		Short: "Write the rows of a version, or of the table, to standard output",
		Long: `export writes the rows of a table, or of a version of its contents, to standard
output as CSV or JSON Lines: an upload of what it writes makes the same rows
again. In CSV, NULL is an empty field and the empty text is "". Bytes that are no
text are for JSON Lines alone, which has them as {"$base64": "AP8="}.

Columns that the database computes by itself are left out. A value that would not
come back as it is ends the export with an error that names its column.`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, names []string) error { return a.export(cmd, f, names[0]) },
	}
	f.bind(cmd)
	return cmd
}

func (f *exportFlags) bind(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.version, "version", "", "the number of the version (default: the table as it stands)")
	fs.StringVar(&f.format, "format", string(rowsource.FormatCSV), "csv or jsonl")
	fs.StringVar(&f.null, "null", "", "the text that stands for NULL in CSV (default: nothing, without quotes)")
	complete(cmd, "format", []string{string(rowsource.FormatCSV), string(rowsource.FormatJSONL)})
}

func (a *app) export(cmd *cobra.Command, f exportFlags, table string) error {
	req := exec.ExportRequest{Table: table}
	var err error
	if cmd.Flags().Changed("version") {
		if req.Version, err = versionNumber(f.version); err != nil {
			return err
		}
	}
	if f.format != string(rowsource.FormatCSV) && f.format != string(rowsource.FormatJSONL) {
		return usagef("--format is %q; it may be csv or jsonl", f.format)
	}
	out, err := rowsource.NewWriter(cmd.OutOrStdout(), rowsource.Format(f.format), f.null)
	if err != nil {
		return usageError{err}
	}
	db, err := a.openExisting(cmd.Context())
	if err != nil {
		return err
	}
	defer db.db.Close()
	if err := noteOpenRun(cmd, db, table); err != nil {
		return err
	}
	if _, err := db.client("").Export(cmd.Context(), req, out); err != nil {
		return db.ahead(cmd.Context(), err)
	}
	return out.Flush()
}

// versionNumber reads a version: 3 or v3.
func versionNumber(s string) (*int64, error) {
	digits := s
	if len(s) > 1 && s[0] == 'v' {
		digits = s[1:]
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 {
		return nil, usagef("%q is no version; versions are numbers, which tablesnap history lists", s)
	}
	return &n, nil
}
