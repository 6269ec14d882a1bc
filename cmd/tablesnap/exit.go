package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/backends"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// The exit codes are a part of the contract with the scripts that call us.
const (
	exitDone    = 0
	exitFailed  = 1   // the table is as it was
	exitUsage   = 2   // wrong usage or unreadable input
	exitRefused = 3   // before anything ran
	exitCutOff  = 4   // midway; recover brings it to its end, or back
	exitNoEntry = 5   // no server, it let nobody in, or was lost before a run began: nothing was done
	exitUnread  = 141 // whoever reads standard output has seen enough; as of a program that SIGPIPE ends
)

// usageError is a wrong command line.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// inputError is a file that cannot be read or used.
type inputError struct{ err error }

func (e inputError) Error() string { return e.err.Error() }
func (e inputError) Unwrap() error { return e.err }

// declinedError says that a person was asked and said no.
type declinedError struct{}

func (declinedError) Error() string { return "not run, and nothing was changed" }

// unaskedError says that nobody could be asked.
type unaskedError struct{ what string }

func (e unaskedError) Error() string {
	return fmt.Sprintf("%s: not run, and nothing was changed: without a terminal to ask on, add --yes (--dry-run, or plan for an upload, shows what would run)", e.what)
}

// differsError says that a golden file differs, which the diff has shown.
type differsError struct{ file string }

func (e differsError) Error() string {
	return fmt.Sprintf("%s differs from the plan; look at the difference above, and rewrite the file with --update", e.file)
}

// changesError says that the two sides of a comparison differ, which has been
// shown.
type changesError struct{ table string }

func (e changesError) Error() string {
	return fmt.Sprintf("the rows of %q differ, as shown (--exit-code)", e.table)
}

func exitCode(err error) int {
	switch missing, _ := errors.AsType[noDatabaseError](err); {
	case missing.advice == orCreate: // it might have been allowed
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
	case as[*exec.LockedError](err): // whatever the statement: it was rolled back
		return exitRefused
	case as[*exec.StepError](err):
		return exitFailed
	case as[*plan.RefusedError](err), as[*exec.DriftError](err), as[*exec.LockedError](err), as[differsError](err), as[declinedError](err), as[unaskedError](err),
		backends.IsBusy(err), as[cutOffError](err), as[changesError](err):
		return exitRefused
	case as[usageError](err), as[inputError](err), as[*dialect.NameError](err), as[*exec.SourceError](err), as[*exec.NoContentsError](err), as[*rowsource.CellError](err), as[*fs.PathError](err):
		return exitUsage
	default:
		return exitFailed
	}
}

// explain says of an error what a driver's message does not.
func explain(ctx context.Context, err error) string {
	says := printable(strings.ReplaceAll(err.Error(), "\n", "; ")) + flagsFor(err) // errors that were joined
	switch {
	case as[*exec.CutOffError](err), as[connectError](err):
		return says
	case ctx.Err() != nil && as[*exec.PartlyPrunedError](err):
		return "interrupted: " + says
	case ctx.Err() != nil:
		return "interrupted; nothing was changed: " + says
	case backends.IsBusy(err) && !as[*exec.LockedError](err) && !as[busyError](err):
		return says + " (another program reads or writes the database; try again, or wait longer with --lock-timeout)"
	case backends.IsDenied(err) && !as[*plan.RefusedError](err):
		return says + " (this user lacks a right; docs/grants.md has what each task takes)"
	case mayNotWrite(err):
		return says + " (this user may not write to the file, or not to the folder that it is in)"
	default:
		return says
	}
}

func as[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}
