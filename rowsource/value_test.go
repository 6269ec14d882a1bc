package rowsource

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"unsafe"
)

func TestValue(t *testing.T) {
	if (Value{}) != Null() || !Null().IsNull() || Text("").IsNull() {
		t.Error("the zero Value, and it alone, is NULL")
	}
	if Text("1") == Blob([]byte("1")) || Integer(1) == Real(1) || Real(0) == Real(math.Copysign(0, -1)) {
		t.Error("values of different kinds or bits are equal")
	}
	if v := Integer(math.MinInt64); v.Int() != math.MinInt64 || v.Float() != 0 || v.Str() != "" || v.Kind() != KindInteger {
		t.Errorf("integer: %#v", v)
	}
	if v := Real(0.1); v.Float() != 0.1 || v.Int() != 0 || v.Kind() != KindReal {
		t.Errorf("real: %#v", v)
	}
	if v := Blob([]byte{0, 0xFF}); v.Str() != "\x00\xFF" || v.Kind() != KindBlob {
		t.Errorf("blob: %#v", v)
	}
	if size := unsafe.Sizeof(Value{}); size > 32 {
		t.Errorf("a Value takes %d bytes", size)
	}
}

func TestValueString(t *testing.T) {
	tests := []struct {
		value Value
		want  string
		chars int
	}{
		{Null(), "NULL", 0},
		{Text(""), `""`, 0},
		{Text("NULL"), `"NULL"`, 4},
		{Text("a\r\n\x1b[31m\u202e\"é"), `"a\r\n\x1b[31m\u202e\"é"`, 11},
		{Text(strings.Repeat("é", 40)), `"` + strings.Repeat("é", 40) + `"`, 40},
		{Text(strings.Repeat("é", 41)), `"` + strings.Repeat("é", 40) + `"…`, 41},
		{Integer(-7), "-7", 2},
		{Real(0.1), "0.1", 3},
		{Real(1e300), "1e+300", 6},
		{Blob([]byte{0, 0xAB}), "x'00AB'", 2},
		{Blob(make([]byte, 21)), "x'" + strings.Repeat("00", 20) + "'…", 21},
	}
	for _, test := range tests {
		if got := test.value.String(); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
		if got := test.value.chars(); got != test.chars {
			t.Errorf("%s takes %d characters, want %d", test.want, got, test.chars)
		}
	}
}

func TestCellError(t *testing.T) {
	err := &CellError{Source: "prices.csv", Line: 12, Column: "price", Value: Text("12,x").String(), Err: io.ErrUnexpectedEOF}
	if got, want := err.Error(), `prices.csv line 12, column "price": value "12,x": unexpected EOF`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("the cause can't be found")
	}
	whole := &CellError{Source: "prices", Format: FormatGo, Line: 3, Err: errors.New("no")}
	if got, want := whole.Error(), "prices row 3: no"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
