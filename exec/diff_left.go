package exec

import (
	"cmp"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/rowsource"
)

// leftRows are rows that are not as often on one side as on the other.
type leftRows struct {
	bytes rowBytes
	rows  map[string]*leftRow
	// ordered are the columns that are sorted as numbers, although they are read as text.
	ordered   []bool
	nullsLast bool
}

type leftRow struct {
	values []rowsource.Value
	more   int64
}

func (c comparison) newLeftRows() *leftRows {
	left := &leftRows{bytes: rowBytes{readings: c.after}, rows: make(map[string]*leftRow), nullsLast: c.backend.Facts().NullsLast}
	for i := range c.after {
		left.ordered = append(left.ordered, c.before[i].Order != "" && c.after[i].Order != "")
	}
	return left
}

// add counts rows of the same values. More is less than 0 for rows of the side from.
func (l *leftRows) add(values []rowsource.Value, more int64) {
	l.bytes.reset()
	for i, v := range values {
		l.bytes.value(l.bytes.readings[i], v)
	}
	if row := l.rows[string(l.bytes.compared)]; row != nil {
		row.more += more
		return
	}
	l.rows[string(l.bytes.compared)] = &leftRow{values, more}
}

// report gives the rows to p, in the order of the key.
func (l *leftRows) report(p *pairing) error {
	rows := make([]*leftRow, 0, len(l.rows))
	for _, row := range l.rows {
		if row.more != 0 {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b *leftRow) int { return l.compare(p.key, a, b) })
	for _, row := range rows {
		if err := p.add(row.values, row.more); err != nil {
			return err
		}
	}
	return p.flush()
}

// compare sorts by the key, and then by all values, so that the order is always the same.
func (l *leftRows) compare(key []int, a, b *leftRow) int {
	for _, k := range key {
		if c := l.compareValues(k, a.values[k], b.values[k]); c != 0 {
			return c
		}
	}
	for i := range a.values {
		if c := l.compareValues(i, a.values[i], b.values[i]); c != 0 {
			return c
		}
	}
	return 0
}

// compareValues sorts two values of a column as the database does.
func (l *leftRows) compareValues(column int, a, b rowsource.Value) int {
	if c := cmp.Compare(l.rank(column, a), l.rank(column, b)); c != 0 {
		return c
	}
	if l.rank(column, a) == rankNumber {
		return cmp.Or(compareNumbers(a, b), strings.Compare(a.Str(), b.Str()))
	}
	return strings.Compare(a.Str(), b.Str())
}

// The ranks of values of several kinds in one column.
const (
	rankFirstNull = iota
	rankNumber
	rankText
	rankBlob
	rankLastNull
)

func (l *leftRows) rank(column int, v rowsource.Value) int {
	switch {
	case v.IsNull() && l.nullsLast:
		return rankLastNull
	case v.IsNull():
		return rankFirstNull
	case l.ordered[column], v.Kind() == rowsource.KindInteger, v.Kind() == rowsource.KindReal:
		return rankNumber
	case v.Kind() == rowsource.KindBlob:
		return rankBlob
	default:
		return rankText
	}
}

// compareNumbers compares numbers, or their texts. NaN is the largest.
func compareNumbers(a, b rowsource.Value) int {
	if a.Kind() == rowsource.KindInteger && b.Kind() == rowsource.KindInteger {
		return cmp.Compare(a.Int(), b.Int())
	}
	s, t := numberText(a), numberText(b)
	x, _ := strconv.ParseFloat(s, 64)
	y, _ := strconv.ParseFloat(t, 64)
	if math.IsNaN(x) || math.IsNaN(y) {
		return cmp.Compare(y, x) // it takes NaN for the smallest
	}
	if x != y {
		return cmp.Compare(x, y)
	}
	exactX, ok := new(big.Rat).SetString(s)
	exactY, ok2 := new(big.Rat).SetString(t)
	if !ok || !ok2 {
		return 0
	}
	return exactX.Cmp(exactY)
}

func numberText(v rowsource.Value) string {
	switch v.Kind() {
	case rowsource.KindInteger:
		return strconv.FormatInt(v.Int(), 10)
	case rowsource.KindReal:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	default:
		return v.Str()
	}
}
