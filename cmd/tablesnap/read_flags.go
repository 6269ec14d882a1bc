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
	fs.StringVar(&f.format, "input-format", "", listOf(inputFormats())+" (default: by the file's name)")
	fs.StringVar(&f.encoding, "encoding", "", "the file's character encoding, such as windows-1252 or utf-16le (default: UTF-8, or what its byte-order mark says)")
	fs.StringVar(&f.delimiter, "delimiter", "", "what stands between values: one character, or tab (default: by the format)")
	fs.StringVar(&f.quote, "quote", "", "none: quotes are text; rfc4180: a quoted value may hold anything (default: by the format)")
	fs.StringVar(&f.decimal, "decimal", "", `what stands before decimal places in columns of numbers: "," for 1.234,56`)
	fs.StringArrayVar(&f.null, "null", nil, "the unquoted text that means NULL (default: an empty field without quotes); may be repeated")
	fs.StringVar(&f.sheet, "sheet", "", "XLSX, ODS: the name of the sheet (default: the only visible one that has values)")
	fs.StringVar(&f.within, "range", "", "XLSX, ODS: the cells that have the table, such as B3:F200 or B:F")
	fs.StringVar(&f.missing, "missing", "", "JSON: what an object without one of the members means, refuse or null (default refuse)")
	fs.BoolVar(&f.nullQuoted, "null-quoted", false, `"" is NULL in columns that are no text, for files that quote everything`)
	fs.IntVar(&f.skip, "skip", 0, "lines to skip before the header")
	fs.IntVar(&f.headerRow, "header-row", 0, "the row that names the columns; what is above it is skipped")
	fs.IntVar(&f.skipLast, "skip-last", 0, "rows to skip at the end, such as totals")
	fs.BoolVar(&f.emptyRows, "skip-empty-rows", false, "skip rows of nothing but delimiters")
	fs.BoolVar(&f.noHeader, "no-header", false, "the file has no header; --columns names the columns")
	fs.StringSliceVar(&f.columns, "columns", nil, "the columns of a file without a header, in order")
	fs.BoolVar(&f.normalize, "normalize-headers", false, `read "E-Mail iD" as e_mail_id`)
	fs.StringArrayVar(&f.renames, "map", nil, `a column's name in the file and in the table, as "E-Mail=email"; may be repeated`)
	fs.StringSliceVar(&f.ignore, "ignore", nil, "columns of the file to leave out")
	fs.StringArrayVar(&f.constants, "const", nil, "a column that the file lacks, and its value in every row, as source=workday; may be repeated")
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
		"null":              func() { o.Null = f.null },
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
