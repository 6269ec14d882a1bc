package rowsource

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// keysInMemory is the number of keys that are kept in memory. More go to temporary files,
// by the first bits of their hashes, so that the same keys are in one file.
const keysInMemory = 1 << 20

// keyFiles is the number of the temporary files.
const keyFiles = 64

// keySorter finds keys that are there twice.
type keySorter struct {
	keys  []hashedKey
	files []*keyFile
	most  int // keys in memory
}

type keyFile struct {
	file *os.File
	w    *bufio.Writer
	n    int
}

func newKeySorter() *keySorter { return &keySorter{most: keysInMemory} }

func (s *keySorter) add(k hashedKey) error {
	if s.keys = append(s.keys, k); len(s.keys) < s.most {
		return nil
	}
	return s.spill()
}

// spill moves the keys to the files.
func (s *keySorter) spill() error {
	for len(s.files) < keyFiles {
		f, err := os.CreateTemp("", "tablesnap-keys-*")
		if err != nil {
			return fmt.Errorf("keep the keys of a large file in a temporary file: %w", err)
		}
		s.files = append(s.files, &keyFile{file: f, w: bufio.NewWriter(f)})
	}
	for _, k := range s.keys {
		to := s.files[int(k.Hash[0])%keyFiles]
		to.n++
		if err := binary.Write(to.w, binary.BigEndian, k); err != nil {
			return fmt.Errorf("keep the keys of a large file: %w", err)
		}
	}
	s.keys = s.keys[:0]
	return nil
}

// same returns the lines of the first key that is there twice, by the line of its second
// row, or zeros.
func (s *keySorter) same() (first, second int, err error) {
	if len(s.files) == 0 {
		first, second = sameIn(s.keys)
		return first, second, nil
	}
	if err := s.spill(); err != nil {
		return 0, 0, err
	}
	for _, f := range s.files {
		keys, err := f.read()
		if err != nil {
			return 0, 0, err
		}
		if a, b := sameIn(keys); b > 0 && (second == 0 || b < second) {
			first, second = a, b
		}
	}
	return first, second, nil
}

func (f *keyFile) read() ([]hashedKey, error) {
	err := f.w.Flush()
	if err == nil {
		_, err = f.file.Seek(0, io.SeekStart)
	}
	keys := make([]hashedKey, f.n)
	if err == nil {
		err = binary.Read(bufio.NewReader(f.file), binary.BigEndian, keys)
	}
	if err != nil {
		return nil, fmt.Errorf("read the keys of a large file back: %w", err)
	}
	return keys, nil
}

func sameIn(keys []hashedKey) (first, second int) {
	slices.SortFunc(keys, compareKeys)
	for i := 1; i < len(keys); i++ {
		if keys[i].Hash == keys[i-1].Hash && (second == 0 || int(keys[i].Line) < second) {
			first, second = int(keys[i-1].Line), int(keys[i].Line)
		}
	}
	return first, second
}

func (s *keySorter) close() {
	for _, f := range s.files {
		_ = errors.Join(f.file.Close(), os.Remove(f.file.Name()))
	}
}
