package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/config"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/backends"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// masked stands for a value that the settings mask.
const masked = "(masked)"

// mask are the columns of a table whose values are not shown. Upper case does not count, so
// that the file's and the table's way to write a name are both masked.
type mask []string

func (m mask) hides(column string) bool {
	return slices.ContainsFunc(m, func(name string) bool { return strings.EqualFold(name, column) })
}

// maskOf is the mask of a table in the settings. Settings that cannot be read have none;
// commands that show values of rows return the error of reading them.
func (a *app) maskOf(table string) mask {
	if a.settings == nil || table == "" {
		return nil
	}
	s, err := a.settings()
	if err != nil {
		return nil
	}
	return maskIn(s, table)
}

func maskIn(s config.File, table string) mask {
	t, _ := s.Table(table)
	return t.Mask
}

// cell formats a value of a column.
func (m mask) cell(column string, v rowsource.Value) string {
	if m.hides(column) {
		return masked
	}
	return cell(v)
}

// row is a row without the masked values. A nil row stays nil.
func (m mask) row(columns []string, values []rowsource.Value) []rowsource.Value {
	shown := slices.Clone(values)
	for i := range shown {
		if m.hides(columns[i]) {
			shown[i] = rowsource.Text(masked)
		}
	}
	return shown
}

// rowsShown is the number of rows of a load that a script shows. A script shows all values
// of a row: one that must run needs them, and one for reading shows no row then.
func (m mask) rowsShown(f planFlags, rows int) (int, error) {
	switch {
	case len(m) == 0 || f.rows == "all":
		return rows, nil
	case f.rows != "" && rows > 0:
		return rows, usagef("--rows %s would show values that the settings mask (%s); write --rows 0, or all for a script that runs", f.rows, strings.Join(m, ", "))
	default:
		return 0, nil
	}
}

// hideIn masks the values in the errors of a command and of all below it.
func (a *app) hideIn(cmd *cobra.Command) {
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			err := run(cmd, args)
			hidden := slices.Clone(a.maskOf(a.table))
			for _, table := range a.setTables { // nobody knows which of them an error is about
				hidden = append(hidden, a.maskOf(table)...)
			}
			return hidden.hide(err)
		}
	}
	for _, c := range cmd.Commands() {
		a.hideIn(c)
	}
}

// maskedError is an error whose message shows no masked value.
type maskedError struct {
	says string
	err  error
}

func (e maskedError) Error() string { return e.says }
func (e maskedError) Unwrap() error { return e.err }

// hide masks the values in the message of an error. The database's own messages are left
// out, since nobody knows which values they show.
func (m mask) hide(err error) error {
	if len(m) == 0 || err == nil {
		return err
	}
	says := err.Error()
	eachError(err, func(e error) {
		switch e := e.(type) { //nolint:errorlint // eachError unwraps
		case *rowsource.CellError:
			says = replaced(says, e.Error(), m.cellError(e).Error(), e.Source+" ")
		case *exec.CheckError:
			says = strings.ReplaceAll(says, e.Error(), (&exec.CheckError{Table: e.Table, Check: m.check(e.Check)}).Error())
		case *exec.ExampleError:
			says = strings.ReplaceAll(says, e.Examples, "")
		case *exec.StepError:
			if backends.WroteMessage(e.Err) && !as[*rowsource.CellError](e.Err) {
				says = strings.ReplaceAll(says, e.Err.Error(), withoutMessage)
			}
		default:
			if len(wrappedBy(e)) == 0 && backends.WroteMessage(e) && !backends.IsBusy(e) && !backends.IsDenied(e) {
				says = strings.ReplaceAll(says, e.Error(), withoutMessage)
			}
		}
	})
	return maskedError{says, err}
}

// withoutMessage stands for the message of a database.
const withoutMessage = "the database refuses it; its message is left out, since it may show values that the settings mask"

// cellError is the error without what is masked. A message of the database may show values
// of other columns.
func (m mask) cellError(e *rowsource.CellError) *rowsource.CellError {
	shown := *e
	if e.Column == "" || m.hidesAnyIn(e.Column) {
		if e.Value != "" {
			shown.Value = masked
		}
	}
	if backends.WroteMessage(e.Err) {
		shown.Err = maskedError{withoutMessage, e.Err}
	}
	return &shown
}

// hidesAnyIn reports whether a list of columns, such as those of a key, has a masked one.
func (m mask) hidesAnyIn(columns string) bool {
	return slices.ContainsFunc(m, func(name string) bool {
		return strings.Contains(strings.ToLower(columns), strings.ToLower(name))
	})
}

// faults are the faults of a file without what is masked.
func (m mask) faults(f rowsource.Faults) rowsource.Faults {
	if len(m) == 0 {
		return f
	}
	f.First = slices.Clone(f.First)
	for i, e := range f.First {
		f.First[i] = m.cellError(e)
	}
	return f
}

// check is a check that has found rows, without what is masked.
func (m mask) check(f exec.FailedCheck) exec.FailedCheck {
	if len(m) == 0 {
		return f
	}
	return f.Without(m.hidesAnyIn, masked)
}

// warnings are those of a run without what is masked.
func (m mask) warnings(given []plan.Warning) []plan.Warning {
	shown := slices.Clone(given)
	for i, w := range shown {
		if w.Err != nil {
			shown[i].Message = strings.ReplaceAll(w.Message, w.Err.Error(), m.hide(w.Err).Error())
		}
	}
	return shown
}

// result is the result of a run without what is masked.
func (m mask) result(res exec.Result) exec.Result {
	if len(m) == 0 {
		return res
	}
	res.Warnings = m.warnings(res.Warnings)
	res.Checks = slices.Clone(res.Checks)
	for i, c := range res.Checks {
		res.Checks[i] = m.check(c)
	}
	return res
}

// audited are runs without the messages of failed steps of tables with masked values.
func audited(s config.File, runs []exec.Run) []exec.Run {
	for _, r := range runs {
		for i, step := range r.Steps {
			if step.Message != nil && step.State != string(exec.Done) && len(maskIn(s, r.Table)) > 0 {
				says := masked
				r.Steps[i].Message = &says
			}
		}
	}
	return runs
}

// replaced replaces a text in another one. Lists leave its prefix out.
func replaced(in, text, by, prefix string) string {
	if strings.Contains(in, text) {
		return strings.ReplaceAll(in, text, by)
	}
	return strings.ReplaceAll(in, strings.TrimPrefix(text, prefix), strings.TrimPrefix(by, prefix))
}

// eachError calls do for an error and for all that it wraps.
func eachError(err error, do func(error)) {
	do(err)
	for _, inner := range wrappedBy(err) {
		eachError(inner, do)
	}
}

func wrappedBy(err error) []error {
	switch e := err.(type) { //nolint:errorlint // this is the unwrapping
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			return []error{inner}
		}
	case interface{ Unwrap() []error }:
		return e.Unwrap()
	}
	return nil
}
