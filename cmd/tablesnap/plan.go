package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/aymanbagabas/go-udiff"
	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// planFlags say how a plan is shown.
type planFlags struct {
	upload       uploadFlags
	format, rows string
	out, check   string
	update, diff bool
}

func (a *app) planCommand() *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:   "plan FILE --table T --doc-id D",
		Short: "Print what an upload would run; the database is not changed",
		Long: `plan prints every statement that an upload of FILE ("-" is standard input) would
run, and changes nothing: not one byte of the database.

With --rows all the script can be piped into the database's own client, and
leaves what apply leaves. With --format json the plan can be saved, reviewed,
and run later with apply --plan. A plan with a hazard that was not allowed is
printed, and the exit code is 3. With --format goose it is a migration in SQL for
https://pressly.github.io/goose/, which uploads and brings back what was there
before; it runs in every database in which the table has the same columns. With --diff the script begins with what differs
between the table and FILE, as comments.`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, files []string) error { return a.plan(cmd, f, files[0]) },
	}
	f.upload.bind(cmd)
	fs := cmd.Flags()
	fs.StringVar(&f.format, "format", "sql", "sql, json, or goose (a migration for it, with all rows)")
	fs.StringVar(&f.rows, "rows", "", "how many rows of the load to print: a number, or all (default: the first 5)")
	fs.StringVar(&f.out, "out", "", "write to this file in place of standard output")
	fs.StringVar(&f.check, "check", "", "compare with this file, and exit with 3 when it differs")
	fs.BoolVar(&f.update, "update", false, "with --check: rewrite the file")
	fs.BoolVar(&f.diff, "diff", false, "begin the script with the rows that will differ: their counts, and the first of them")
	complete(cmd, "format", []string{"sql", "json", formatGoose})
	complete(cmd, "rows", []string{"all"})
	return cmd
}

func (a *app) plan(cmd *cobra.Command, f planFlags, file string) error {
	write, err := f.writer()
	if err != nil {
		return err
	}
	src, done, err := f.upload.open(cmd, file)
	if err != nil {
		return err
	}
	defer done()
	req, err := f.upload.request(cmd, src)
	if err != nil {
		return err
	}
	req.Actor = f.upload.actor
	a.lockTimeout = f.upload.lockTimeout
	db, err := a.open(cmd.Context(), readOnly)
	if err != nil {
		return err
	}
	defer db.db.Close()
	if db.missing {
		fmt.Fprintf(cmd.ErrOrStderr(), "note: there is no database %q yet; apply makes it\n", db.path)
	}
	if f.format == formatGoose {
		return a.planGoose(cmd, f, db, req)
	}
	p, err := db.client("").Plan(cmd.Context(), req)
	if err != nil {
		return db.busy(err)
	}
	if f.diff {
		if write, err = withDiff(cmd, db, p, src, write); err != nil {
			return db.busy(err)
		}
	}
	return errors.Join(f.deliver(cmd.OutOrStdout(), func(w io.Writer) error { return write(w, db.backend, p, src) }), p.Refused())
}

func (f *uploadFlags) open(cmd *cobra.Command, file string) (rowsource.Source, func(), error) {
	o, err := f.sourceOptions(cmd)
	if err != nil {
		return nil, nil, err
	}
	return openSource(file, o)
}

// writer returns what writes a plan in the format and with the rows asked for.
func (f planFlags) writer() (planWriter, error) {
	switch {
	case f.update && f.check == "":
		return nil, usagef("--update rewrites the file that --check names; write both")
	case f.out != "" && f.check != "":
		return nil, usagef("--out writes and --check compares; write one of them")
	case f.format == "json" && f.rows != "":
		return nil, usagef("--rows is for --format sql; a plan as JSON holds no rows")
	case f.format == "json" && f.diff:
		return nil, usagef("--diff is for --format sql; a plan as JSON holds no comments")
	}
	if f.format == formatGoose {
		return nil, f.refuseForGoose()
	}
	o := plan.SampleRows()
	if f.rows == "all" {
		o.Rows = plan.AllRows
	} else if f.rows != "" {
		n, err := strconv.Atoi(f.rows)
		if err != nil || n < 0 {
			return nil, usagef("--rows is %q; write a number, or all", f.rows)
		}
		o.Rows = n
	}
	switch f.format {
	case "sql":
		return func(w io.Writer, d dialect.Dialect, p plan.Plan, src rowsource.Source) error {
			return plan.WriteScript(w, d, p, src, o)
		}, nil
	case "json":
		return func(w io.Writer, _ dialect.Dialect, p plan.Plan, _ rowsource.Source) error {
			var b bytes.Buffer
			if err := plan.Encode(&b, p); err != nil {
				return err
			}
			return writePrintableJSON(w, b.Bytes())
		}, nil
	default:
		return nil, usagef("--format is %q; it may be sql, json or goose", f.format)
	}
}

// deliver sends what write writes to where the flags say.
func (f planFlags) deliver(stdout io.Writer, write func(io.Writer) error) error {
	switch {
	case f.check != "":
		return f.compare(stdout, write)
	case f.out != "":
		return writeFile(f.out, write)
	default:
		return write(stdout)
	}
}

func (f planFlags) compare(stdout io.Writer, write func(io.Writer) error) error {
	if f.update {
		return writeFile(f.check, write)
	}
	golden, err := os.ReadFile(f.check)
	if err != nil {
		return inputError{fmt.Errorf("read the file to compare with (--update makes it): %w", err)}
	}
	var now bytes.Buffer
	if err := write(&now); err != nil {
		return err
	}
	if bytes.Equal(golden, now.Bytes()) {
		return nil
	}
	fmt.Fprint(stdout, udiff.Unified(f.check, "plan", string(golden), now.String()))
	return differsError{f.check}
}

// writeFile writes a file whole or not at all. What is there and no file, such as
// /dev/null, is written to as it is.
func writeFile(name string, write func(io.Writer) error) error {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return inputError{fmt.Errorf("write %s: %w", name, err)}
		}
		return errors.Join(write(f), f.Close())
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return inputError{fmt.Errorf("write %s: %w", name, err)}
	}
	defer os.Remove(tmp.Name()) // where it was not renamed
	if err := errors.Join(write(tmp), tmp.Chmod(0o644), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), name); err != nil {
		return inputError{fmt.Errorf("write %s: %w", name, err)}
	}
	return nil
}
