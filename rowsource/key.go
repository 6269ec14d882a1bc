package rowsource

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"strings"
)

// Key are columns whose values no two rows may have in common. A row with a NULL in one of
// them has no key.
type Key struct {
	// Columns are the places of the columns.
	Columns []int
	// Numbers says of each column whether it holds numbers: then 1 and 01 are the same.
	Numbers []bool
}

// keyFinder finds rows with the same key. Keys are the same if the source writes them in
// the same way: what else a database takes for the same, it finds itself.
//
// It looks for equal hashes while the source is read. Only if there are any, which are few
// or a fault, the source is read again for the rows that have them.
type keyFinder struct {
	Key
	seeds  [2]maphash.Seed
	sorter *keySorter
	text   []byte
	twice  []uint64 // hashes of more than one row
}

// newKeyFinder is one of so many, which share the memory.
func newKeyFinder(k Key, finders int) *keyFinder {
	return &keyFinder{Key: k, seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, sorter: newKeySorter(keysInMemory / finders)}
}

func (k *keyFinder) add(values []Value) error {
	if !k.read(values) {
		return nil
	}
	return k.sorter.add(maphash.Bytes(k.seeds[0], k.text))
}

// read reads the key of a row, if it has one.
func (k *keyFinder) read(values []Value) bool {
	k.text = k.text[:0]
	for i, place := range k.Columns {
		v := &values[place]
		if v.kind == KindNull {
			return false
		}
		k.text = appendKey(k.text, v, k.Numbers[i])
	}
	return true
}

// keyHash tells keys apart: so many bits are never the same by chance.
type keyHash [2]uint64

// suspect is the hash of a row's key, if another row may have the same.
func (k *keyFinder) suspect(values []Value) (keyHash, bool) {
	if len(k.twice) == 0 || !k.read(values) {
		return keyHash{}, false
	}
	first := maphash.Bytes(k.seeds[0], k.text)
	_, found := slices.BinarySearch(k.twice, first)
	return keyHash{first, maphash.Bytes(k.seeds[1], k.text)}, found
}

func (k *keyFinder) close() { k.sorter.close() }

// appendKey appends a value so that no two lists of values look alike.
func appendKey(text []byte, v *Value, isNumber bool) []byte {
	kind, s := v.kind, v.str
	if isNumber {
		kind, s = KindText, numberKey(v)
	}
	text = append(text, byte(kind))
	if kind == KindInteger || kind == KindReal {
		return binary.LittleEndian.AppendUint64(text, v.num)
	}
	return append(binary.LittleEndian.AppendUint32(text, uint32(len(s))), s...)
}

// numberKey is a number without what does not count: blanks around it, a plus, zeros
// before its digits and after its decimal places.
func numberKey(v *Value) string {
	s := v.str
	switch {
	case v.kind == KindInteger || v.kind == KindReal:
		s = v.String()
	case s != "" && s[0] != '0' && hasDigitsOnly(s):
		return s
	}
	s = strings.TrimPrefix(strings.TrimSpace(s), "+")
	digits, minus := strings.CutPrefix(s, "-")
	if strings.Trim(digits, "0123456789.") != "" {
		return s // such as 1e3, which has many forms
	}
	if strings.Contains(digits, ".") {
		digits = strings.TrimSuffix(strings.TrimRight(digits, "0"), ".")
	}
	digits = strings.TrimLeft(digits, "0")
	switch {
	case digits == "":
		return "0"
	case minus:
		return s[:1] + digits
	default:
		return digits
	}
}

