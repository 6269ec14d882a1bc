package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/tablesnap/tablesnap/internal/backends"
	"github.com/tablesnap/tablesnap/internal/shell"
	"github.com/tablesnap/tablesnap/plan"
)

type applyFlags struct {
	upload    uploadFlags
	plan      string
	expect    string
	all       bool
	set       string
	yes, json bool
}

// aboutApply is the help text of apply.
const aboutApply = `apply plans the upload of FILE ("-" is standard input) and runs it: all of it, or
nothing. On a terminal it asks first; elsewhere it needs --yes. You can leave FILE
out if the settings name the table's file.

With --all it runs each upload of the settings, in their order. It plans all of
them first, and stops at the first that fails.

With --set it plans the tables of a set of the settings as one, and all of them
change, or none does.

With --expect it runs only the plan that was reviewed: it plans the upload anew, and
refuses another plan. PLAN is a file that plan has written, the plan's SHA-256, or
12 digits of its beginning. A folder has a file for each table, as plan --all --out
writes them, or one of the set's name.

With --plan it runs a saved plan, but only if the file, the table, its version and
the server are still the same. Without FILE it looks for the file next to the plan,
and then in the current folder; so it does for all files of a set.`

func (a *app) applyCommand() *cobra.Command {
	var f applyFlags
	cmd := &cobra.Command{
		Use:   "apply FILE --table T --doc-id D | --all | --set NAME | --plan plan.json [FILE]",
		Short: "Replace the rows of a table, after backing up the old ones",
		Long:  aboutApply,
		Example: `# Replace the rows of prices. On a terminal it asks first.
tablesnap apply prices.csv --table prices --doc-id november

# Write only the rows that differ, from a pipe and without a question.
zcat prices.csv.gz | tablesnap apply - --table prices --doc-id november --strategy sync --yes`,
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, files []string) error {
			switch {
			case cmd.Flags().Changed("set"):
				return a.applySet(cmd, f, files)
			case f.all:
				return a.applyAll(cmd, f, files)
			case f.plan != "":
				return a.applySaved(cmd, f, files)
			default:
				return a.apply(cmd, f, files)
			}
		},
	}
	f.upload.bind(cmd)
	cmd.Flags().StringVar(&f.plan, "plan", "", "`FILE` a saved plan to run")
	cmd.Flags().StringVar(&f.expect, "expect", "", "`PLAN` the plan that was reviewed; nothing else runs")
	cmd.Flags().BoolVar(&f.all, "all", false, "run each upload of the settings, in their order")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the result as JSON")
	bindSet(cmd, &f.set)
	a.completeTableFlag(cmd)
	a.completeSetFlag(cmd)
	return cmd
}

func (a *app) apply(cmd *cobra.Command, f applyFlags, files []string) error {
	open := a.connectionsToPlan(cmd, f)
	defer open.close()
	u, err := a.planUpload(cmd, f, files, &open)
	if u != nil {
		defer u.close()
	}
	if err != nil {
		return err
	}
	return a.runWork(cmd, f, &open, &u.shown)
}

// openToPlanFirst opens a database to plan what will run at once.
func (a *app) openToPlanFirst(cmd *cobra.Command, create bool) (database, error) {
	db, err := a.openToPlan(cmd.Context(), create)
	return a.orWorkIn(cmd, db, err)
}

// orWorkIn is the database that was opened, or that of [app.workIn] if it could not be because
// a program was cut off.
func (a *app) orWorkIn(cmd *cobra.Command, db database, err error) (database, error) {
	if as[cutOffError](err) {
		return a.workIn(cmd, err)
	}
	return db, err
}

// workIn lets SQLite undo the uncommitted changes of a program that was cut off, and then
// opens the database read-only. SQLite does this when a file is opened to write.
func (a *app) workIn(cmd *cobra.Command, cutOff error) (database, error) {
	db, err := a.open(cmd.Context(), readWrite)
	if err != nil {
		return db, errors.Join(cutOff, err)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "note: a program was cut off while it wrote to %q; the database undid what was not committed\n", db.path)
	if err := db.close(); err != nil {
		return db, err
	}
	return a.open(cmd.Context(), readOnly)
}

// plannedFlags are about what a saved plan says.
func plannedFlags() []string {
	return slices.Concat(readFlagNames(), faultFlagNames(), []string{"table", "kind", "doc-id", "upload-timestamp", "add-columns", "max-shrink", "allow",
		"backup", "on-backup-failure", "on-drop-column-failure", "lock-timeout", "strategy", "key", "max-change", "clear", "drop-columns"})
}

// applySaved takes everything about the upload from the plan.
func (a *app) applySaved(cmd *cobra.Command, f applyFlags, files []string) error {
	if cmd.Flags().Changed("expect") {
		return usagef("--plan runs a plan that was reviewed, and --expect plans the upload anew; write one of them")
	}
	for _, flag := range plannedFlags() {
		if cmd.Flags().Changed(flag) {
			return usagef("--%s is a part of the saved plan; plan again to change it", flag)
		}
	}
	saved, err := readPlan(f.plan)
	if err != nil {
		return err
	}
	for _, t := range saved.tables() {
		done, err := a.openSaved(cmd, f, t, files)
		if err != nil {
			return err
		}
		defer done()
	}
	var open connections
	defer open.close()
	return a.runWork(cmd, f, &open, saved)
}

