package rowsource

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"sync/atomic"
	"unicode/utf8"
)

// meter counts and hashes what passes through it.
type meter struct {
	src  io.Reader
	hash hash.Hash
	size atomic.Int64 // a progress bar asks for it while it grows
}

func newMeter(src io.Reader) *meter {
	return &meter{src: src, hash: sha256.New()}
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.src.Read(p)
	m.hash.Write(p[:n]) // never fails, says package hash
	m.size.Add(int64(n))
	return n, err
}

func (m *meter) sum() string { return hex.EncodeToString(m.hash.Sum(nil)) }

// textReader lets UTF-8 through, up to the first byte that is none. What its
// reader gets before an error does not depend on how the file was cut into chunks.
type textReader struct {
	src    io.Reader
	source string
	begun  []byte // a character's first bytes, until the others have come
	line   int    // line feeds so far
	column int    // characters since the last of them
	last   byte   // of the text so far
	// decodedFrom is the encoding that the text was decoded from, or "".
	decodedFrom string
}

// read reads into a chunk. It returns the text in it, which ends with a whole character, and
// the error that follows.
func (t *textReader) read(chunk []byte) (text []byte, err error) {
	n := copy(chunk, t.begun)
	m, err := t.src.Read(chunk[n:])
	text = chunk[:n+m]
	if err != io.EOF {
		text = wholeCharacters(text)
	}
	t.begun = append(t.begun[:0], chunk[len(text):n+m]...)
	if !utf8.Valid(text) || t.decodedFrom != "" && bytes.Contains(text, []byte(string(utf8.RuneError))) {
		text, err = t.cut(text)
	}
	t.advance(text)
	return text, err
}

// unterminated reports whether the text so far has no line end at its end.
func (t *textReader) unterminated() bool { return t.last != 0 && t.last != '\n' && t.last != '\r' }

func (t *textReader) advance(text []byte) {
	if len(text) > 0 {
		t.last = text[len(text)-1]
	}
	if i := bytes.LastIndexByte(text, '\n'); i >= 0 {
		t.line += bytes.Count(text, []byte{'\n'})
		t.column = 0
		text = text[i+1:]
	}
	t.column += utf8.RuneCount(text)
}

// cut gives the text before the first bad byte, and the error that names it. A decoder
// has the replacement character for bytes that its encoding lacks.
func (t *textReader) cut(text []byte) ([]byte, error) {
	good := 0
	for {
		r, size := utf8.DecodeRune(text[good:])
		if r == utf8.RuneError && (size == 1 || t.decodedFrom != "") {
			break
		}
		good += size
	}
	at := *t
	at.advance(text[:good])
	err := fmt.Errorf("column %d (counted in characters): bytes here that mean nothing in %s: name the encoding that the file has, or save it as UTF-8", at.column+1, t.decodedFrom)
	if t.decodedFrom == "" {
		likely := likelyEncoding(text[good:])
		err = &RemedyError{Remedies: []Remedy{Suggest("encoding", likely)}, Err: fmt.Errorf(
			"column %d (counted in characters): the byte 0x%02X is not UTF-8: save the file as UTF-8, or name its encoding, which looks like %s", at.column+1, text[good], likely)}
	}
	return text[:good], &CellError{Source: t.source, Line: at.line + 1, Err: err}
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
