package rowbag

import (
	"encoding/binary"
	"math/bits"
)

// bucket is what is known of the rows in it.
type bucket struct {
	// sum is the sum of the hashes of To without that of From, modulo 2^128.
	sum [2]uint64
	// more is how many more rows there are in To than in From, and rows how many in both.
	more, rows int64
}

func (k *bucket) add(side Side, h Hash) {
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
		k.more++
	} else {
		k.more--
	}
	k.rows++
}

func (k *bucket) equal() bool { return k.more == 0 && k.sum == [2]uint64{} }

// level has all rows in buckets.
type level []bucket

func newLevel() level { return make(level, buckets) }

func (l level) add(side Side, n int, h Hash) { l[bucketOf(n, h)].add(side, h) }

// unequal counts the buckets that differ, and the rows in them.
func (l level) unequal() (differing, rows int64) {
	for i := range l {
		if !l[i].equal() {
			differing++
			rows += l[i].rows
		}
	}
	return differing, rows
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
