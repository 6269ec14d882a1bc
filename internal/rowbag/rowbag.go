// Package rowbag finds the rows that are not as often in one bag as in another. The rows
// come in any order, one side after the other, and need no key. Memory does not grow with
// the rows: they are kept in a temporary file.
//
// Rows are counted and their hashes are added up in buckets. A bucket whose count and sum
// are the same on both sides holds the same rows. Only the rows of the other buckets are
// looked at one by one.
package rowbag

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"slices"
)

// Side says to which bag a row belongs.
type Side int

// The sides.
const (
	From Side = iota
	To
)

// Hash identifies a row by 128 bits of a SHA-256. A secret of the comparison is part of it, so
// that nobody can choose rows whose sums are the same.
type Hash [hashSize]byte

const hashSize = 16

// Bags are the two bags.
type Bags struct {
	buffer []byte // begins with the secret
	spools [2]*spool
	rows   [2]int64
	level  level   // of the rows that were not ruled out yet
	passed []marks // of the levels before
}

const secretSize = 16

// New makes two empty bags. Call Close at the end. The error is a *SpoolError.
func New() (*Bags, error) {
	b := &Bags{buffer: make([]byte, secretSize, 1024), level: newLevel()}
	_, _ = rand.Read(b.buffer) // it never fails
	for side := range b.spools {
		s, err := newSpool()
		if err != nil {
			b.Close()
			return nil, err
		}
		b.spools[side] = s
	}
	return b, nil
}

// Close removes the temporary files.
func (b *Bags) Close() {
	for _, s := range b.spools {
		if s != nil {
			s.close()
		}
	}
}

// Add adds a row. Rows are the same if the bytes of compared are; kept is what
// [Bags.Read] and [Bags.Differences] return for the row.
func (b *Bags) Add(side Side, compared, kept []byte) error {
	b.buffer = append(b.buffer[:secretSize], compared...)
	sum := sha256.Sum256(b.buffer)
	h := Hash(sum[:hashSize])
	b.rows[side]++
	b.level.add(side, 0, h, len(kept))
	return b.spools[side].write(h, kept)
}

// Rows is the number of rows of a side.
func (b *Bags) Rows(side Side) int64 { return b.rows[side] }

// TooManyError says that more rows may differ than fit into memory.
type TooManyError struct{}

func (TooManyError) Error() string { return "too many rows differ to keep them in memory" }

// Difference is a row that is not as often in one bag as in the other.
type Difference struct {
	Kept []byte
	// More is how often more it is in To than in From. If it is less than 0, it is more often
	// in From.
	More int64
}

// Differences returns the rows that differ, or a TooManyError if they may take more memory
// than limit bytes. No row may be added afterwards.
func (b *Bags) Differences(limit int) (map[Hash]*Difference, error) {
	if err := b.narrow(limit); err != nil {
		return nil, err
	}
	found := make(map[Hash]*Difference)
	for _, side := range []Side{From, To} {
		err := b.each(side, func(h Hash, r *Reader) error {
			if !b.suspect(h) {
				return r.skip()
			}
			return r.count(found, h, side)
		})
		if err != nil {
			return nil, err
		}
	}
	maps.DeleteFunc(found, func(_ Hash, d *Difference) bool { return d.More == 0 })
	return found, nil
}

// count counts the row that was begun.
func (r *Reader) count(found map[Hash]*Difference, h Hash, side Side) error {
	d := found[h]
	if d == nil {
		kept, err := r.kept()
		if err != nil {
			return err
		}
		d = &Difference{Kept: slices.Clone(kept)}
		found[h] = d
	} else if err := r.skip(); err != nil {
		return err
	}
	if side == To {
		d.More++
	} else {
		d.More--
	}
	return nil
}

// narrow rules out rows, level by level, until the others fit into the limit. If most buckets
// differ, no other buckets would be better.
func (b *Bags) narrow(limit int) error {
	for {
		differing, size := b.level.unequal()
		if size <= limit {
			b.pass()
			b.level = nil
			return nil
		}
		if differing > buckets/2 || len(b.passed) == levels-1 {
			b.level = nil
			return TooManyError{}
		}
		b.pass()
		for side := range b.spools {
			err := b.each(Side(side), func(h Hash, r *Reader) error {
				if b.suspect(h) {
					b.level.add(Side(side), len(b.passed), h, r.size)
				}
				return r.skip()
			})
			if err != nil {
				return err
			}
		}
	}
}

// pass remembers which buckets of the level differ, and begins the next level.
func (b *Bags) pass() {
	b.passed = append(b.passed, b.level.marks())
	clear(b.level)
}

// suspect reports whether no level has ruled a row out.
func (b *Bags) suspect(h Hash) bool {
	for n, m := range b.passed {
		if !m[bucketOf(n, h)] {
			return false
		}
	}
	return true
}

func (b *Bags) each(side Side, row func(Hash, *Reader) error) error {
	r, err := b.Read(side)
	if err != nil {
		return err
	}
	for {
		h, err := r.next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = row(h, r)
		}
		if err != nil {
			return err
		}
	}
}

// Read reads the rows of a side again, in the order in which they were added.
func (b *Bags) Read(side Side) (*Reader, error) { return b.spools[side].read() }

// Next returns what was kept of the next row, until it returns [io.EOF]. It is valid until
// the next call.
func (r *Reader) Next() (Hash, []byte, error) {
	h, err := r.next()
	if err != nil {
		return h, nil, err
	}
	kept, err := r.kept()
	return h, kept, err
}

const (
	buckets = 1 << 16
	// levels is how many words of a hash number buckets.
	levels = hashSize / 4
)

func bucketOf(level int, h Hash) uint32 {
	return binary.LittleEndian.Uint32(h[4*level:]) % buckets
}

var errSpoiled = errors.New("read rows again from a temporary file: it is not as it was written")
