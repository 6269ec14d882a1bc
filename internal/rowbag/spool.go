package rowbag

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"os"
)

// SpoolError says that rows cannot be kept in a temporary file.
type SpoolError struct{ Err error }

func (e *SpoolError) Error() string {
	return "keep rows in a temporary file, in " + os.TempDir() + ": " + e.Err.Error()
}

func (e *SpoolError) Unwrap() error { return e.Err }

// tempFile is written from one end to the other. It has no name where the system allows that.
type tempFile struct {
	file *os.File
	out  *bufio.Writer
	size int64
}

const bufferSize = 128 << 10

func newTempFile() (*tempFile, error) {
	f, err := os.CreateTemp("", "tablesnap-*")
	if err != nil {
		return nil, &SpoolError{err}
	}
	_ = os.Remove(f.Name()) // some systems let no open file be deleted
	return &tempFile{file: f, out: bufio.NewWriterSize(f, bufferSize)}, nil
}

func (t *tempFile) close() {
	t.file.Close()
	_ = os.Remove(t.file.Name())
}

func (t *tempFile) write(parts ...[]byte) error {
	for _, part := range parts {
		if _, err := t.out.Write(part); err != nil {
			return &SpoolError{err}
		}
		t.size += int64(len(part))
	}
	return nil
}

func (t *tempFile) flush() error {
	if err := t.out.Flush(); err != nil {
		return &SpoolError{err}
	}
	return nil
}

// read reads a part that was flushed.
func (t *tempFile) read(start, end int64, buffer int) *bufio.Reader {
	return bufio.NewReaderSize(io.NewSectionReader(t.file, start, end-start), buffer)
}

// spool keeps rows in a temporary file: for each its hash, the number of bytes, and these.
type spool struct{ *tempFile }

const headerSize = len(Hash{}) + 8

func newSpool() (*spool, error) {
	t, err := newTempFile()
	if err != nil {
		return nil, err
	}
	return &spool{t}, nil
}

func (s *spool) write(h Hash, kept []byte) error {
	var header [headerSize]byte
	copy(header[:], h[:])
	binary.LittleEndian.PutUint64(header[len(h):], uint64(len(kept)))
	return s.tempFile.write(header[:], kept)
}

func (s *spool) read() (*Reader, error) {
	if err := s.flush(); err != nil {
		return nil, err
	}
	return &Reader{in: s.tempFile.read(0, s.size, bufferSize)}, nil
}

// Reader reads rows of a side.
type Reader struct {
	in     *bufio.Reader
	wanted func(Hash) bool
	size   int // of what was kept of the row
	buffer []byte
}

// next begins a row. Call kept or skip before the next one.
func (r *Reader) next() (h Hash, err error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(r.in, header[:]); err != nil {
		if err == io.EOF {
			return h, err
		}
		return h, errors.Join(errSpoiled, err)
	}
	copy(h[:], header[:])
	r.size = int(binary.LittleEndian.Uint64(header[len(h):]))
	return h, nil
}

func (r *Reader) skip() error {
	if _, err := r.in.Discard(r.size); err != nil {
		return errors.Join(errSpoiled, err)
	}
	return nil
}

func (r *Reader) kept() ([]byte, error) {
	if cap(r.buffer) < r.size {
		r.buffer = make([]byte, r.size)
	}
	r.buffer = r.buffer[:r.size]
	if _, err := io.ReadFull(r.in, r.buffer); err != nil {
		return nil, errors.Join(errSpoiled, err)
	}
	return r.buffer, nil
}
