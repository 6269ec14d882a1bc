package rowsource

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"unicode/utf8"
)

// container is a file that is read in places rather than from its start to its end. It is
// hashed before and after it is read, so that the hash is that of what was read.
type container struct {
	source  string
	content closers
	bytes   io.ReaderAt // without compression
	size    int64
	file    io.ReaderAt // as it stands
	length  int64
	offset  int64 // in bytes, for a progress bar
	sum     string
	err     error // what ended the rows
}

// openContainer hashes the content, and unpacks it. What cannot be read in places is copied
// to a temporary file first. The caller closes content if it fails.
func openContainer(source string, content io.ReadCloser, f Format) (*container, error) {
	c := &container{source: source, content: closers{content}}
	if err := c.place(content); err != nil {
		return nil, fmt.Errorf("keep %s in a temporary file: %w", source, err)
	}
	sum, err := c.hash()
	if err == nil {
		c.sum, err = sum, c.unpack()
	}
	if err == nil {
		err = c.checkKind(f)
	}
	if err != nil {
		c.discard()
		return nil, inSource(source, err)
	}
	return c, nil
}

// place sets the file.
func (c *container) place(content io.Reader) error {
	if at, ok := content.(readerOfSize); ok {
		size, err := lengthOf(at)
		c.file, c.length, c.bytes, c.size = at, size, at, size
		return err
	}
	copied, size, err := spill(content)
	if err != nil {
		return err
	}
	c.file, c.length, c.bytes, c.size = copied, size, copied, size
	c.content = append(c.content, copied)
	return nil
}

// unpack replaces the bytes by those that were compressed. A spreadsheet is a zip of its
// own.
func (c *container) unpack() error {
	head := make([]byte, headSize)
	n, err := c.file.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return err
	}
	head = head[:n]
	if !isPacked(head) || isZip(head) && c.isBook() {
		return nil
	}
	packed := io.NewSectionReader(c.file, 0, c.length)
	unpacked, done, err := unpack(head, packed, packed, packed)
	if err != nil {
		return err
	}
	defer done()
	kept, size, err := spill(unpacked)
	if err != nil {
		return err
	}
	c.bytes, c.size = kept, size
	c.content = append(c.content, kept)
	return nil
}

// checkKind is an error if the file is plainly of another kind than the format.
func (c *container) checkKind(f Format) error {
	head := make([]byte, headSize)
	n, err := c.bytes.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return err
	}
	head = head[:n]
	kind := somethingElse(head)
	if isZip(head) {
		_, kind = oneFile(io.NewSectionReader(c.bytes, 0, c.size))
	}
	if is, ok := errors.AsType[*RemedyError](kind); ok && slices.Contains(is.Remedies, Suggest(inputFormat, string(f))) || isZip(head) && !ok {
		return nil // if it is damaged, the reader says so
	}
	if kind == nil && isText(head) {
		return remedied(fmt.Sprintf("it is text, and not %s: name the format that it has", f), RemedyFormat)
	}
	return kind
}

// isText reports whether a file that begins with head is text in UTF-8.
func isText(head []byte) bool {
	whole := head[:bytes.LastIndexByte(head, '\n')+1]
	return len(whole) > 0 && bytes.IndexByte(head, 0) < 0 && utf8.Valid(whole)
}

// isBook reports whether the zip is not one of a single file.
func (c *container) isBook() bool {
	_, err := oneFile(io.NewSectionReader(c.file, 0, c.length))
	return err != nil
}

type readerOfSize interface {
	io.ReaderAt
	io.Reader
}

// lengthOf is the size of a file, or of a section of one.
func lengthOf(r readerOfSize) (int64, error) {
	switch r := r.(type) {
	case interface{ Size() int64 }:
		return r.Size(), nil
	case interface{ Stat() (fs.FileInfo, error) }:
		info, err := r.Stat()
		if err != nil {
			return 0, err
		}
		return info.Size(), nil
	default:
		return 0, errors.New("its size is not known")
	}
}

func (c *container) hash() (string, error) {
	h := sha256.New()
	n, err := io.Copy(h, io.NewSectionReader(c.file, 0, c.length))
	if err == nil && n < c.length {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return "", fmt.Errorf("read %s: %w", c.source, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// ReadAt counts for the progress bar what is read for the first time.
func (c *container) ReadAt(p []byte, at int64) (int, error) {
	n, err := c.bytes.ReadAt(p, at)
	c.offset = min(c.length, c.offset+int64(n))
	return n, err
}

// end is io.EOF, if the file is what it was when it was opened.
func (c *container) end() error {
	sum, err := c.hash()
	if err != nil {
		return err
	}
	if sum != c.sum {
		return fmt.Errorf("read %s: it changed while it was read", c.source)
	}
	c.offset = c.length
	return io.EOF
}

func (c *container) Offset() int64      { return c.offset }
func (c *container) Close() error       { return c.content.Close() }
func (c *container) Unterminated() bool { return false }

func (c *container) SHA256() string {
	if c.err != io.EOF {
		return ""
	}
	return c.sum
}

// discard deletes the temporary files, if there are any, and leaves the content open.
func (c *container) discard() { c.content[1:].Close() }

type closers []io.Closer

func (cs closers) Close() error {
	var errs []error
	for _, c := range cs {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// spilled is a temporary file. Close deletes it, if the system has not done so at once.
type spilled struct{ *os.File }

func (s spilled) Close() error {
	err := s.File.Close()
	_ = os.Remove(s.Name())
	return err
}

func newSpill() (spilled, error) {
	f, err := os.CreateTemp("", "tablesnap-*")
	if err != nil {
		return spilled{}, err
	}
	_ = os.Remove(f.Name()) // some systems let no open file be deleted
	return spilled{f}, nil
}

func spill(r io.Reader) (spilled, int64, error) {
	f, err := newSpill()
	if err != nil {
		return spilled{}, 0, err
	}
	size, err := io.Copy(f, r)
	if err != nil {
		f.Close()
		return spilled{}, 0, err
	}
	return f, size, nil
}
