package rowsource

import (
	"fmt"
	"reflect"
	"sync/atomic"
)

// Begun is a source whose header has been read. Its next Open goes on from there, and so does
// that of what With makes of it, if that says no more than which columns are read, under
// which names, and how their values are written. So who needs the names to say how the file is
// read opens it once, and not two files if it is replaced meanwhile. Later Opens read from the
// start.
type Begun struct {
	Source
	// Columns are those of the source.
	Columns []string
	// close closes what no Open has gone on with.
	close func() error
}

// Begin reads the header of a source. Call Close at the end.
func Begin(s Source) (Begun, error) {
	if s == nil {
		return Begun{}, ErrNoSource
	}
	if f, ok := s.(file); ok {
		return f.begin()
	}
	r, err := s.Open()
	if err != nil {
		return Begun{}, err
	}
	return Begun{s, r.Columns(), func() error { return nil }}, r.Close()
}

// Close closes the file, unless an Open has gone on with it.
func (b Begun) Close() error { return b.close() }

func (f file) begin() (Begun, error) {
	r, err := f.openRows()
	if err != nil {
		return Begun{}, err
	}
	f.begun = &begunFile{as: f.asRows()}
	f.begun.rows.Store(&r)
	begun := Begun{Source: f, close: f.begun.close}
	if begun.Columns, err = shapedColumns(f.name, r.Columns(), f.options); err != nil {
		f.begun.close()
	}
	return begun, err
}

// begunFile is a file that has been opened for the next Open.
type begunFile struct {
	rows atomic.Pointer[Reader]
	as   asRows
}

// asRows is all that decides how a file becomes rows under the names in its header.
type asRows struct {
	format  Format
	options Options
}

func (f file) asRows() asRows {
	o := f.options
	o.Renames, o.Ignore, o.Const, o.Forms, o.NormalizeHeaders, o.LeaveOut = nil, nil, nil, nil, false, RowSet{}
	return asRows{f.Format(), o}
}

// take gives the opened file once, if it is read as f is.
func (b *begunFile) take(f file) Reader {
	if b == nil || !reflect.DeepEqual(b.as, f.asRows()) {
		return nil
	}
	if r := b.rows.Swap(nil); r != nil {
		return *r
	}
	return nil
}

func (b *begunFile) close() error {
	if r := b.rows.Swap(nil); r != nil {
		return (*r).Close()
	}
	return nil
}

// SameFile is a *ChangedError if the source of the other manifest, which was measured
// later, is not the same.
func (m Manifest) SameFile(later Manifest) error { return changed(m.Name, m.SHA256, later.SHA256) }

// ChangedError says that a source that was read twice was not the same both times. The
// hashes are empty if it was not read to its end.
type ChangedError struct{ Source, Before, After string }

func (e *ChangedError) Error() string {
	hashes := ""
	if e.Before != "" && e.After != "" {
		hashes = fmt.Sprintf(" (SHA-256 %s, before %s)", e.After, e.Before)
	}
	return fmt.Sprintf("read %s again: it changed meanwhile%s: plan the upload again", e.Source, hashes)
}

func changed(source, before, after string) error {
	if before == after {
		return nil
	}
	return &ChangedError{source, before, after}
}
