package exec

import (
	"database/sql"
	"fmt"
	"strconv"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// scanner reads rows whose columns are readings.
type scanner struct {
	readings []dialect.Reading
	values   []any
	into     []any
}

func newScanner(readings []dialect.Reading) *scanner {
	s := &scanner{readings: readings, values: make([]any, len(readings))}
	for i := range s.values {
		s.into = append(s.into, &s.values[i])
	}
	return s
}

// scan reads the values of a row, and the columns after them into behind.
func (s *scanner) scan(rows *sql.Rows, behind ...any) ([]rowsource.Value, error) {
	if err := rows.Scan(append(s.into[:len(s.readings):len(s.readings)], behind...)...); err != nil {
		return nil, fmt.Errorf("read a row: %w", err)
	}
	values := make([]rowsource.Value, len(s.values))
	for i, v := range s.values {
		value, err := valueOf(v, s.readings[i])
		if err != nil {
			return nil, err
		}
		values[i] = value
	}
	return values, nil
}

// valueOf converts a driver's value.
func valueOf(v any, r dialect.Reading) (rowsource.Value, error) {
	switch v := v.(type) {
	case nil:
		return rowsource.Null(), nil
	case string:
		return textOf(v, r), nil
	case []byte:
		if r.Bytes == rowsource.KindBlob {
			return rowsource.Blob(v), nil
		}
		return textOf(string(v), r), nil
	case int64:
		return rowsource.Integer(v), nil
	case float64:
		return rowsource.Real(v), nil
	default:
		return rowsource.Value{}, fmt.Errorf("read a row: the driver hands out a %T, which is no text, number or bytes", v)
	}
}

// textOf is a text, or an integer if the reading says so.
func textOf(s string, r dialect.Reading) rowsource.Value {
	if n, err := strconv.ParseInt(s, 10, 64); r.Whole && err == nil && strconv.FormatInt(n, 10) == s {
		return rowsource.Integer(n)
	}
	return rowsource.Text(s)
}
