package rowsource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// reasonColumn is the column of a [Rejects] that says why a row is bad.
const reasonColumn = "tablesnap_reason"

// Rejects writes bad rows as they stand in their source, as CSV whose first column says
// why. Give its Add to [Checks].Reject. Call End after [Check], and Close in any case.
type Rejects struct {
	w       *Writer
	source  Source
	readers []Reader // the last one gives the rows; the others have given what came before
	row     int64    // that the last reader has given
}

// NewRejects is for the bad rows of a source.
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
	return &Rejects{w: out, source: s.With(o)}, nil
}

// open reads the source from its start. The header is written once.
func (r *Rejects) open() error {
	reader, err := r.source.Open()
	if err != nil {
		return fmt.Errorf("read the bad rows: %w", err)
	}
	r.readers, r.row = append(r.readers, reader), 0
	if len(r.readers) > 1 {
		return nil
	}
	name := reasonColumn
	for _, c := range reader.Columns() {
		for strings.EqualFold(c, name) {
			name = "_" + name
		}
	}
	if err := r.w.Begin(append([]string{name}, reader.Columns()...)); err != nil {
		return fmt.Errorf("write the bad rows of %s: %w", r.source.Name(), err)
	}
	return nil
}

// Add writes a row.
func (r *Rejects) Add(row int64, bad *RowError) error {
	if len(r.readers) == 0 || row <= r.row {
		if err := r.open(); err != nil {
			return err
		}
	}
	values, err := r.values(row)
	if err != nil {
		return err
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

// values reads on to a row.
func (r *Rejects) values(row int64) (values []Value, err error) {
	reader := r.readers[len(r.readers)-1]
	for ; r.row < row; r.row++ {
		read, err := reader.Next()
		if lasting(err) != nil {
			return nil, errors.Join(&ChangedError{Source: r.source.Name()}, notEOF(err))
		}
		values = read.Values
	}
	return values, nil
}

// End writes what is held back. It is a *ChangedError if the rows were not read from the
// source that was checked. Without bad rows, there is the header alone, and the source is
// read for its names.
func (r *Rejects) End(ctx context.Context, checked Manifest) error {
	if len(r.readers) == 0 {
		if err := r.open(); err != nil {
			return err
		}
	}
	for _, reader := range r.readers {
		sum, err := sumOfRest(ctx, reader)
		if err != nil {
			return fmt.Errorf("read the bad rows of %s: %w", r.source.Name(), err)
		}
		if err := changed(r.source.Name(), checked.SHA256, sum); err != nil {
			return err
		}
	}
	return r.w.Flush()
}

// sumOfRest reads on to the end of a source, for its SHA-256. That is empty if the rows end
// in an error.
func sumOfRest(ctx context.Context, r Reader) (string, error) {
	for n := 0; ; n++ {
		if n%rowsBetweenChecks == 0 && ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		if _, err := r.Next(); lasting(err) != nil {
			return r.SHA256(), nil
		}
	}
}

// Close closes the source.
func (r *Rejects) Close() error {
	var errs []error
	for _, reader := range r.readers {
		errs = append(errs, reader.Close())
	}
	return errors.Join(errs...)
}

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
