package rowsource

import (
	"bufio"
	"container/heap"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

// keysInMemory is the number of hashes that are kept in memory, 2 MB. More go to a temporary
// file.
const keysInMemory = 1 << 18

// keySorter finds hashes that are there more than once. It sorts them in runs, which it
// keeps in a file and merges in the end.
type keySorter struct {
	most   int // hashes in memory
	hashes []uint64
	file   *spilled
	runs   []int64 // the ends of the runs in the file
}

const hashBytes = 8

func (s *keySorter) add(hash uint64) error {
	if s.hashes = append(s.hashes, hash); len(s.hashes) < s.most {
		return nil
	}
	return s.spill()
}

// spill moves the hashes to the file.
func (s *keySorter) spill() error {
	if s.file == nil {
		f, err := newSpill()
		if err != nil {
			return fmt.Errorf("keep the keys of a large file in a temporary file: %w", err)
		}
		s.file = &f
	}
	slices.Sort(s.hashes)
	w := bufio.NewWriterSize(s.file, chunkSize)
	var b [hashBytes]byte
	for _, h := range s.hashes {
		binary.LittleEndian.PutUint64(b[:], h)
		if _, err := w.Write(b[:]); err != nil {
			return fmt.Errorf("keep the keys of a large file: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("keep the keys of a large file: %w", err)
	}
	end := int64(len(s.hashes)) * hashBytes
	if n := len(s.runs); n > 0 {
		end += s.runs[n-1]
	}
	s.runs, s.hashes = append(s.runs, end), s.hashes[:0]
	return nil
}

// twice are the hashes that are there more than once, in order.
func (s *keySorter) twice() (twice []uint64, err error) {
	before, seen := uint64(0), false
	err = s.merge(func(h uint64) {
		if seen && h == before && (len(twice) == 0 || twice[len(twice)-1] != h) {
			twice = append(twice, h)
		}
		before, seen = h, true
	})
	return twice, err
}

// merge calls each with all hashes in order.
func (s *keySorter) merge(each func(uint64)) error {
	if len(s.runs) == 0 {
		slices.Sort(s.hashes)
		for _, h := range s.hashes {
			each(h)
		}
		return nil
	}
	if err := s.spill(); err != nil {
		return err
	}
	runs, err := s.openRuns()
	heap.Init(&runs)
	for err == nil && len(runs) > 0 {
		each(runs[0].next)
		err = runs.advance()
	}
	return err
}

// hashRun is a run that is read back.
type hashRun struct {
	src  *bufio.Reader
	next uint64
}

// mergeBuffer is the memory for each run.
const mergeBuffer = 4 << 10

// openRuns are the runs that have hashes.
func (s *keySorter) openRuns() (runs hashRuns, err error) {
	start := int64(0)
	for _, end := range s.runs {
		r := &hashRun{src: bufio.NewReaderSize(io.NewSectionReader(s.file, start, end-start), mergeBuffer)}
		start = end
		more, err := r.advance()
		if err != nil {
			return nil, err
		}
		if more {
			runs = append(runs, r)
		}
	}
	return runs, nil
}

// hashRuns are a heap: the run with the least hash is the first.
type hashRuns []*hashRun

func (r hashRuns) Len() int           { return len(r) }
func (r hashRuns) Less(i, j int) bool { return r[i].next < r[j].next }
func (r hashRuns) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }
func (r *hashRuns) Push(x any)        { *r = append(*r, x.(*hashRun)) }

func (r *hashRuns) Pop() any {
	last := len(*r) - 1
	run := (*r)[last]
	*r = (*r)[:last]
	return run
}

// advance moves the first run on to its next hash, and the run to its place in the heap.
func (r *hashRuns) advance() error {
	more, err := (*r)[0].advance()
	switch {
	case err != nil:
		return err
	case more:
		heap.Fix(r, 0)
	default:
		heap.Pop(r)
	}
	return nil
}

// advance reads the next hash of the run, if there is one.
func (r *hashRun) advance() (bool, error) {
	b, err := r.src.Peek(hashBytes)
	if err == io.EOF && len(b) == 0 {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the keys of a large file back: %w", err)
	}
	r.next = binary.LittleEndian.Uint64(b)
	_, err = r.src.Discard(hashBytes)
	return true, err
}

func (s *keySorter) close() {
	if s.file != nil {
		_ = s.file.Close()
	}
}
