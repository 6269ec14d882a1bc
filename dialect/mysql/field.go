package mysql

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// field converts a column's values to what is sent. LOAD DATA, INSERT and scripts all
// send the same text or bytes, so all of them store the same.
type field struct {
	columnType
	form fieldForm
}

// fieldForm is the form in which the values of a column are sent.
type fieldForm int

const (
	asText fieldForm = iota
	// asHex is for bytes that are not UTF-8: LOAD DATA reads all columns of a file in one
	// character set.
	asHex
	// asBits is for BIT, where the text "5" would mean the bits of the character 5.
	asBits
	// asNumber is for a column that the database numbers. It is sent as text, through a
	// variable: see rowText.loadData.
	asNumber
)

func (Dialect) field(c dialect.Column) field {
	f := field{columnType: parseType(c.Type)}
	switch {
	case f.family() == familyBit:
		f.form = asBits
	case f.family() == familyBinary, f.family() == familyGeometry, f.base == "vector":
		f.form = asHex
	case c.Assigned:
		f.form = asNumber
	}
	return f
}

// readable converts bytes to text if the column holds text.
func (f field) readable(v rowsource.Value) (rowsource.Value, error) {
	if v.Kind() != rowsource.KindBlob || f.form == asHex || f.form == asBits {
		return v, nil
	}
	if !utf8.ValidString(v.Str()) {
		return v, errors.New("the column holds text, and the bytes are not UTF-8")
	}
	return rowsource.Text(v.Str()), nil
}

// sent is what is sent for a value: a text, or bytes for a column asHex.
func (f field) sent(v rowsource.Value) (rowsource.Value, error) {
	v, err := f.readable(v)
	if err != nil || v.IsNull() {
		return v, err
	}
	switch {
	case f.form == asBits:
		return bits(v)
	case f.form == asHex:
		return rowsource.Blob([]byte(plain(v))), nil
	case f.family() == familyYear && v.Kind() == rowsource.KindInteger:
		return rowsource.Text(fmt.Sprintf("%04d", v.Int())), nil // "0" would be the year 2000
	case f.family() == familyDate || f.family() == familyTime:
		return rowsource.Text(f.cutZeros(plain(v))), nil
	default:
		return rowsource.Text(plain(v)), nil
	}
}

// cutZeros drops zeros for which the column has no place, and about which the servers
// would warn: a DATE's time of day, and surplus digits of a fraction of a second.
func (f field) cutZeros(s string) string {
	if f.base == "date" {
		return timeOfDay.ReplaceAllString(s, "")
	}
	point := strings.LastIndexByte(s, '.')
	if point < 0 {
		return s
	}
	places := min(f.arg(0, 0), len(s)-point-1)
	if strings.Trim(s[point+1+places:], "0") != "" {
		return s
	}
	return strings.TrimSuffix(s[:point+1+places], ".")
}

// bits is the number for a BIT column, in decimal digits.
func bits(v rowsource.Value) (rowsource.Value, error) {
	var digits string
	switch v.Kind() {
	case rowsource.KindReal:
		digits = strconv.FormatFloat(v.Float(), 'f', -1, 64)
	case rowsource.KindBlob:
		b := strings.TrimLeft(plain(v), "\x00")
		if len(b) > 8 {
			return v, errors.New("has more than 64 bits")
		}
		var n uint64
		for i := range len(b) {
			n = n<<8 | uint64(b[i])
		}
		digits = strconv.FormatUint(n, 10)
	default:
		digits = plain(v)
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return v, errors.New("is no whole number in decimal digits from 0 on")
	}
	return rowsource.Text(strconv.FormatUint(n, 10)), nil
}

// plain is a value's text or its bytes.
func plain(v rowsource.Value) string {
	switch v.Kind() {
	case rowsource.KindInteger, rowsource.KindReal:
		return v.String()
	default:
		return v.Str()
	}
}

// literal is the literal for a value as sent.
func (f field) literal(sent rowsource.Value, write func(rowsource.Value) string) string {
	if f.form == asBits && !sent.IsNull() {
		return sent.Str()
	}
	return write(sent)
}

// ColumnLiteral writes what LOAD DATA would send.
func (d Dialect) ColumnLiteral(c dialect.Column) func(rowsource.Value) string {
	return d.field(c).literals(d.Literal)
}

// literals writes literals. The checker rejects a value that cannot be sent; if one gets
// here, the server rejects it.
func (f field) literals(write func(rowsource.Value) string) func(rowsource.Value) string {
	return func(v rowsource.Value) string {
		sent, err := f.sent(v)
		if err != nil {
			return write(v)
		}
		return f.literal(sent, write)
	}
}
