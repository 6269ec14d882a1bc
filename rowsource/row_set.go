package rowsource

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// RowSet are rows of a source by their numbers: the first row after the header is 1. As
// JSON it is a text such as "3,7-12".
type RowSet struct{ ranges []rowRange }

type rowRange struct{ first, last int64 }

// IsZero reports whether there are no rows.
func (s RowSet) IsZero() bool { return len(s.ranges) == 0 }

// Equal reports whether the same rows are in both.
func (s RowSet) Equal(o RowSet) bool { return slices.Equal(s.ranges, o.ranges) }

// add adds a row with a larger number than all others.
func (s *RowSet) add(row int64) {
	if n := len(s.ranges); n > 0 && s.ranges[n-1].last == row-1 {
		s.ranges[n-1].last = row
		return
	}
	s.ranges = append(s.ranges, rowRange{row, row})
}

// with has the rows of both sets.
func (s RowSet) with(o RowSet) RowSet {
	var both RowSet
	for len(s.ranges)+len(o.ranges) > 0 {
		if len(s.ranges) == 0 || len(o.ranges) > 0 && o.ranges[0].first < s.ranges[0].first {
			s, o = o, s
		}
		next := s.ranges[0]
		s.ranges = s.ranges[1:]
		if n := len(both.ranges); n > 0 && both.ranges[n-1].last >= next.first-1 {
			both.ranges[n-1].last = max(both.ranges[n-1].last, next.last)
			continue
		}
		both.ranges = append(both.ranges, next)
	}
	return both
}

// String is the text that MarshalText writes.
func (s RowSet) String() string {
	var text []byte
	for _, r := range s.ranges {
		if len(text) > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, r.first, 10)
		if r.last > r.first {
			text = strconv.AppendInt(append(text, '-'), r.last, 10)
		}
	}
	return string(text)
}

// MarshalText writes "3,7-12".
func (s RowSet) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *RowSet) UnmarshalText(text []byte) error {
	s.ranges = nil
	if len(text) == 0 {
		return nil
	}
	last := int64(0)
	for part := range strings.SplitSeq(string(text), ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		first, err := strconv.ParseInt(from, 10, 64)
		if err != nil {
			return fmt.Errorf("read the numbers of rows: %w", err)
		}
		end, err := strconv.ParseInt(to, 10, 64)
		if err != nil {
			return fmt.Errorf("read the numbers of rows: %w", err)
		}
		if first <= last || end < first {
			return fmt.Errorf("read the numbers of rows: %q is out of order", part)
		}
		s.ranges, last = append(s.ranges, rowRange{first, end}), end
	}
	return nil
}

// rowCursor goes through the numbers of rows in rising order.
type rowCursor struct{ ahead []rowRange }

func (s RowSet) cursor() rowCursor { return rowCursor{s.ranges} }

// has reports whether a row is in the set. Each call asks for a larger number.
func (c *rowCursor) has(row int64) bool {
	for len(c.ahead) > 0 && c.ahead[0].last < row {
		c.ahead = c.ahead[1:]
	}
	return len(c.ahead) > 0 && c.ahead[0].first <= row
}

// leavingOut is a Reader without some of the rows.
type leavingOut struct {
	Reader
	rows rowCursor
	row  int64
}

func without(r Reader, rows RowSet) Reader {
	if rows.IsZero() {
		return r
	}
	return &leavingOut{Reader: r, rows: rows.cursor()}
}

func (l *leavingOut) Next() (Row, error) {
	for {
		row, err := l.Reader.Next()
		if lasting(err) != nil {
			return row, err
		}
		if l.row++; !l.rows.has(l.row) {
			return row, err
		}
	}
}
