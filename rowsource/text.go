package rowsource

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"unicode/utf8"
)

// meter counts and hashes what passes through it.
type meter struct {
	src  io.Reader
	hash hash.Hash
	size int64
	last byte
}

func newMeter(src io.Reader) *meter {
	return &meter{src: src, hash: sha256.New()}
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.src.Read(p)
	m.hash.Write(p[:n]) // never fails, says package hash
	m.size += int64(n)
	if n > 0 {
		m.last = p[n-1]
	}
	return n, err
}

// unterminated reports whether what has passed through has no line end at its end.
func (m *meter) unterminated() bool { return m.size > 0 && m.last != '\n' }

func (m *meter) sum() string { return hex.EncodeToString(m.hash.Sum(nil)) }

// skipByteOrderMark reads past the mark that Windows programs put before UTF-8,
// and refuses those of other encodings.
func skipByteOrderMark(src io.Reader) (io.Reader, error) {
	head := make([]byte, 4)
	n, err := io.ReadFull(src, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	head = head[:n]
	if encoding := foreignEncoding(head); encoding != "" {
		return nil, fmt.Errorf("its byte-order mark says that it is %s: save it as UTF-8", encoding)
	}
	head = bytes.TrimPrefix(head, []byte("\uFEFF"))
	return io.MultiReader(bytes.NewReader(head), src), nil
}

// foreignEncoding asks for UTF-32 first: its little-endian mark begins with that
// of UTF-16.
func foreignEncoding(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\xFF\xFE\x00\x00")), bytes.HasPrefix(head, []byte("\x00\x00\xFE\xFF")):
		return "UTF-32"
	case bytes.HasPrefix(head, []byte("\xFF\xFE")), bytes.HasPrefix(head, []byte("\xFE\xFF")):
		return "UTF-16"
	default:
		return ""
	}
}

// textReader lets UTF-8 through, up to the first byte that is none. What its
// reader gets before an error does not depend on how the file was cut into chunks.
type textReader struct {
	src    io.Reader
	source string
	chunk  []byte
	ready  []byte // of chunk, what has not been given yet: whole characters
	err    error  // what follows ready
	begun  []byte // a character's first bytes, until the others have come
	line   int    // line feeds so far
	column int    // characters since the last of them
}

func newTextReader(src io.Reader, source string) *textReader {
	return &textReader{src: src, source: source, chunk: make([]byte, chunkSize)}
}

// Read gives as much as there is room for, which may be less than a character.
func (t *textReader) Read(p []byte) (int, error) {
	for len(t.ready) == 0 {
		if t.err != nil {
			return 0, t.err
		}
		t.fill()
	}
	n := copy(p, t.ready)
	t.ready = t.ready[n:]
	return n, nil
}

func (t *textReader) fill() {
	n := copy(t.chunk, t.begun)
	m, err := t.src.Read(t.chunk[n:])
	text := t.chunk[:n+m]
	if err != io.EOF {
		text = wholeCharacters(text)
	}
	t.begun = append(t.begun[:0], t.chunk[len(text):n+m]...)
	if !utf8.Valid(text) {
		text, err = t.cut(text)
	}
	t.advance(text)
	t.ready, t.err = text, err
}

func (t *textReader) advance(text []byte) {
	if i := bytes.LastIndexByte(text, '\n'); i >= 0 {
		t.line += bytes.Count(text, []byte{'\n'})
		t.column = 0
		text = text[i+1:]
	}
	t.column += utf8.RuneCount(text)
}

// cut gives the text before the first bad byte, and the error that names it.
func (t *textReader) cut(text []byte) ([]byte, error) {
	good := 0
	for {
		r, size := utf8.DecodeRune(text[good:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		good += size
	}
	at := *t
	at.advance(text[:good])
	return text[:good], &CellError{Source: t.source, Line: at.line + 1, Err: fmt.Errorf(
		"column %d (counted in characters): the byte 0x%02X is not UTF-8: save the file as UTF-8", at.column+1, text[good])}
}

// wholeCharacters is b without the beginning of a character that b cuts off.
func wholeCharacters(b []byte) []byte {
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return b[:i]
			}
			break
		}
	}
	return b
}