func hasDigitsOnly(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// sameKeyError says that another row has the same key.
type sameKeyError struct {
	unit string
	line int
}

func (e *sameKeyError) Error() string {
	return fmt.Sprintf("%s %d has the same key", e.unit, e.line)
}

// reason is the message without the line.
func (*sameKeyError) reason() string { return "another row has the same key" }

// sameKey is a row whose key another row has too.
type sameKey struct {
	row   int64
	key   int // the place of the key
	group int // the rows with the same key
	first int64
}

// findSameKeys finds rows with the key of another one. The first of them is good, and the
// others are bad.
func (c *checker) findSameKeys() error {
	suspects := 0
	for _, k := range c.keys {
		var err error
		if k.twice, err = k.sorter.twice(); err != nil {
			return err
		}
		suspects += len(k.twice)
	}
	if suspects == 0 {
		return nil
	}
	same, groups, err := c.suspects()
	if err != nil {
		return err
	}
	return c.rejectSame(laterRows(same, groups))
}

// suspects reads the source again, for the good rows whose keys may be those of others.
func (c *checker) suspects() (same []sameKey, groups int, err error) {
	known := make([]map[keyHash]int, len(c.keys))
	for i := range known {
		known[i] = make(map[keyHash]int)
	}
	bad := c.faults.left.cursor()
	err = c.again(c.faults.Rows, func(n int64, row Row) error {
		if bad.has(n) {
			return nil
		}
		for i, k := range c.keys {
			hash, found := k.suspect(row.Values)
			if !found {
				continue
			}
			group, old := known[i][hash]
			if !old {
				group = groups
				known[i][hash] = group
				groups++
			}
			same = append(same, sameKey{row: n, key: i, group: group})
		}
		return nil
	})
	return same, groups, err
}

// again reads the first rows of the source once more.
func (c *checker) again(rows int64, each func(n int64, row Row) error) error {
	r, err := c.source.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	r.KeepJSON(c.JSON)
	for n := int64(1); n <= rows; n++ {
		if n%rowsBetweenChecks == 0 && c.ctx.Err() != nil {
			return fmt.Errorf("check %s: %w", c.source.Name(), context.Cause(c.ctx))
		}
		row, err := r.Next()
		if lasting(err) != nil {
			return errors.Join(&ChangedError{Source: c.source.Name()}, notEOF(err))
		}
		if err := each(n, row); err != nil {
			return err
		}
	}
	return nil
}

// laterRows are the rows that have a key of an earlier one which is not among them.
func laterRows(same []sameKey, groups int) []sameKey {
	slices.SortFunc(same, func(a, b sameKey) int { return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.key, b.key)) })
	firsts := make([]int64, groups)
	var later []sameKey
	for len(same) > 0 {
		n := 1
		for n < len(same) && same[n].row == same[0].row {
			n++
		}
		if i := slices.IndexFunc(same[:n], func(s sameKey) bool { return firsts[s.group] != 0 }); i >= 0 {
			same[i].first = firsts[same[i].group]
			later = append(later, same[i])
		} else {
			for _, s := range same[:n] {
				firsts[s.group] = s.row
			}
		}
		same = same[n:]
	}
	return later
}

// rejectSame reads the source again, for the lines and the values of rows.
func (c *checker) rejectSame(later []sameKey) error {
	told := later
	if n := max(c.faults.most, firstFaults); c.Reject == nil && c.faults.most != AllFaults && len(later) > n {
		told = later[:n]
	}
	found := c.faults.sameKeys()
	if err := c.tellSame(told, found); err != nil {
		return err
	}
	for _, s := range later[len(told):] {
		found.skip(s.row, faultKind{c.columnsOf(s.key), (*sameKeyError)(nil).reason()})
	}
	c.faults.merge(found)
	return nil
}

// tellSame adds rows to the faults that were found.
func (c *checker) tellSame(told []sameKey, found *collector) error {
	lines := make(map[int64]int) // of the rows whose key the others have
	for _, s := range told {
		lines[s.first] = 0
	}
	if len(told) == 0 { // equal hashes of different keys
		return nil
	}
	return c.again(told[len(told)-1].row, func(n int64, row Row) error {
		if _, asked := lines[n]; asked {
			lines[n] = row.Line
		}
		if told[0].row != n {
			return nil
		}
		same := told[0]
		told = told[1:]
		return found.add(n, &RowError{Cells: []*CellError{c.sameCell(row, same.key, lines[same.first])}})
	})
}

func notEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

func (c *checker) sameCell(row Row, key, line int) *CellError {
	var shown []string
	for _, place := range c.Keys[key].Columns {
		shown = append(shown, row.Written(place).String())
	}
	unit := "line"
	if c.source.Format().hasRowNumbers() {
		unit = "row"
	}
	return &CellError{Source: c.source.Name(), Format: c.source.Format(), Line: row.Line, Column: c.columnsOf(key),
		Value: strings.Join(shown, ", "), Err: &sameKeyError{unit, line}}
}

// columnsOf are the names of a key's columns.
func (c *checker) columnsOf(key int) string {
	var names []string
	for _, place := range c.Keys[key].Columns {
		names = append(names, c.reader.Columns()[place])
	}
	return strings.Join(names, ", ")
}
