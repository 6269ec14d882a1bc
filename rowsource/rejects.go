package rowsource

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// reasonColumn is the column of a [Rejects] that says why a row is bad.
const reasonColumn = "tablesnap_reason"

// Rejects writes bad rows as they stand in their source, as CSV whose first column says
// why. Give its Add to [Checks].Reject.
type Rejects struct {
	w      *Writer
	source Source
	reader Reader
	row    int64
}

// NewRejects writes the header.
func NewRejects(w io.Writer, s Source) (*Rejects, error) {
	if s == nil {
		return nil, ErrNoSource
	}
	o := s.Options()
	o.Renames, o.Ignore, o.Const, o.Forms, o.NormalizeHeaders, o.LeaveOut = nil, nil, nil, nil, false, RowSet{}
	if !o.SkipEmptyRows { // otherwise the texts for NULL say which rows are empty
		o.Null = nil
	}
	out, err := NewWriter(w, FormatCSV, o.nulls()[0])
	if err != nil {
		return nil, err
	}
	r := &Rejects{w: out, source: s.With(o)}
	if err := r.rewind(); err != nil {
		return nil, err
	}
	name := reasonColumn
	for _, c := range r.reader.Columns() {
		for strings.EqualFold(c, name) {
			name = "_" + name
		}
	}
	if err := out.Begin(append([]string{name}, r.reader.Columns()...)); err != nil {
		r.reader.Close()
		return nil, fmt.Errorf("write the bad rows of %s: %w", s.Name(), err)
	}
	return r, nil
}

// rewind goes back to before the first row.
func (r *Rejects) rewind() (err error) {
	if r.reader != nil {
		r.reader.Close()
	}
	r.row = 0
	r.reader, err = r.source.Open()
	return err
}

// Add writes a row.
func (r *Rejects) Add(row int64, bad *RowError) error {
	if row <= r.row {
		if err := r.rewind(); err != nil {
			return err
		}
	}
	var values []Value
	for ; r.row < row; r.row++ {
		read, err := r.reader.Next()
		if lasting(err) != nil {
			return fmt.Errorf("read the bad rows of %s again: %w", r.source.Name(), err)
		}
		values = read.Values
	}
	if bad.Fields != nil {
		values = fieldValues(bad.Fields)
	}
	reasons := make([]string, len(bad.Cells))
	for i, c := range bad.Cells {
		reasons[i] = strings.TrimPrefix(c.Error(), c.Source+" ")
	}
	return r.w.Write(append([]Value{Text(strings.Join(reasons, "; "))}, writable(values)...))
}

// Close writes what is held back, and closes the source.
func (r *Rejects) Close() error { return errors.Join(r.w.Flush(), r.reader.Close()) }

func fieldValues(fields []string) []Value {
	values := make([]Value, len(fields))
	for i, f := range fields {
		values[i] = Text(f)
	}
	return values
}

// writable are values as CSV has them: bytes as they are shown.
func writable(values []Value) []Value {
	out := make([]Value, len(values))
	for i, v := range values {
		out[i] = v
		if v.Kind() == KindBlob {
			out[i] = Text(fmt.Sprintf("%X", v.Str()))
		}
	}
	return out
}
