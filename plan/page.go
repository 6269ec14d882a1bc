package plan

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// PageOptions say what a page about a plan has beyond its summary: [WriteMarkdown] and
// [WriteHTML] make such pages.
type PageOptions struct {
	Summary SummaryOptions
	// Script says how the script in the page is printed.
	Script ScriptOptions
	// Undo is the plan that takes the upload back, or nil for a page without it.
	Undo *Plan
	// Sample are some of the rows that differ, and More is how many others do.
	Sample []RowChange
	More   int64
}

// RowChange is a row that differs. Its values are texts for readers; the caller has left out
// what must not be shown.
type RowChange struct {
	// Kind is "added", "removed" or "changed".
	Kind string
	// Key is what identifies the row, or empty.
	Key string
	// Count is the number of such rows.
	Count  int64
	Values []ValueChange
}

// ValueChange is a value of a row that differs. From is empty for a row that is added, and To
// for one that is removed.
type ValueChange struct{ Column, From, To string }

// page has all that a page about a plan shows.
type page struct {
	tableOverview
	scripts
}

// tableOverview is the overview of a plan, and the rows that differ.
type tableOverview struct {
	overview
	Differences *DiffCounts
	Sample      []RowChange
	More        int64
}

// scripts are those of a page. Undo is empty if there is none.
type scripts struct {
	Script, Undo string
	FullSQL      string
}

// newPage makes the page of a plan. The source's rows are in its script.
func newPage(d dialect.Dialect, p Plan, src rowsource.Source, o PageOptions) (page, error) {
	var script, undo bytes.Buffer
	if err := WriteScript(&script, d, p, src, o.Script); err != nil {
		return page{}, err
	}
	if o.Undo != nil {
		if err := WriteScript(&undo, d, *o.Undo, nil, ScriptOptions{Rows: AllRows}); err != nil {
			return page{}, err
		}
	}
	return page{tableOverview: aboutTable(d, p, o), scripts: newScripts(script, undo, o.Summary.FullSQL)}, nil
}

// aboutTable is what a page says of one table.
func aboutTable(d dialect.Dialect, p Plan, o PageOptions) tableOverview {
	shown := tableOverview{overview: summarize(d, p, o.Summary), Differences: o.Summary.Differences, More: o.More}
	for _, c := range o.Sample {
		shown.Sample = append(shown.Sample, c.printable())
	}
	return shown
}

func newScripts(script, undo bytes.Buffer, fullSQL string) scripts {
	return scripts{Script: printableLines(script.String()), Undo: printableLines(undo.String()), FullSQL: fullSQL}
}

func (c RowChange) printable() RowChange {
	values := make([]ValueChange, len(c.Values))
	for i, v := range c.Values {
		values[i] = ValueChange{printable(v.Column), printable(v.From), printable(v.To)}
	}
	return RowChange{printable(c.Kind), printable(c.Key), c.Count, values}
}

// printableLines are the lines of a script without control characters.
func printableLines(script string) string {
	lines := strings.Split(script, "\n")
	for i, l := range lines {
		lines[i] = printable(strings.ReplaceAll(l, "\t", "    "))
	}
	return strings.Join(lines, "\n")
}

// Differ says how many rows differ, or is empty if nobody has counted them.
func (p tableOverview) Differ() string {
	if p.Differences == nil {
		return ""
	}
	return fmt.Sprintf("%s added, %s removed, %s changed", humanize.Comma(p.Differences.Added), humanize.Comma(p.Differences.Removed), humanize.Comma(p.Differences.Changed))
}

// Times says how often a row is there, and nothing for a single one.
func (c RowChange) Times() string {
	if c.Count < 2 {
		return ""
	}
	return fmt.Sprintf(" (%d times)", c.Count)
}
