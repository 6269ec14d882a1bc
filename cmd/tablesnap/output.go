package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// printable keeps what stands in a file or a database from speaking to the
// terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}

// writeTable writes rows under their headings. Numbers stand at the right.
func writeTable(w io.Writer, headings []string, numbers []int, rows [][]string) {
	t := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft = ""
	style.Box.PaddingRight = "  "
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	t.AppendHeader(toRow(headings))
	for _, r := range rows {
		t.AppendRow(toRow(r))
	}
	var columns []table.ColumnConfig
	for _, n := range numbers {
		columns = append(columns, table.ColumnConfig{Number: n, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(columns)
	for line := range strings.Lines(t.Render()) {
		fmt.Fprintln(w, strings.TrimRight(line, " \n"))
	}
}

func toRow(cells []string) table.Row {
	row := make(table.Row, len(cells))
	for i, c := range cells {
		row[i] = strings.ReplaceAll(printable(c), "\n", " ")
	}
	return row
}

// writeSummary says in a few lines what a plan will do.
func writeSummary(w io.Writer, p plan.Plan) error {
	u := p.Upload
	fmt.Fprintf(w, "%s gets the %d rows of %s as version %d (kind %s, doc_id %s)\n",
		printable(u.Table.Name), u.Source.Rows, printable(u.Source.Name), u.Version, u.Kind.Name, printable(u.DocID))
	var rows [][]string
	for _, s := range p.Steps() {
		rows = append(rows, []string{s.ID, s.Table.Name})
	}
	writeTable(w, []string{"step", "table"}, nil, rows)
	return nil
}

// writeResult says what a run did.
func writeResult(w io.Writer, p plan.Plan, res exec.Result) error {
	u := p.Upload
	fmt.Fprintf(w, "%s is at version %d: %d rows from %s (kind %s, doc_id %s)\n",
		printable(u.Table.Name), res.Version, res.RowsLoaded, printable(u.Source.Name), u.Kind.Name, printable(u.DocID))
	if kept := keptIn(res); kept != "" {
		fmt.Fprintf(w, "the %d rows of version %d are in %s\n", res.RowsBackedUp, *res.Replaced, printable(kept))
	}
	fmt.Fprintln(w)
	var rows [][]string
	for _, s := range res.Steps {
		count := ""
		if s.Step.Kind.TouchesRows() && s.State == dialect.Done {
			count = fmt.Sprint(s.Rows)
		}
		rows = append(rows, []string{s.Step.ID, s.Step.Table.Name, string(s.State), count, duration(s)})
	}
	writeTable(w, []string{"step", "table", "state", "rows", "time"}, []int{4, 5}, rows)
	fmt.Fprintf(w, "\nrun %d; see: tablesnap audit --run %d\n", res.RunID, res.RunID)
	return nil
}

// keptIn is the table that holds the rows that were replaced.
func keptIn(res exec.Result) string {
	for _, s := range res.Steps {
		if s.Step.Event == plan.EventBackup && s.State == dialect.Done {
			return s.Step.Table.Name
		}
	}
	return ""
}

func duration(s exec.StepResult) string {
	if s.State != dialect.Done {
		return ""
	}
	return s.Duration.Round(time.Millisecond).String()
}
