package rowsource

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// gridRow is a row of a spreadsheet. Cells without a value are left out.
type gridRow struct {
	number int // from 1
	cells  []gridCell
}

// gridCell is a cell that has a value, or one that has something else.
type gridCell struct {
	column int // from 0
	value  Value
	json   Value // in place of value, in a column that holds JSON; NULL if it is the same
	wrong  error // why the cell can't be used
}

// grid gives the rows of a sheet in order, and io.EOF after the last. The row is valid
// until the next call.
type grid interface {
	next() (gridRow, error)
	Close() error
}

// gridReader is the Reader of spreadsheets.
type gridReader struct {
	*container
	format Format
	grid   grid
	within cellRange
	nulls  []string

	columns []string
	left    int // the sheet's column of the first one
	values  []Value
	json    []bool
}

// newGridReader reads up to the header: the row headerRow, or the first row with a value
// if that is 0.
func newGridReader(c *container, f Format, g grid, within cellRange, headerRow int, nulls []string) (*gridReader, error) {
	r := &gridReader{container: c, format: f, grid: g, within: within, nulls: nulls}
	for {
		row, err := r.nextRow()
		if err == io.EOF {
			return nil, r.noHeader(headerRow)
		}
		if err != nil {
			return nil, err
		}
		switch {
		case row.number < headerRow:
		case headerRow > 0 && row.number > headerRow:
			return nil, r.noHeader(headerRow)
		default:
			return r, r.readHeader(row)
		}
	}
}

func (r *gridReader) noHeader(headerRow int) error {
	if headerRow > 0 {
		return fmt.Errorf("read %s: row %d of the sheet has no values, and should name the columns", r.source, headerRow)
	}
	return fmt.Errorf("read %s: the sheet is empty: its first row with values must name the columns", r.source)
}

// nextRow is the next row with values in the range.
func (r *gridReader) nextRow() (gridRow, error) {
	for {
		row, err := r.grid.next()
		if err != nil {
			return row, err
		}
		if r.within.lastRow > 0 && row.number > r.within.lastRow {
			return row, io.EOF
		}
		if row.number < r.within.firstRow {
			continue
		}
		row.cells = slices.DeleteFunc(row.cells, func(c gridCell) bool { return !r.within.hasColumn(c.column) })
		if len(row.cells) > 0 {
			return row, nil
		}
	}
}

func (r *gridReader) readHeader(row gridRow) error {
	r.left = row.cells[0].column
	if r.within.firstColumn > 0 {
		r.left = r.within.firstColumn - 1
	}
	names := make([]string, row.cells[len(row.cells)-1].column-r.left+1)
	for _, c := range row.cells {
		if c.wrong != nil {
			return r.at(row.number, c, c.wrong)
		}
		switch c.value.Kind() {
		case KindText:
			names[c.column-r.left] = c.value.Str()
		default:
			names[c.column-r.left] = c.value.String()
		}
	}
	for i, n := range names {
		if strings.TrimSpace(n) == "" {
			return r.at(row.number, gridCell{column: r.left + i}, remedied("the column has no name: give it one, or choose the range of cells that has the table", RemedyRange))
		}
	}
	columns, err := columnNames(names, inRow)
	if err != nil {
		return &CellError{Source: r.source, Format: r.format, Line: row.number, Err: err}
	}
	r.columns, r.values, r.json = columns, make([]Value, len(columns)), make([]bool, len(columns))
	return nil
}

func (r *gridReader) Columns() []string { return r.columns }

func (r *gridReader) KeepJSON(columns []int) {
	clear(r.json)
	for _, c := range columns {
		r.json[c] = true
	}
}

func (r *gridReader) Close() error { return errors.Join(r.grid.Close(), r.container.Close()) }

func (r *gridReader) Next() (Row, error) {
	if r.err != nil {
		return Row{}, r.err
	}
	row, err := r.nextRow()
	if err == nil {
		err = r.fill(row)
	}
	if err == io.EOF {
		err = r.drain()
	}
	if r.err = lasting(err); err != nil {
		return Row{}, err
	}
	return Row{Values: r.values, Line: row.number}, nil
}

