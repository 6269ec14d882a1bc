package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/config"
	"github.com/tablesnap/tablesnap/exec"
)

// applyAll plans every upload of the settings, asks once, and runs them in the order of the
// settings. Nothing runs unless all of them can be planned.
func (a *app) applyAll(cmd *cobra.Command, f applyFlags, files []string) error {
	if len(files) > 0 || f.upload.table != "" || f.plan != "" {
		return usagef("--all runs the uploads of the settings; write it without FILE, --table and --plan")
	}
	if err := f.upload.faults.refuseOneFile("all"); err != nil {
		return err
	}
	s, err := a.settings()
	if err != nil {
		return err
	}
	names := uploadsOf(s)
	if len(names) == 0 {
		return usagef("--all: the settings name no table with a file")
	}
	if err := f.expectsAll(cmd, names, a.planFormats); err != nil {
		return err
	}
	open := a.connectionsToPlan(cmd, f)
	defer open.close()
	uploads, err := a.planUploads(cmd, f, names, &open)
	defer closeAll(uploads)
	if err != nil {
		return err
	}
	if err := open.toRun(a, cmd, f); err != nil {
		return err
	}
	if err := a.confirmAll(cmd, f, uploads); err != nil {
		return err
	}
	return a.runAll(cmd, f, uploads, &open)
}

// uploadsOf are the tables of the settings that have a file, in their order.
func uploadsOf(s config.File) []string {
	return slices.DeleteFunc(s.TableNames(), func(name string) bool { return s.Tables[name].File == "" })
}

// expectsAll checks that --expect names a folder with plans of these tables only.
func (f applyFlags) expectsAll(cmd *cobra.Command, names []string, formats []planFormat) error {
	switch {
	case !cmd.Flags().Changed("expect"):
		return nil
	case !isFolder(f.expect):
		return usagef("--expect is %q; with --all it is the folder that plan --all --out has written", f.expect)
	default:
		return nobodyUploads(f.expect, names, formats)
	}
}

// planUploads plans all uploads. One that cannot be planned does not hide the others.
func (a *app) planUploads(cmd *cobra.Command, f applyFlags, names []string, open *connections) (uploads []*openedUpload, err error) {
	err = a.forEach(names, func(name string) error {
		f.upload.table = name
		u, err := a.planUpload(cmd, f, nil, open)
		if u != nil {
			uploads = append(uploads, u)
		}
		return err
	})
	return uploads, err
}

// confirmAll asks once for all uploads.
func (a *app) confirmAll(cmd *cobra.Command, f applyFlags, uploads []*openedUpload) error {
	if f.yes {
		return nil
	}
	if !onTerminal() {
		does := make([]string, len(uploads))
		for i, u := range uploads {
			does[i] = u.shown.does()
		}
		return unaskedError{strings.Join(does, "; ")}
	}
	for _, u := range uploads {
		a.table = u.name
		if err := a.summarize(cmd, &u.shown); err != nil {
			return err
		}
	}
	return ask(cmd)
}

// allResult is what apply --all --json prints.
type allResult struct {
	Done    []exec.Result `json:"done"`
	Stopped *stoppedAt    `json:"stopped"`
	NotRun  []string      `json:"not_run"`
}

// stoppedAt is the upload that failed.
type stoppedAt struct {
	Table   string `json:"table_name"`
	Message string `json:"message"`
}

// runAll runs the uploads in order, and stops at the first that fails.
func (a *app) runAll(cmd *cobra.Command, f applyFlags, uploads []*openedUpload, open *connections) error {
	names := make([]string, len(uploads))
	for i, u := range uploads {
		names[i] = u.name
	}
	all := allResult{Done: []exec.Result{}, NotRun: []string{}}
	var stopped error
	for i, u := range uploads {
		res, err := a.runUpload(cmd, f, u, open)
		if err != nil {
			stop := stoppedError{done: names[:i], table: u.name, notRun: names[i+1:], err: err}
			all.Stopped, all.NotRun = &stoppedAt{u.name, printable(err.Error())}, append(all.NotRun, stop.notRun...)
			stopped = stop
			break
		}
		changedDatabase(cmd)
		all.Done = append(all.Done, res.results...)
		if !f.json {
			if err := f.tell(cmd, res); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout())
		}
	}
	if f.json {
		return errors.Join(stopped, writeJSON(cmd.OutOrStdout(), all))
	}
	return stopped
}

func (a *app) runUpload(cmd *cobra.Command, f applyFlags, u *openedUpload, open *connections) (outcome, error) {
	a.table = u.name
	db, err := open.of(a)
	if err != nil {
		return outcome{}, err
	}
	res, err := f.execute(cmd, db, &u.shown)
	return res.without(a), a.maskOf(u.name).hide(err)
}

// stoppedError says which of several uploads failed, and which have run before it.
type stoppedError struct {
	done, notRun []string
	table        string
	err          error
}

func (e stoppedError) Error() string {
	return fmt.Sprintf("%s: %v; done: %s; not run: %s", e.table, e.err, listOrNone(e.done), listOrNone(e.notRun))
}

func (e stoppedError) Unwrap() error { return e.err }

// exitCode is that of the upload that failed. If others have run before it, it is not one
// that says that nothing was changed.
func (e stoppedError) exitCode() int {
	if code := exitCode(e.err); len(e.done) == 0 || code == exitCutOff {
		return code
	}
	return exitFailed
}

// interrupted is an error's text if the user has stopped the command.
func (e stoppedError) interrupted(ctx context.Context, says string) string {
	switch {
	case ctx.Err() == nil:
		return says
	case len(e.done) == 0:
		return "interrupted; nothing was changed: " + says
	default:
		return "interrupted: " + says
	}
}

func listOrNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
