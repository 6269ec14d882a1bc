package main

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// compression is how a file is compressed.
type compression string

const (
	notCompressed compression = ""
	gzipped       compression = ".gz"
	zstdPacked    compression = ".zst"
)

// compressionOf is what a file's name says, and the name without it.
func compressionOf(name string) (packed compression, rest string) {
	lower := strings.ToLower(name)
	for _, c := range []compression{gzipped, zstdPacked} {
		if strings.HasSuffix(lower, string(c)) {
			return c, name[:len(name)-len(c)]
		}
	}
	return notCompressed, name
}

// output is where an export goes. A file has another name until it is whole.
type output struct {
	io.Writer
	packer  io.Closer // nil without compression
	file    *os.File  // nil for standard output
	name    string    // of the file once it is whole
	partial string    // its name until then; "" for a device
}

func openOutput(name string, stdout io.Writer, packed compression) (*output, error) {
	o := &output{Writer: stdout, name: name}
	if name != "" {
		if err := o.create(); err != nil {
			return nil, fmt.Errorf("write the export: %w", err)
		}
		o.Writer = o.file
	}
	switch packed {
	case gzipped:
		z := gzip.NewWriter(o.Writer)
		o.Writer, o.packer = z, z
	case zstdPacked:
		z, err := zstd.NewWriter(o.Writer)
		if err != nil {
			o.abandon()
			return nil, fmt.Errorf("compress the export: %w", err)
		}
		o.Writer, o.packer = z, z
	case notCompressed:
	}
	return o, nil
}

func (o *output) create() (err error) {
	if info, statErr := os.Stat(o.name); statErr == nil && !info.Mode().IsRegular() {
		if info.IsDir() {
			return fmt.Errorf("%s is a directory", o.name)
		}
		o.file, err = os.OpenFile(o.name, os.O_WRONLY, 0)
		return err
	}
	o.partial = fmt.Sprintf("%s.%d.partial", o.name, os.Getpid())
	o.file, err = os.OpenFile(o.partial, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	return err
}

// finish gives the file its name.
func (o *output) finish() error {
	if o.packer != nil {
		if err := o.packer.Close(); err != nil {
			return fmt.Errorf("write the export: %w", err)
		}
	}
	if o.file == nil {
		return nil
	}
	err := o.file.Close()
	if err == nil && o.partial != "" {
		err = os.Rename(o.partial, o.name)
	}
	if err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	o.file = nil
	return nil
}

// abandon removes the part that has been written. After finish it does nothing.
func (o *output) abandon() {
	if o.file == nil {
		return
	}
	o.file.Close()
	if o.partial != "" {
		_ = os.Remove(o.partial)
	}
}
