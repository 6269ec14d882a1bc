package rowsource

import (
	"bytes"
	"fmt"
	"io"
)

// content is a file's text as UTF-8, without compression and byte-order mark.
type content struct {
	*ahead
	meter *meter
	text  *textReader
	done  func() // of the unpacking
}

func (c *content) close() {
	c.ahead.close()
	c.done()
}

// headSize is how much of a file is looked at before it is read.
const headSize = 4 << 10

// openContent finds out how the bytes are to be read as text, and refuses what is none.
func (f file) openContent(raw io.Reader) (*content, error) {
	m := newMeter(raw)
	head, packed, err := peek(m, headSize)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.name, err)
	}
	unpacked, done, err := unpack(head, packed, raw, m)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.name, err)
	}
	c := &content{meter: m, done: done}
	if err := c.decode(f, unpacked); err != nil {
		done()
		return nil, err
	}
	return c, nil
}

func (c *content) decode(f file, unpacked io.Reader) error {
	head, src, err := peek(unpacked, headSize)
	if err != nil {
		return fmt.Errorf("read %s: %w", f.name, err)
	}
	if err := somethingElse(head); err != nil {
		return fmt.Errorf("read %s: %w", f.name, err)
	}
	enc, err := f.encoding(head)
	if err != nil {
		return fmt.Errorf("read %s: %w", f.name, err)
	}
	if src, err = enc.decoded(src); err != nil {
		return fmt.Errorf("read %s: %w", f.name, err)
	}
	if src, err = skipMarks(src); err != nil {
		return fmt.Errorf("read %s: %w", f.name, err)
	}
	c.text = &textReader{src: src, source: f.name, decodedFrom: enc.name}
	c.ahead = newAhead(c.text.read)
	return nil
}

// peek reads up to n bytes. The rest begins with them again. An error other than the end
// is in the rest as well.
func peek(src io.Reader, n int) (head []byte, rest io.Reader, err error) {
	head = make([]byte, n)
	n, err = readFull(src, head)
	head = head[:n]
	switch err {
	case nil:
		return head, io.MultiReader(bytes.NewReader(head), src), nil
	case io.EOF: //nolint:errorlint // a reader gives it itself
		return head, bytes.NewReader(head), nil
	default:
		return head, io.MultiReader(bytes.NewReader(head), failing{err}), err
	}
}

// readFull fills p, or says why it does not. io.ReadFull would not do: what it says of a short
// file is also what decompression says of one that is cut off.
func readFull(src io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		m, err = src.Read(p[n:])
		n += m
	}
	return n, err
}

// failing is a Reader that gives one error.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// skipMarks reads past the byte-order marks, of which two programs write two.
func skipMarks(src io.Reader) (io.Reader, error) {
	const mark = "\uFEFF"
	for {
		head, rest, err := peek(src, len(mark))
		if err != nil {
			return nil, err
		}
		if string(head) != mark {
			return rest, nil
		}
	}
}
