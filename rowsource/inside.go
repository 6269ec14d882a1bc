package rowsource

import (
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// nameInside is the name that a file's compression has kept of what it holds, or "". A zip
// has one, and a gzip file may; zstd and bzip2 keep none.
func nameInside(source string, open func() (io.ReadCloser, error)) (string, error) {
	content, err := open()
	if err != nil {
		return "", err
	}
	defer content.Close()
	name, err := nameIn(content)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", source, err)
	}
	return name, nil
}

func nameIn(content io.Reader) (string, error) {
	head, src, err := peek(content, headSize)
	switch {
	case err != nil:
		return "", err
	case isZip(head):
		f, err := oneFile(content)
		if err != nil {
			return "", err
		}
		return path.Base(f.Name), nil
	case strings.HasPrefix(string(head), gzipMagic):
		z, err := gzip.NewReader(src)
		if err != nil {
			return "", fmt.Errorf("unpack gzip: %w", err)
		}
		return z.Name, nil
	default:
		return "", nil
	}
}

// kind is what a file without a format plainly is, as an error, or nil.
func (f file) kind() error {
	content, err := f.open()
	if err != nil {
		return err
	}
	defer content.Close()
	head, _, err := peek(content, headSize)
	if err == nil {
		err = somethingElse(head)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", f.name, err)
	}
	return nil
}

// formatless is the error of a file whose format nothing tells.
func (f file) formatless() error {
	if err := f.kind(); err != nil {
		return err
	}
	name, err := f.inside()
	says := fmt.Sprintf("the extension %q names no format that can be read", f.extension)
	switch {
	case err != nil:
		return err
	case name != "":
		says = fmt.Sprintf("neither its extension nor that of the file in it, %q, names a format that can be read", name)
	case f.name == withoutFile:
		return fmt.Errorf("open %s: no name tells their format; set Options.Format, such as rowsource.FormatCSV, or an Options.Name with an extension; %s", f.name, knownFormats())
	}
	return remedied(fmt.Sprintf("open %s: %s; %s: rename the file or give its format", f.name, says, knownFormats()), RemedyFormat)
}
