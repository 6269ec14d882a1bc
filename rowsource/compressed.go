package rowsource

import (
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// packing is a way to compress a file, known by its first bytes.
type packing struct {
	name       string
	extension  string
	magic      string
	decompress func(io.Reader) (io.Reader, func(), error)
}

// packings has the ways that are read from front to back. A zip is not.
func packings() []packing {
	return []packing{
		{"gzip", ".gz", gzipMagic, openGzip},
		{"zstd", ".zst", "\x28\xb5\x2f\xfd", openZstd},
		{"bzip2", ".bz2", "BZh", openBzip2},
	}
}

const (
	zipExtension = ".zip"
	gzipMagic    = "\x1f\x8b"
	zipMagic     = "PK\x03\x04"
	emptyZip     = "PK\x05\x06"
)

func openGzip(src io.Reader) (io.Reader, func(), error) {
	r, err := gzip.NewReader(src)
	return r, func() {}, err
}

func openZstd(src io.Reader) (io.Reader, func(), error) {
	r, err := zstd.NewReader(src, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, nil, err
	}
	return r, r.Close, nil
}

func openBzip2(src io.Reader) (io.Reader, func(), error) { return bzip2.NewReader(src), func() {}, nil }

// unpackedName is a file's name without the extension of what compressed it.
func unpackedName(name string) string {
	ext := strings.ToLower(path.Ext(name))
	for _, p := range packings() {
		if ext == p.extension {
			return name[:len(name)-len(ext)]
		}
	}
	if ext == zipExtension {
		return name[:len(name)-len(ext)]
	}
	return name
}

// unpack is src, which begins with head, without its compression. When the result ends, rest
// has been read to its end too. Call done at the end.
func unpack(head []byte, src, content, rest io.Reader) (unpacked io.Reader, done func(), err error) {
	for _, p := range packings() {
		if !p.packs(head) {
			continue
		}
		r, done, err := p.decompress(src)
		if err != nil {
			return nil, nil, fmt.Errorf("unpack %s: %w", p.name, err)
		}
		return &unpacking{src: r, rest: rest, as: p.name}, done, nil
	}
	if isZip(head) {
		r, err := openZip(content)
		if err != nil {
			return nil, nil, err
		}
		return &unpacking{src: r, rest: io.MultiReader(src, rest), as: "zip"}, func() { r.Close() }, nil
	}
	return src, func() {}, nil
}

// isPacked reports whether a file that begins with head is compressed, or a zip.
func isPacked(head []byte) bool {
	return isZip(head) || slices.ContainsFunc(packings(), func(p packing) bool { return p.packs(head) })
}

func (p packing) packs(head []byte) bool {
	return bytes.HasPrefix(head, []byte(p.magic)) && (p.name != "bzip2" || isBzip2(head))
}

func isZip(head []byte) bool {
	return bytes.HasPrefix(head, []byte(zipMagic)) || bytes.HasPrefix(head, []byte(emptyZip))
}

// isBzip2 asks for more than three letters, with which a text may begin.
func isBzip2(head []byte) bool {
	return len(head) > 10 && head[3] >= '1' && head[3] <= '9' && bytes.HasPrefix(head[4:], []byte("\x31\x41\x59\x26\x53\x59"))
}

// openZip opens the one file in a zip.
func openZip(content io.Reader) (io.ReadCloser, error) {
	f, err := oneFile(content)
	if err != nil {
		return nil, err
	}
	if f.Flags&1 != 0 {
		return nil, fmt.Errorf("the zip asks for a password for %q: unpack it", f.Name)
	}
	return f.Open()
}

// oneFile finds the one file in a zip.
func oneFile(content io.Reader) (*zip.File, error) {
	at, ok := content.(readerOfSize)
	size, err := int64(0), error(nil)
	if ok {
		size, err = lengthOf(at)
	}
	if !ok || err != nil {
		return nil, errors.New("it is a zip in a file system that reads from front to back only: unpack it")
	}
	z, err := zip.NewReader(at, size)
	if err != nil {
		return nil, fmt.Errorf("unpack zip: %w", err)
	}
	var files []*zip.File
	for _, in := range z.File {
		switch {
		case in.Name == "[Content_Types].xml":
			return nil, isOfFormat("an Excel workbook", FormatXLSX)
		case in.Name == "mimetype":
			return nil, isOfFormat("an OpenDocument file", FormatODS)
		case in.FileInfo().IsDir(), strings.HasPrefix(in.Name, "__MACOSX/"), path.Base(in.Name) == ".DS_Store":
		default:
			files = append(files, in)
		}
	}
	if len(files) != 1 {
		return nil, fmt.Errorf("the zip holds %s%s: an upload is one file: unpack it, and choose", plural(len(files), "file"), namesIn(files))
	}
	return files[0], nil
}

// namesIn has the first few names.
func namesIn(files []*zip.File) string {
	const shown = 4
	var names []string
	for _, f := range files[:min(len(files), shown)] {
		names = append(names, fmt.Sprintf("%q", f.Name))
	}
	if len(files) > shown {
		names = append(names, "…")
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// unpacking says in its errors what was unpacked, and reads at its end what the
// compression leaves of the file, so that all of it is hashed.
type unpacking struct {
	src, rest io.Reader
	as        string
}

func (u *unpacking) Read(p []byte) (int, error) {
	n, err := u.src.Read(p)
	if err == io.EOF {
		if _, err := io.Copy(io.Discard, u.rest); err != nil {
			return n, err
		}
		return n, io.EOF
	}
	if err != nil {
		return n, fmt.Errorf("unpack %s: %w: the file may be damaged, or cut off", u.as, err)
	}
	return n, nil
}
