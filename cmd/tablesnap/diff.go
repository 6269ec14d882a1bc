package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/rowsource"
)

// defaultChanges is the number of changes shown without --limit.
const defaultChanges = 20

type diffFlags struct {
	input
	read             readFlags
	key              []string
	limit            string
	asJSON, exitCode bool
}

func (a *app) diffCommand() *cobra.Command {
	var f diffFlags
	cmd := &cobra.Command{
		Use:   "diff T [FROM] [TO]",
		Short: "Show which rows differ between two versions, the table, or a file",
		Long: `diff counts and shows the rows that were added, removed and changed between two
versions. Without TO it compares with the table as it is, without FROM with the
version before the present one. With --file it compares the table (or FROM) with a
file, as an upload would change it.

Rows are the same only if all their values are, to the last bit: upper case and
blanks count. A row is changed if both sides have one with the same key: the
primary key, or the columns of --key. Without a key, rows are only added and
removed. Columns that only one side has are named, and not compared. A column that
the file lacks is compared with its default, which an upload in place or by swap
would set; if it would get a new value in every row (a number, the time), all rows
that stay count as changed.

Nothing is written; rows of a file are loaded into a temporary table. Both sides
are read into temporary files of this computer first. The exit code is 0 whatever
was found; with --exit-code it is 3 if any row differs.`,
		Example: `# What has the last upload changed, and what would this file change?
tablesnap diff prices
tablesnap diff prices --file december.csv

# Compare two versions of a table without a primary key.
tablesnap diff prices 3 5 --key sku --limit all`,
		Args: args(cobra.RangeArgs(1, 3)),
		RunE: func(cmd *cobra.Command, names []string) error { return a.diff(cmd, f, names) },
	}
	fs := cmd.Flags()
	fs.StringVar(&f.file, "file", "", "`FILE` the file to compare with (- is standard input)")
	bindUnterminated(cmd, &f.allowUnterminated)
	f.read.bind(cmd)
	fs.StringSliceVar(&f.key, "key", nil, "the columns by which a row is known (default: the primary key)")
	fs.StringVar(&f.limit, "limit", strconv.Itoa(defaultChanges), "`N` changes to show at most, or all")
	fs.BoolVar(&f.asJSON, "json", false, "print JSON")
	fs.BoolVar(&f.exitCode, "exit-code", false, "exit with 3 if any row differs")
	complete(cmd, "limit", []string{"all"})
	a.completeTables(cmd, 2)
	return cmd
}

func (a *app) diff(cmd *cobra.Command, f diffFlags, names []string) error {
	limit, err := f.most()
	if err != nil {
		return err
	}
	req, done, err := a.diffRequest(cmd, f, names)
	if err != nil {
		return err
	}
	defer done()
	db, err := a.openExisting(cmd.Context())
	if err != nil {
		return err
	}
	defer db.close()
	if err := noteOpenRun(cmd, db, names[0]); err != nil {
		return err
	}
	out := newDiffWriter(cmd.OutOrStdout(), a.maskOf(names[0]), f, limit)
	found, err := db.client("").Diff(cmd.Context(), req, out.change)
	if err != nil {
		return db.ahead(cmd.Context(), errors.Join(err, out.cutOff()))
	}
	if err := out.end(found); err != nil {
		return err
	}
	if f.exitCode && found.Differs() {
		return changesError{found.Table.Name}
	}
	return nil
}

func (f diffFlags) most() (int64, error) {
	if f.limit == "all" {
		return math.MaxInt64, nil
	}
	n, err := strconv.ParseInt(f.limit, 10, 64)
	if err != nil || n < 0 {
		return 0, usagef("--limit is %q; write a number, or all", f.limit)
	}
	return n, nil
}

// diffRequest takes values that the flags do not set from the settings, and opens the
// file. Call done at the end.
func (a *app) diffRequest(cmd *cobra.Command, f diffFlags, names []string) (req exec.DiffRequest, done func(), err error) {
	s, err := a.settings()
	if err != nil {
		return req, done, err
	}
	t, _ := s.Table(names[0])
	if !cmd.Flags().Changed("key") {
		f.key = t.Key
	}
	req, done = exec.DiffRequest{Table: names[0], Key: f.key}, func() {}
	if req.From, req.To, err = diffVersions(names[1:]); err != nil {
		return req, done, err
	}
	if f.file == "" {
		return req, done, nil
	}
	if req.To != nil {
		return req, done, usagef("--file takes the place of TO; write one of them")
	}
	o, err := f.read.options(cmd, t)
	if err != nil {
		return req, done, err
	}
	src, done, err := f.input.open(cmd.Context(), o)
	if err != nil {
		return req, done, err
	}
	f.input.warn(cmd.ErrOrStderr(), src.Format())
	req.File = src
	for _, k := range s.AllKinds() {
		if k.Name == t.Kind {
			req.Dropped = k.DropColumns
		}
	}
	return req, done, nil
}

