package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// work is what a command plans, and then prints or runs: the plan of a table, or a set.
type work interface {
	// tables are the plans of the tables. A set has them in its order.
	tables() []*planned
	// does says in a few words what it does.
	does() string
	// refused is the error for hazards that the user did not allow.
	refused() error
	// in makes it one of a database that is shown in this way.
	in(d dialect.Dialect, o plan.ScriptOptions, s plan.SummaryOptions)
	write(w io.Writer, f planFormat) error
	// hash is the SHA-256 by which it is known, and differences say how it differs from what
	// was reviewed.
	hash() string
	differences(reviewed work) []string
	run(ctx context.Context, c *exec.Client, report func(exec.Event)) (outcome, error)
}

// planned is the plan of a table, with everything that a format may write.
type planned struct {
	dialect   dialect.Dialect
	plan      plan.Plan
	migration plan.Migration // set instead of plan if the format is ofMigration
	source    rowsource.Source
	options   plan.ScriptOptions
	summary   plan.SummaryOptions
	sample    diffSample
	undo      *plan.Plan // nil if there is none
	extras    scriptExtras
	// saved states that it was planned earlier, so that the source may be another by now.
	saved bool
}

func (p *planned) tables() []*planned { return []*planned{p} }
func (p *planned) does() string       { return p.plan.Does() }
func (p *planned) refused() error     { return p.plan.Refused() }

func (p *planned) in(d dialect.Dialect, o plan.ScriptOptions, s plan.SummaryOptions) {
	s.Target, s.Differences = p.summary.Target, p.summary.Differences
	p.dialect, p.options, p.summary = d, o, s
}

func (p *planned) write(w io.Writer, f planFormat) error { return f.write(w, *p) }

func (p *planned) hash() string { return p.plan.Hash() }

// differences say how the work differs from another one that was reviewed.
func (p *planned) differences(reviewed work) []string {
	if was, ok := reviewed.(*planned); ok {
		return plan.Differences(was.plan, p.plan)
	}
	return []string{"it is the plan of one table, and was that of a set"}
}

func (p *planned) run(ctx context.Context, c *exec.Client, report func(exec.Event)) (outcome, error) {
	run := c.Run
	if p.saved {
		run = c.Apply
	}
	res, err := run(ctx, p.plan, p.source, report)
	return outcome{plans: []plan.Plan{p.plan}, results: []exec.Result{res}}, err
}

// outcome is what the runs of some work have done, table by table.
type outcome struct {
	plans   []plan.Plan
	results []exec.Result
	// set is that of the runs, or nil.
	set *exec.SetResult
}

// without is the outcome without what the settings mask.
func (o outcome) without(a *app) outcome {
	results := make([]exec.Result, len(o.results))
	for i, res := range o.results {
		results[i] = a.maskOf(o.plans[i].Upload.Table.Name).result(res)
	}
	o.results = results
	return o
}

// asJSON is what --json prints of it.
func (o outcome) asJSON() any {
	if o.set == nil {
		return o.results[0]
	}
	return exec.SetResult{Set: o.set.Set, SetRun: o.set.SetRun, Tables: o.results}
}

// runWork asks, runs the work and tells what it has done. The caller closes the connections,
// with which the work was planned.
func (a *app) runWork(cmd *cobra.Command, f applyFlags, open *connections, w work) error {
	if err := open.toRun(a, cmd, f); err != nil {
		return err
	}
	if err := a.confirm(cmd, f, w); err != nil {
		return err
	}
	db, err := open.of(a)
	if err != nil {
		return err
	}
	done, err := f.execute(cmd, db, w)
	if err != nil {
		return err
	}
	changedDatabase(cmd)
	return f.tell(cmd, done.without(a))
}

// execute runs the work, and shows its progress.
func (f applyFlags) execute(cmd *cobra.Command, db database, w work) (outcome, error) {
	actor := f.upload.actor
	if actor == "" {
		actor = whoRuns()
	}
	bar := newProgress(cmd.ErrOrStderr(), db.backend)
	bar.ofSeveral = len(w.tables()) > 1
	began := false
	report := func(e exec.Event) {
		began = true
		bar.report(e)
	}
	done := bar.start(cmd.Context())
	res, err := w.run(cmd.Context(), db.client(actor), report)
	done()
	if !began {
		err = db.lost(cmd.Context(), err)
	}
	return res, err
}

// tell prints the result of a run.
func (f applyFlags) tell(cmd *cobra.Command, o outcome) error {
	w := cmd.OutOrStdout()
	for _, res := range o.results {
		tellWarnings(cmd.ErrOrStderr(), res)
	}
	if f.json {
		return writeJSON(w, o.asJSON())
	}
	for i, res := range o.results {
		if i > 0 {
			fmt.Fprintln(w)
		}
		writeResult(w, o.plans[i], res)
	}
	if o.set != nil {
		writeSetResult(w, *o.set)
	}
	return nil
}

func tellWarnings(w io.Writer, res exec.Result) {
	for _, warning := range res.Warnings {
		fmt.Fprintf(w, "warning %s: %s\n", warning.Code, printable(warning.Message))
	}
	for _, c := range res.Checks {
		for _, line := range c.Lines() {
			fmt.Fprintf(w, "  %s: %s\n", printable(c.Name), printable(line))
		}
	}
}
