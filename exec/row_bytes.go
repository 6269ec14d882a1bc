package exec

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// rowBytes writes rows as bytes: kept holds the values as they are. Compared is the same for
// two rows if and only if the database takes all their values for the same.
type rowBytes struct {
	readings []dialect.Reading
	// loads states that one side is a file. Its texts are those that a load would send,
	// so that a whole number is the same as its text.
	loads          bool
	kept, compared []byte
}

// The first byte of a value is that of its kind, as [rowsource.Kind] numbers them.
const (
	byteNull = byte(rowsource.KindNull)
	byteText = byte(rowsource.KindText)
	byteInt  = byte(rowsource.KindInteger)
	byteReal = byte(rowsource.KindReal)
	byteBlob = byte(rowsource.KindBlob)
)

func (b *rowBytes) reset() { b.kept, b.compared = b.kept[:0], b.compared[:0] }

// into are destinations for the columns of a row.
func (b *rowBytes) into() []any {
	into := make([]any, len(b.readings))
	for i := range into {
		into[i] = columnBytes{b, i}
	}
	return into
}

// columnBytes is a destination for the values of one column. It does not copy them first, as
// database/sql would.
type columnBytes struct {
	row    *rowBytes
	column int
}

// Scan appends a value to the row.
func (c columnBytes) Scan(v any) error {
	r := c.row.readings[c.column]
	switch v := v.(type) {
	case nil:
		c.row.null()
	case string:
		c.row.kept, c.row.compared = appendString(c.row.kept, byteText, v), appendString(c.row.compared, byteText, v)
	case []byte:
		kind := byte(r.Bytes)
		c.row.kept, c.row.compared = appendString(c.row.kept, kind, v), appendString(c.row.compared, kind, v)
	case int64:
		c.row.whole(r, v)
	case float64:
		c.row.real(r, v)
	default:
		_, err := valueOf(v, r)
		return err
	}
	return nil
}

// value appends a value of the driver or of a file.
func (b *rowBytes) value(r dialect.Reading, v rowsource.Value) {
	switch v.Kind() {
	case rowsource.KindInteger:
		b.whole(r, v.Int())
	case rowsource.KindReal:
		b.real(r, v.Float())
	default:
		b.kept, b.compared = appendValue(b.kept, v), appendValue(b.compared, v)
	}
}

func (b *rowBytes) null() {
	b.kept, b.compared = append(b.kept, byteNull), append(b.compared, byteNull)
}

func (b *rowBytes) whole(r dialect.Reading, v int64) {
	b.kept = appendNumber(b.kept, byteInt, uint64(v))
	if b.loads && r.Typing != dialect.ByValue {
		var digits [20]byte
		b.compared = appendString(b.compared, byteText, strconv.AppendInt(digits[:0], v, 10))
		return
	}
	b.compared = appendNumber(b.compared, byteInt, uint64(v))
}

// real compares 1.0 as 1, which databases take for the same unless each value has a type.
func (b *rowBytes) real(r dialect.Reading, v float64) {
	b.kept = appendNumber(b.kept, byteReal, math.Float64bits(v))
	switch {
	case isWhole(v) && !b.loads && r.Typing != dialect.ByValue:
		b.compared = appendNumber(b.compared, byteInt, uint64(int64(v)))
	case v == 0: // or -0, which is the same
		b.compared = appendNumber(b.compared, byteReal, 0)
	default:
		b.compared = appendNumber(b.compared, byteReal, math.Float64bits(v))
	}
}

func isWhole(v float64) bool {
	return v == math.Trunc(v) && v >= math.MinInt64 && v < math.MaxInt64
}

func appendNumber(b []byte, kind byte, bits uint64) []byte {
	return binary.LittleEndian.AppendUint64(append(b, kind), bits)
}

func appendString[T string | []byte](b []byte, kind byte, v T) []byte {
	return append(binary.AppendUvarint(append(b, kind), uint64(len(v))), v...)
}

func appendValue(b []byte, v rowsource.Value) []byte {
	switch v.Kind() {
	case rowsource.KindText, rowsource.KindBlob:
		return appendString(b, byte(v.Kind()), v.Str())
	case rowsource.KindInteger:
		return appendNumber(b, byteInt, uint64(v.Int()))
	case rowsource.KindReal:
		return appendNumber(b, byteReal, math.Float64bits(v.Float()))
	default:
		return append(b, byteNull)
	}
}

// rowOf reads the values from what was kept of a row.
func rowOf(kept []byte, readings []dialect.Reading) []rowsource.Value {
	values := make([]rowsource.Value, len(readings))
	for i, r := range readings {
		values[i], kept = valueOfBytes(kept)
		if values[i].Kind() == rowsource.KindText {
			values[i] = textOf(values[i].Str(), r)
		}
	}
	return values
}

// sizeOfValue is the number of bytes of the first value in what was kept of a row.
func sizeOfValue(kept []byte) int {
	switch kept[0] {
	case byteNull:
		return 1
	case byteInt, byteReal:
		return 1 + 8
	default:
		size, n := binary.Uvarint(kept[1:])
		return 1 + n + int(size)
	}
}

// valueOfBytes reads one value, and returns the bytes after it.
func valueOfBytes(b []byte) (rowsource.Value, []byte) {
	kind, b := b[0], b[1:]
	switch kind {
	case byteNull:
		return rowsource.Null(), b
	case byteInt:
		return rowsource.Integer(int64(binary.LittleEndian.Uint64(b))), b[8:]
	case byteReal:
		return rowsource.Real(math.Float64frombits(binary.LittleEndian.Uint64(b))), b[8:]
	case byteText, byteBlob:
		size, n := binary.Uvarint(b)
		b = b[n:]
		if kind == byteText {
			return rowsource.Text(string(b[:size])), b[size:]
		}
		return rowsource.Blob(b[:size]), b[size:]
	default:
		panic(fmt.Sprintf("a row has a value of the kind %d", kind))
	}
}
