package rowbag

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

// cursor is a place in a run: the row's key was read, and its value comes next.
type cursor struct {
	in    *bufio.Reader
	place int // among the runs
	key   []byte
	size  int // of the value
}

// next reads the key of the next row, if there is one.
func (c *cursor) next() (more bool, err error) {
	key, err := binary.ReadUvarint(c.in)
	if err == io.EOF {
		return false, nil
	}
	value, err2 := binary.ReadUvarint(c.in)
	if err := errors.Join(err, err2); err != nil {
		return false, errors.Join(errSpoiled, err)
	}
	c.key, c.size = slices.Grow(c.key[:0], int(key))[:key], int(value)
	if _, err := io.ReadFull(c.in, c.key); err != nil {
		return false, errors.Join(errSpoiled, err)
	}
	return true, nil
}

// cursors are a heap: the least key is the first.
type cursors []*cursor

func (c cursors) Len() int      { return len(c) }
func (c cursors) Swap(i, j int) { c[i], c[j] = c[j], c[i] }
func (c *cursors) Push(x any)   { *c = append(*c, x.(*cursor)) }

func (c cursors) Less(i, j int) bool {
	order := bytes.Compare(c[i].key, c[j].key)
	return order < 0 || order == 0 && c[i].place < c[j].place
}

func (c *cursors) Pop() any {
	last := len(*c) - 1
	x := (*c)[last]
	*c = (*c)[:last]
	return x
}
