package rowsource

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
)

// parquetFile has a column v of the type, with the values.
func parquetFile(t testing.TB, node parquet.Node, values ...parquet.Value) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[any](&out, parquet.NewSchema("t", parquet.Group{"v": node}))
	for _, v := range values {
		level := 1
		if v.IsNull() || !node.Optional() {
			level = 0
		}
		if _, err := w.WriteRows([]parquet.Row{{v.Level(0, level, 0)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestParquetTypes(t *testing.T) {
	moment := time.Date(2024, 1, 30, 12, 34, 56, 789012345, time.UTC)
	for _, test := range []struct {
		name  string
		node  parquet.Node
		value parquet.Value
		want  Value
		says  string
	}{
		{name: "boolean", node: parquet.Leaf(parquet.BooleanType), value: parquet.BooleanValue(true), want: Integer(1)},
		{name: "8 bits", node: parquet.Int(8), value: parquet.Int32Value(-7), want: Integer(-7)},
		{name: "32 bits without a sign", node: parquet.Uint(32), value: parquet.Int32Value(-1), want: Integer(math.MaxUint32)},
		{name: "64 bits", node: parquet.Int(64), value: parquet.Int64Value(math.MinInt64), want: Integer(math.MinInt64)},
		{name: "64 bits without a sign", node: parquet.Uint(64), value: parquet.Int64Value(-1), want: Text("18446744073709551615")},
		{name: "float", node: parquet.Leaf(parquet.FloatType), value: parquet.FloatValue(0.5), want: Real(0.5)},
		{name: "double", node: parquet.Leaf(parquet.DoubleType), value: parquet.DoubleValue(1e300), want: Real(1e300)},
		{name: "no number", node: parquet.Leaf(parquet.DoubleType), value: parquet.DoubleValue(math.NaN()), says: "column \"v\": value NaN"},
		{name: "text", node: parquet.String(), value: parquet.ByteArrayValue([]byte("007 é")), want: Text("007 é")},
		{name: "no text", node: parquet.String(), value: parquet.ByteArrayValue([]byte("\xff")), says: "row 1, column \"v\""},
		{name: "enumeration", node: parquet.Enum(), value: parquet.ByteArrayValue([]byte("a")), want: Text("a")},
		{name: "JSON", node: parquet.JSON(), value: parquet.ByteArrayValue([]byte(`{"a":1}`)), want: Text(`{"a":1}`)},
		{name: "bytes", node: parquet.Leaf(parquet.ByteArrayType), value: parquet.ByteArrayValue([]byte("\xff")), want: Blob([]byte("\xff"))},
		{name: "UUID", node: parquet.UUID(), value: parquet.FixedLenByteArrayValue([]byte("0123456789abcdef")), want: Text("30313233-3435-3637-3839-616263646566")},
		{name: "decimal of 32 bits", node: parquet.Decimal(2, 9, parquet.Int32Type), value: parquet.Int32Value(-5), want: Text("-0.05")},
		{name: "decimal of 64 bits", node: parquet.Decimal(4, 18, parquet.Int64Type), value: parquet.Int64Value(123450000), want: Text("12345.0000")},
		{name: "decimal of many digits", node: parquet.Decimal(2, 38, parquet.FixedLenByteArrayType(16)), value: parquet.FixedLenByteArrayValue(append(bytes.Repeat([]byte{0xff}, 15), 0x9c)), want: Text("-1.00")},
		{name: "date", node: parquet.Date(), value: parquet.Int32Value(19752), want: Text("2024-01-30")},
		{name: "date before 1970", node: parquet.Date(), value: parquet.Int32Value(-1), want: Text("1969-12-31")},
		{name: "date of no calendar", node: parquet.Date(), value: parquet.Int32Value(math.MaxInt32), says: "a year without four digits"},
		{name: "time", node: parquet.Time(parquet.Microsecond), value: parquet.Int64Value(45_296_789_012), want: Text("12:34:56.789012")},
		{name: "time in milliseconds", node: parquet.Time(parquet.Millisecond), value: parquet.Int32Value(45_296_789), want: Text("12:34:56.789")},
		{name: "timestamp in milliseconds", node: parquet.Timestamp(parquet.Millisecond), value: parquet.Int64Value(moment.UnixMilli()), want: Text("2024-01-30 12:34:56.789")},
		{name: "timestamp in microseconds, local", node: parquet.TimestampAdjusted(parquet.Microsecond, false), value: parquet.Int64Value(moment.UnixMicro()), want: Text("2024-01-30 12:34:56.789012")},
		{name: "timestamp in nanoseconds", node: parquet.Timestamp(parquet.Nanosecond), value: parquet.Int64Value(moment.UnixNano()), want: Text("2024-01-30 12:34:56.789012345")},
		{name: "timestamp before 1970", node: parquet.Timestamp(parquet.Millisecond), value: parquet.Int64Value(-1), want: Text("1969-12-31 23:59:59.999")},
		{name: "timestamp of Impala", node: parquet.Leaf(parquet.Int96Type), value: parquet.Int96Value(deprecated.Int96{1000, 0, 2440588 + 19752}), want: Text("2024-01-30 00:00:00.000001")},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, node := range []parquet.Node{test.node, parquet.Optional(test.node), parquet.Encoded(parquet.Optional(test.node), &parquet.Plain)} {
				values, want := []parquet.Value{test.value}, [][]Value{{test.want}}
				if node.Optional() {
					values, want = append(values, parquet.NullValue(), test.value), append(want, []Value{Null()}, []Value{test.want})
				}
				got, err := readAll(Bytes(parquetFile(t, node, values...), Options{Name: "x.parquet"}))
				if !strings.Contains(message(err), test.says) || (err == nil) != (test.says == "") {
					t.Fatalf("got %v, want %q", err, test.says)
				}
				if diff := cmp.Diff(want, got.Rows, sameValue); err == nil && diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestParquetNested(t *testing.T) {
	text := parquet.String()
	for name, test := range map[string]struct {
		node parquet.Node
		says string
	}{
		"group": {parquet.Group{"a": text}, `the column "v" has columns in it`},
		"list":  {parquet.List(text), `the column "v" has columns in it`},
		"map":   {parquet.Map(text, text), `the column "v" has columns in it`},
		"array": {parquet.Repeated(text), `the column "v" has a list in each row`},
		"bson":  {parquet.BSON(), `the column "v" is of the Parquet type BSON`},
	} {
		_, err := readAll(Bytes(parquetFile(t, test.node), Options{Name: "x.parquet"}))
		if !strings.Contains(message(err), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParquetTruthsInJSON(t *testing.T) {
	r, err := Bytes(parquetFile(t, parquet.Leaf(parquet.BooleanType), parquet.BooleanValue(false)), Options{Name: "x.parquet"}).Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.KeepJSON([]int{0})
	if row, err := r.Next(); err != nil || row.Values[0] != Text("false") {
		t.Error(row, err)
	}
}

func TestParquetDamaged(t *testing.T) {
	var values []parquet.Value
	for i := range 5000 {
		values = append(values, parquet.ByteArrayValue([]byte(strings.Repeat("x", i%30))))
	}
	whole := parquetFile(t, parquet.Optional(parquet.String()), values...)
	want, err := readAll(Bytes(whole, Options{Name: "x.parquet"}))
	if err != nil || len(want.Rows) != len(values) {
		t.Fatal(err, len(want.Rows))
	}
	for _, size := range []int{0, 3, 4, 8, 100, len(whole) - 1} {
		if _, err := readAll(Bytes(whole[:size], Options{Name: "x.parquet"})); err == nil {
			t.Errorf("%d of %d bytes are accepted", size, len(whole))
		}
	}
}

// TestParquetFooterIsInTheFile has a file say that its footer is larger than memory.
func TestParquetFooterIsInTheFile(t *testing.T) {
	for _, end := range []string{"\xff\xff\xff\xffPAR1", "\x10\x00\x00\x00PAR1"} {
		_, err := readAll(Bytes([]byte("PAR1"+end), Options{Name: "x.parquet"}))
		if !strings.Contains(message(err), "its footer would have") || !strings.Contains(message(err), "and the file has 12: it may be cut off") {
			t.Error(err)
		}
	}
}

func FuzzParquet(f *testing.F) {
	f.Add(parquetFile(f, parquet.Optional(parquet.String()), parquet.ByteArrayValue([]byte("a")), parquet.NullValue()))
	f.Add(parquetFile(f, parquet.Int(64), parquet.Int64Value(1)))
	f.Fuzz(func(_ *testing.T, content []byte) {
		_, _ = readAll(Bytes(content, Options{Name: "x.parquet"}))
	})
}
