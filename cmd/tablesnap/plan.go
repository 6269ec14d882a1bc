package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/aymanbagabas/go-udiff"
	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/plan"
)

// anyVersion is the value of --for.
const anyVersion = "any-version"

// planFlags are the flags for printing a plan.
type planFlags struct {
	upload       uploadFlags
	format, rows string
	out, check   string
	update, diff bool
	schema       string
	withUndo     bool
	all          bool
	set          string
	forVersion   string // anyVersion, or empty
	formats      []planFormat
}

// aboutPlan is the help text of plan.
const aboutPlan = `plan prints every statement that an upload of FILE ("-" is standard input) would
run, and changes nothing: not one byte of the database.

With --rows all you can pipe the script into the database's own client: it leaves
what apply leaves. With --format json you can save the plan, and run it later with
apply --plan. If the plan has a hazard that --allow does not name, plan prints it
and exits with 3. With --diff the script begins with the rows that will differ, as
comments. With --with-undo a second script follows, which takes the upload back.

With --format goose it is a migration in SQL for https://pressly.github.io/goose/,
which uploads and brings back what was there before; it runs in every database in
which the table has the same columns.

With --for any-version it leaves out what changes with each upload: versions,
earlier doc_ids and counts. A file of --check then changes only with FILE, the table,
the options and tablesnap. Such a plan does not run, but apply --expect takes it.

With --schema it needs no database: it plans from what inspect has printed, and
prints the same bytes. With --all it plans each table of the settings that has a
file; --check, --out and --schema name folders then.

With --set it plans the tables of a set of the settings as one: all of them change,
or none does. It is one plan with one SHA-256, in one file; --schema names a folder.`

func (a *app) planCommand() *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:   "plan FILE --table T --doc-id D | --all | --set NAME",
		Short: "Print what an upload would run; the database is not changed",
		Long:  aboutPlan,
		Example: `# Read the script of an upload, with the rows that will differ at its head.
tablesnap plan prices.csv --table prices --doc-id november --diff

# Save a plan for somebody else to run with apply --plan.
tablesnap plan prices.csv --table prices --doc-id november --format json --out plan.json`,
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, files []string) error {
			switch {
			case cmd.Flags().Changed("set"):
				return a.planSet(cmd, f, files)
			case f.all:
				return a.planAll(cmd, f, files)
			default:
				return a.planOne(cmd, f, files)
			}
		},
	}
	f.formats = a.planFormats
	cmd.Long += "\n\nFormats:" + aboutFormats(f.formats)
	f.bind(cmd)
	a.completeTableFlag(cmd)
	a.completeSetFlag(cmd)
	return cmd
}

func (f *planFlags) bind(cmd *cobra.Command) {
	f.upload.bind(cmd)
	fs := cmd.Flags()
	fs.StringVar(&f.format, "format", "", "`FORMAT` see above (default: summary on a terminal, otherwise sql)")
	fs.StringVar(&f.rows, "rows", "", "`N` rows of the load to print, or all (default: the first 5)")
	fs.StringVar(&f.out, "out", "", "`FILE` the file to write, in place of standard output")
	fs.StringVar(&f.check, "check", "", "`FILE` the file to compare with; exits with 3 if it differs")
	fs.BoolVar(&f.update, "update", false, "with --check: rewrite the file")
	fs.BoolVar(&f.diff, "diff", false, "begin the script with the rows that will differ")
	fs.StringVar(&f.schema, "schema", "", "`FILE` what inspect has printed: plan without a database")
	fs.BoolVar(&f.withUndo, "with-undo", false, "add the script that takes the upload back")
	fs.StringVar(&f.forVersion, "for", "", "`any-version` leave out what changes from version to version")
	fs.BoolVar(&f.all, "all", false, "plan each table of the settings that has a file")
	bindSet(cmd, &f.set)
	complete(cmd, "format", formatNames(f.formats))
	complete(cmd, "rows", []string{"all"})
	complete(cmd, "for", []string{anyVersion})
}

// planOne plans the upload to one table.
func (a *app) planOne(cmd *cobra.Command, f planFlags, files []string) error {
	f.format = f.formatFor(cmd)
	format, options, err := f.writer()
	if err != nil {
		return err
	}
	u, err := a.openToShow(cmd, f, options, files)
	if err != nil {
		return err
	}
	defer u.close()
	db, err := a.whereToPlan(cmd, f)
	if err != nil {
		return err
	}
	defer db.close()
	if err := a.look(cmd, f, format, &db, u); err != nil {
		return err
	}
	return f.print(cmd, format, db, u)
}

// openToShow opens the source of an upload whose plan will be printed.
func (a *app) openToShow(cmd *cobra.Command, f planFlags, options plan.ScriptOptions, files []string) (*openedUpload, error) {
	u, err := a.openUpload(cmd, &f.upload, files, f.format == "json")
	if err != nil {
		return nil, err
	}
	u.shown.options = options
	if u.shown.options.Rows, err = u.report.mask.rowsShown(f, options.Rows); err != nil {
		u.close()
		return nil, err
	}
	u.req.Actor = f.upload.actor
	if f.forVersion == anyVersion {
		u.req.Options.Binding = plan.BoundToNone
	}
	return u, nil
}

// whereToPlan is the database, which is not yet known if the plan is made without one.
func (a *app) whereToPlan(cmd *cobra.Command, f planFlags) (database, error) {
	if f.schema != "" {
		return database{}, nil
	}
	a.lockTimeout = max(f.upload.lockTimeout, time.Millisecond)
	db, err := a.openToPlan(cmd.Context(), f.upload.create)
	if err == nil && db.missing {
		fmt.Fprintf(cmd.ErrOrStderr(), "note: there is no database %q yet; apply makes it\n", db.path)
	}
	return db, err
}

