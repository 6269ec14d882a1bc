package exec

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"strconv"

	"github.com/tablesnap/tablesnap/dialect"
)

// rowOrder writes bytes that sort as rows do: by the key, and then by all values, so that the
// order is always the same. Two rows have the same bytes if and only if the database takes
// all their values for the same.
type rowOrder struct {
	columns   []orderedColumn
	places    []int // of the columns, those of the key first
	nullsLast bool
	values    [][]byte // of a row, by column
	digits    []byte
}

type orderedColumn struct {
	// numbers states that the texts are numbers.
	numbers bool
	// byValue states that 1 and 1.0 are not the same.
	byValue bool
}

func (c comparison) newRowOrder(key []int) rowOrder {
	o := rowOrder{nullsLast: c.backend.Facts().NullsLast, values: make([][]byte, len(c.after))}
	inKey := make(map[int]bool)
	for _, k := range key {
		if !inKey[k] {
			inKey[k], o.places = true, append(o.places, k)
		}
	}
	for i, r := range c.after {
		o.columns = append(o.columns, orderedColumn{numbers: r.Whole || c.before[i].Order != "" && r.Order != "", byValue: r.Typing == dialect.ByValue})
		if !inKey[i] {
			o.places = append(o.places, i)
		}
	}
	return o
}

// The ranks of values of several kinds in one column.
const (
	rankFirstNull = iota
	rankNumber
	rankText
	rankBlob
	rankLastNull
)

// append appends the bytes for a row that was kept.
func (o *rowOrder) append(b, kept []byte) []byte {
	for i := range o.values {
		size := sizeOfValue(kept)
		o.values[i], kept = kept[:size], kept[size:]
	}
	for _, i := range o.places {
		b = o.value(b, o.columns[i], o.values[i])
	}
	return b
}

func (o *rowOrder) value(b []byte, c orderedColumn, value []byte) []byte {
	kind, content := value[0], value[1:]
	switch kind {
	case byteNull:
		if o.nullsLast {
			return append(b, rankLastNull)
		}
		return append(b, rankFirstNull)
	case byteInt, byteReal:
		b, _ = o.number(append(b, rankNumber), numberText(kind, binary.LittleEndian.Uint64(content)))
		if c.byValue {
			return append(b, kind)
		}
		return append(b, 0)
	}
	_, size := binary.Uvarint(content)
	content = content[size:]
	if kind == byteBlob {
		return appendOrdered(append(b, rankBlob), content)
	}
	if c.numbers {
		if numbered, ok := o.number(append(b, rankNumber), content); ok {
			return appendOrdered(append(numbered, kind), content) // 1.0 is not 1.00
		}
	}
	return appendOrdered(append(b, rankText), content)
}

func numberText(kind byte, bits uint64) []byte {
	var text [32]byte
	if kind == byteInt {
		return strconv.AppendInt(text[:0], int64(bits), 10)
	}
	v := math.Float64frombits(bits)
	if isWhole(v) {
		return strconv.AppendInt(text[:0], int64(v), 10)
	}
	return strconv.AppendFloat(text[:0], v, 'g', -1, 64)
}

// maxOrdered is how many bytes of a text decide about its order. After these comes a hash.
const maxOrdered = 1024

// appendOrdered appends a text, and an end that sorts before whatever may follow.
func appendOrdered(b, text []byte) []byte {
	whole := text
	text = text[:min(len(text), maxOrdered)]
	for {
		at := bytes.IndexByte(text, 0)
		if at < 0 {
			break
		}
		b = append(append(b, text[:at]...), 0, 0xff)
		text = text[at+1:]
	}
	b = append(b, text...)
	if len(whole) <= maxOrdered {
		return append(b, 0, 1)
	}
	hash := sha256.Sum256(whole)
	return append(append(b, 0, 2), hash[:]...)
}

// The kinds of numbers, in their order.
const (
	numberLeast = iota
	numberNegative
	numberZero
	numberPositive
	numberGreatest
	numberNone
)

// number appends a number that is written as text, or returns false if it is none.
func (o *rowOrder) number(b, text []byte) ([]byte, bool) {
	switch string(text) {
	case "-Infinity", "-Inf":
		return append(b, numberLeast), true
	case "Infinity", "+Inf":
		return append(b, numberGreatest), true
	case "NaN":
		return append(b, numberNone), true
	}
	unsigned, negative := bytes.CutPrefix(text, []byte("-"))
	exponent, ok := o.parse(unsigned)
	switch {
	case !ok:
		return b, false
	case len(o.digits) == 0:
		return append(b, numberZero), true
	case !negative:
		return o.decimal(append(b, numberPositive), exponent), true
	}
	start := len(b) + 1
	b = o.decimal(append(b, numberNegative), exponent)
	for i := range b[start:] {
		b[start+i] ^= 0xff
	}
	return b, true
}

// decimal appends the number 0.DIGITS × 10^exponent.
func (o *rowOrder) decimal(b []byte, exponent int) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(exponent+1<<31))
	return append(append(b, o.digits...), 0)
}

// parse finds the exponent and the digits of a number without its sign: no zeros are at
// their start or their end.
func (o *rowOrder) parse(text []byte) (exponent int, ok bool) {
	o.digits = o.digits[:0]
	fraction := false
	for i, c := range text {
		switch {
		case c == '.' && !fraction:
			fraction = true
		case c == '0' && len(o.digits) == 0:
			ok = true
			if fraction {
				exponent--
			}
		case '0' <= c && c <= '9':
			ok = true
			o.digits = append(o.digits, c)
			if !fraction {
				exponent++
			}
		case c == 'e' || c == 'E':
			n, err := strconv.Atoi(string(text[i+1:]))
			o.digits = bytes.TrimRight(o.digits, "0")
			return exponent + n, ok && err == nil
		default:
			return 0, false
		}
	}
	o.digits = bytes.TrimRight(o.digits, "0")
	return exponent, ok
}
