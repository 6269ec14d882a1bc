package rowsource

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// limitedOption is an option that some formats cannot follow.
type limitedOption struct {
	name    string // that of its flag, as in [Suggest]
	given   bool
	formats []Format // that follow it
}

// limitedOptions has each option that is not followed by all formats. It is refused by the
// others: an option that is ignored reads other rows than the user expects.
func (o Options) limitedOptions() []limitedOption {
	delimited := []Format{FormatCSV, FormatTSV}
	escaped := []Format{FormatMySQL, FormatPGText}
	json := []Format{FormatJSONL, FormatJSON}
	sheets := []Format{FormatXLSX, FormatODS}
	noNames := slices.Concat(delimited, escaped)
	// JSON and Parquet give numbers as text where it has digits that floating point has not.
	// A decimal character would make 1234 of 1.234.
	decimal := slices.Concat(delimited, escaped, sheets)
	return []limitedOption{
		{"encoding", o.Encoding != "", slices.Concat(delimited, json, escaped)},
		{"delimiter", o.Delimiter != "", delimited},
		{"quote", o.Quote != "", delimited},
		{"null", len(o.Null) > 0, slices.Concat(delimited, escaped, sheets)},
		{"decimal", o.Decimal != "" || o.hasDecimalForm(), decimal},
		{"skip", o.Skip != 0, delimited},
		{"skip-last", o.SkipLast != 0, delimited},
		{"skip-empty-rows", o.SkipEmptyRows, delimited},
		{"no-header", o.NoHeader, noNames},
		{"columns", len(o.Columns) > 0, noNames},
		{"sheet", o.Sheet != "", sheets},
		{"range", o.Range != "", sheets},
		{"header-row", o.HeaderRow != 0, slices.Concat(delimited, sheets)},
		{"missing", o.Missing != "", json},
	}
}

func (o Options) hasDecimalForm() bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(o.Forms)), func(f Form) bool { return f.Decimal != "" })
}

// checkFormat refuses options that are for other formats.
func (o Options) checkFormat(f Format) error {
	for _, option := range o.limitedOptions() {
		if option.given && !slices.Contains(option.formats, f) {
			return fmt.Errorf("files of the format %s can't follow the option %s, which is for %s: leave it out", f, option.name, listed(option.formats))
		}
	}
	switch {
	case o.Missing != "" && o.Missing != MissingRefused && o.Missing != MissingIsNull:
		return fmt.Errorf("missing members can't mean %q; they may be %s or %s", string(o.Missing), MissingRefused, MissingIsNull)
	case o.HeaderRow != 0 && o.Skip != 0:
		return errors.New("the row of the header and the lines before it say the same: give one of them")
	case o.HeaderRow != 0 && o.NoHeader:
		return errors.New("the options name the row of the header, and say that there is none: give one of them")
	case o.HeaderRow < 0:
		return errors.New("the number of the header's row may not be negative")
	default:
		return nil
	}
}

// checkNothing is for formats that take all values of the options that they follow.
func checkNothing(Options) error { return nil }

// listed is "a, b and c".
func listed(formats []Format) string {
	var names []string
	for _, f := range formats {
		names = append(names, string(f))
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
