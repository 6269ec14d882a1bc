package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// cheapDiff is the number of rows on both sides up to which a summary counts the
// differences unasked. It takes a fraction of a second.
const cheapDiff = 20_000

func writePlanSummary(w io.Writer, p planned) error {
	return plan.WriteSummary(w, p.dialect, p.plan, p.summary)
}

func refuseForSummary(f planFlags) error {
	switch {
	case f.rows != "":
		return usagef("--rows is for --format sql; a summary has no rows of the load")
	case f.forVersion != "":
		return usagef("--for is for --format sql and json; a summary is of one version")
	case f.withUndo:
		return usagef("--with-undo is for --format sql; a summary names the command that takes the upload back")
	}
	return nil
}

// fullSQL says how to see all statements of a plan.
const fullSQL = "--format sql"

// summary is what a summary says about the database.
func (d database) summary() plan.SummaryOptions {
	o := inWordsOfCommand()
	o.Database = d.shown()
	return o
}

// inWordsOfCommand makes a summary say what to type.
func inWordsOfCommand() plan.SummaryOptions {
	return plan.SummaryOptions{
		FullSQL: fullSQL,
		Restore: func(table string, version int64) string {
			return fmt.Sprintf("tablesnap restore %s --to %d", dialect.ShellWord(table), version)
		},
		Allow: func(c plan.Code) string { return fmt.Sprintf("--allow %s is given", c) },
	}
}

// asCommand makes the header of a script say what to type.
func asCommand(o plan.ScriptOptions) plan.ScriptOptions {
	words := inWordsOfCommand()
	o.Restore, o.Allow = words.Restore, words.Allow
	return o
}

// shown is the address of a server's database, and otherwise the file.
func (d database) shown() string { return cmp.Or(d.address, d.path) }

// summaryOf is what a summary says beyond the plan from this input.
func (d database) summaryOf(ctx context.Context, in plan.Input, req exec.Request, asked countDifferences, each func(exec.Diff, exec.Change) error) (plan.SummaryOptions, error) {
	o := d.summary()
	o.Target = in.Target
	if in.Target.Table == nil || asked != whateverItTakes && !cheapToDiff(in) {
		return o, nil
	}
	found, err := d.client("").Diff(ctx, diffRequest(in.Target, req), each)
	if err != nil {
		if asked == ifCheap { // the plan is right without the counts
			return o, ctx.Err()
		}
		return o, err
	}
	o.Differences = &plan.DiffCounts{Added: found.Added, Removed: found.Removed, Changed: found.Changed, Key: found.Key}
	return o, nil
}

// countDifferences says when a summary counts the rows that differ.
type countDifferences string

const (
	ifCheap         countDifferences = "if it is cheap"
	whateverItTakes countDifferences = "whatever it takes"
)

func cheapToDiff(in plan.Input) bool {
	rows := in.Source.Rows
	switch last, estimate := in.Target.Ledger.Last, in.Target.EstimatedRows; {
	case last != nil:
		rows += last.Rows
	case estimate != nil:
		rows += *estimate
	default:
		return false
	}
	return rows <= cheapDiff
}

func diffRequest(t dialect.Target, req exec.Request) exec.DiffRequest {
	return exec.DiffRequest{Table: t.Ident.Name, File: req.Source, Dropped: req.Kind.DropColumns, Strategy: req.Options.Strategy, Key: req.Options.Key}
}

// colors are for a terminal, unless the user wants none (https://no-color.org).
func colors(cmd *cobra.Command, w io.Writer) plan.Colors {
	f, ok := w.(*os.File)
	if !ok || cmd.Flags().Changed("no-color") || os.Getenv("NO_COLOR") != "" || !term.IsTerminal(int(f.Fd())) {
		return plan.NoColors
	}
	return plan.ANSIColors
}

// colors are those of the place to which deliver writes.
func (f planFlags) colors(cmd *cobra.Command) plan.Colors {
	if f.out != "" || f.check != "" {
		return plan.NoColors
	}
	return colors(cmd, cmd.OutOrStdout())
}

// formatFor is the format of a plan if the user names none: on a terminal a summary,
// unless a flag is about the script.
func (f planFlags) formatFor(cmd *cobra.Command) string {
	file, ok := cmd.OutOrStdout().(*os.File)
	switch {
	case f.format != "":
		return f.format
	case !ok, !term.IsTerminal(int(file.Fd())), f.out != "", f.check != "", f.rows != "", f.withUndo:
		return "sql"
	default:
		return summaryFormat
	}
}
