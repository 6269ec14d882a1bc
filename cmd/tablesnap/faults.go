package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/config"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// faultFlags are the flags about rows that the table cannot take.
type faultFlags struct {
	maxErrors  string
	maxBadRows int64
	rejects    string
}

// faultFlagNames are the flags by their names.
func faultFlagNames() []string { return []string{"max-errors", "max-bad-rows", "rejects"} }

func (f *faultFlags) bind(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.maxErrors, "max-errors", "", "`N` how many faults of the file to name, or all (default 10)")
	fs.Int64Var(&f.maxBadRows, "max-bad-rows", 0, "`N` leave out up to N rows that the table cannot take")
	fs.StringVar(&f.rejects, "rejects", "", "`FILE` write the rows that the table cannot take to this CSV file")
	complete(cmd, "max-errors", []string{"all"})
}

// fill takes values that the command line does not set from the settings of a table.
func (f *faultFlags) fill(cmd *cobra.Command, t config.Table) {
	if !cmd.Flags().Changed("max-errors") {
		f.maxErrors = t.MaxErrors
	}
	if !cmd.Flags().Changed("max-bad-rows") {
		f.maxBadRows = t.MaxBadRows
	}
}

// options sets what the request says of bad rows.
func (f *faultFlags) options(req *exec.Request) error {
	if f.maxBadRows < 0 {
		return usagef("--max-bad-rows is %d, and may not be negative", f.maxBadRows)
	}
	req.Options.MaxBadRows = f.maxBadRows
	switch n, err := strconv.Atoi(f.maxErrors); {
	case f.maxErrors == "":
	case f.maxErrors == "all":
		req.Faults.Most = rowsource.AllFaults
	case err != nil || n < 1:
		return usagef("--max-errors is %q; write a number from 1 on, or all", f.maxErrors)
	default:
		req.Faults.Most = n
	}
	return nil
}

// faultReport tells what is wrong with a file.
type faultReport struct {
	cmd     *cobra.Command
	asJSON  bool
	mask    mask
	found   *rowsource.Faults
	name    string   // of the file for the bad rows, or empty
	rejects *os.File // its content, until it is whole
	done    func()
}

// newFaultReport has the request report its faults. Call done at the end.
func newFaultReport(cmd *cobra.Command, f faultFlags, req *exec.Request) (*faultReport, error) {
	r := &faultReport{cmd: cmd, name: f.rejects, done: func() {}}
	req.Faults.Found = func(found rowsource.Faults) { r.found = &found }
	if f.rejects == "" {
		return r, nil
	}
	tmp, done, err := namelessFile()
	if err != nil {
		return nil, fmt.Errorf("keep the bad rows: %w", err)
	}
	r.rejects, r.done, req.Faults.Rejects = tmp, done, tmp
	return r, nil
}

// refuseOneFile is about --all and --set, with which each table has a file of its own.
func (f *faultFlags) refuseOneFile(flag string) error {
	if f.rejects != "" {
		return usagef("--rejects names one file; with --%s write the key rejects in the settings of each table", flag)
	}
	return nil
}

// tell writes the file with the bad rows. It tells of the rows that are left out on
// standard error, or returns the error of the planning.
func (r *faultReport) tell(planning error) error {
	if as[*rowsource.ChangedError](planning) {
		return planning // the bad rows may be those of another file
	}
	if err := r.writeRejects(); err != nil {
		return errors.Join(planning, err)
	}
	if r.found == nil {
		return planning
	}
	if planning != nil && r.asJSON && as[*rowsource.FaultsError](planning) {
		return errors.Join(planning, writeJSON(r.cmd.OutOrStdout(), r.mask.faults(*r.found)))
	}
	if planning == nil {
		w := r.cmd.ErrOrStderr()
		says := (&rowsource.FaultsError{Faults: r.mask.faults(*r.found)}).Lines()
		fmt.Fprintf(w, "warning %s: %s\n", plan.BadRows, inLines(says))
	}
	return planning
}

// inLines are lines of a message, none of which a text from a file can break.
func inLines(lines []string) string {
	shown := make([]string, len(lines))
	for i, l := range lines {
		shown[i] = printable(l)
	}
	return strings.Join(shown, "\n")
}

// writeRejects gives the file its name. Without bad rows it has the header alone; if
// nothing was read, there is none.
func (r *faultReport) writeRejects() error {
	if r.rejects == nil {
		return nil
	}
	size, err := r.rejects.Seek(0, io.SeekEnd)
	if err != nil || size == 0 {
		return err
	}
	if _, err := r.rejects.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return writeFile(r.name, bufio.NewReader(r.rejects))
}
