package conformance

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/testservers"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Odd are values that exist in real tables although no upload would write them.
type Odd struct {
	// Session is SQL for the session that writes the values, so that the server accepts
	// them.
	Session []string
	Columns []Column
}

// exportOdd exports each odd value, uploads the file to the same table, and exports
// again. Either the two exports are the same bytes, or an error names the value's place
// and the table is unchanged.
func exportOdd(w *world) {
	for i, c := range w.family.Odd.Columns {
		for _, format := range formatsOfOdd(i) {
			t := oddTable{w, fmt.Sprintf("odd_%d", i), c, format}
			if t.fill(c.Values...); t.comesBack() {
				continue
			}
			for _, v := range c.Values {
				t.fill(v)
				t.comesBack()
			}
		}
	}
}

// formatsOfOdd are the formats for the column at i: one in turn, and all in the whole suite. What
// the formats can write is tested with them; here each upload takes its time.
func formatsOfOdd(i int) []rowsource.Format {
	formats := rowsource.WritableFormats()
	if testservers.Whole() {
		return formats
	}
	i %= len(formats)
	return formats[i : i+1]
}

// oddTable is a table with an odd column, exported in one format.
type oddTable struct {
	*world
	name   string
	column Column
	format rowsource.Format
}

// fill recreates the table with a row for each value.
func (t oddTable) fill(values ...string) {
	t.Helper()
	ctx := context.Background()
	conn, err := t.in.Other.Conn(ctx)
	if err != nil {
		t.Fatalf("another program connects: %v", err)
	}
	defer conn.Raw(func(any) error { return driver.ErrBadConn }) // closes the connection, because its session has unusual settings
	stmts := slices.Concat(t.family.Odd.Session, []string{
		"DROP TABLE IF EXISTS " + t.name, "CREATE TABLE " + t.name + " (n {int}, " + t.d.Quote(t.column.Name) + " " + t.column.Type + ")"})
	for n, v := range values {
		stmts = append(stmts, fmt.Sprintf("INSERT INTO %s VALUES (%d, %s)", t.name, n, v))
	}
	for _, s := range stmts {
		if _, err := conn.ExecContext(ctx, t.world.fill(s)); err != nil {
			t.Fatalf("another program runs %s: %v", s, err)
		}
	}
}

// comesBack reports whether the table could be exported and uploaded, and checks the
// result.
func (t oddTable) comesBack() bool {
	t.Helper()
	what := fmt.Sprintf("%s as %s", t.column.Type, t.format)
	src, before, err := t.export(exec.ExportRequest{Table: t.name}, t.format)
	if err != nil {
		t.names(what, err)
		return false
	}
	stood := t.contents()
	r := request(what+strings.Join(stood, ","), src)
	r.Table = t.name
	r.Options.Allow = []plan.Code{plan.SameFile}
	if singleServer(t.family) == "" {
		r.Options.Strategy = dialect.InPlace // the strategy does not change the values, and a swap is slow
	}
	if err := t.tryUpload(r); err != nil {
		t.names(what, err)
		t.same("the table after "+err.Error(), t.contents(), stood...)
		return false
	}
	_, after := t.mustExport(exec.ExportRequest{Table: t.name}, t.format)
	t.same("the second export of "+what, strings.Split(after, "\n"), strings.Split(before, "\n")...)
	t.same("the table after an upload of "+what, t.contents(), stood...)
	return true
}

func (t oddTable) contents() []string {
	t.Helper()
	return columnTable{columns: []Column{t.column}}.contents(t.world, t.name, "")
}

// names checks that an error names the column, the row and the value. If the column's
// name cannot be in a file, the error must be about the name.
func (t oddTable) names(what string, err error) {
	t.Helper()
	if t.column.Name != oddName {
		t.says(err, "rename the column")
		return
	}
	cell, ok := errors.AsType[*rowsource.CellError](err)
	if !ok || cell.Column != oddName || cell.Line == 0 || cell.Value == "" {
		t.Errorf("%s: the error does not name row, column and value: %v", what, err)
	}
}

// oddName is the column name in tests of odd values. Tests of odd column names use
// others.
const oddName = "value"
