package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tablesnap/tablesnap/config"
	"github.com/tablesnap/tablesnap/rowsource"
)

// readFlags are the flags that say how a file is read, for all verbs that read one.
type readFlags struct {
	format  string
	null    []string
	missing string
	sheet   string
	within  string
	header  int
}

func (f *readFlags) bind(cmd *cobra.Command) {
	cmd.Flags().AddFlagSet(f.set())
	complete(cmd, "input-format", inputFormats())
	complete(cmd, "missing", []string{string(rowsource.MissingRefused), string(rowsource.MissingIsNull)})
}

// set has the flags without a command.
func (f *readFlags) set() *pflag.FlagSet {
	fs := pflag.NewFlagSet("read", pflag.ContinueOnError)
	fs.StringVar(&f.format, "input-format", "", listOf(inputFormats())+" (default: by the file's name)")
	fs.StringArrayVar(&f.null, "null", nil, "the unquoted text that means NULL (default: an empty field without quotes); may be repeated")
	fs.StringVar(&f.sheet, "sheet", "", "XLSX, ODS: the name of the sheet (default: the only visible one that has values)")
	fs.StringVar(&f.within, "range", "", "XLSX, ODS: the cells that have the table, such as B3:F200 or B:F")
	fs.IntVar(&f.header, "header-row", 0, "XLSX, ODS: the row that names the columns (default: the first one with values)")
	fs.StringVar(&f.missing, "missing", "", "JSON: what an object without one of the members means, refuse or null (default refuse)")
	return fs
}

// readFlagNames are the flags by their names.
func readFlagNames() []string {
	var names []string
	new(readFlags).set().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

// options are what the flags say, and for all else what the settings say of the table.
func (f *readFlags) options(cmd *cobra.Command, t config.Table) (rowsource.Options, error) {
	format := cmp.Or(f.format, t.Format)
	if format != "" && !slices.Contains(inputFormats(), format) {
		return rowsource.Options{}, usagef("--input-format is %q; it may be %s", format, listOf(inputFormats()))
	}
	o := rowsource.Options{Format: rowsource.Format(format), Null: f.null, Renames: t.Columns, Missing: rowsource.Missing(cmp.Or(f.missing, t.MissingMembers())),
		Sheet: cmp.Or(f.sheet, t.Sheet), Range: cmp.Or(f.within, t.Range), HeaderRow: cmp.Or(f.header, t.HeaderRow)}
	if !cmd.Flags().Changed("null") && t.NullText != nil {
		o.Null = []string{*t.NullText}
	}
	return o, nil
}

func inputFormats() []string {
	var names []string
	for _, f := range rowsource.Formats() {
		names = append(names, string(f))
	}
	return names
}

// listOf is "a, b or c".
func listOf(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
