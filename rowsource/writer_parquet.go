package rowsource

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"

	"github.com/parquet-go/parquet-go"
)

// parquetWriter keeps the rows in a temporary file until the end, since the type of a
// column stands before its values, and only they show it.
type parquetWriter struct {
	out     io.Writer
	columns []string
	json    places
	byValue places // the columns in which 1 and 1.0 differ
	declared
	types   []parquetType
	typed   []typedColumn
	whole   []Type // of the columns, once all rows are known
	rows    int64
	file    spilled
	kept    *bufio.Writer
	encoded []byte
}

// parquetType is what the values of a column have shown so far.
type parquetType struct {
	kind  Kind // KindNull: nothing yet
	large bool // there are whole numbers that floating point can't keep
}

func (p *parquetWriter) begin(columns []string, json places) (err error) {
	p.columns, p.json, p.types, p.typed = columns, json, make([]parquetType, len(columns)), make([]typedColumn, len(columns))
	for i := range p.typed {
		p.typed[i].declared = p.declared.of(i)
	}
	if p.file, err = newSpill(); err != nil {
		return fmt.Errorf("keep the rows in a temporary file: %w", err)
	}
	p.kept = bufio.NewWriterSize(p.file, chunkSize)
	return nil
}

func (p *parquetWriter) reads(_ int, v Value) Value { return v }

func (p *parquetWriter) add(column int, v Value) error {
	if err := p.types[column].meet(v, p.byValue.has(column)); err != nil {
		return err
	}
	p.typed[column].meet(v)
	p.encoded = append(p.encoded, byte(v.kind))
	switch v.kind {
	case KindNull:
	case KindText, KindBlob:
		p.encoded = append(binary.AppendUvarint(p.encoded, uint64(len(v.str))), v.str...)
	default:
		p.encoded = binary.BigEndian.AppendUint64(p.encoded, v.num)
	}
	return nil
}

// meet refuses a value that the column's type does not have. Whole numbers among others
// are floating point too, unless the column tells the two apart.
func (t *parquetType) meet(v Value, byValue bool) error {
	before := t.kind
	switch v.Kind() {
	case KindNull:
		return nil
	case KindText:
		if _, err := text(v.Str()); err != nil {
			return errNotUTF8
		}
	case KindReal:
		if !isFinite(v) {
			return errNoNumber
		}
	case KindInteger:
		t.large = t.large || v.Int() > 1<<53 || v.Int() < -1<<53
	case KindBlob:
	}
	numbers := before == KindInteger && v.Kind() == KindReal || before == KindReal && v.Kind() == KindInteger
	switch {
	case before == KindNull, before == v.Kind():
		t.kind = v.Kind()
	case numbers && !byValue:
		t.kind = KindReal
	default:
		return remedied("the values before it are of another type, and a column of Parquet has one; write JSON Lines", RemedyJSONLines)
	}
	if t.kind == KindReal && t.large {
		return remedied("the column has floating point numbers and whole numbers of more than 53 bits, and a column of Parquet has one type; write JSON Lines", RemedyJSONLines)
	}
	return nil
}

func (p *parquetWriter) endRow() error {
	p.rows++
	_, err := p.kept.Write(p.encoded)
	p.encoded = p.encoded[:0]
	return err
}

// parquetGroupSize is how many bytes of values are written as one group of rows.
const parquetGroupSize = 16 << 20

// end writes the file.
func (p *parquetWriter) end() (err error) {
	if p.kept == nil {
		return errors.New("write a Parquet file: no columns have been named")
	}
	defer p.file.Close()
	if err := p.kept.Flush(); err != nil {
		return err
	}
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	for i := range p.typed {
		p.whole = append(p.whole, p.typed[i].whole())
	}
	w := parquet.NewGenericWriter[any](p.out, p.schema(), parquet.Compression(&parquet.Snappy))
	in, row, size := bufio.NewReaderSize(p.file, chunkSize), make(parquet.Row, len(p.columns)), 0
	for range p.rows {
		for i := range p.columns {
			v, err := readSpilled(in)
			if err != nil {
				return fmt.Errorf("read the rows from a temporary file: %w", err)
			}
			size += len(v.str) + 8
			row[i] = p.value(i, v)
		}
		if _, err := w.WriteRows([]parquet.Row{row}); err != nil {
			return err
		}
		if size >= parquetGroupSize {
			if err := w.Flush(); err != nil {
				return err
			}
			size = 0
		}
	}
	return w.Close()
}

func readSpilled(in *bufio.Reader) (v Value, err error) {
	kind, err := in.ReadByte()
	if err != nil {
		return v, err
	}
	v.kind = Kind(kind)
	switch v.kind {
	case KindNull:
		return v, nil
	case KindText, KindBlob:
		n, err := binary.ReadUvarint(in)
		if err != nil {
			return v, err
		}
		b := make([]byte, n)
		_, err = io.ReadFull(in, b)
		v.str = string(b)
		return v, err
	default:
		var b [8]byte
		_, err = io.ReadFull(in, b[:])
		v.num = binary.BigEndian.Uint64(b[:])
		return v, err
	}
}

func (p *parquetWriter) value(column int, v Value) parquet.Value {
	switch {
	case v.kind == KindNull:
		return parquet.NullValue().Level(0, 0, column)
	case p.whole[column].Kind != TypeText:
		return parquetValue(p.whole[column], v).Level(0, 1, column)
	case v.kind == KindInteger && p.types[column].kind == KindReal:
		return parquet.DoubleValue(float64(v.Int())).Level(0, 1, column)
	case v.kind == KindInteger:
		return parquet.Int64Value(v.Int()).Level(0, 1, column)
	case v.kind == KindReal:
		return parquet.DoubleValue(math.Float64frombits(v.num)).Level(0, 1, column)
	default:
		return parquet.ByteArrayValue([]byte(v.str)).Level(0, 1, column)
	}
}

func (p *parquetWriter) schema() *parquet.Schema {
	var fields []parquet.Field
	for i, name := range p.columns {
		fields = append(fields, orderedField{parquet.Optional(p.node(i)), name})
	}
	return parquet.NewSchema("rows", orderedGroup{parquet.Group{}, fields})
}

// node is the type of a column.
func (p *parquetWriter) node(column int) parquet.Node {
	if of := p.whole[column]; of.Kind != TypeText {
		return parquetNode(of)
	}
	switch p.types[column].kind {
	case KindInteger:
		return parquet.Int(64)
	case KindReal:
		return parquet.Leaf(parquet.DoubleType)
	case KindBlob:
		return parquet.Leaf(parquet.ByteArrayType)
	default:
		if p.json.has(column) {
			return parquet.JSON()
		}
		return parquet.String()
	}
}

// orderedGroup is a group whose fields keep their order; the library's sorts them.
type orderedGroup struct {
	parquet.Group
	fields []parquet.Field
}

func (g orderedGroup) Fields() []parquet.Field { return g.fields }

type orderedField struct {
	parquet.Node
	name string
}

func (f orderedField) Name() string { return f.name }

func (f orderedField) Value(base reflect.Value) reflect.Value {
	return base.MapIndex(reflect.ValueOf(f.name))
}
