package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// printable replaces control characters, so that text from a file or a database cannot
// control the terminal or look like a line of tablesnap's output.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}

func writeJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	return writePrintableJSON(w, b.Bytes())
}

// writePrintableJSON escapes control characters that JSON allows but a terminal may obey,
// such as U+009B.
func writePrintableJSON(w io.Writer, text []byte) error {
	var b bytes.Buffer
	for _, r := range string(text) {
		if r == '\n' || unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// writeTable writes rows under their headings. The columns in numbers are right-aligned.
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
		row[i] = printable(c)
	}
	return row
}

// did says in one line what a run has done.
func did(p plan.Plan, res exec.Result) string {
	u := p.Upload
	table := printable(u.Table.Name)
	if res.Unchanged {
		return fmt.Sprintf("%s stays at version %d: no differences from %s", table, res.Version, printable(u.Source.Name))
	}
	switch p.Operation {
	case plan.OpRestore:
		return fmt.Sprintf("%s is at version %d: %s, those of %s (doc_id %s)", table, res.Version, dialect.Rows(res.RowsLoaded), printable(u.Source.Name), docOrNone(u.DocID))
	case plan.OpBackup:
		return fmt.Sprintf("%s is at version %d, with the rows that it had (doc_id %s)", table, res.Version, docOrNone(u.DocID))
	case plan.OpPrune:
		return fmt.Sprintf("%s of %s: the rows are deleted", printable(u.Source.Name), table)
	default:
		without := ""
		if res.Bad != nil {
			without = fmt.Sprintf(", and %d left out", res.Bad.Rows)
		}
		return fmt.Sprintf("%s is at version %d: %s from %s%s (kind %s, doc_id %s)", table, res.Version, dialect.Rows(res.RowsLoaded), printable(u.Source.Name), without, u.Kind.Name, printable(u.DocID))
	}
}

func docOrNone(docID string) string {
	if docID == "" {
		return "none"
	}
	return printable(docID)
}

// writeResult writes what a run has done.
func writeResult(w io.Writer, p plan.Plan, res exec.Result) {
	fmt.Fprintln(w, did(p, res))
	if c := res.Changes; c != nil && !res.Unchanged {
		fmt.Fprintf(w, "%s deleted, %d updated, %d inserted; all others are as they were\n", dialect.Rows(c.Deleted), c.Updated, c.Inserted)
	}
	if res.KeptIn != "" {
		fmt.Fprintf(w, "the rows of version %d are in %s: it is the old table itself\n", *res.Replaced, printable(res.KeptIn))
	} else if kept := keptIn(res); kept != "" && !res.Unchanged {
		fmt.Fprintf(w, "the rows of version %d are in %s: %s\n", *res.Replaced, printable(kept), dialect.Rows(res.RowsBackedUp))
	}
	fmt.Fprintln(w)
	var lines [][]string
	for _, s := range res.Steps {
		count := ""
		if s.Step.CountsRows() && s.State == exec.Done {
			count = fmt.Sprint(s.Rows)
		}
		lines = append(lines, []string{s.Step.ID, s.Step.Table.Name, string(s.State), count, duration(s)})
	}
	writeTable(w, []string{"step", "table", "state", "rows", "time"}, []int{4, 5}, lines)
	fmt.Fprintf(w, "\nrun %d; see: tablesnap audit --run %d\n", res.RunID, res.RunID)
}

// writeSetResult writes what the runs of a set have in common.
func writeSetResult(w io.Writer, res exec.SetResult) {
	fmt.Fprintf(w, "\nset %s, run %d", printable(res.Set), res.SetRun)
	if canTakeBack(res) {
		fmt.Fprintf(w, "; take it back with: %s", beforeRun(printable(res.Set), strconv.FormatInt(res.SetRun, 10)))
	}
	fmt.Fprintln(w)
}

// canTakeBack reports whether a table has changed, and none was created.
func canTakeBack(res exec.SetResult) bool {
	changed := false
	for _, t := range res.Tables {
		if t.Unchanged {
			continue
		}
		if changed = true; t.Replaced == nil {
			return false
		}
	}
	return changed
}

// keptIn is the table that has the replaced rows.
func keptIn(res exec.Result) string {
	for _, s := range res.Steps {
		if s.Step.Event == plan.EventBackup && s.State == exec.Done {
			return s.Step.Table.Name
		}
	}
	return ""
}

func duration(s exec.StepResult) string {
	if s.State != exec.Done {
		return ""
	}
	if s.Duration < time.Millisecond {
		return "<1ms"
	}
	return s.Duration.Round(time.Millisecond).String()
}
