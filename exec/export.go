package exec

import (
	"context"
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// ExportRequest names the rows to export.
type ExportRequest struct {
	// Table is the table's name, or its display name.
	Table string
	// Version is nil for the table as it stands.
	Version *int64
}

// RowWriter takes the rows of an export. See [rowsource.NewWriter].
type RowWriter interface {
	// Begin is called once, ahead of the rows.
	Begin(columns []string) error
	Write(values []rowsource.Value) error
	// TellsKinds reports whether a number stays apart from the same number as text.
	TellsKinds() bool
}

// Export writes the rows of a version so that an upload of what was written makes
// the same rows again, and returns how many there are. Columns that the database
// computes by itself are left out. The rows are streamed.
//
// Errors: *NoContentsError where there is no such table or version; a
// *rowsource.CellError where a value has no form that would come back as it is.
func (c *Client) Export(ctx context.Context, req ExportRequest, to RowWriter) (n int64, err error) {
	err = c.atDesk(ctx, req.Table, func(d desk) error {
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

func (d desk) export(found contents, to RowWriter) (n int64, err error) {
	names := dialect.ColumnNames(found.Columns)
	if len(names) == 0 {
		return 0, d.missing("%s has no column that an upload could give values to", found.name)
	}
	orderBy := "" // a table is read as it comes, a snapshot as it was copied
	if found.VersionColumn != "" {
		orderBy = found.Table.PrimaryKey[0]
	}
	want, err := d.count(found)
	if err != nil {
		return 0, err
	}
	if err := to.Begin(names); err != nil {
		return 0, err
	}
	query, readings := dialect.SelectContents(d.backend, found.Contents, orderBy)
	rows, err := d.conn.QueryContext(d.ctx, query)
	if err != nil {
		return 0, fmt.Errorf("read the rows of %q: %w", d.target.Ident.Name, err)
	}
	defer rows.Close()
	s := newScanner(readings)
	for rows.Next() {
		values, err := s.scan(rows)
		if err != nil {
			return n, err
		}
		if err := comesBack(readings, values, to); err != nil {
			err.Source, err.Format, err.Line, err.Column = found.name, rowsource.FormatGo, int(n+1), names[err.Line]
			return n, err
		}
		if err := to.Write(values); err != nil {
			return n, err
		}
		n++
	}
	if err := rows.Err(); err != nil {
		return n, fmt.Errorf("read the rows of %q: %w", d.target.Ident.Name, err)
	}
	return n, d.whole(found.name, n, want)
}

// comesBack refuses a number in a column that would take its text for a text. The
// error's Line is the place of the column.
func comesBack(readings []dialect.Reading, values []rowsource.Value, to RowWriter) *rowsource.CellError {
	for i, v := range values {
		number := v.Kind() == rowsource.KindInteger && !to.TellsKinds() || v.Kind() == rowsource.KindReal
		if number && readings[i].Typing == dialect.ByValue {
			return &rowsource.CellError{Line: i, Value: v.String(), Err: fmt.Errorf("the column has no type that would make a %s of its text again; declare one", kindName(v.Kind()))}
		}
	}
	return nil
}

func kindName(k rowsource.Kind) string {
	if k == rowsource.KindReal {
		return "floating point number"
	}
	return "whole number"
}
