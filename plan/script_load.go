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

// loadRows prints the rows with the checks of a load: each value against its column, and
// the file's SHA-256 at the end.
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
	batch := s.newBatch(st, s.cells(columns))
	for printed := int64(1); s.showsAll() || printed <= int64(s.opts.Rows); printed++ {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			batch.flush()
			return s.endOfFile(st, r.SHA256())
		}
		if err != nil {
			return err
		}
		if err := batch.check(row); err != nil {
			return err
		}
		batch.add(row)
		if n := st.Load.ChunkRows; n > 0 && s.style != forGoose && printed%int64(n) == 0 {
			batch.flush()
			s.nextTransaction(n)
		}
	}
	batch.flush()
	s.comment("… and %d more rows of %s, SHA-256 %s", st.Load.Rows-int64(s.opts.Rows), s.src.Name(), st.Load.SHA256)
	return s.err
}

func (s *script) endOfFile(st Step, got string) error {
	if got != st.Load.SHA256 {
		return fmt.Errorf("print the rows of %s: the file changed while it was read (SHA-256 %s, planned for %s); plan the upload again", s.src.Name(), got, st.Load.SHA256)
	}
	return s.err
}

// nextTransaction commits a chunk of a load and begins the next one.
func (s *script) nextTransaction(chunkRows int) {
	s.comment("a transaction of its own for every %s: readers see none of them yet", dialect.Rows(int64(chunkRows)))
	s.stmt(s.d.Facts().Commit)
	s.stmts(s.d.Begin(dialect.Table{}, dialect.Replaces).Stmts...)
}

// cell checks and writes the values of one column.
type cell struct {
	check   func(rowsource.Value) error // nil if there is nothing to check
	literal func(rowsource.Value) string
}

// table is the table as inspected. It is empty if there is none yet.
func (s *script) table() dialect.Table {
	if s.p.Table == nil {
		return dialect.Table{}
	}
	return *s.p.Table
}

// columns are the loaded columns when the load begins.
func (s *script) columns(st Step) []dialect.Column {
	columns := make([]dialect.Column, len(st.Load.Columns))
	for i, name := range st.Load.Columns {
		c, ok := s.table().Column(name, s.d.SameName)
		if !ok {
			c, _ = dialect.Table{Columns: st.Load.New}.Column(name, s.d.SameName)
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

func (s *script) newBatch(st Step, cells []cell) *insertBatch {
	b := &insertBatch{s: s, st: st, cells: cells, columns: slices.Clone(st.Load.Columns)}
	for _, f := range st.Load.Fixed {
		b.columns = append(b.columns, f.Column)
		b.fixed = append(b.fixed, s.d.Literal(f.Value))
	}
	return b
}

// check returns an error for the first value that its column does not accept.
func (b *insertBatch) check(row rowsource.Row) error {
	for i, v := range row.Values {
		if b.cells[i].check == nil {
			continue
		}
		if err := b.cells[i].check(v); err != nil {
			return &rowsource.CellError{Source: b.s.src.Name(), Format: b.s.src.Format(), Line: row.Line, Column: b.st.Load.Columns[i], Value: row.Written(i).String(), Err: err}
		}
	}
	return nil
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
