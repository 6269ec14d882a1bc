package rowsource

import (
	"math/big"

	"github.com/parquet-go/parquet-go"
)

// parquetNode is the type of a column whose values are all of the type.
func parquetNode(of Type) parquet.Node {
	switch of.Kind {
	case TypeDate:
		return parquet.Date()
	case TypeTimestamp: // a local time, since the text has no offset from UTC
		return parquet.TimestampAdjusted(parquet.Microsecond, false)
	case TypeBoolean:
		return parquet.Leaf(parquet.BooleanType)
	default:
		precision := max(of.Digits+of.Scale, 1)
		return parquet.Decimal(of.Scale, precision, parquet.FixedLenByteArrayType(decimalBytes(precision)))
	}
}

// parquetValue is a value of the type, which has been checked.
func parquetValue(of Type, v Value) parquet.Value {
	switch of.Kind {
	case TypeDate:
		t, _ := dateIn(v.Str())
		return parquet.Int32Value(int32(t.Unix() / (24 * 60 * 60)))
	case TypeTimestamp:
		t, _ := timestampIn(v.Str(), false)
		return parquet.Int64Value(t.UnixMicro())
	case TypeBoolean:
		is, _ := truthIn(v, false)
		return parquet.BooleanValue(is)
	default:
		n, _, _ := decimalIn(v.Str())
		return parquet.FixedLenByteArrayValue(twosComplement(n, decimalBytes(max(of.Digits+of.Scale, 1))))
	}
}

// decimalBytes is the number of bytes that hold every decimal of the precision.
func decimalBytes(precision int) int {
	largest := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision)), nil)
	return largest.BitLen()/8 + 1
}

// twosComplement writes a number as signedInteger reads it.
func twosComplement(n *big.Int, size int) []byte {
	if n.Sign() < 0 {
		n = new(big.Int).Add(n, new(big.Int).Lsh(big.NewInt(1), uint(8*size)))
	}
	return n.FillBytes(make([]byte, size))
}
