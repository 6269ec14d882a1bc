package plan

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/nearest"
	"github.com/tablesnap/tablesnap/rowsource"
)

// columns says how the file's columns map to the table's.
type columns struct {
	// load are the columns to load, in the file's order and the table's spelling.
	load []dialect.Column
	// drop are the kind's drop columns that the table has.
	drop []string
	// add are columns of the file that the table will get, and key is the primary key if the
	// upload creates the table.
	add []dialect.Column
	key []string
	// lack are columns of the table that the source has no values for, and that the kind
	// does not drop. The database fills them.
	lack []dialect.Column
}

func matchColumns(d dialect.Dialect, in Input) (columns, error) {
	var c columns
	if err := sameNameTwice(d, in.Source.ColumnNames()); err != nil {
		return c, err
	}
	if err := c.matchDrops(d, in); err != nil {
		return c, err
	}
	if len(in.Source.Columns) == 0 {
		return c, c.loadNone(in)
	}
	var err error
	if c.key, err = newKey(d, in); err != nil {
		return c, err
	}
	for _, f := range in.Source.Columns {
		fresh := newColumn(d, in, c.key, f)
		switch have, found := in.column(d, f.Name); {
		case found && have.Generated != "":
			return c, fmt.Errorf("the database computes the column %q itself; take it out of the file", have.Name)
		case found:
			c.load = append(c.load, have)
		case in.Target.Table != nil:
			c.add = append(c.add, fresh)
			fallthrough
		default:
			c.load = append(c.load, fresh)
		}
	}
	c.findLacking(in.tableNow())
	return c, errors.Join(c.refuseNew(in), c.refuseMissing(in))
}

// findLacking needs the columns that are loaded and dropped. Generated columns are never
// lacking, since the database computes them.
func (c *columns) findLacking(t dialect.Table) {
	loaded := c.loaded()
	for _, have := range t.StoredColumns() {
		if !loaded[have.Name] && !slices.Contains(c.drop, have.Name) {
			c.lack = append(c.lack, have)
		}
	}
}

// loaded are the names of the columns that are loaded.
func (c *columns) loaded() map[string]bool {
	names := make(map[string]bool, len(c.load))
	for i := range c.load {
		names[c.load[i].Name] = true
	}
	return names
}

// loadNone is for an empty file, which has no columns: no column of the table gets a
// value.
func (c *columns) loadNone(in Input) error {
	if in.Target.Table == nil {
		return fmt.Errorf("%s is empty, so that nothing names the columns of a table that is to be made; upload CSV with a header", in.Source.Name)
	}
	for _, have := range in.Target.Table.StoredColumns() {
		if !slices.Contains(c.drop, have.Name) {
			c.load = append(c.load, have)
		}
	}
	return nil
}

// tableNow is the table, or the zero Table if the upload creates it.
func (in Input) tableNow() dialect.Table {
	if in.Target.Table == nil {
		return dialect.Table{}
	}
	return *in.Target.Table
}

func (in Input) column(d dialect.Dialect, name string) (dialect.Column, bool) {
	return in.tableNow().Column(name, d.SameName)
}

func sameNameTwice(d dialect.Dialect, names []string) error {
	alike := make(map[string][]string, len(names)) // by their letters, whatever their case
	for _, n := range names {
		key := folded(n)
		if slices.ContainsFunc(alike[key], func(m string) bool { return d.SameName(m, n) }) {
			return fmt.Errorf("the file has two columns that %s takes for the same: %q", d.Facts().Name, n)
		}
		alike[key] = append(alike[key], n)
	}
	return nil
}

// folded is the same text for all names that [strings.EqualFold] takes for the same.
func folded(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, name)
}

func (c *columns) matchDrops(d dialect.Dialect, in Input) error {
	for _, drop := range in.Kind.DropColumns {
		for _, f := range in.Source.ColumnNames() {
			if d.SameName(f, drop) {
				return fmt.Errorf("the file has a column %q, which an upload of kind %s drops from the table; take it out of the file or use another kind", f, in.Kind.Name)
			}
		}
		if have, found := in.column(d, drop); found {
			c.drop = append(c.drop, have.Name)
		}
	}
	return nil
}

