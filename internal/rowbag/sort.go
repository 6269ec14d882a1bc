package rowbag

import (
	"bytes"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

// Sorter sorts rows by the bytes of their keys. Rows of the same key keep the order in which
// they were added. If they need more memory than there is, they are sorted in runs, which
// wait in a temporary file until they are merged.
//
// There are libraries for this, but they bound the number of rows in memory, and a row may be
// long.
type Sorter struct {
	// Memory is about how many bytes the rows take in memory.
	Memory int

	bytes []byte
	rows  []sorted
	file  *tempFile
	// runs are in the file, by how often they were merged.
	runs [][]run
}

// sorted is where a row is in the bytes.
type sorted struct{ start, value, end int }

// sortedSize is what a row takes in memory beside its bytes.
const sortedSize = 24

// run is a part of the file with sorted rows.
type run struct{ start, end int64 }

const (
	// fanIn is how many runs are merged at a time.
	fanIn = 64
	// runBuffer is for reading one run.
	runBuffer = 32 << 10
)

// Close removes the temporary file.
func (s *Sorter) Close() {
	if s.file != nil {
		s.file.close()
	}
}

// Add adds a row. The error is a *SpoolError, or says that the file is spoiled.
func (s *Sorter) Add(key, value []byte) error {
	if len(s.rows) > 0 && len(s.bytes)+len(key)+len(value)+sortedSize*len(s.rows) > s.Memory {
		if err := s.spill(); err != nil {
			return err
		}
	}
	start := len(s.bytes)
	s.bytes = append(append(s.bytes, key...), value...)
	s.rows = append(s.rows, sorted{start, start + len(key), len(s.bytes)})
	return nil
}

// Each calls row for every row in the order of the keys. No row may be added afterwards. Key
// and value are valid until row returns.
func (s *Sorter) Each(row func(key, value []byte) error) error {
	if len(s.runs) == 0 {
		return s.inMemory(row)
	}
	if err := s.spill(); err != nil {
		return err
	}
	s.bytes, s.rows = nil, nil
	var runs []run
	for _, merged := range slices.Backward(s.runs) { // the first rows were merged most often
		runs = append(runs, merged...)
	}
	return s.merge(runs, row)
}

func (s *Sorter) inMemory(row func(key, value []byte) error) error {
	slices.SortFunc(s.rows, func(a, b sorted) int {
		return cmp.Or(bytes.Compare(s.bytes[a.start:a.value], s.bytes[b.start:b.value]), cmp.Compare(a.start, b.start))
	})
	for _, r := range s.rows {
		if err := row(s.bytes[r.start:r.value], s.bytes[r.value:r.end]); err != nil {
			return err
		}
	}
	return nil
}

// spill makes a run of the rows in memory.
func (s *Sorter) spill() (err error) {
	if s.file == nil {
		if s.file, err = newTempFile(); err != nil {
			return err
		}
	}
	err = s.write(0, s.inMemory)
	s.bytes, s.rows = s.bytes[:0], s.rows[:0]
	return err
}

// write adds a run to those that were merged as often, and merges them if they are many.
func (s *Sorter) write(level int, rows func(func(key, value []byte) error) error) error {
	start := s.file.size
	if err := errors.Join(rows(s.writeRow), s.file.flush()); err != nil {
		return err
	}
	if level == len(s.runs) {
		s.runs = append(s.runs, nil)
	}
	s.runs[level] = append(s.runs[level], run{start, s.file.size})
	if len(s.runs[level]) < fanIn {
		return nil
	}
	runs := s.runs[level]
	s.runs[level] = nil
	return s.write(level+1, func(row func(key, value []byte) error) error { return s.merge(runs, row) })
}

func (s *Sorter) writeRow(key, value []byte) error {
	var header [2 * binary.MaxVarintLen64]byte
	sizes := binary.AppendUvarint(binary.AppendUvarint(header[:0], uint64(len(key))), uint64(len(value)))
	return s.file.write(sizes, key, value)
}

// merge reads runs in the order of the keys. It holds one key of each, and one value.
func (s *Sorter) merge(runs []run, row func(key, value []byte) error) error {
	next, err := s.begin(runs)
	if err != nil {
		return err
	}
	var value []byte
	for len(next) > 0 {
		c := next[0]
		value = slices.Grow(value[:0], c.size)[:c.size]
		if _, err := io.ReadFull(c.in, value); err != nil {
			return errors.Join(errSpoiled, err)
		}
		if err := row(c.key, value); err != nil {
			return err
		}
		more, err := c.next()
		if err != nil {
			return err
		}
		if more {
			heap.Fix(&next, 0)
		} else {
			heap.Pop(&next)
		}
	}
	return nil
}

// begin reads the first key of each run.
func (s *Sorter) begin(runs []run) (cursors, error) {
	var next cursors
	for i, r := range runs {
		c := &cursor{place: i, in: s.file.read(r.start, r.end, runBuffer)}
		if more, err := c.next(); err != nil {
			return nil, err
		} else if more {
			next = append(next, c)
		}
	}
	heap.Init(&next)
	return next, nil
}
