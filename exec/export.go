package exec

import (
	"context"
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/compare"
	"github.com/tablesnap/tablesnap/rowsource"
)

// ExportRequest says which rows to export.
type ExportRequest struct {
	// Table is the table's name, or its display name.
	Table string
	// Version is the version to export, or nil for the table's present contents.
	Version *int64
}

// RowWriter takes the rows of an export. See [rowsource.NewWriter].
type RowWriter interface {
	// KeepJSON is called before Begin with the indexes of the columns that hold JSON.
	KeepJSON(columns []int)
	// Begin is called once, before the rows.
	Begin(columns []string) error
	Write(values []rowsource.Value) error
	// Reads is the value that an upload would read after v was written in the column.
	Reads(column int, v rowsource.Value) rowsource.Value
}

// kindKeeper is a RowWriter that asks in which columns a number differs from the same
// number of another kind.
type kindKeeper interface{ KeepKinds(columns []int) }

// typeKeeper is a RowWriter that asks what the columns are declared to hold, before Begin.
type typeKeeper interface {
	KeepTypes(types []rowsource.DeclaredType)
}

func (d snapshotReader) declaredTypes(found contents, readings []dialect.Reading) []rowsource.DeclaredType {
	types := make([]rowsource.DeclaredType, len(readings))
	for i, r := range readings {
		types[i] = rowsource.DeclaredType{Type: dialect.DeclaredType(d.backend, found.Table, found.Columns[i]), Verbatim: r.Verbatim}
	}
	return types
}

func byValue(readings []dialect.Reading) (columns []int) {
	for i, r := range readings {
		if r.Typing == dialect.ByValue {
			columns = append(columns, i)
		}
	}
	return columns
}

// Export writes the rows of a version so that an upload of the output gives the same
// rows, and returns their number. It leaves out generated columns. The rows are streamed.
//
// Errors: *NoContentsError if there is no such table or version; a *rowsource.CellError
// if a value cannot be written so that it reads back unchanged.
func (c *Client) Export(ctx context.Context, req ExportRequest, to RowWriter) (n int64, err error) {
	if to == nil {
		return 0, fmt.Errorf("export %q: the RowWriter is nil; make one with rowsource.NewWriter", req.Table)
	}
	err = c.readSnapshot(ctx, req.Table, func(d snapshotReader) error {
		found, err := d.present()
		if req.Version != nil {
			found, err = d.version(*req.Version)
		}
		if err != nil {
			return err
		}
		n, err = d.export(found, to)
		return err
	})
	return n, err
}

func (d snapshotReader) export(found contents, to RowWriter) (n int64, err error) {
	names := dialect.ColumnNames(found.Columns)
	if len(names) == 0 {
		return 0, d.missing("%s has no column that an upload could give values to", found.name)
	}
	want, err := d.count(found)
	if err != nil {
		return 0, err
	}
	to.KeepJSON(dialect.JSONColumns(found.Columns))
	if k, ok := to.(typeKeeper); ok {
		_, readings := compare.SelectContents(d.backend, found.Contents, "")
		k.KeepTypes(d.declaredTypes(found, readings))
	}
	if err := to.Begin(names); err != nil {
		return 0, err
	}
	if n, err = d.writeRows(found, to); err != nil {
		return n, err
	}
	return n, d.whole(found.name, n, want)
}

// writeRows writes the rows, and checks each value as an upload would.
func (d snapshotReader) writeRows(found contents, to RowWriter) (n int64, err error) {
	orderBy := "" // a table is unordered, a snapshot is in the order of its copy
	if found.VersionColumn != "" {
		orderBy = found.Table.PrimaryKey[0]
	}
	query, readings := compare.SelectContents(d.backend, found.Contents, orderBy)
	if k, ok := to.(kindKeeper); ok {
		k.KeepKinds(byValue(readings))
	}
	rows, err := d.conn.QueryContext(d.ctx, query)
	if err != nil {
		return 0, fmt.Errorf("read the rows of %q: %w", d.target.Ident.Name, err)
	}
	defer rows.Close()
	s, checks := newScanner(readings), d.checks(found)
	for rows.Next() {
		values, err := s.scan(rows)
		if err != nil {
			return n, err
		}
		for i, v := range values {
			if err := comesBack(readings[i], checks[i], v, to.Reads(i, v)); err != nil {
				return n, &rowsource.CellError{Source: found.name, Format: rowsource.FormatGo, Line: int(n + 1), Column: found.Columns[i].Name, Value: v.String(), Err: err}
			}
		}
		if err := to.Write(values); err != nil {
			return n, err
		}
		n++
	}
	if err := rows.Err(); err != nil {
		return n, fmt.Errorf("read the rows of %q: %w", d.target.Ident.Name, err)
	}
	return n, nil
}

// checks are the checks that an upload of the rows would make.
func (d snapshotReader) checks(found contents) []func(rowsource.Value) error {
	checks := make([]func(rowsource.Value) error, len(found.Columns))
	for i, c := range found.Columns {
		c.Nullable = c.Nullable || !c.Assigned // what is NULL in the table may be NULL
		checks[i] = d.backend.Checker(d.target.Server, found.Table, c)
	}
	return checks
}

// comesBack returns an error if an upload would reject the value, or would store a number
// as text.
func comesBack(r dialect.Reading, check func(rowsource.Value) error, v, again rowsource.Value) error {
	if v.Kind() != again.Kind() && r.Typing == dialect.ByValue {
		return fmt.Errorf("the column has no type that would make a %s of its text again; declare one", kindName(v.Kind()))
	}
	if check == nil {
		return nil
	}
	if err := check(again); err != nil {
		return fmt.Errorf("an upload of the export would refuse it: %w", err)
	}
	return nil
}

func kindName(k rowsource.Kind) string {
	if k == rowsource.KindReal {
		return "floating point number"
	}
	return "whole number"
}
