package rowsource

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
)

// keysInMemory is the number of hashes that are kept in memory, 2 MB. More go to a temporary
// file.
const keysInMemory = 1 << 18

// keySorter finds hashes that are there more than once. It divides them by their first byte,
// and looks at the end for equal ones in each part: of 1,000,000,000 hashes a part has 32 MB,
// and the table to compare them 64 MB.
type keySorter struct {
	most  int // hashes of a part in memory
	parts [keyParts]keyPart
	file  *spilled
	size  int64 // of the file
	bytes []byte
}

// keyPart has hashes with the same first byte.
type keyPart struct {
	hashes []uint64
	blocks []int64 // where in the file there are more, as many as memory had room for
}

const (
	keyParts  = 1 << 8 // one for each first byte
	hashBytes = 8
)

// newKeySorter keeps up to most hashes in memory.
func newKeySorter(most int) *keySorter {
	return &keySorter{most: max(1, most/keyParts)}
}

func (s *keySorter) add(hash uint64) error {
	p := &s.parts[hash>>56]
	if p.hashes = append(p.hashes, hash); len(p.hashes) < s.most {
		return nil
	}
	return s.spill(p)
}

// spill moves the hashes of a part to the file.
func (s *keySorter) spill(p *keyPart) error {
	if s.file == nil {
		f, err := newSpill()
		if err != nil {
			return fmt.Errorf("keep the keys of a large file in a temporary file: %w", err)
		}
		s.file = &f
	}
	s.bytes = s.bytes[:0]
	for _, h := range p.hashes {
		s.bytes = binary.LittleEndian.AppendUint64(s.bytes, h)
	}
	if _, err := s.file.Write(s.bytes); err != nil {
		return fmt.Errorf("keep the keys of a large file: %w", err)
	}
	p.blocks, p.hashes = append(p.blocks, s.size), p.hashes[:0]
	s.size += int64(len(s.bytes))
	return nil
}

// twice are the hashes that are there more than once, in order.
func (s *keySorter) twice() (twice []uint64, err error) {
	var hashes, table []uint64
	for i := range s.parts {
		if hashes, err = s.appendPart(hashes[:0], s.parts[i]); err != nil {
			return nil, err
		}
		var same []uint64
		same, table = sameHashes(hashes, table)
		twice = append(twice, same...)
	}
	return twice, nil
}

// sameHashes are the hashes of a part that are there more than once, in order. It puts them
// all in a hash table, which is several times as fast as to sort them. The table may be used
// again.
func sameHashes(hashes, table []uint64) (same, after []uint64) {
	size := 1 << bits.Len(uint(len(hashes)*3/2)) // at most two thirds of it are used
	table = slices.Grow(table[:0], size)[:size]
	clear(table)
	for _, h := range hashes {
		entry := h | 0xFF<<56 // their first bytes are equal anyway, and 0 is a free place
		at := h % uint64(size)
		for table[at] != 0 && table[at] != entry {
			at = (at + 1) % uint64(size)
		}
		if table[at] == entry {
			same = append(same, h)
		}
		table[at] = entry
	}
	slices.Sort(same)
	return slices.Compact(same), table
}

func (s *keySorter) appendPart(hashes []uint64, p keyPart) ([]uint64, error) {
	hashes = append(hashes, p.hashes...)
	s.bytes = slices.Grow(s.bytes[:0], s.most*hashBytes)[:s.most*hashBytes]
	for _, at := range p.blocks {
		if _, err := s.file.ReadAt(s.bytes, at); err != nil {
			return nil, fmt.Errorf("read the keys of a large file back: %w", err)
		}
		for b := s.bytes; len(b) > 0; b = b[hashBytes:] {
			hashes = append(hashes, binary.LittleEndian.Uint64(b))
		}
	}
	return hashes, nil
}

func (s *keySorter) close() {
	if s.file != nil {
		_ = s.file.Close()
	}
}