func (c *columns) refuseNew(in Input) error {
	if len(c.add) == 0 || in.Options.NewColumns == AddNewColumns {
		return nil
	}
	var unknown []string
	var remedies []Remedy
	explained := false
	for _, a := range c.add {
		says := fmt.Sprintf("%q", a.Name)
		if near := nearest.To(a.Name, c.free(in)); near != "" {
			says += fmt.Sprintf(" (did you mean %q?)", near)
			if !strings.Contains(a.Name, "=") { // with one, the file must be corrected
				remedies = append(remedies, rowsource.Suggest("map", a.Name+"="+near))
			}
			explained = true
		}
		unknown = append(unknown, says)
	}
	err := fmt.Errorf("the table has no column %s; correct the file, or have the columns added as text", strings.Join(unknown, ", "))
	switch between := otherDelimiter(in); {
	case between != "" && between == delimiterOf(in.Source):
		remedies = nil
		err = fmt.Errorf("the table has no column %s: each line of the file seems to stand in quotes as a whole; remove these quotes", strings.Join(unknown, ", "))
	case between != "":
		remedies = []Remedy{rowsource.Suggest("delimiter", between)}
		err = fmt.Errorf("the table has no column %s: the file seems to have another delimiter", strings.Join(unknown, ", "))
	case explained:
		err = fmt.Errorf("the table has no column %s; correct the file, or give the column its name in the table", strings.Join(unknown, ", "))
	default:
		remedies = append(remedies, RemedyNewColumns)
	}
	return &RemedyError{Remedies: remedies, Err: err}
}

// free are the table's columns that the file has no values for.
func (c *columns) free(in Input) []string {
	var names []string
	loaded := c.loaded()
	for _, have := range in.tableNow().Columns {
		if !loaded[have.Name] && have.Generated == "" && !slices.Contains(c.drop, have.Name) {
			names = append(names, have.Name)
		}
	}
	return names
}

// otherDelimiter is the delimiter that the name of a file's only column shows, or empty. One
// that people seldom take is known by the table's columns on both sides of it.
func otherDelimiter(in Input) string {
	names := in.Source.ColumnNames()
	if delimited := in.Source.Format == rowsource.FormatCSV || in.Source.Format == rowsource.FormatTSV; len(names) != 1 || !delimited {
		return ""
	}
	for _, between := range []string{";", "\t", "|", ","} {
		if strings.Contains(names[0], between) {
			return strings.ReplaceAll(between, "\t", "tab")
		}
	}
	for _, r := range names[0] {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && namesColumns(in.tableNow(), strings.Split(names[0], string(r))) {
			return string(r)
		}
	}
	return ""
}

// delimiterOf is the delimiter that a file was read with.
func delimiterOf(m rowsource.Manifest) string {
	byFormat := ","
	if m.Format == rowsource.FormatTSV {
		byFormat = "tab"
	}
	return cmp.Or(strings.ReplaceAll(m.Read.Delimiter, "\t", "tab"), byFormat)
}

// namesColumns reports whether each of several names is a column's.
func namesColumns(t dialect.Table, names []string) bool {
	for _, name := range names {
		if !slices.ContainsFunc(t.Columns, func(c dialect.Column) bool { return strings.EqualFold(c.Name, strings.TrimSpace(name)) }) {
			return false
		}
	}
	return len(names) > 1
}

// refuseMissing returns an error if the file lacks a required column.
func (c *columns) refuseMissing(in Input) error {
	if in.Target.Table == nil {
		return nil
	}
	var missing []string
	loaded := c.loaded()
	for _, t := range in.Target.Table.Columns {
		if t.Required() && !loaded[t.Name] && !slices.Contains(c.drop, t.Name) {
			missing = append(missing, t.Name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("the file lacks the column %s, which may not be NULL and has no default", quoted(missing))
}

func quoted(names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(q, ", ")
}
