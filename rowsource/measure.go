package rowsource

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Column is what a [Manifest] says of one column.
type Column struct {
	Name     string `json:"name"`
	MaxChars int    `json:"max_chars"` // of its longest value, as text
	// Nulls is how many rows have no value in it. The same file, read with
	// another text for NULL, has other numbers.
	Nulls int64 `json:"nulls"`
	// Type is what its values are, if [Infer] has looked at them. Otherwise it is text.
	Type Type `json:"type,omitzero"`
}

// Manifest is what is known of a source before it is used.
type Manifest struct {
	Name    string   `json:"source_name"`
	Format  Format   `json:"source_format"`
	SHA256  string   `json:"source_sha256"`
	Bytes   int64    `json:"source_bytes"` // 0 for rows that stand in no file
	Columns []Column `json:"columns"`
	Rows    int64    `json:"source_rows"`
	// Read is how the file was read. Read in another way it is another upload.
	Read Options `json:"read,omitzero"`
	// Unterminated states that the last line has no line end: the file may have been
	// cut off.
	Unterminated bool `json:"unterminated,omitempty"`
	// Blank are the rows of nothing but delimiters.
	Blank BlankRows `json:"blank_rows,omitzero"`
	// Bad are the rows that are left out, or nil.
	Bad *BadRows `json:"bad_rows,omitempty"`
}

// BadRows are rows that no table takes as they are, and that are left out.
type BadRows struct {
	Rows int64 `json:"rows"`
	// Lines are those of the first few.
	Lines []int `json:"lines"`
	// Counts are what is wrong with them.
	Counts []FaultCount `json:"counts"`
}

// String says where they are: "lines 3, 4, 5 and 12 more".
func (b BadRows) String() string { return BlankRows{b.Rows, b.Lines}.String() }

// BlankRows are rows of a CSV or TSV file that have delimiters and no value.
// Spreadsheets write them for rows that look empty.
type BlankRows struct {
	Rows int64 `json:"rows"`
	// Lines are those of the first few.
	Lines []int `json:"lines"`
}

// maxBlankLines is how many of the lines are told.
const maxBlankLines = 10

func (b *BlankRows) add(line int) {
	b.Rows++
	if len(b.Lines) < maxBlankLines {
		b.Lines = append(b.Lines, line)
	}
}

// String says where they are: "lines 3, 4, 5 and 12 more".
func (b BlankRows) String() string {
	lines := make([]string, len(b.Lines))
	for i, l := range b.Lines {
		lines[i] = strconv.Itoa(l)
	}
	says := "line " + strings.Join(lines, ", ")
	if b.Rows > 1 {
		says = "lines " + strings.Join(lines, ", ")
	}
	if more := b.Rows - int64(len(b.Lines)); more > 0 {
		says += fmt.Sprintf(" and %d more", more)
	}
	return says
}

// ColumnNames are the names of the columns in the order of the source.
func (m Manifest) ColumnNames() []string {
	names := make([]string, len(m.Columns))
	for i, c := range m.Columns {
		names[i] = c.Name
	}
	return names
}

// Measure reads the source once, whole, and ends at the first row that cannot be read.
// [Check] finds all of them.
func Measure(ctx context.Context, s Source) (Manifest, error) {
	if s == nil {
		return Manifest{}, ErrNoSource
	}
	return measure(ctx, s, func([]string) []int { return nil })
}

// MeasureWithJSON is Measure for a source of whose columns some hold JSON.
func MeasureWithJSON(ctx context.Context, s Source, json func(columns []string) []int) (Manifest, error) {
	if s == nil {
		return Manifest{}, ErrNoSource
	}
	return measure(ctx, s, json)
}

func measure(ctx context.Context, s Source, json func(columns []string) []int) (Manifest, error) {
	r, err := s.Open()
	if err != nil {
		return Manifest{}, err
	}
	defer r.Close()
	r.KeepJSON(json(r.Columns()))
	m := emptyManifest(s, r.Columns())
	if err := m.addRows(ctx, r); err != nil {
		return Manifest{}, err
	}
	m.end(r)
	return m, nil
}

func emptyManifest(s Source, columns []string) Manifest {
	m := Manifest{Name: s.Name(), Format: s.Format(), Read: s.Options(), Columns: make([]Column, len(columns))}
	for i, name := range columns {
		m.Columns[i].Name = name
	}
	return m
}

// rowsBetweenChecks is how often the context is asked: for each row it would cost more than
// the row.
const rowsBetweenChecks = 1024

func (m *Manifest) addRows(ctx context.Context, r Reader) error {
	delimited := m.Format.delimiter() != 0
	for {
		if m.Rows%rowsBetweenChecks == 0 && ctx.Err() != nil {
			return fmt.Errorf("measure %s: %w", m.Name, context.Cause(ctx))
		}
		row, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		m.add(row, delimited)
	}
}

// add adds a row. Delimited says that there are delimiters between its values.
func (m *Manifest) add(row Row, delimited bool) {
	m.Rows++
	widen(m.Columns, row.Values)
	if delimited && isBlank(row.Values) {
		m.Blank.add(row.Line)
	}
}

// end adds what is known once all rows have been read.
func (m *Manifest) end(r Reader) {
	m.SHA256, m.Bytes, m.Unterminated = r.SHA256(), r.Offset(), r.Unterminated()
}

// AsRead is the source of the manifest as it was read for it, whatever its own options are.
func (m Manifest) AsRead(src Source) Source {
	o := m.Read
	o.Name, o.Format = m.Name, m.Format
	return src.With(o)
}

// isBlank reports whether there are delimiters and nothing else: fields that are all
// NULL, or all empty where another text stands for NULL.
func isBlank(values []Value) bool {
	if len(values) < 2 || values[0] != Null() && values[0] != Text("") {
		return false
	}
	for i := range values {
		if values[i] != values[0] {
			return false
		}
	}
	return true
}

// widen counts characters only in values that could be the longest: text has no
// more characters than bytes.
func widen(columns []Column, values []Value) {
	for i := range values {
		v, c := &values[i], &columns[i]
		if v.kind == KindNull {
			c.Nulls++
			continue
		}
		if v.kind == KindText && len(v.str) <= c.MaxChars {
			continue
		}
		c.MaxChars = max(c.MaxChars, v.chars())
	}
}
