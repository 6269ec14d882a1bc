package rowbag

import (
	"encoding/binary"
	"math/bits"
)

// rowOverhead is about what a row in memory takes beside its bytes.
const rowOverhead = 100

// bucket is what is known of the rows in it.
type bucket struct {
	// sum is the sum of the hashes of To without that of From, modulo 2^128.
	sum [2]uint64
	// rows is how many more rows there are in To than in From.
	rows int64
	// size is the memory for the rows of both sides.
	size int
}

func (k *bucket) add(side Side, h Hash, size int) {
	var carry uint64
	for i := range k.sum {
		word := binary.LittleEndian.Uint64(h[8*i:])
		if side == To {
			k.sum[i], carry = bits.Add64(k.sum[i], word, carry)
		} else {
			k.sum[i], carry = bits.Sub64(k.sum[i], word, carry)
		}
	}
	if side == To {
		k.rows++
	} else {
		k.rows--
	}
	k.size += size + rowOverhead
}

func (k *bucket) equal() bool { return k.rows == 0 && k.sum == [2]uint64{} }

// level has all rows in buckets.
type level []bucket

func newLevel() level { return make(level, buckets) }

func (l level) add(side Side, n int, h Hash, size int) { l[bucketOf(n, h)].add(side, h, size) }

// unequal counts the buckets that differ, and the memory for their rows.
func (l level) unequal() (differing, size int) {
	for i := range l {
		if !l[i].equal() {
			differing++
			size += l[i].size
		}
	}
	return differing, size
}

// marks says which buckets differ.
type marks []bool

func (l level) marks() marks {
	m := make(marks, len(l))
	for i := range l {
		m[i] = !l[i].equal()
	}
	return m
}
