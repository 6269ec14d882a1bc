package exec

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/rowbag"
	"github.com/tablesnap/tablesnap/rowsource"
)

// file compares the rows of a table with those of a file. It returns nil if only the database
// can; the whole file is in the temporary table then.
func (c *comparison) file(p *pairing) (*rowsRead, error) {
	f := c.to.file
	if !c.possible || !c.sameTypes {
		return nil, c.loadFile(f, f.next)
	}
	bags, err := rowbag.New()
	if err != nil {
		return nil, c.loadFile(f, f.next)
	}
	defer bags.Close()
	err = c.addTable(bags, rowbag.From, c.from, &rowBytes{readings: c.after, loads: true})
	if databaseCan(err) {
		return nil, c.loadFile(f, f.next)
	}
	if err == nil {
		err = c.addFile(bags)
	}
	if err != nil {
		return nil, err
	}
	left := c.newLeftRows(p.key)
	defer left.close()
	differ, err := bags.Narrow()
	if err == nil && differ {
		err = c.converted(bags, left)
	}
	if err != nil {
		return nil, err
	}
	return &rowsRead{bags.Rows(rowbag.From), bags.Rows(rowbag.To)}, left.report(p)
}

// converted has the database convert the file's rows that may differ. Some are the same as a
// row of the table then: 1.0 is 1.00.
func (c comparison) converted(bags *rowbag.Bags, left *leftRows) error {
	if err := left.addAll(bags, rowbag.From); err != nil {
		return err
	}
	loaded, err := c.loadAgain(bags)
	if err != nil {
		return err
	}
	row, read := &rowBytes{readings: c.after}, int64(0)
	err = c.scan(c.to, row, func() error {
		read++
		return left.add(rowbag.To, row.kept)
	})
	if err != nil {
		return err
	}
	return c.whole(c.to.name, read, loaded)
}

// addFile adds the rows of the file. It checks their values as a load would.
func (c comparison) addFile(bags *rowbag.Bags) error {
	f, checks, values := c.to.file, c.fileChecks(), c.fileValues()
	row, kept := &rowBytes{readings: c.after, loads: true}, []byte(nil)
	for {
		read, err := f.next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = errors.Join(f.check(checks, read), c.ctx.Err())
		}
		if err != nil {
			return &SourceError{Err: err}
		}
		row.reset()
		for i, value := range values {
			row.value(c.after[i], value(read))
		}
		kept = appendFileRow(kept[:0], read)
		if err := bags.Add(rowbag.To, row.compared, kept); err != nil {
			return err
		}
	}
}

// fileValues give the values of a file's row for the columns that are compared, as far as
// possible as the table stores them. Those that the file lacks have their defaults.
func (c comparison) fileValues() []func(rowsource.Row) rowsource.Value {
	f := c.to.file
	given := make(map[string]func(rowsource.Row) rowsource.Value)
	for i, column := range f.load.Columns {
		given[column.Name] = func(r rowsource.Row) rowsource.Value { return r.Values[i] }
		if stored := c.stored(column); stored != nil {
			given[column.Name] = func(r rowsource.Row) rowsource.Value { return stored(r.Values[i]) }
		}
	}
	for i, column := range f.reset {
		value := rowsource.Null()
		if f.defaults != nil {
			value = f.defaults[i]
		}
		given[column.Name] = func(rowsource.Row) rowsource.Value { return value }
	}
	values := make([]func(rowsource.Row) rowsource.Value, len(c.to.Columns))
	for i, column := range c.to.Columns {
		values[i] = given[column.Name]
	}
	return values
}

func (c comparison) stored(column dialect.Column) func(rowsource.Value) rowsource.Value {
	if storer, ok := dialect.As[dialect.Storer](c.backend); ok {
		return storer.Stored(c.to.file.load.Table, column)
	}
	return nil
}

func (c comparison) fileChecks() []func(rowsource.Value) error {
	load := c.to.file.load
	checks := make([]func(rowsource.Value) error, len(load.Columns))
	for i, column := range load.Columns {
		checks[i] = c.backend.Checker(load.Server, load.Table, column)
	}
	return checks
}

// check returns the error that a load would return for a value of the row.
func (f *fileRows) check(checks []func(rowsource.Value) error, row rowsource.Row) error {
	for i, check := range checks {
		if check == nil {
			continue
		}
		if err := check(row.Values[i]); err != nil {
			return &rowsource.CellError{Source: f.load.Source, Format: f.load.Format, Line: row.Line, Column: f.load.Columns[i].Name, Value: row.Written(i).String(), Err: err}
		}
	}
	return nil
}

// loadAgain loads the rows of the file that have not been ruled out, and counts them.
func (c comparison) loadAgain(bags *rowbag.Bags) (loaded int64, err error) {
	rows, err := bags.Read(rowbag.To)
	if err != nil {
		return 0, err
	}
	width := len(c.to.file.places)
	err = c.loadFile(c.to.file, func() (rowsource.Row, error) {
		kept, err := rows.Next()
		if err != nil {
			return rowsource.Row{}, err
		}
		loaded++
		return fileRow(kept, width), nil
	})
	return loaded, err
}

// appendFileRow appends the line of a row, its values, and the values as they are written.
func appendFileRow(b []byte, row rowsource.Row) []byte {
	b = binary.AppendUvarint(b, uint64(row.Line))
	for _, v := range row.Values {
		b = appendValue(b, v)
	}
	for i := range row.Values {
		b = appendValue(b, row.Written(i))
	}
	return b
}

// fileRow reads what appendFileRow has appended.
func fileRow(kept []byte, width int) rowsource.Row {
	line, n := binary.Uvarint(kept)
	both := make([]rowsource.Value, 2*width)
	kept = kept[n:]
	for i := range both {
		both[i], kept = valueOfBytes(kept)
	}
	return rowsource.NewRow(int(line), both[:width], both[width:])
}
