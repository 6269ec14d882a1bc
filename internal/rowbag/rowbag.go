// Package rowbag finds the rows that are not as often in one bag as in another. The rows
// come in any order, one side after the other, and need no key. Memory does not grow with
// the rows: they are kept in a temporary file.
//
// Rows are counted and their hashes are added up in buckets. A bucket whose count and sum
// are the same on both sides holds the same rows. Only the rows of the other buckets are
// looked at one by one; a [Sorter] brings those that are the same together.
package rowbag

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
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
// [Bags.Read] reads for the row.
func (b *Bags) Add(side Side, compared, kept []byte) error {
	b.buffer = append(b.buffer[:secretSize], compared...)
	sum := sha256.Sum256(b.buffer)
	h := Hash(sum[:hashSize])
	b.rows[side]++
	b.level.add(side, 0, h)
	return b.spools[side].write(h, kept)
}

// Rows is the number of rows of a side.
func (b *Bags) Rows(side Side) int64 { return b.rows[side] }

// Narrow rules out rows that both bags have as often, and reports whether any row differs.
// Afterwards [Bags.Read] reads no others than those that may differ. No row may be added any
// more.
func (b *Bags) Narrow() (differ bool, err error) {
	for {
		differing, rows := b.level.unequal()
		b.pass()
		// Another level rules out little if almost all rows are alone in a bucket, or if
		// most buckets differ.
		if rows <= 2*differing || differing > buckets/2 || len(b.passed) == levels {
			b.level = nil
			return differing > 0, nil
		}
		if err := errors.Join(b.fill(From), b.fill(To)); err != nil {
			return false, err
		}
	}
}

// fill puts the rows of a side that were not ruled out into the buckets of the next level.
func (b *Bags) fill(side Side) error {
	r, err := b.Read(side)
	if err != nil {
		return err
	}
	for {
		h, err := r.nextWanted()
		if err == nil {
			b.level.add(side, len(b.passed), h)
			err = r.skip()
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
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

// Read reads the rows of a side that were not ruled out, in the order in which they were
// added.
func (b *Bags) Read(side Side) (*Reader, error) {
	r, err := b.spools[side].read()
	if err == nil {
		r.wanted = b.suspect
	}
	return r, err
}

// Next returns what was kept of the next row, until it returns [io.EOF]. It is valid until
// the next call.
func (r *Reader) Next() ([]byte, error) {
	if _, err := r.nextWanted(); err != nil {
		return nil, err
	}
	return r.kept()
}

// nextWanted begins the next row that was not ruled out.
func (r *Reader) nextWanted() (Hash, error) {
	for {
		h, err := r.next()
		if err != nil || r.wanted(h) {
			return h, err
		}
		if err := r.skip(); err != nil {
			return h, err
		}
	}
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