// drain reads what follows the range, since only the end shows that the file is whole.
func (r *gridReader) drain() error {
	for {
		if _, err := r.grid.next(); err == io.EOF {
			return r.end()
		} else if err != nil {
			return err
		}
	}
}

func (r *gridReader) fill(row gridRow) error {
	clear(r.values)
	var bad []*CellError
	beside := 0 // values beside the table
	for _, c := range row.cells {
		i := c.column - r.left
		switch {
		case c.wrong != nil:
			bad = append(bad, r.at(row.number, c, c.wrong))
		case i < 0 || i >= len(r.columns):
			if beside++; beside > 1 {
				continue // one of them says it
			}
			bad = append(bad, r.at(row.number, c, remedied(fmt.Sprintf("there is a value %s in a column without a name: if the names stand in another row, choose that; otherwise choose the range of cells that has the table", c.value), RemedyRange)))
		case r.json[i] && !c.json.IsNull():
			r.values[i] = c.json
		case c.value.Kind() == KindText && slices.Contains(r.nulls, c.value.Str()):
		default:
			r.values[i] = c.value
		}
	}
	if bad != nil {
		return &RowError{Cells: bad}
	}
	return nil
}

// at is the error of a cell, with its address.
func (r *gridReader) at(row int, c gridCell, err error) *CellError {
	name := ""
	if i := c.column - r.left; i >= 0 && i < len(r.columns) {
		name = r.columns[i]
	}
	return &CellError{Source: r.source, Format: r.format, Line: row, Column: name, Err: fmt.Errorf("cell %s: %w", cellAddress(c.column, row), err)}
}

// cellRange is a part of a sheet. 0 stands for no bound.
type cellRange struct{ firstColumn, firstRow, lastColumn, lastRow int }

func (c cellRange) hasColumn(column int) bool {
	return column+1 >= c.firstColumn && (c.lastColumn == 0 || column+1 <= c.lastColumn)
}

// parseRange reads B3:F200, B:F or 3:200, and the like with an end left open: B3:F.
func parseRange(s string) (cellRange, error) {
	var c cellRange
	from, to, ok := strings.Cut(strings.ReplaceAll(strings.ToUpper(s), "$", ""), ":")
	var okFrom, okTo bool
	c.firstColumn, c.firstRow, okFrom = parseCorner(from)
	c.lastColumn, c.lastRow, okTo = parseCorner(to)
	backwards := c.lastColumn > 0 && c.lastColumn < c.firstColumn || c.lastRow > 0 && c.lastRow < c.firstRow
	if !ok || !okFrom || !okTo || backwards {
		return c, fmt.Errorf("the range %q is none: write one such as B3:F200, or B:F for columns", s)
	}
	return c, nil
}

// parseCorner reads B3, B or 3.
func parseCorner(s string) (column, row int, ok bool) {
	letters := strings.TrimRight(s, "0123456789")
	if s == "" {
		return 0, 0, false
	}
	if letters != "" {
		n, err := columnNumber(letters)
		if err != nil {
			return 0, 0, false
		}
		column = n + 1
	}
	if digits := s[len(letters):]; digits != "" {
		n, err := strconv.Atoi(digits)
		if err != nil || n < 1 || n > maxSheetRows {
			return 0, 0, false
		}
		row = n
	}
	return column, row, true
}

// The most rows and columns of a sheet. LibreOffice has as many.
const (
	maxSheetRows    = 1 << 20
	maxSheetColumns = 1 << 14
)

var errNoColumn = errors.New("it is no column of a sheet")

// columnNumber is 0 for A and 27 for AB.
func columnNumber(letters string) (int, error) {
	n := 0
	for i := range len(letters) {
		if c := letters[i]; c < 'A' || c > 'Z' || n > maxSheetColumns {
			return 0, errNoColumn
		}
		n = n*26 + int(letters[i]-'A') + 1
	}
	if n == 0 || n > maxSheetColumns {
		return 0, errNoColumn
	}
	return n - 1, nil
}

// cellAddress is B3 for the column 1 and the row 3.
func cellAddress(column, row int) string {
	var letters []byte
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		letters = append(letters, byte('A'+(n-1)%26))
	}
	slices.Reverse(letters)
	return string(letters) + strconv.Itoa(row)
}
