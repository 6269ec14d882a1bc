package main

import (
	"cmp"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/rowsource"
)

type exportFlags struct {
	version, format, null, output string
}

func (a *app) exportCommand() *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export T",
		Short: "Write the rows of a version, or of the table, to a file or standard output",
		Long: `export writes the rows of a table, or of a version of its contents, to standard
output or to a file: an upload of what it writes makes the same rows again. The
file's name decides the format, and .gz or .zst at its end that it is compressed.

In CSV, NULL is an empty field and the empty text is "". Bytes that are no text are
for JSON Lines, which has them as {"$base64": "AP8="}, and for Parquet.

Columns that the database computes by itself are left out. A value that would not
come back as it is ends the export with an error that names its column. A file is
written only if the export succeeds.`,
		Example: `# Write the table as it is, and version 3 as a compressed file.
tablesnap export prices > prices.csv
tablesnap export prices --version 3 --out prices-v3.jsonl.gz`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, names []string) error { return a.export(cmd, f, names[0]) },
	}
	f.bind(cmd)
	a.completeTables(cmd, 0)
	a.completeVersionFlag(cmd, "version")
	return cmd
}

func (f *exportFlags) bind(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.version, "version", "", "`N` the version (default: the table as it is)")
	fs.StringVar(&f.format, "format", "", "`FORMAT` "+listOf(outputFormats())+" (default: by the name)")
	fs.StringVar(&f.output, "out", "", "`FILE` the file to write (default: standard output)")
	fs.StringVar(&f.null, "null-text", "", "the text for NULL in CSV, TSV and XLSX (default: nothing)")
	complete(cmd, "format", outputFormats())
}

func outputFormats() []string {
	var names []string
	for _, f := range rowsource.WritableFormats() {
		names = append(names, string(f))
	}
	return names
}

// writeAs is the format of the output, and how it is compressed.
func (f *exportFlags) writeAs() (rowsource.Format, compression, error) {
	packed, name := compressionOf(f.output)
	byName := rowsource.Format(strings.TrimPrefix(strings.ToLower(filepath.Ext(name)), "."))
	if byName == "ndjson" {
		byName = rowsource.FormatJSONL
	}
	format := rowsource.Format(f.format)
	switch {
	case f.format == "" && f.output == "":
		format = rowsource.FormatCSV
	case f.format == "" && !slices.Contains(rowsource.WritableFormats(), byName):
		return "", packed, usagef("the name %s tells no format that can be written: add --format, which may be %s", f.output, listOf(outputFormats()))
	}
	format = cmp.Or(format, byName)
	if !slices.Contains(rowsource.WritableFormats(), format) {
		return "", packed, usagef("--format is %q; it may be %s", f.format, listOf(outputFormats()))
	}
	if packed != notCompressed && (format == rowsource.FormatXLSX || format == rowsource.FormatParquet) {
		return "", packed, usagef("files of the format %s are compressed by themselves: leave %s out of the name %s", format, packed, f.output)
	}
	return format, packed, nil
}

func (a *app) export(cmd *cobra.Command, f exportFlags, table string) error {
	req := exec.ExportRequest{Table: table}
	var err error
	if cmd.Flags().Changed("version") {
		if req.Version, err = versionNumber(f.version); err != nil {
			return err
		}
	}
	format, packed, err := f.writeAs()
	if err != nil {
		return err
	}
	if _, err := rowsource.NewWriter(cmd.OutOrStdout(), format, f.null); err != nil {
		return usageError{err}
	}
	db, err := a.openExisting(cmd.Context())
	if err != nil {
		return err
	}
	defer db.close()
	if err := noteOpenRun(cmd, db, table); err != nil {
		return err
	}
	target, err := openOutput(f.output, cmd.OutOrStdout(), packed)
	if err != nil {
		return err
	}
	defer target.abandon()
	out, err := rowsource.NewWriter(target, format, f.null)
	if err != nil {
		return usageError{err}
	}
	if _, err := db.client("").Export(cmd.Context(), req, out); err != nil {
		return db.ahead(cmd.Context(), err)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return target.finish()
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
