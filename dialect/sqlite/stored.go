package sqlite

import (
	"math"
	"strconv"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Stored converts plain numbers as the column's affinity does
// (https://www.sqlite.org/datatype3.html#type_affinity).
func (Dialect) Stored(t dialect.Table, c dialect.Column) func(rowsource.Value) rowsource.Value {
	switch affinityOf(t, c.Type) {
	case affinityReal:
		return storedReal
	case affinityInteger, affinityNumeric:
		return storedNumber
	default:
		return nil
	}
}

const (
	// exactDigits is the number of decimal digits for which every program finds the same
	// floating point number.
	exactDigits = 15
	// exactWhole is a number up to which SQLite stores a whole floating point number as an
	// integer.
	exactWhole = 1 << 50
)

func storedReal(v rowsource.Value) rowsource.Value {
	switch n := v.Int(); {
	case v.Kind() == rowsource.KindInteger && n > -exactWhole && n < exactWhole:
		return rowsource.Real(float64(n))
	case v.Kind() == rowsource.KindText && isPlainNumber(v.Str()):
		f, _ := strconv.ParseFloat(v.Str(), 64)
		return rowsource.Real(f)
	default:
		return v
	}
}

func storedNumber(v rowsource.Value) rowsource.Value {
	real := storedReal(v)
	if f := real.Float(); real.Kind() == rowsource.KindReal && f == math.Trunc(f) && math.Abs(f) < exactWhole {
		return rowsource.Integer(int64(f))
	}
	return real
}

// isPlainNumber reports whether s has digits, one point between them at most, and no more of
// them than exactDigits.
func isPlainNumber(s string) bool {
	if s != "" && s[0] == '-' {
		s = s[1:]
	}
	digits, points := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '.' && i > 0 && i < len(s)-1:
			points++
		default:
			return false
		}
	}
	return digits > 0 && digits <= exactDigits && points <= 1
}
