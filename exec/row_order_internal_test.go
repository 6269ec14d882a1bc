package exec

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// ordered are the bytes for a row of one value.
func ordered(o rowOrder, v rowsource.Value) []byte {
	return o.append(nil, appendValue(nil, v))
}

func oneColumn(c orderedColumn) rowOrder {
	return rowOrder{columns: []orderedColumn{c}, places: []int{0}, values: make([][]byte, 1)}
}

func inOrder(t *testing.T, o rowOrder, values ...rowsource.Value) {
	t.Helper()
	for i := range values[1:] {
		if a, b := values[i], values[i+1]; bytes.Compare(ordered(o, a), ordered(o, b)) >= 0 {
			t.Errorf("%v %q does not sort before %v %q", a.Kind(), a.String(), b.Kind(), b.String())
		}
	}
}

func TestOrderOfNumbers(t *testing.T) {
	inOrder(t, oneColumn(orderedColumn{}), rowsource.Null(), rowsource.Real(math.Inf(-1)), rowsource.Real(-1e300), rowsource.Integer(math.MinInt64),
		rowsource.Integer(math.MinInt64+1), rowsource.Integer(-100), rowsource.Real(-99.5), rowsource.Integer(-9), rowsource.Real(-1.25), rowsource.Real(-1.2),
		rowsource.Integer(-1), rowsource.Real(-0.01), rowsource.Integer(0), rowsource.Real(5e-324), rowsource.Real(0.001), rowsource.Real(0.01),
		rowsource.Real(0.1), rowsource.Integer(1), rowsource.Real(1.5), rowsource.Integer(2), rowsource.Integer(10), rowsource.Integer(1<<60),
		rowsource.Integer(1<<60+1), rowsource.Integer(math.MaxInt64), rowsource.Real(1e19), rowsource.Real(math.Inf(1)), rowsource.Text(""), rowsource.Text("1"), rowsource.Blob(nil))
}

func TestOrderOfNumericTexts(t *testing.T) {
	var values []rowsource.Value
	for _, s := range strings.Fields("-Infinity -1e20 -10.5 -10.25 -2 -2.0 -0.5 0 0.00 1e-7 0.5 0.50 1 1.0 1.00 1.000000000000000000000000000001 2 10 10.0 1e1 1E+2 1234567890123456789012345678901234567890 Infinity NaN x") {
		values = append(values, rowsource.Text(s))
	}
	inOrder(t, oneColumn(orderedColumn{numbers: true}), values...)
	inOrder(t, oneColumn(orderedColumn{numbers: true}), rowsource.Null(), rowsource.Text("-1"), rowsource.Text("-"), rowsource.Text("."), rowsource.Text("1x"))
}

func TestOrderOfTexts(t *testing.T) {
	long := strings.Repeat("x", maxOrdered)
	inOrder(t, oneColumn(orderedColumn{}), rowsource.Text(""), rowsource.Text("\x00"), rowsource.Text("\x00\x01"), rowsource.Text("\x01"), rowsource.Text("c"), rowsource.Text("c\x00"),
		rowsource.Text("c "), rowsource.Text("cc"), rowsource.Text("\xff"), rowsource.Blob([]byte("")), rowsource.Blob([]byte("a")))
	inOrder(t, oneColumn(orderedColumn{}), rowsource.Text(long[1:]), rowsource.Text(long), rowsource.Text(long+"a"), rowsource.Text("y"))
	if bytes.Equal(ordered(oneColumn(orderedColumn{}), rowsource.Text(long+"a")), ordered(oneColumn(orderedColumn{}), rowsource.Text(long+"b"))) {
		t.Error("long texts that differ at their ends are the same")
	}
}

// TestSameOrder: values sort the same if and only if rowBytes takes them for the same.
func TestSameOrder(t *testing.T) {
	values := []rowsource.Value{rowsource.Null(), rowsource.Integer(0), rowsource.Real(0), rowsource.Real(math.Copysign(0, -1)), rowsource.Integer(1), rowsource.Real(1),
		rowsource.Text("1"), rowsource.Text("1.0"), rowsource.Blob([]byte("1")), rowsource.Integer(1 << 60), rowsource.Real(1 << 60), rowsource.Integer(1<<60 + 1),
		rowsource.Integer(math.MaxInt64), rowsource.Real(1 << 63), rowsource.Real(-1 << 63), rowsource.Integer(math.MinInt64), rowsource.Real(0.1), rowsource.Text("")}
	for _, c := range []orderedColumn{{}, {numbers: true}, {byValue: true}} {
		r := dialect.Reading{}
		if c.byValue {
			r.Typing = dialect.ByValue
		}
		compared := func(v rowsource.Value) string {
			b := &rowBytes{readings: []dialect.Reading{r}}
			b.value(r, v)
			return string(b.compared)
		}
		for _, v := range values {
			for _, w := range values {
				if same := bytes.Equal(ordered(oneColumn(c), v), ordered(oneColumn(c), w)); same != (compared(v) == compared(w)) {
					t.Errorf("%+v: %v %q and %v %q are the same in order: %v", c, v.Kind(), v.String(), w.Kind(), w.String(), same)
				}
			}
		}
	}
}
