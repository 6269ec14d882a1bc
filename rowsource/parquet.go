package rowsource

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// parquetReader is the Reader of Parquet files whose columns are flat.
type parquetReader struct {
	*container
	groups  []parquet.RowGroup
	rows    parquet.Rows // of the group that is read
	total   int64
	columns []string
	convert []func(parquet.Value) (Value, error)
	truths  []bool // the columns of true and false
	json    []bool
	values  []Value
	batch   []parquet.Row
	ready   []parquet.Row // of batch
	pending error         // what follows ready
	row     int
}

// parquetBatch is how many rows are read at once.
const parquetBatch = 256

// openParquet reads the schema. The caller closes content if that fails.
func openParquet(f file, content io.ReadCloser) (Reader, error) {
	c, err := openContainer(f.name, content, f.format)
	if err != nil {
		return nil, err
	}
	r, err := newParquetReader(c)
	if err != nil {
		c.discard()
		return nil, inSource(f.name, err)
	}
	return r, nil
}

func newParquetReader(c *container) (r *parquetReader, err error) {
	defer recovered(c.source, &err)
	if err := checkFooter(c, c.size); err != nil {
		return nil, fmt.Errorf("read %s: it is no Parquet file, or damaged: %w", c.source, err)
	}
	f, err := parquet.OpenFile(c, c.size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("read %s: it is no Parquet file, or damaged: %w", c.source, err)
	}
	r = &parquetReader{container: c, groups: f.RowGroups(), total: f.NumRows(), batch: make([]parquet.Row, parquetBatch)}
	if err := r.readSchema(f.Metadata().Schema); err != nil {
		return nil, fmt.Errorf("read %s: %w", c.source, err)
	}
	return r, nil
}

// parquetEnd is how many bytes there are after the footer: its size, and a mark.
const parquetEnd = 8

// checkFooter is an error if the footer is larger than the file. The library takes as much
// memory as the file says, up to 4 GB.
func checkFooter(content io.ReaderAt, size int64) error {
	if size < parquetEnd {
		return errors.New("it has no footer")
	}
	var end [parquetEnd]byte
	if _, err := content.ReadAt(end[:], size-parquetEnd); err != nil {
		return err
	}
	if footer := int64(binary.LittleEndian.Uint32(end[:])); footer > size-parquetEnd {
		return fmt.Errorf("its footer would have %d bytes, and the file has %d: it may be cut off", footer, size)
	}
	return nil
}

// recovered makes an error of a panic of the library, which trusts a damaged file too
// much.
func recovered(source string, err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("read %s: the Parquet file is damaged, or has something that can't be read: %v", source, p)
	}
}

func (r *parquetReader) readSchema(elements []format.SchemaElement) error {
	if len(elements) == 0 {
		return errors.New("it has no schema")
	}
	var names []string
	for _, e := range elements[1:] {
		convert, err := parquetColumn(e)
		if err != nil {
			return fmt.Errorf("the column %s %w", Text(e.Name), err)
		}
		names, r.convert = append(names, e.Name), append(r.convert, convert)
		r.truths = append(r.truths, e.Type.V == format.Boolean)
	}
	var err error
	if r.columns, err = columnNames(names, inFile); err != nil {
		return err
	}
	r.values, r.json = make([]Value, len(names)), make([]bool, len(names))
	return nil
}

func (r *parquetReader) Columns() []string { return r.columns }

func (r *parquetReader) KeepJSON(columns []int) {
	clear(r.json)
	for _, c := range columns {
		r.json[c] = true
	}
}

func (r *parquetReader) Close() error {
	if r.rows == nil {
		return r.container.Close()
	}
	return errors.Join(r.rows.Close(), r.container.Close())
}

func (r *parquetReader) Next() (Row, error) {
	if r.err != nil {
		return Row{}, r.err
	}
	err := r.next()
	if r.err = lasting(err); err != nil {
		return Row{}, err
	}
	return Row{Values: r.values, Line: r.row}, nil
}

func (r *parquetReader) next() (err error) {
	defer recovered(r.source, &err)
	if err := r.read(); err != nil {
		return err
	}
	row := r.ready[0]
	r.ready = r.ready[1:]
	r.row++
	if len(row) != len(r.columns) {
		return r.refuse("", countError(len(row), len(r.columns), "the file is damaged"))
	}
	var bad []*CellError
	for i, v := range row {
		if r.values[i], err = r.value(i, v); err != nil {
			bad = append(bad, r.refuse(r.columns[i], err))
		}
	}
	if bad != nil {
		return &RowError{Cells: bad}
	}
	return nil
}

func (r *parquetReader) value(i int, v parquet.Value) (Value, error) {
	if v.IsNull() {
		return Null(), nil
	}
	value, err := r.convert[i](v)
	if err == nil && r.json[i] && r.truths[i] {
		return jsonTruth(value), nil
	}
	return value, err
}

// jsonTruth is true or false as JSON has it.
func jsonTruth(v Value) Value {
	if v.Int() != 0 {
		return Text("true")
	}
	return Text("false")
}

func (r *parquetReader) refuse(column string, err error) *CellError {
	return &CellError{Source: r.source, Format: FormatParquet, Line: r.row, Column: column, Err: err}
}

// read sees to it that there is a row, or returns io.EOF.
func (r *parquetReader) read() error {
	for len(r.ready) == 0 {
		switch {
		case r.pending != nil && r.pending != io.EOF:
			return fmt.Errorf("read %s after row %d: %w", r.source, r.row, r.pending)
		case r.pending == io.EOF:
			if err := r.rows.Close(); err != nil {
				return fmt.Errorf("read %s: %w", r.source, err)
			}
			r.rows, r.pending = nil, nil
		case r.rows == nil && len(r.groups) == 0:
			return r.finish()
		case r.rows == nil:
			r.rows, r.groups = r.groups[0].Rows(), r.groups[1:]
		default:
			var n int
			n, r.pending = r.rows.ReadRows(r.batch)
			r.ready = r.batch[:n]
			if n == 0 && r.pending == nil {
				r.pending = io.ErrNoProgress
			}
		}
	}
	return nil
}

// finish is io.EOF, if all rows have come that the file says it has.
func (r *parquetReader) finish() error {
	if int64(r.row) != r.total {
		return fmt.Errorf("read %s: it has %d rows, and says that it has %d: the file is damaged", r.source, r.row, r.total)
	}
	return r.end()
}