// diffVersions reads the arguments FROM and TO. A missing one is nil.
func diffVersions(words []string) (from, to *int64, err error) {
	if len(words) > 0 {
		if from, err = versionNumber(words[0]); err != nil {
			return nil, nil, err
		}
	}
	if len(words) > 1 {
		to, err = versionNumber(words[1])
	}
	return from, to, err
}

// diffWriter prints changes as they are found.
type diffWriter struct {
	out    io.Writer
	mask   mask
	asJSON bool
	limit  int64
	shown  int64
	lines  [][]string
}

func newDiffWriter(out io.Writer, m mask, f diffFlags, limit int64) *diffWriter {
	return &diffWriter{out: out, mask: m, asJSON: f.asJSON, limit: limit}
}

func (w *diffWriter) change(d exec.Diff, c exec.Change) error {
	if w.shown == w.limit {
		return nil
	}
	w.shown++
	if w.asJSON {
		return w.changeJSON(d, c)
	}
	w.lines = append(w.lines, changeLines(w.mask, d, c)...)
	if len(w.lines) >= linesAtOnce {
		return w.flushLines(d)
	}
	return nil
}

// linesAtOnce is the number of lines that are buffered to align their columns.
const linesAtOnce = 1000

func (w *diffWriter) flushLines(d exec.Diff) error {
	headings := []string{"change", "column", d.From, d.To}
	if len(d.Key) > 0 {
		headings = append([]string{"change", "row"}, headings[1:]...)
	}
	writeTable(w.out, headings, nil, w.lines)
	w.lines = w.lines[:0]
	return nil
}

// changeLines has a line for each changed column, or for each value of an added or
// removed row.
func changeLines(m mask, d exec.Diff, c exec.Change) [][]string {
	var lines [][]string
	for i, name := range d.Columns {
		before, after := "", ""
		if !shownOf(d, c, i) {
			continue
		}
		if c.From != nil {
			before = m.cell(name, c.From[i])
		}
		if c.To != nil {
			after = m.cell(name, c.To[i])
		}
		line := []string{string(c.Kind), name, before, after}
		if c.Count > 1 {
			line[0] += fmt.Sprintf(" %d times", c.Count)
		}
		lines = append(lines, line)
	}
	if len(d.Key) == 0 {
		return lines
	}
	key := m.key(d, c)
	for i := range lines {
		lines[i] = append([]string{lines[i][0], key}, lines[i][1:]...)
	}
	return lines
}

// shownOf reports whether a change shows the value of a column. Values that are the same on
// both sides are left out, and those of the key, which begins the line of a row that is on
// one side only.
func shownOf(d exec.Diff, c exec.Change, column int) bool {
	if c.Kind == exec.RowChanged {
		return c.From[column] != c.To[column]
	}
	return len(d.Columns) == len(d.Key) || !slices.Contains(d.Key, d.Columns[column])
}

// key are the values that identify a row. It is empty if rows have no key.
func (m mask) key(d exec.Diff, c exec.Change) string {
	values := make([]string, len(d.Key))
	for i, name := range d.Key {
		values[i] = m.cell(name, valueOf(d, c, name))
	}
	return strings.Join(values, ", ")
}

// valueOf returns a row's value in a column of the key.
func valueOf(d exec.Diff, c exec.Change, column string) rowsource.Value {
	values := c.To
	if values == nil {
		values = c.From
	}
	for i, name := range d.Columns {
		if name == column {
			return values[i]
		}
	}
	return rowsource.Null()
}

// maxPlainCell is the maximum size in bytes of a text that is shown without quotes.
const maxPlainCell = 40

// cell formats a value. It leaves out the quotes of a text that cannot be mistaken for
// something else.
func cell(v rowsource.Value) string {
	quoted := v.String()
	if s := v.Str(); v.Kind() == rowsource.KindText && s != "" && s != "NULL" && len(s) <= maxPlainCell && quoted == `"`+s+`"` &&
		s[0] != ' ' && s[len(s)-1] != ' ' {
		return s
	}
	return quoted
}

// end writes the remaining lines and the summary.
func (w *diffWriter) end(d exec.Diff) error {
	if w.asJSON {
		return w.endJSON(d)
	}
	if len(w.lines) > 0 {
		if err := w.flushLines(d); err != nil {
			return err
		}
	}
	if w.shown > 0 {
		fmt.Fprintln(w.out)
	}
	if more := d.Added + d.Removed + d.Changed - w.shown; more > 0 && w.shown == w.limit && w.limit > 0 {
		fmt.Fprintf(w.out, "(the first %d; --limit all shows all)\n", w.shown)
	}
	writeDiffSummary(w.out, "", d)
	return nil
}

// cutOff ends the last line of JSON output after the comparison has failed.
func (w *diffWriter) cutOff() error {
	if w.asJSON && w.shown > 0 {
		_, err := fmt.Fprintln(w.out)
		return err
	}
	return nil
}
