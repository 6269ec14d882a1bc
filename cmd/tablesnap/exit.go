package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/backends"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// The exit codes are part of the command's interface: scripts rely on them.
const (
	exitDone    = 0
	exitFailed  = 1   // the run failed, and the table is unchanged
	exitUsage   = 2   // wrong usage or unreadable input
	exitRefused = 3   // refused before anything ran
	exitCutOff  = 4   // the run was cut off; recover completes or undoes it
	exitNoEntry = 5   // connecting failed, or the connection was lost before a run
	exitUnread  = 141 // standard output was closed; as if killed by SIGPIPE
)

// usageError says that the command line is wrong.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// inputError says that a file cannot be read or used.
type inputError struct{ err error }

func (e inputError) Error() string { return e.err.Error() }
func (e inputError) Unwrap() error { return e.err }

// declinedError says that the user was asked and answered no.
type declinedError struct{}

func (declinedError) Error() string { return "not run, and nothing was changed" }

// unaskedError says that there is no terminal to ask the user on.
type unaskedError struct{ what string }

func (e unaskedError) Error() string {
	return fmt.Sprintf("%s: not run, and nothing was changed: without a terminal to ask on, add --yes (--dry-run, or plan for an upload, shows what would run)", e.what)
}

// differsError says that a plan differs from the file of --check. The diff is already
// printed.
type differsError struct{ file string }

func (e differsError) Error() string {
	return fmt.Sprintf("%s differs from the plan; look at the difference above, and rewrite the file with --update", e.file)
}

// changesError says that the two sides of a comparison differ. The changes are already
// printed.
type changesError struct{ table string }

func (e changesError) Error() string {
	return fmt.Sprintf("the rows of %q differ, as shown (--exit-code)", e.table)
}

func exitCode(err error) int {
	if s, ok := errors.AsType[stoppedError](err); ok {
		return s.exitCode()
	}
	switch missing, _ := errors.AsType[noDatabaseError](err); {
	case missing.advice == orCreate: // --create would allow it
		return exitRefused
	case missing.path != "":
		return exitUsage
	case as[connectError](err):
		return exitNoEntry
	case as[*exec.CutOffError](err):
		return exitCutOff
	case as[*plan.HazardError](err), as[*dialect.LedgerError](err):
		return exitRefused
	case as[*exec.PartlyPrunedError](err):
		return exitFailed
	case as[*exec.LockedError](err): // the run was rolled back, whatever the statement
		return exitRefused
	case as[*exec.StepError](err):
		return exitFailed
	case as[*plan.RefusedError](err), as[*plan.SetError](err), as[*exec.DriftError](err), as[*exec.LockedError](err), as[differsError](err), as[otherPlanError](err), as[declinedError](err), as[unaskedError](err),
		backends.IsBusy(err), as[cutOffError](err), as[changesError](err):
		return exitRefused
	case as[usageError](err), as[inputError](err), as[*dialect.NameError](err), as[*exec.SourceError](err), as[*exec.NoContentsError](err), as[*rowsource.CellError](err), as[*fs.PathError](err):
		return exitUsage
	default:
		return exitFailed
	}
}

// explain returns the text of a command's error for the user. It adds what the driver's
// message does not say.
func explain(cmd *cobra.Command, err error) string {
	ctx, says := cmd.Context(), saying(cmd, err)
	stopped, isOneOfSeveral := errors.AsType[stoppedError](err)
	switch {
	case as[*exec.CutOffError](err), as[connectError](err):
		return says
	case isOneOfSeveral:
		return stopped.interrupted(ctx, says)
	case ctx.Err() != nil && as[*exec.PartlyPrunedError](err):
		return "interrupted: " + says
	case ctx.Err() != nil:
		return "interrupted; nothing was changed: " + says
	case backends.IsBusy(err) && !as[*exec.LockedError](err) && !as[busyError](err):
		return says + adviceOf(cmd, []hint{{before: "another program reads or writes the database; try again"}, {before: "wait longer with ", flag: "lock-timeout"}})
	case backends.IsDenied(err) && !as[*plan.RefusedError](err):
		return says + " (this user lacks a right; docs/grants.md has what each task takes)"
	case mayNotWrite(err):
		return says + " (this user may not write to the file, or not to the folder that it is in)"
	default:
		return says
	}
}

// saying is the error's text with the flags that help. Joined errors have several lines,
// which are one here; faults of a file keep theirs, and so do the tables of --all.
func saying(cmd *cobra.Command, err error) string {
	if all, ok := errors.AsType[unplannedError](err); ok && len(all) > 1 {
		var each []string
		for _, e := range all {
			each = append(each, saying(cmd, e))
		}
		return strings.Join(each, "\n")
	}
	lines, advice := strings.Split(err.Error(), "\n"), adviceOf(cmd, hintsFor(err))
	if len(lines) == 1 || !as[*rowsource.FaultsError](err) {
		return printable(strings.Join(lines, "; ")) + advice
	}
	if advice != "" {
		lines = append(lines, " "+advice)
	}
	return inLines(lines)
}

// unplannedError are the errors of the tables that --all cannot plan.
type unplannedError []error

func (e unplannedError) Error() string   { return errors.Join(e...).Error() }
func (e unplannedError) Unwrap() []error { return e }

// orNil is the error if there is any.
func (e unplannedError) orNil() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

func as[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}
