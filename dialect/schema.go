package dialect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// schemaLimit is the largest size of a schema file in bytes.
const schemaLimit = 64 << 20

// DecodeTarget reads a [Target] from the file that "tablesnap inspect" writes. It rejects
// another format, unknown fields, and contents that no inspection can have written.
func DecodeTarget(r io.Reader) (Target, error) {
	text, err := io.ReadAll(io.LimitReader(r, schemaLimit+1))
	if err != nil {
		return Target{}, err
	}
	if len(text) > schemaLimit {
		return Target{}, fmt.Errorf("it has more than %d bytes", schemaLimit)
	}
	var format struct{ Format *int }
	if err := json.Unmarshal(text, &format); err != nil {
		return Target{}, err
	}
	if format.Format == nil || *format.Format != TargetFormat {
		found := "none"
		if format.Format != nil {
			found = fmt.Sprint(*format.Format)
		}
		return Target{}, fmt.Errorf("its format is %s, and this tablesnap reads format %d; write it anew with tablesnap inspect", found, TargetFormat)
	}
	t, err := decodeStrictly(text)
	if err == nil {
		err = t.check()
	}
	if err != nil {
		return Target{}, err
	}
	return t, nil
}

func decodeStrictly(text []byte) (t Target, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil {
		return Target{}, err
	}
	if _, err := d.Token(); err != io.EOF {
		return Target{}, errors.New("there is something behind its end")
	}
	return t, nil
}

// check rejects contents that no inspection can have written and that would break
// planning.
func (t Target) check() error {
	last := t.Ledger.Last
	switch {
	case t.Ident.Name == "":
		return errors.New("it names no table")
	case t.Server.Dialect == "":
		return errors.New("it names no database family (server.dialect)")
	case t.EstimatedRows != nil && *t.EstimatedRows < 0:
		return fmt.Errorf("it has %d for estimated_rows", *t.EstimatedRows)
	case t.Ledger.Migration < 0:
		return fmt.Errorf("it has %d for ledger.migration", t.Ledger.Migration)
	case last != nil && (last.Number < 1 || last.Rows < 0):
		return fmt.Errorf("it has version %d with %d rows for ledger.last", last.Number, last.Rows)
	case t.Table != nil && t.Table.Ident != t.Ident:
		return fmt.Errorf("it is of the table %q, and describes %q", t.Ident.Name, t.Table.Ident.Name)
	}
	for _, beside := range []*Table{t.Table, t.Backup, t.Shadow, t.Old, t.Stage, t.List} {
		if beside == nil {
			continue
		}
		if err := beside.check(); err != nil {
			return fmt.Errorf("the table %q: %w", beside.Ident.Name, err)
		}
	}
	return t.checkSnapshots()
}

func (t Target) checkSnapshots() error {
	for i, s := range t.Snapshots {
		switch {
		case s.Version < 0 || s.Rows < 0 || s.Table.Name == "":
			return fmt.Errorf("it has version %d with %d rows in the table %q for a snapshot", s.Version, s.Rows, s.Table.Name)
		case i > 0 && s.Version >= t.Snapshots[i-1].Version:
			return fmt.Errorf("its snapshots are not in order, newest first: %d, %d", t.Snapshots[i-1].Version, s.Version)
		case s.Table == t.Ident:
			return fmt.Errorf("it has the table itself for the snapshot of version %d", s.Version)
		}
	}
	return nil
}

// check rejects columns without a name, and keys on missing columns.
func (t Table) check() error {
	names := ColumnNames(t.Columns)
	for i, n := range names {
		if n == "" || slices.Contains(names[:i], n) {
			return fmt.Errorf("it has no name, or one twice, for column %d: %q", i+1, n)
		}
	}
	for _, index := range t.Indexes {
		if len(index.Columns) == 0 {
			return fmt.Errorf("the index %q has no columns", index.Name)
		}
	}
	for _, key := range t.PrimaryKey {
		if !slices.Contains(names, key) {
			return fmt.Errorf("its primary key has the column %q, which the table has not", key)
		}
	}
	return nil
}