// look looks at the table and at the source of an upload, and counts the rows that differ if
// the format shows them.
func (a *app) look(cmd *cobra.Command, f planFlags, format planFormat, db *database, u *openedUpload) (err error) {
	if f.schema != "" {
		return u.lookOffline(cmd.Context(), f.schema, db)
	}
	if err := u.look(cmd.Context(), *db); err != nil {
		return err
	}
	switch {
	case format.name == summaryFormat, format.ofPage:
		u.shown.sample.mask, u.shown.sample.most = a.maskOf(u.name), f.rowsSampled(u.shown.options)
		u.shown.summary, err = db.summaryOf(cmd.Context(), u.in, u.req, f.counts(), u.shown.sample.add)
	case f.diff:
		u.diff, err = db.diffLines(cmd.Context(), u.in.Target, u.req, a.maskOf(u.name))
	}
	return db.ahead(cmd.Context(), err)
}

// counts says when a summary counts the rows that differ.
func (f planFlags) counts() countDifferences {
	if f.diff {
		return whateverItTakes
	}
	return ifCheap
}

// print plans an upload whose table was looked at, and writes the plan.
func (f planFlags) print(cmd *cobra.Command, format planFormat, db database, u *openedUpload) (err error) {
	if format.ofMigration {
		return f.printMigration(cmd, format, db, u)
	}
	p := &u.shown
	p.in(db.backend, p.options, f.summary(cmd, db))
	if p.plan, err = plan.Build(db.backend, u.in); err != nil {
		return err
	}
	if format.ofPage || f.withUndo {
		if p.undo, err = undoOf(db.backend, u.in); err != nil {
			return err
		}
	}
	p.extras = f.extras(u)
	return f.deliverWork(cmd, format, db, p)
}

// deliverWork writes a plan or a set to the place that the flags choose.
func (f planFlags) deliverWork(cmd *cobra.Command, format planFormat, db database, w work) error {
	if f.forVersion == "" {
		db.noteRights(cmd, w)
	}
	return errors.Join(f.deliver(cmd, func(out io.Writer) error { return w.write(out, format) }), w.refused())
}

// summary is what the summary of a plan says about the database.
func (f planFlags) summary(cmd *cobra.Command, db database) plan.SummaryOptions {
	o := db.summary()
	o.Colors = f.colors(cmd)
	return o
}

// writer returns the format and the number of rows to show.
func (f planFlags) writer() (planFormat, plan.ScriptOptions, error) {
	o := asCommand(plan.SampleRows())
	o.ToPrintAll = "print it with --rows all"
	switch {
	case f.update && f.check == "":
		return planFormat{}, o, usagef("--update rewrites the file that --check names; write both")
	case f.out != "" && f.check != "":
		return planFormat{}, o, usagef("--out writes and --check compares; write one of them")
	case f.forVersion != "" && f.forVersion != anyVersion:
		return planFormat{}, o, usagef("--for is %q; it may be %s", f.forVersion, anyVersion)
	case f.forVersion != "" && (f.diff || f.withUndo):
		return planFormat{}, o, usagef("--for %s leaves out what --diff and --with-undo are about; write one of them", anyVersion)
	case f.schema != "" && f.diff:
		return planFormat{}, o, usagef("--diff compares with the rows of the table, which --schema does not have")
	}
	format, err := findFormat(f.formats, f.format)
	if err != nil {
		return format, o, err
	}
	if o.Rows, err = f.rowsShown(o.Rows); err != nil {
		return format, o, err
	}
	return format, o, format.refuse(f)
}

// rowsShown is the number of the load's rows to print.
func (f planFlags) rowsShown(byDefault int) (int, error) {
	switch f.rows {
	case "":
		return byDefault, nil
	case "all":
		return plan.AllRows, nil
	}
	n, err := strconv.Atoi(f.rows)
	if err != nil || n < 0 {
		return 0, usagef("--rows is %q; write a number, or all", f.rows)
	}
	return n, nil
}

// deliver sends the output of write to the place that the flags choose, all or nothing.
func (f planFlags) deliver(cmd *cobra.Command, write func(io.Writer) error) error {
	return whole(cmd.Context(), write, func(plan io.Reader) error {
		switch {
		case f.check != "":
			return f.compare(cmd.OutOrStdout(), plan)
		case f.out != "":
			return writeFile(f.out, plan)
		default:
			_, err := io.Copy(cmd.OutOrStdout(), plan)
			return err
		}
	})
}

func (f planFlags) compare(stdout io.Writer, plan io.Reader) error {
	if f.update {
		return writeFile(f.check, plan)
	}
	golden, err := os.ReadFile(f.check)
	if err != nil {
		return inputError{fmt.Errorf("read the file to compare with (--update makes it): %w", err)}
	}
	now, err := io.ReadAll(plan)
	if err != nil {
		return err
	}
	if bytes.Equal(golden, now) {
		return nil
	}
	fmt.Fprint(stdout, udiff.Unified(f.check, "plan", string(golden), string(now)))
	return differsError{f.check}
}

// writeFile replaces a file as a whole or not at all. It writes directly to a name that is
// not a regular file, such as /dev/null.
func writeFile(name string, content io.Reader) error {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return inputError{fmt.Errorf("write %s: %w", name, err)}
		}
		_, err = io.Copy(f, content)
		return errors.Join(err, f.Close())
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return inputError{fmt.Errorf("write %s: %w", name, err)}
	}
	defer os.Remove(tmp.Name()) // fails if it was renamed
	_, err = io.Copy(tmp, content)
	if err := errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), name); err != nil {
		return inputError{fmt.Errorf("write %s: %w", name, err)}
	}
	return nil
}
