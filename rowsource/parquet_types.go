package rowsource

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

type fromParquet = func(parquet.Value) (Value, error)

// parquetColumn returns how the values of a column are read.
func parquetColumn(e format.SchemaElement) (fromParquet, error) {
	if e.NumChildren.V > 0 || !e.Type.Valid {
		return nil, errors.New("has columns in it, and a table has none: choose the columns to keep where the file is written")
	}
	if e.RepetitionType.Valid && e.RepetitionType.V == format.Repeated {
		return nil, errors.New("has a list in each row, and a table has none: leave the column out where the file is written")
	}
	switch logical := e.LogicalType.Value.(type) {
	case *format.DecimalType:
		return parquetDecimal(e.Type.V, logical.Scale)
	case *format.DateType:
		return parquetDate, nil
	case *format.TimeType:
		return parquetTime(logical.Unit.Value)
	case *format.TimestampType:
		return parquetTimestamp(logical.Unit.Value)
	case *format.IntType:
		return parquetInteger(e.Type.V, logical.IsSigned), nil
	case *format.StringType, *format.EnumType, *format.JsonType:
		return parquetText, nil
	case *format.UUIDType:
		return parquetUUID, nil
	case *format.NullType:
		return parquetNothing, nil
	case nil:
		return convertedColumn(e)
	default:
		return nil, fmt.Errorf("is of the Parquet type %s, which no column of a table keeps: convert it where the file is written", logical)
	}
}

// convertedColumn serves older files, which name types in another way.
func convertedColumn(e format.SchemaElement) (fromParquet, error) {
	if !e.ConvertedType.Valid {
		return physicalColumn(e)
	}
	switch t := e.ConvertedType.V; t {
	case deprecated.UTF8, deprecated.Enum, deprecated.Json:
		return parquetText, nil
	case deprecated.Decimal:
		return parquetDecimal(e.Type.V, e.Scale.V)
	case deprecated.Date:
		return parquetDate, nil
	case deprecated.TimeMillis:
		return parquetTime(&format.MilliSeconds{})
	case deprecated.TimeMicros:
		return parquetTime(&format.MicroSeconds{})
	case deprecated.TimestampMillis:
		return parquetTimestamp(&format.MilliSeconds{})
	case deprecated.TimestampMicros:
		return parquetTimestamp(&format.MicroSeconds{})
	case deprecated.Int8, deprecated.Int16, deprecated.Int32, deprecated.Int64:
		return parquetInteger(e.Type.V, true), nil
	case deprecated.Uint8, deprecated.Uint16, deprecated.Uint32, deprecated.Uint64:
		return parquetInteger(e.Type.V, false), nil
	default:
		return nil, fmt.Errorf("is of the Parquet type %v, which no column of a table keeps: convert it where the file is written", t)
	}
}

func physicalColumn(e format.SchemaElement) (fromParquet, error) {
	switch t := e.Type.V; t {
	case format.Boolean:
		return func(v parquet.Value) (Value, error) { return truth(v.Boolean()), nil }, nil
	case format.Int32, format.Int64:
		return parquetInteger(t, true), nil
	case format.Int96:
		return parquetInt96, nil
	case format.Float:
		return func(v parquet.Value) (Value, error) { return realNumber(float64(v.Float())) }, nil
	case format.Double:
		return func(v parquet.Value) (Value, error) { return realNumber(v.Double()) }, nil
	case format.ByteArray, format.FixedLenByteArray:
		return func(v parquet.Value) (Value, error) { return Blob(v.ByteArray()), nil }, nil
	default:
		return nil, fmt.Errorf("is of the Parquet type %s, which can't be read", t)
	}
}

func parquetText(v parquet.Value) (Value, error) { return text(string(v.ByteArray())) }

func parquetNothing(v parquet.Value) (Value, error) {
	return Value{}, errors.New("there is a value in a column whose type is that of columns without values")
}

func parquetUUID(v parquet.Value) (Value, error) {
	id, err := uuid.FromBytes(v.ByteArray())
	return Text(id.String()), err
}

