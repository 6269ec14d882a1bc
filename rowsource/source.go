package rowsource

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync"
)

// Source is one upload's rows. It can be opened again and again, and each time
// it is read from the start.
type Source interface {
	Name() string // the file's base name or the name that it was given
	Format() Format
	Options() Options // how it is read, without Name and Format; zero for rows that stand in no file
	// With is the same source read in another way. Rows that stand in no file keep to
	// what is about columns.
	With(Options) Source
	Open() (Reader, error) // the header has been read and checked
}

// Reader goes once through the rows of a [Source].
type Reader interface {
	// Columns are the names in the header; none where no row names them. They must
	// not be changed.
	Columns() []string
	// KeepJSON names columns that hold JSON, by their places. Call it before Next.
	// Where the rows have types, Next gives a value of such a column as its JSON text:
	// "5" with its quotes, and true. A number stays one, and null is NULL.
	KeepJSON(columns []int)
	// Next gives the rows in order, and io.EOF after the last one. After a *RowError it
	// goes on with the next row; after any other error it gives the same error again.
	Next() (Row, error)
	// Offset is how many bytes of the file have been read, for a progress bar;
	// 0 for rows that stand in no file.
	Offset() int64
	// SHA256 is the hash of the whole file in lower-case hexadecimal digits. It
	// is "" until Next has given io.EOF, since it would cover less.
	SHA256() string
	// Unterminated reports, once Next has given io.EOF, that the file's last line has
	// no line end, so that the file may have been cut off.
	Unterminated() bool
	Close() error
}

// Row is one row of a [Source].
type Row struct {
	Values []Value // valid until the next call of Next; the strings in it stay valid
	Line   int     // line of the file on which the row starts, or ordinal of a row from Go; from 1
	// written are the values as they stand in the source; nil if Values are.
	written []Value
}

// NewRow is a row of other values. Written are the same as they stand in the source, or nil if
// no [Form] has changed one.
func NewRow(line int, values, written []Value) Row {
	return Row{Values: values, Line: line, written: written}
}

// Written is a value as it stands in the source, where its column's [Form] has changed it.
// Messages show that. It is valid until the next call of Next.
func (r Row) Written(column int) Value {
	if r.written != nil {
		return r.written[column]
	}
	return r.Values[column]
}

// recordLimit bounds what is gathered in memory for one record.
const recordLimit = 64 << 20

// file is a Source that is made of bytes.
type file struct {
	name        string
	extension   string
	format      Format // "": none was given, and the extension names none
	inside      func() (string, error)
	options     Options
	recordLimit int
	textLimit   int // of a spreadsheet's shared texts, how many bytes are held in memory
	open        func() (io.ReadCloser, error)
	begun       *begunFile // nil: it has not been opened ahead
}

// File is the upload in a file on disk. It is read more than once, so it must be
// a regular file and not a pipe.
func File(name string, o Options) Source {
	return newFile(filepath.Base(name), o, func() (io.ReadCloser, error) {
		return openRegular(name, os.Stat, os.Open)
	})
}

// FS is the upload in a file of fsys, such as an embed.FS.
func FS(fsys fs.FS, name string, o Options) Source {
	stat := func(name string) (fs.FileInfo, error) { return fs.Stat(fsys, name) }
	return newFile(path.Base(name), o, func() (io.ReadCloser, error) {
		if fsys == nil {
			return nil, fmt.Errorf("open %s: the fs.FS in which it should be is nil", name)
		}
		return openRegular(name, stat, fsys.Open)
	})
}

// withoutFile is the name of bytes that nobody has named.
const withoutFile = "bytes without a name"

// Bytes is the upload whose file is content, which must not be changed. Give its
// format in o: by Format, or by the extension of Name.
func Bytes(content []byte, o Options) Source {
	return newFile(cmp.Or(o.Name, withoutFile), o, func() (io.ReadCloser, error) {
		return section{io.NewSectionReader(bytes.NewReader(content), 0, int64(len(content)))}, nil
	})
}

// At is the upload whose file is the first size bytes of content. For o see [Bytes].
func At(content io.ReaderAt, size int64, o Options) Source {
	return newFile(cmp.Or(o.Name, withoutFile), o, func() (io.ReadCloser, error) {
		if content == nil {
			return nil, errors.New("open the upload: the io.ReaderAt is nil")
		}
		return section{io.NewSectionReader(content, 0, size)}, nil
	})
}

// section is content that needs no closing. Like an [os.File] it is an [io.ReaderAt],
// for formats that are not read from front to back.
type section struct{ *io.SectionReader }

func (section) Close() error { return nil }

func newFile(base string, o Options, open func() (io.ReadCloser, error)) file {
	f := file{name: base, extension: path.Ext(unpackedName(base)), format: o.Format, options: o, recordLimit: recordLimit, textLimit: stringsInMemory, open: open}
	if o.Name != "" {
		f.name = o.Name
	}
	if f.format == "" {
		f.format = formatOf(f.extension)
	}
	f.options.Name, f.options.Format = "", ""
	f.inside = sync.OnceValues(func() (string, error) { return nameInside(f.name, open) })
	return f
}

// openRegular asks first and opens then: to open a pipe could wait for ever.
func openRegular[F io.ReadCloser](name string, stat func(string) (fs.FileInfo, error), open func(string) (F, error)) (io.ReadCloser, error) {
	info, err := stat(name)
	if err != nil {
		return nil, err
	}
	if info.Mode().IsRegular() {
		return open(name)
	}
	what := "a pipe or a device"
	if info.IsDir() {
		what = "a directory"
	}
	return nil, fmt.Errorf("open %s: it is %s, and an upload is read more than once: save the rows in a regular file", name, what)
}

func (f file) Name() string     { return f.name }
func (f file) Options() Options { return f.options }

// Format looks into a file whose own name tells none.
func (f file) Format() Format {
	if f.format != "" {
		return f.format
	}
	name, _ := f.inside() // Open tells the error
	return formatOf(path.Ext(name))
}

// With takes Name and Format from f where o has none.
func (f file) With(o Options) Source {
	f.name, f.format = cmp.Or(o.Name, f.name), cmp.Or(o.Format, f.format)
	f.options = o
	f.options.Name, f.options.Format = "", ""
	return f
}

func (f file) Open() (Reader, error) {
	r := f.begun.take(f)
	if r == nil {
		var err error
		if r, err = f.openRows(); err != nil {
			return nil, err
		}
	}
	return f.shaped(r)
}

// openRows reads the file as it stands, under the names in its header.
func (f file) openRows() (Reader, error) {
	if f.format = f.Format(); f.format == "" {
		return nil, f.formatless()
	}
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("open %s: %w", f.name, err)
	}
	content, err := f.open()
	if err != nil {
		return nil, err
	}
	r, err := f.reader(content)
	if err != nil {
		content.Close()
	}
	return r, err
}

// shaped has the columns that the options give to those of the file.
func (f file) shaped(r Reader) (Reader, error) {
	named, err := shaped(f.name, r, f.options)
	if err != nil {
		return nil, err
	}
	rows, err := formed(f.name, named, f.options.Forms)
	if err != nil {
		return nil, err
	}
	return without(rows, f.options.LeaveOut), nil
}

func (f file) reader(content io.ReadCloser) (Reader, error) {
	info, _ := f.format.info()
	return info.open(f, content)
}

func (f file) check() error {
	info, known := f.format.info()
	if !known {
		return fmt.Errorf("files of the format %q can't be read; %s", string(f.format), knownFormats())
	}
	return cmp.Or(f.options.checkFormat(f.format), info.check(f.options))
}
