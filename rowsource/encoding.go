package rowsource

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// charset is the encoding of a file; the zero charset is UTF-8.
type charset struct {
	name string
	from encoding.Encoding
}

// encoding is what the byte-order mark says, and then what the options say.
func (f file) encoding(head []byte) (charset, error) {
	if bytes.HasPrefix(head, []byte("\uFEFF")) {
		return charset{}, nil
	}
	if marked := markedEncoding(head); marked.from != nil {
		return marked, nil
	}
	if f.options.Encoding == "" {
		if likely := zerosOf(head); likely != "" {
			return charset{}, &RemedyError{Remedies: []Remedy{Suggest("encoding", likely)}, Err: fmt.Errorf(
				"every second byte is 0, as in %s without a byte-order mark: name the encoding, or save the file as UTF-8", strings.ToUpper(likely))}
		}
		return charset{}, nil
	}
	return encodingNamed(f.options.Encoding)
}

// markedEncoding asks for UTF-32 first: its little-endian mark begins with that of
// UTF-16.
func markedEncoding(head []byte) charset {
	for _, m := range []struct {
		mark string
		charset
	}{
		{"\xFF\xFE\x00\x00", charset{"UTF-32", utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)}},
		{"\x00\x00\xFE\xFF", charset{"UTF-32", utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)}},
		{"\xFF\xFE", charset{"UTF-16", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)}},
		{"\xFE\xFF", charset{"UTF-16", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)}},
	} {
		if bytes.HasPrefix(head, []byte(m.mark)) {
			return m.charset
		}
	}
	return charset{}
}

// zerosOf is the kind of UTF-16 in which the letters of most files have their zeros.
func zerosOf(head []byte) string {
	var zeros [2]int
	for i, b := range head {
		if b == 0 {
			zeros[i%2]++
		}
	}
	half := len(head) / 4 // half of every second byte
	switch {
	case len(head) < 4:
		return ""
	case zeros[1] > half && zeros[0] == 0:
		return "utf-16le"
	case zeros[0] > half && zeros[1] == 0:
		return "utf-16be"
	default:
		return ""
	}
}

// encodingNamed asks for IANA's name first: for the web, iso-8859-1 is windows-1252.
func encodingNamed(name string) (charset, error) {
	switch strings.ToLower(name) {
	case "utf-8", "utf8", "us-ascii", "ascii":
		return charset{}, nil
	case "utf-16", "utf16":
		return charset{}, errors.New("it has no byte-order mark, so the encoding UTF-16 can be either of two: name utf-16le (as Windows writes it) or utf-16be")
	case "utf-32le":
		return charset{name, utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)}, nil
	case "utf-32be":
		return charset{name, utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)}, nil
	}
	if e, err := ianaindex.IANA.Encoding(name); err == nil && e != nil {
		return charset{name, e}, nil
	}
	if e, err := htmlindex.Get(name); err == nil && e != encoding.Replacement {
		return charset{name, e}, nil
	}
	return charset{}, fmt.Errorf("the encoding %q is not known: write a name of IANA, such as windows-1252, iso-8859-15, utf-16le or shift_jis", name)
}

func (c charset) decoded(src io.Reader) (io.Reader, error) {
	if c.from == nil {
		return src, nil
	}
	return c.from.NewDecoder().Reader(src), nil
}

// likelyEncoding guesses what text is written in that is not UTF-8.
func likelyEncoding(text []byte) string {
	var high, dos, beside int
	for i, b := range text {
		if b < 0x80 {
			continue
		}
		high++
		if b <= 0xA8 { // the accented letters of code page 850
			dos++
		}
		if i > 0 && text[i-1] >= 0xC0 && b >= 0xC0 { // whole words of other letters
			beside++
		}
	}
	switch {
	case 2*dos > high:
		return "ibm850"
	case 2*beside > high:
		return "windows-1251"
	default:
		return "windows-1252"
	}
}