func parquetInteger(t format.Type, signed bool) fromParquet {
	switch {
	case t == format.Int32 && signed:
		return func(v parquet.Value) (Value, error) { return Integer(int64(v.Int32())), nil }
	case t == format.Int32:
		return func(v parquet.Value) (Value, error) { return Integer(int64(v.Uint32())), nil }
	case signed:
		return func(v parquet.Value) (Value, error) { return Integer(v.Int64()), nil }
	}
	return func(v parquet.Value) (Value, error) {
		if n := v.Uint64(); n > math.MaxInt64 {
			return Text(strconv.FormatUint(n, 10)), nil
		}
		return Integer(v.Int64()), nil
	}
}

// parquetDecimal writes all digits of the scale.
func parquetDecimal(t format.Type, scale int32) (fromParquet, error) {
	const mostDigits = 1000 // of any database
	if scale < 0 || scale > mostDigits {
		return nil, fmt.Errorf("has decimals of the scale %d", scale)
	}
	switch t {
	case format.Int32:
		return func(v parquet.Value) (Value, error) {
			return Text(decimalText(big.NewInt(int64(v.Int32())), int(scale))), nil
		}, nil
	case format.Int64:
		return func(v parquet.Value) (Value, error) { return Text(decimalText(big.NewInt(v.Int64()), int(scale))), nil }, nil
	case format.ByteArray, format.FixedLenByteArray:
		return func(v parquet.Value) (Value, error) {
			if len(v.ByteArray()) > mostDigits {
				return Value{}, errors.New("the decimal has more digits than any column keeps")
			}
			return Text(decimalText(signedInteger(v.ByteArray()), int(scale))), nil
		}, nil
	default:
		return nil, fmt.Errorf("has decimals as %s, which the format does not allow", t)
	}
}

// signedInteger reads a number in two's complement, the highest byte first.
func signedInteger(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}

func decimalText(n *big.Int, scale int) string {
	digits := new(big.Int).Abs(n).String()
	if scale > 0 {
		if missing := scale + 1 - len(digits); missing > 0 {
			digits = strings.Repeat("0", missing) + digits
		}
		digits = digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	if n.Sign() < 0 {
		return "-" + digits
	}
	return digits
}

func parquetDate(v parquet.Value) (Value, error) {
	t := time.Unix(0, 0).UTC().AddDate(0, 0, int(v.Int32()))
	if t.Year() < 1 || t.Year() > 9999 {
		return Value{}, fmt.Errorf("the date of day %d has a year without four digits", v.Int32())
	}
	return Text(t.Format(time.DateOnly)), nil
}

var errTimeUnit = errors.New("has times in a unit that is not known")

func parquetTime(u format.TimeUnitValue) (fromParquet, error) {
	if u == nil {
		return nil, errTimeUnit
	}
	return func(v parquet.Value) (Value, error) {
		n := v.Int64()
		if u.Duration() == time.Millisecond {
			n = int64(v.Int32())
		}
		if n < 0 || n >= int64(24*time.Hour/u.Duration()) {
			return Value{}, fmt.Errorf("the time %d is not within a day", n)
		}
		return Text(time.Unix(0, n*int64(u.Duration())).UTC().Format("15:04:05.999999999")), nil
	}, nil
}

// parquetTimestamp gives times in UTC, or the local ones that the file has, without an
// offset.
func parquetTimestamp(u format.TimeUnitValue) (fromParquet, error) {
	if u == nil {
		return nil, errTimeUnit
	}
	return func(v parquet.Value) (Value, error) {
		perSecond := int64(time.Second / u.Duration())
		n := v.Int64()
		return timestamp(time.Unix(n/perSecond, n%perSecond*int64(u.Duration())))
	}, nil
}

// parquetInt96 reads the times that Impala and Spark wrote once: nanoseconds of a day, and
// the day by its Julian number.
func parquetInt96(v parquet.Value) (Value, error) {
	const julianEpoch = 2440588
	n := v.Int96()
	nanos := int64(binary.LittleEndian.Uint64(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, n[0]), n[1])))
	if nanos < 0 || nanos >= int64(24*time.Hour) {
		return Value{}, fmt.Errorf("the time %d is not within a day", nanos)
	}
	return timestamp(time.Unix((int64(n[2])-julianEpoch)*24*60*60, nanos))
}
