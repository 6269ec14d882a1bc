package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tablesnap/tablesnap/config"
	"github.com/tablesnap/tablesnap/rowsource"
)

// readFlags are the flags that say how a file is read, for all verbs that read one.
type readFlags struct {
	format, encoding, delimiter, quote, decimal, missing, sheet, within string

	null                []string
	nullQuoted          bool
	skip, headerRow     int
	skipLast            int
	noHeader, emptyRows bool
	columns             []string
	normalize           bool
	renames             []string
	ignore              []string
	constants           []string
}

func (f *readFlags) bind(cmd *cobra.Command) {
	cmd.Flags().AddFlagSet(f.set())
	complete(cmd, "input-format", inputFormats())
	complete(cmd, "missing", []string{string(rowsource.MissingRefused), string(rowsource.MissingIsNull)})
	complete(cmd, "quote", []string{string(rowsource.QuoteNone), string(rowsource.QuoteRFC4180)})
}

// set has the flags without a command.
func (f *readFlags) set() *pflag.FlagSet {
	fs := pflag.NewFlagSet("read", pflag.ContinueOnError)
	fs.SortFlags = false // the help has this order
	fs.StringVar(&f.format, "input-format", "", "`FORMAT` such as csv, jsonl or xlsx (default: by the file's name)")
	fs.StringVar(&f.encoding, "encoding", "", "`ENCODING` such as windows-1252 or utf-16le (default: UTF-8)")
	fs.StringVar(&f.delimiter, "delimiter", "", "`CHARACTER` between values, or tab (default: by the format)")
	fs.StringVar(&f.quote, "quote", "", "`HOW` how quotes are read: none, or rfc4180 (default: by the format)")
	fs.StringVar(&f.decimal, "decimal", "", "`SIGN` what is before decimal places: a comma for 1.234,56")
	fs.StringArrayVar(&f.null, "null-text", nil, "the unquoted text that means NULL; repeatable (default: an empty field)")
	fs.StringVar(&f.sheet, "sheet", "", "`NAME` the sheet of XLSX or ODS (default: the only visible one)")
	fs.StringVar(&f.within, "range", "", "`CELLS` the cells of XLSX or ODS that have the table: B3:F200 or B:F")
	fs.StringVar(&f.missing, "missing", "", "`HOW` how JSON without a member is read: refuse (default) or null")
	fs.BoolVar(&f.nullQuoted, "null-quoted", false, "an empty value in quotes is NULL, in columns that are no text")
	fs.IntVar(&f.skip, "skip", 0, "skip `N` lines before the header")
	fs.IntVar(&f.headerRow, "header-row", 0, "row `N` names the columns; skip what is above it")
	fs.IntVar(&f.skipLast, "skip-last", 0, "skip `N` rows at the end, such as totals")
	fs.BoolVar(&f.emptyRows, "skip-empty-rows", false, "skip rows of nothing but delimiters")
	fs.BoolVar(&f.noHeader, "no-header", false, "the file has no header; --columns names the columns")
	fs.StringSliceVar(&f.columns, "columns", nil, "the columns of a file without a header, in order")
	fs.BoolVar(&f.normalize, "normalize-headers", false, "read the name 'E-Mail iD' as e_mail_id")
	fs.StringArrayVar(&f.renames, "map", nil, "`NAME=COLUMN` a name in the file, and the table's; repeatable")
	fs.StringSliceVar(&f.ignore, "ignore", nil, "columns of the file to leave out")
	fs.StringArrayVar(&f.constants, "const", nil, "`COLUMN=VALUE` for all rows, if the file lacks the column; repeatable")
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
	o := t.Read()
	given := func(name string) bool { return cmd.Flags().Changed(name) }
	if f.format != "" {
		o.Format = rowsource.Format(f.format)
	}
	if o.Format != "" && !slices.Contains(rowsource.Formats(), o.Format) {
		return o, usagef("--input-format is %q; it may be %s", o.Format, listOf(inputFormats()))
	}
	for name, set := range map[string]func(){
		"encoding":          func() { o.Encoding = f.encoding },
		"delimiter":         func() { o.Delimiter = f.delimiter },
		"quote":             func() { o.Quote = rowsource.Quote(f.quote) },
		"decimal":           func() { o.Decimal = f.decimal },
		"null-text":         func() { o.Null = f.null },
		"null-quoted":       func() { o.NullQuoted = f.nullQuoted },
		"skip":              func() { o.Skip = f.skip },
		"skip-last":         func() { o.SkipLast = f.skipLast },
		"skip-empty-rows":   func() { o.SkipEmptyRows = f.emptyRows },
		"no-header":         func() { o.NoHeader = f.noHeader },
		"columns":           func() { o.Columns = f.columns },
		"normalize-headers": func() { o.NormalizeHeaders = f.normalize },
		"ignore":            func() { o.Ignore = f.ignore },
		"sheet":             func() { o.Sheet = f.sheet },
		"range":             func() { o.Range = f.within },
		"header-row":        func() { o.HeaderRow = f.headerRow },
		"missing":           func() { o.Missing = rowsource.Missing(f.missing) },
	} {
		if given(name) {
			set()
		}
	}
	if err := f.pairs(&o); err != nil {
		return o, err
	}
	return o, f.check(given, o)
}

// check refuses what no file can be read with.
func (f *readFlags) check(given func(string) bool, o rowsource.Options) error {
	switch {
	case o.Decimal != "" && o.Decimal != "," && o.Decimal != ".":
		return usagef("--decimal is %q; it may be \",\" or \".\"", o.Decimal)
	case given("header-row") && (given("skip") || f.headerRow < 1):
		return usagef("--header-row is the row of the header, from 1, and takes the place of --skip")
	default:
		return nil
	}
}

// pairs adds the columns that --map and --const name to those of the settings.
func (f *readFlags) pairs(o *rowsource.Options) error {
	for _, p := range []struct {
		flag  string
		given []string
		into  *map[string]string
	}{{"map", f.renames, &o.Renames}, {"const", f.constants, &o.Const}} {
		if len(p.given) == 0 {
			continue
		}
		both := maps.Clone(*p.into)
		if both == nil {
			both = make(map[string]string)
		}
		for _, pair := range p.given {
			name, value, ok := strings.Cut(pair, "=")
			if !ok || name == "" || value == "" && p.flag == "map" {
				return usagef("--%s is %q; write a column, an equals sign and what it gets", p.flag, pair)
			}
			both[name] = value
		}
		*p.into = both
	}
	return nil
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
