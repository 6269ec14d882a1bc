package exec

import (
	"bytes"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/rowbag"
)

// leftRows are rows that may not be as often on one side as on the other. They are sorted, in
// a temporary file if they are many, so that those that are the same follow each other.
type leftRows struct {
	readings   []dialect.Reading
	order      rowOrder
	sorter     rowbag.Sorter
	key, value []byte // of the row that is added
}

func (c comparison) newLeftRows(key []int) *leftRows {
	return &leftRows{readings: c.after, order: c.newRowOrder(key), sorter: rowbag.Sorter{Memory: c.memory}}
}

func (l *leftRows) close() { l.sorter.Close() }

// add adds a row of a side, as it was kept.
func (l *leftRows) add(side rowbag.Side, kept []byte) error {
	l.key = l.order.append(l.key[:0], kept)
	l.value = append(append(l.value[:0], byte(side)), kept...)
	return l.sorter.Add(l.key, l.value)
}

// addAll adds the rows of a side that have not been ruled out.
func (l *leftRows) addAll(bags *rowbag.Bags, side rowbag.Side) error {
	return eachRow(bags, side, func(kept []byte) error { return l.add(side, kept) })
}

// report gives the rows that are not as often on both sides to p, in the order of the key.
func (l *leftRows) report(p *pairing) error {
	var same sameRows
	err := l.sorter.Each(func(key, value []byte) error {
		if !bytes.Equal(key, same.key) {
			if err := same.report(p, l.readings); err != nil {
				return err
			}
			same.key, same.kept = append(same.key[:0], key...), append(same.kept[:0], value[1:]...)
		}
		if rowbag.Side(value[0]) == rowbag.To {
			same.more++
		} else {
			same.more--
		}
		return nil
	})
	if err == nil {
		err = same.report(p, l.readings)
	}
	if err != nil {
		return err
	}
	return p.flush()
}

// sameRows are rows that are the same, and how many more of them are in to than in from.
type sameRows struct {
	key, kept []byte
	more      int64
}

func (s *sameRows) report(p *pairing, readings []dialect.Reading) error {
	more := s.more
	s.more = 0
	if more == 0 {
		return nil
	}
	return p.add(rowOf(s.kept, readings), more)
}
