package plan

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

func (s *script) load(st Step) {
	if s.err == nil {
		s.err = s.loadRows(st)
	}
	twin := st.Load.Twin
	if s.err != nil || twin == nil {
		return
	}
	s.comment("the same rows once more, to compare what the triggers make of the others")
	s.stmts(twin.Create...)
	loaded, again := *st.Load, st
	loaded.Fixed, again.Load, again.Table = nil, &loaded, twin.Table.Ident
	s.err = s.loadRows(again)
}

// loadRows prints the rows and holds them to the plan: the same columns'
// checks as a load, and the same SHA-256 at the end of the file.
func (s *script) loadRows(st Step) error {
	if s.src == nil {
		return rowsource.ErrNoSource
	}
	r, err := s.src.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	if !slices.Equal(r.Columns(), s.p.Upload.Source.ColumnNames()) {
		return fmt.Errorf("print the rows of %s: the file changed after it was planned (its columns are others); plan the upload again", s.src.Name())
	}
	columns := s.columns(st)
	r.KeepJSON(dialect.JSONColumns(columns))
	cells := s.cells(columns)
	batch := &insertBatch{s: s, st: st, cells: cells, columns: st.Load.Columns}
	for _, f := range st.Load.Fixed {
		batch.columns = append(slices.Clone(batch.columns), f.Column)
		batch.fixed = append(batch.fixed, s.d.Literal(f.Value))
	}
	for printed := int64(0); s.showsAll() || printed < int64(s.opts.Rows); printed++ {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			batch.flush()
			if got := r.SHA256(); got != st.Load.SHA256 {
				return fmt.Errorf("print the rows of %s: the file changed while it was read (SHA-256 %s, planned for %s); plan the upload again", s.src.Name(), got, st.Load.SHA256)
			}
			return s.err
		}
		if err != nil {
			return err
		}
		for i, v := range row.Values {
			if cells[i].check == nil {
				continue
			}
			if err := cells[i].check(v); err != nil {
				return &rowsource.CellError{Source: s.src.Name(), Format: s.src.Format(), Line: row.Line, Column: st.Load.Columns[i], Value: v.String(), Err: err}
			}
		}
		batch.add(row)
		if n := st.Load.ChunkRows; n > 0 && s.style != forGoose && (printed+1)%int64(n) == 0 {
			batch.flush()
			s.comment("a transaction of its own for every %s: readers see none of them yet", dialect.Rows(int64(n)))
			s.stmt(s.d.Facts().Commit)
			s.stmts(s.d.Begin(dialect.Table{}, dialect.Replaces).Stmts...)
		}
	}
	batch.flush()
	s.comment("… and %d more rows of %s, SHA-256 %s", st.Load.Rows-int64(s.opts.Rows), s.src.Name(), st.Load.SHA256)
	return s.err
}

// cell is how the values of one column are checked and written.
type cell struct {
	check   func(rowsource.Value) error // nil where there is nothing to check
	literal func(rowsource.Value) string
}

// table is the table as it was inspected; empty where there is none yet.
func (s *script) table() dialect.Table {
	if s.p.Table == nil {
		return dialect.Table{}
	}
	return *s.p.Table
}

// columns are those that a load fills, as the load finds them.
func (s *script) columns(st Step) []dialect.Column {
	columns := make([]dialect.Column, len(st.Load.Columns))
	for i, name := range st.Load.Columns {
		c, ok := s.table().Column(name, s.d.SameName)
		if !ok {
			c = s.d.TextColumn(s.table(), name, s.p.Upload.Source.Columns[i].MaxChars)
		}
		columns[i] = c
	}
	return columns
}

func (s *script) cells(columns []dialect.Column) []cell {
	cells, t := make([]cell, len(columns)), s.table()
	for i, c := range columns {
		cells[i] = cell{check: s.d.Checker(s.p.Server, t, c), literal: s.d.ColumnLiteral(c)}
		if s.style == forGoose {
			cells[i].literal = onShortLines(s.words, cells[i].literal)
		}
	}
	return cells
}

// insertBatch collects rows for one INSERT.
type insertBatch struct {
	s       *script
	st      Step
	cells   []cell
	columns []string
	fixed   []string
	rows    [][]string
	bytes   int
}

func (b *insertBatch) add(row rowsource.Row) {
	literals := make([]string, len(row.Values))
	for i, v := range row.Values {
		literals[i] = b.cells[i].literal(v)
		b.bytes += len(literals[i])
	}
	b.rows = append(b.rows, append(literals, b.fixed...))
	if len(b.rows) >= batchRows || b.bytes >= batchBytes {
		b.flush()
	}
}

func (b *insertBatch) flush() {
	if len(b.rows) > 0 {
		b.s.stmt(dialect.InsertRows(b.s.d, b.st.Table, b.columns, b.rows))
	}
	b.rows, b.bytes = nil, 0
}
