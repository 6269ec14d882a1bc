package rowsource

import (
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
)

// stringsInMemory is how many bytes of shared texts are held in memory. The rest is in
// temporary files.
const stringsInMemory = 8 << 20

// sharedStrings are the texts to which cells refer by number.
type sharedStrings struct {
	limit  int
	size   int      // bytes in memory
	memory []string // the first ones
	spill  *stringSpill
}

// readStrings reads the part of that name; without one there are no texts. As many bytes
// of them as limit says are held in memory.
func (w *workbook) readStrings(name string, limit int) (*sharedStrings, error) {
	s := &sharedStrings{limit: limit}
	if name == "" {
		return s, nil
	}
	p, err := w.part(name)
	if err != nil {
		return s, err
	}
	defer p.Close()
	var b strings.Builder
	err = p.each(func(e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		p.bytes.read = 0
		b.Reset()
		if err := p.richText(&b); err != nil {
			return err
		}
		return s.add(strings.Clone(b.String()))
	})
	if err == nil && s.spill != nil {
		err = s.spill.flush()
	}
	return s, err
}

func (s *sharedStrings) add(text string) error {
	const header = 16 // a string's own
	if s.spill == nil && s.size+len(text)+header <= s.limit {
		s.size += len(text) + header
		s.memory = append(s.memory, text)
		return nil
	}
	if s.spill == nil {
		var err error
		if s.spill, err = newStringSpill(); err != nil {
			return fmt.Errorf("keep its texts in a temporary file: %w", err)
		}
	}
	return s.spill.add(text)
}

func (s *sharedStrings) at(number string) (Value, error) {
	i, err := strconv.Atoi(strings.TrimSpace(number))
	n := len(s.memory)
	if s.spill != nil {
		n += s.spill.count
	}
	switch {
	case err != nil || i < 0 || i >= n:
		return Value{}, fmt.Errorf("it refers to the text number %s, which the file has not", Text(number))
	case i < len(s.memory):
		return text(s.memory[i])
	}
	t, err := s.spill.at(i - len(s.memory))
	if err != nil {
		return Value{}, fmt.Errorf("read the text number %d from a temporary file: %w", i, err)
	}
	return text(t)
}

func (s *sharedStrings) Close() error {
	if s.spill == nil {
		return nil
	}
	return errors.Join(s.spill.texts.file.Close(), s.spill.ends.file.Close())
}

// stringSpill has the texts in one file, and in another where each ends.
type stringSpill struct {
	count       int
	texts, ends blocks
}

func newStringSpill() (*stringSpill, error) {
	texts, err := newSpill()
	if err != nil {
		return nil, err
	}
	ends, err := newSpill()
	if err != nil {
		texts.Close()
		return nil, err
	}
	return &stringSpill{texts: blocks{file: texts}, ends: blocks{file: ends}}, nil
}

func (s *stringSpill) add(text string) error {
	s.count++
	if err := s.texts.write([]byte(text)); err != nil {
		return err
	}
	return s.ends.write(binary.BigEndian.AppendUint64(nil, uint64(s.texts.size)))
}

func (s *stringSpill) flush() error { return errors.Join(s.texts.flush(), s.ends.flush()) }

func (s *stringSpill) at(i int) (string, error) {
	start, end := int64(0), int64(0)
	var b [8]byte
	if i > 0 {
		if err := s.ends.read(b[:], int64(i-1)*8); err != nil {
			return "", err
		}
		start = int64(binary.BigEndian.Uint64(b[:]))
	}
	if err := s.ends.read(b[:], int64(i)*8); err != nil {
		return "", err
	}
	end = int64(binary.BigEndian.Uint64(b[:]))
	text := make([]byte, end-start)
	err := s.texts.read(text, start)
	return string(text), err
}

// blocks is a file that is first written, and then read in places that lie close to each
// other.
type blocks struct {
	file  spilled
	size  int64
	block []byte // what has not been written yet; later a part of the file
	start int64  // of block in the file
}

func (b *blocks) write(p []byte) error {
	b.block, b.size = append(b.block, p...), b.size+int64(len(p))
	if len(b.block) < chunkSize {
		return nil
	}
	return b.flush()
}

func (b *blocks) flush() error {
	_, err := b.file.Write(b.block)
	b.block, b.start = b.block[:0], b.size
	return err
}

func (b *blocks) read(p []byte, at int64) error {
	for len(p) > 0 {
		if at < b.start || at >= b.start+int64(len(b.block)) {
			if err := b.fetch(at); err != nil {
				return err
			}
		}
		n := copy(p, b.block[at-b.start:])
		p, at = p[n:], at+int64(n)
	}
	return nil
}

func (b *blocks) fetch(at int64) error {
	b.start, b.block = at/chunkSize*chunkSize, append(b.block[:0], make([]byte, chunkSize)...)
	n, err := b.file.ReadAt(b.block, b.start)
	b.block = b.block[:n]
	if err == io.EOF && at < b.start+int64(n) {
		return nil
	}
	if err == nil && n == 0 {
		return io.ErrUnexpectedEOF
	}
	return err
}

// unescapeXString reads _x000D_ and the like, which stand for characters that XML has not.
func unescapeXString(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for s != "" {
		i := strings.Index(s, "_x")
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		s = s[i:]
		c, n := escapedRune(s)
		b.WriteString(c)
		s = s[n:]
	}
	return b.String() + s
}

// escapedRune is the character for which the beginning of s stands, and how long that is.
// Half of a pair of surrogates is no character, and stays as it is written.
func escapedRune(s string) (string, int) {
	const length = len("_x000D_")
	first, ok := codeUnit(s)
	switch {
	case !ok:
		return s[:2], 2
	case !utf16.IsSurrogate(first):
		return string(first), length
	}
	if second, ok := codeUnit(s[length:]); ok {
		if r := utf16.DecodeRune(first, second); r != '\uFFFD' {
			return string(r), 2 * length
		}
	}
	return s[:2], 2
}

func codeUnit(s string) (rune, bool) {
	if len(s) < 7 || s[:2] != "_x" || s[6] != '_' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}
