package rowsource

import (
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
)

// Kind is the type of a [Value].
type Kind uint8

// The zero Kind is KindNull, so the zero Value is NULL.
const (
	KindNull Kind = iota
	KindText
	KindInteger
	KindReal
	KindBlob
)

// Value is one field of a row. Values are equal (==) when they have the same
// kind and the same bits: Real(0) is not Real(-0).
type Value struct {
	kind Kind
	str  string
	num  uint64
}

// Null is the value that is not there.
func Null() Value { return Value{} }

// Text is a character string.
func Text(s string) Value { return Value{kind: KindText, str: s} }

// Integer is a whole number.
func Integer(i int64) Value { return Value{kind: KindInteger, num: uint64(i)} }

// Real is a floating point number.
func Real(f float64) Value { return Value{kind: KindReal, num: math.Float64bits(f)} }

// Blob is a string of bytes that is no text. The bytes are copied.
func Blob(b []byte) Value { return Value{kind: KindBlob, str: string(b)} }

// Kind says which of the accessors holds the value.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether there is no value.
func (v Value) IsNull() bool { return v.kind == KindNull }

// Str is the text, or the bytes of a blob; "" for all other kinds.
func (v Value) Str() string { return v.str }

// Int is the number of an integer; 0 for all other kinds.
func (v Value) Int() int64 {
	if v.kind != KindInteger {
		return 0
	}
	return int64(v.num)
}

// Float is the number of a real; 0 for all other kinds.
func (v Value) Float() float64 {
	if v.kind != KindReal {
		return 0
	}
	return math.Float64frombits(v.num)
}

const (
	shownRunes = 40
	shownBytes = shownRunes / 2 // a byte is shown as two hexadecimal digits
)

// String shows the value in a message: cut to a readable length, text in quotes
// and with its control characters escaped, so that a hostile value can neither
// flood nor repaint a terminal.
func (v Value) String() string {
	switch v.kind {
	case KindText:
		shown := firstRunes(v.str, shownRunes)
		return strconv.Quote(shown) + ellipsis(shown, v.str)
	case KindBlob:
		shown := v.str[:min(len(v.str), shownBytes)]
		return fmt.Sprintf("x'%X'", shown) + ellipsis(shown, v.str)
	case KindInteger:
		return strconv.FormatInt(v.Int(), 10)
	case KindReal:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	default:
		return "NULL"
	}
}

// chars is the number of characters that the value takes as text.
func (v Value) chars() int {
	switch v.kind {
	case KindText:
		return utf8.RuneCountInString(v.str)
	case KindBlob:
		return len(v.str)
	case KindInteger, KindReal:
		return len(v.String())
	default:
		return 0
	}
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

func ellipsis(shown, whole string) string {
	if len(shown) < len(whole) {
		return "…"
	}
	return ""
}