// openSaved opens the source of a plan that was saved, unless it has none.
func (a *app) openSaved(cmd *cobra.Command, f applyFlags, t *planned, files []string) (done func(), err error) {
	p := t.plan
	a.table = p.Upload.Table.Name
	a.setTables = append(a.setTables, a.table)
	switch {
	case p.Upload.Actor != "" && cmd.Flags().Changed("actor"):
		return nil, usagef("the saved plan names its --actor, %q; plan again to change it", p.Upload.Actor)
	case p.Set != nil && len(files) > 0:
		return nil, usagef("the saved plan is that of a set; write it without FILE: the files are looked for next to it, and in the current folder")
	case p.Operation != plan.OpUpload && len(files) > 0:
		return nil, usagef("the saved plan is a %s, which takes no file", p.Operation)
	case p.Operation != plan.OpUpload:
		return func() {}, nil
	}
	file, err := sourceOfPlan(f.plan, p.Upload.Source.Name, files)
	if err != nil {
		return nil, err
	}
	t.source, done, err = input{file, f.upload.allowUnterminated}.open(cmd.Context(), p.Upload.Read())
	return done, err
}

// readPlan reads a saved plan of a table, or of a set.
func readPlan(file string) (work, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, inputError{fmt.Errorf("read the saved plan: %w", err)}
	}
	w, err := decodeWork(text)
	if err != nil {
		return nil, notSaved(file, err)
	}
	server := w.tables()[0].plan.Server.Dialect
	d, ok := backends.ByName(server)
	if !ok {
		return nil, inputError{fmt.Errorf("read the saved plan: it is for a database %q, which this tablesnap does not support", server)}
	}
	w.in(d, plan.ScriptOptions{}, plan.SummaryOptions{})
	return w, nil
}

// decodeWork reads the plan of a table, or of a set.
func decodeWork(text []byte) (work, error) {
	p, err := plan.Decode(bytes.NewReader(text))
	if !errors.Is(err, plan.ErrIsSet) {
		return &planned{plan: p, saved: true}, err
	}
	set, err := plan.DecodeSet(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	s := newSet(set)
	s.saved = true
	return s, nil
}

// notSaved is the error for a file that is no saved plan. If it is a plan in another format,
// it says what takes one.
func notSaved(file string, err error) error {
	e, other := expectFile(file)
	switch {
	case other != nil || e.saved != nil:
		return inputError{err}
	case gooseUp.MatchString(e.text):
		return usagef("--plan runs a plan that was saved with --format json, and %s is a migration, which goose runs", file)
	default:
		return usagef("--plan runs a plan that was saved with --format json, and %s is in another format; run the upload if it is still that plan with: tablesnap apply FILE --table T --doc-id D --expect %s", file, shell.Word(file))
	}
}

func sourceOfPlan(planFile, name string, files []string) (string, error) {
	if len(files) == 1 {
		return files[0], nil
	}
	for _, file := range []string{filepath.Join(filepath.Dir(planFile), name), name} {
		if _, err := os.Stat(file); err == nil {
			return file, nil
		}
	}
	return "", inputError{fmt.Errorf("the plan is for %q, which is neither next to it nor in the current folder; write apply --plan %s FILE", name, planFile)}
}

// openToRun opens a database to write, and says if it is a file that is made for that.
func (a *app) openToRun(cmd *cobra.Command, create bool) (database, error) {
	db, err := a.openToWrite(cmd.Context(), create)
	if err == nil && db.missing {
		fmt.Fprintf(cmd.ErrOrStderr(), "note: there was no database %q; it is made now\n", db.path)
	}
	return db, err
}

// asks reports whether the user will be asked before anything runs.
func (f applyFlags) asks() bool { return !f.yes && onTerminal() }

func onTerminal() bool { return term.IsTerminal(int(os.Stdin.Fd())) }

// mayCreate reports whether a missing table or file may be created. Without --create the
// user must confirm: the question names everything that would be created.
func (f applyFlags) mayCreate() bool { return f.upload.create || f.asks() }

// confirm asks the user on a terminal. Without a terminal, --yes is required.
func (a *app) confirm(cmd *cobra.Command, f applyFlags, it work) error {
	if f.yes {
		return nil
	}
	if !onTerminal() {
		return unaskedError{it.does()}
	}
	if err := a.summarize(cmd, it); err != nil {
		return err
	}
	return ask(cmd)
}

// summarize shows what some work will do before the user is asked.
func (a *app) summarize(cmd *cobra.Command, it work) error {
	open, u, err := a.parseDSN()
	if err != nil {
		return err
	}
	db, err := open(u, readWriteMake, a.wait()) // does not connect yet
	if err != nil {
		return err
	}
	if err := db.close(); err != nil {
		return err
	}
	w := cmd.ErrOrStderr()
	if db.missing {
		fmt.Fprintf(w, "there is no database %q; it would be made\n", db.path)
	}
	o := db.summary()
	o.Colors, o.FullSQL = colors(cmd, w), "tablesnap plan ... "+fullSQL
	it.in(db.backend, plan.ScriptOptions{}, o)
	format, err := findFormat(planFormats(), summaryFormat)
	if err != nil {
		return err
	}
	if err := it.write(w, format); err != nil {
		return err
	}
	fmt.Fprintln(w)
	return nil
}

// ask returns a declinedError if the answer is no.
func ask(cmd *cobra.Command) error {
	fmt.Fprint(cmd.ErrOrStderr(), "Run this? [y/N] ")
	answer, err := readLine(cmd.Context(), os.Stdin)
	if err != nil {
		return err
	}
	if a := strings.ToLower(strings.TrimSpace(answer)); a != "y" && a != "yes" {
		return declinedError{}
	}
	return nil
}

// readLine stops waiting when ctx is done.
func readLine(ctx context.Context, r io.Reader) (string, error) {
	lines := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(r).ReadString('\n')
		lines <- line
	}()
	select {
	case line := <-lines:
		return line, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
