package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/shell"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// plannedSet is a set, with everything that a format may write.
type plannedSet struct {
	dialect dialect.Dialect
	set     plan.Set
	each    []*planned // in the order of the set's plans
	options plan.ScriptOptions
	summary plan.SummaryOptions
	undo    *plan.Set // nil if there is none
	extras  scriptExtras
	saved   bool
}

// newSet is a set without the sources of its tables.
func newSet(set plan.Set) *plannedSet {
	s := &plannedSet{set: set}
	for _, p := range set.Plans {
		s.each = append(s.each, &planned{plan: p})
	}
	return s
}

// newSetOf is a set of uploads whose tables were looked at. It brings them into its order.
func newSetOf(set plan.Set, uploads []*openedUpload) *plannedSet {
	place := func(u *openedUpload) int {
		return slices.IndexFunc(set.Plans, func(p plan.Plan) bool { return p.Upload.Table == u.in.Target.Ident })
	}
	slices.SortFunc(uploads, func(a, b *openedUpload) int { return place(a) - place(b) })
	s := &plannedSet{set: set}
	for i, u := range uploads {
		u.shown.plan = set.Plans[i]
		s.each = append(s.each, &u.shown)
	}
	return s
}

func (s *plannedSet) tables() []*planned { return s.each }
func (s *plannedSet) does() string       { return s.set.Does() }
func (s *plannedSet) refused() error     { return s.set.Refused() }

func (s *plannedSet) in(d dialect.Dialect, o plan.ScriptOptions, sum plan.SummaryOptions) {
	s.dialect, s.options, s.summary = d, o, sum
}

func (s *plannedSet) write(w io.Writer, f planFormat) error { return f.writeSet(w, s) }

func (s *plannedSet) hash() string { return s.set.Hash() }

func (s *plannedSet) differences(reviewed work) []string {
	if was, ok := reviewed.(*plannedSet); ok {
		return plan.SetDifferences(was.set, s.set)
	}
	return []string{"it is the plan of a set, and was that of one table"}
}

func (s *plannedSet) run(ctx context.Context, c *exec.Client, report func(exec.Event)) (outcome, error) {
	run := c.RunSet
	if s.saved {
		run = c.ApplySet
	}
	res, err := run(ctx, s.set, s.sources(), report)
	return outcome{plans: s.set.Plans, results: res.Tables, set: &res}, err
}

// sources are those of the uploads, by the names of their tables.
func (s *plannedSet) sources() map[string]rowsource.Source {
	sources := make(map[string]rowsource.Source)
	for _, p := range s.each {
		sources[p.plan.Upload.Table.Name] = p.source
	}
	return sources
}

// shown is what a summary or a page says beyond the set.
func (s *plannedSet) shown() plan.SetOptions {
	o := plan.SetOptions{Database: s.summary.Database, FullSQL: s.summary.FullSQL, Colors: s.summary.Colors, Script: s.options, Undo: s.undo,
		TakeBack: beforeRun(s.set.Name, "RUN") + " (apply prints the RUN)"}
	for _, p := range s.each {
		words := inWordsOfCommand()
		words.Target, words.Differences, words.FullSQL = p.summary.Target, p.summary.Differences, ""
		table := p.page()
		table.Summary = words
		o.Tables = append(o.Tables, table)
	}
	return o
}

// beforeRun is the command that takes a run of a set back.
func beforeRun(set, run string) string {
	return fmt.Sprintf("tablesnap restore --set %s --before-run %s", shell.Word(set), run)
}

func writeSetSummary(w io.Writer, s *plannedSet) error {
	return plan.WriteSetSummary(w, s.dialect, s.set, s.shown())
}

func writeSetScript(w io.Writer, s *plannedSet) error {
	var undo func(io.Writer) error
	if s.undo != nil {
		undo = func(w io.Writer) error { return plan.WriteSetScript(w, s.dialect, *s.undo, nil, scriptToRun()) }
	}
	return s.extras.around(w, undo, func(w io.Writer) error {
		return plan.WriteSetScript(w, s.dialect, s.set, s.sources(), s.options)
	})
}

func writeSetJSON(w io.Writer, s *plannedSet) error {
	return inPrintableJSON(w, func(w io.Writer) error { return plan.EncodeSet(w, s.set) })
}

func writeSetMarkdown(w io.Writer, s *plannedSet) error {
	return plan.WriteSetMarkdown(w, s.dialect, s.set, s.sources(), s.shown())
}

func writeSetHTML(w io.Writer, s *plannedSet) error {
	return plan.WriteSetHTML(w, s.dialect, s.set, s.sources(), s.shown())
}

// planSet plans a set of the settings. The value of --schema is a folder, in which each table
// has a file of its own.
func (a *app) planSet(cmd *cobra.Command, f planFlags, files []string) error {
	if err := f.upload.refuseForSet(files, f.all); err != nil {
		return err
	}
	f.format = f.formatFor(cmd)
	format, options, err := f.writer()
	if err != nil {
		return err
	}
	if format.writeSet == nil {
		return usagef("--format %s is for one table: goose runs each statement by itself, and a set is all or nothing; a migration in Go takes a set", format.name)
	}
	uploads, err := a.openSet(f.set, func(table string) (*openedUpload, error) { return a.openToShow(cmd, f.ofTable(table), options, nil) })
	defer closeAll(uploads)
	if err != nil {
		return err
	}
	db, err := a.whereToPlan(cmd, f)
	if err != nil {
		return err
	}
	defer db.close()
	if err := a.forEachUpload(uploads, func(u *openedUpload) error { return a.look(cmd, f.ofTable(u.name), format, &db, u) }); err != nil {
		return err
	}
	return f.printSet(cmd, format, db, uploads, options)
}

// ofTable are the flags for one table of a set.
func (f planFlags) ofTable(name string) planFlags {
	f.upload.table = name
	if f.schema != "" {
		f.schema = filepath.Join(f.schema, name+".json")
	}
	return f
}

func (f planFlags) printSet(cmd *cobra.Command, format planFormat, db database, uploads []*openedUpload, options plan.ScriptOptions) error {
	inputs := inputsOf(uploads)
	set, err := plan.BuildSet(db.backend, f.set, inputs)
	if err != nil {
		return err
	}
	s := newSetOf(set, uploads)
	for _, u := range uploads { // the settings of one may mask values
		options.Rows = min(options.Rows, u.shown.options.Rows)
	}
	s.in(db.backend, options, f.summary(cmd, db))
	if format.ofPage || f.withUndo {
		if s.undo, err = undoOfSet(db.backend, f.set, inputs); err != nil {
			return err
		}
	}
	s.extras = f.extras(uploads...)
	return f.deliverWork(cmd, format, db, s)
}

// undoOfSet is the set that takes another one back. It is nil if there is nothing to take back.
func undoOfSet(d dialect.Dialect, name string, inputs []plan.Input) (*plan.Set, error) {
	undo, err := plan.BuildSetUndo(d, name, inputs)
	if errors.Is(err, plan.ErrNothingToUndo) {
		return nil, nil
	}
	return &undo, err
}

func inputsOf(uploads []*openedUpload) []plan.Input {
	inputs := make([]plan.Input, len(uploads))
	for i, u := range uploads {
		inputs[i] = u.in
	}
	return inputs
}
