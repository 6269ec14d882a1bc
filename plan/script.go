package plan

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// ScriptOptions say how a plan is printed.
type ScriptOptions struct {
	// Rows is how many rows of a load are printed; AllRows prints each.
	Rows int
}

// AllRows prints every row, which makes a script that can be run.
const AllRows = -1

// sampleRows is how many rows a script shows where it does not show all.
const sampleRows = 5

// SampleRows are the options of a script to read, not to run.
func SampleRows() ScriptOptions { return ScriptOptions{Rows: sampleRows} }

// Rows of a script are put into statements of up to so many rows and bytes.
const (
	batchRows  = 500
	batchBytes = 256 << 10
)

// WriteScript prints a plan as the SQL that a run sends. With [AllRows] the
// script, piped into the vendor's own client, leaves what a run leaves: the
// same table, the same backup, the same run and audit rows. The rows come from
// src, which must be what the plan was made for.
func WriteScript(w io.Writer, d dialect.Dialect, p Plan, src rowsource.Source, o ScriptOptions) error {
	s := &script{w: bufio.NewWriter(w), d: d, p: p, src: src, opts: o}
	s.header()
	s.session()
	s.lock()
	s.ownTables()
	s.beginRun()
	for i := range p.Groups {
		s.group(i)
	}
	s.stmts(p.Unlock...)
	if s.err != nil {
		return s.err
	}
	return s.w.Flush()
}

// script keeps the first error, so that the writers read like what they write.
type script struct {
	w    *bufio.Writer
	d    dialect.Dialect
	p    Plan
	src  rowsource.Source
	opts ScriptOptions
	err  error
}

func (s *script) line(text string) {
	if s.err == nil {
		_, s.err = s.w.WriteString(text + "\n")
	}
}

// comment writes one line of comment. Whatever stands in the text, the line
// ends where it should: a name that holds a newline cannot become a statement.
func (s *script) comment(format string, args ...any) {
	s.line(strings.TrimRight("-- "+printable(fmt.Sprintf(format, args...)), " "))
}

func (s *script) stmt(st dialect.Stmt) { s.line(st.SQL + ";") }

func (s *script) stmts(sts ...dialect.Stmt) {
	for _, st := range sts {
		s.stmt(st)
	}
}

// printable escapes what does not print, line ends and bidirectional marks
// among it.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, text)
}

func (s *script) header() {
	u := s.p.Upload
	s.comment("tablesnap: replace all rows of %s with those of %s", u.Table.Name, u.Source.Name)
	s.comment("")
	s.comment("database  %s", s.d.Name())
	s.comment("upload    version %d, kind %s, doc_id %s, upload_timestamp %s", u.Version, u.Kind.Name, u.DocID, orText(u.Timestamp, "(the time of the run)"))
	s.comment("replaces  %s", s.replaced())
	s.comment("source    %s: %d rows, SHA-256 %s", u.Source.Name, u.Source.Rows, u.Source.SHA256)
	s.comment("plan      SHA-256 %s", s.p.Hash())
	s.comment("")
	s.comment("steps")
	for _, st := range s.p.Steps() {
		s.comment("  %-20s %s", st.ID, st.Table.Name)
	}
	for _, h := range s.p.Hazards {
		s.comment("")
		s.comment("HAZARD %s: %s", h.Code, h.Says)
		if h.Allowed == ByUser {
			s.comment("  allowed by --allow %s", h.Code)
		} else {
			s.comment("  refused unless allowed by --allow %s; this script stops at once", h.Code)
		}
	}
	for _, w := range s.p.Warnings {
		s.comment("")
		s.comment("warning %s: %s", w.Code, w.Says)
	}
	if !s.showsAll() {
		s.comment("")
		s.comment("This script shows the first %d rows only: it is for reading. To run it, print it with --rows all.", s.opts.Rows)
	}
	s.line("")
}

func (s *script) replaced() string {
	switch last := s.p.Ledger.Last; {
	case s.p.Table == nil:
		return "nothing: the table does not exist yet"
	case last == nil:
		return "version 0, what stood there before the first upload"
	default:
		return fmt.Sprintf("version %d, doc_id %s, upload_timestamp %s, %d rows", last.Number, last.DocID, last.UploadTimestamp, last.Rows)
	}
}

func (s *script) showsAll() bool {
	return s.opts.Rows == AllRows || int64(s.opts.Rows) >= s.p.Upload.Source.Rows
}

func (s *script) session() {
	for _, l := range s.d.ClientDirectives() {
		s.line(l)
	}
	s.stmts(s.p.Session...)
	for _, h := range s.p.Hazards {
		if h.Allowed != ByUser {
			s.stmt(s.d.Proof(fmt.Sprintf("hazard %s is allowed", h.Code), "1 = 0"))
		}
	}
	s.line("")
}

func (s *script) lock() {
	if len(s.p.Lock) > 0 {
		s.comment("no other run of tablesnap on this table")
		s.stmts(s.p.Lock...)
		s.line("")
	}
}

// ownTables makes tablesnap's own tables where they were missing when the plan
// was made, as goose makes them.
func (s *script) ownTables() {
	pending := dialect.PendingMigrations(s.d, s.p.Ledger.Migration)
	if len(pending) == 0 {
		return
	}
	s.comment("tablesnap's own tables")
	s.stmts(s.d.Begin(dialect.Table{})...)
	if s.p.Ledger.Migration == 0 {
		s.stmt(dialect.Stmt{SQL: s.d.VersionQueries().CreateTable(dialect.VersionTable)})
		s.stmt(dialect.RecordMigration(s.d, 0)) // goose begins with a version 0
	}
	for _, m := range pending {
		s.stmts(m.Stmts...)
		s.stmt(dialect.RecordMigration(s.d, m.Version))
	}
	s.stmt(s.d.Commit())
	s.line("")
}

// beginRun writes the run's row and the started rows of the first group: what
// is under way is known before it begins.
func (s *script) beginRun() {
	s.comment("the run, and what it is about to do")
	s.stmts(s.d.Begin(dialect.Table{})...)
	s.stmt(dialect.BeginRun(s.d, s.p.Run("")))
	s.stmts(s.d.RememberRun()...)
	s.started(s.p.Announced(0))
	s.stmt(s.d.Commit())
	s.line("")
}

func (s *script) started(steps []Step) {
	for _, st := range steps {
		s.stmt(dialect.BeginStep(s.d, st.Row(dialect.Started)))
	}
}

func (s *script) group(i int) {
	g := s.p.Groups[i]
	if announced := s.p.Announced(i); i > 0 && len(announced) > 0 {
		s.stmts(s.d.Begin(dialect.Table{})...)
		s.started(announced)
		s.stmt(s.d.Commit())
		s.line("")
	}
	last := i == len(s.p.Groups)-1
	if g.Auto {
		s.comment("group %d of %d: commits by itself", i+1, len(s.p.Groups))
	} else {
		s.comment("group %d of %d: commits together, or not at all", i+1, len(s.p.Groups))
		s.stmts(g.Begin...)
	}
	s.proofs(g.Before)
	if s.p.Atomic() {
		s.stmts(dialect.CloseAbandoned(s.d, s.p.Upload.Table.Name)...)
	}
	s.line("")
	for _, st := range g.Steps {
		s.step(st)
	}
	if i == s.p.Closing() {
		s.comment("the run is done")
		s.stmt(dialect.FinishRun(s.d, s.p.Outcome(s.d)))
		s.started(s.p.TidyingUp())
	}
	if !g.Auto {
		s.stmt(s.d.Commit())
	}
	if !last {
		s.line("")
	}
}

func (s *script) step(st Step) {
	s.comment("step %s: %s", st.ID, st.Table.Name)
	if st.OnFailure == Preserve || st.OnFailure == Continue {
		s.comment("  if it fails, this script stops; apply would %s", onFailure(st))
	}
	s.comment("  %s", st.IfStopped)
	s.proofs(st.Before)
	rows := s.d.Changes()
	if st.Load != nil {
		s.load(st)
		rows = s.d.CountRows(st.Table)
	} else {
		s.stmts(st.Setup...)
		s.stmt(dialect.Stmt{SQL: st.SQL})
		if !st.Kind.TouchesRows() {
			rows = ""
		}
	}
	s.stmt(dialect.FinishStep(s.d, st.Seq, dialect.Outcome{State: dialect.Done, Rows: rows}))
	s.proofs(st.After)
	s.line("")
}

func onFailure(st Step) string {
	if st.OnFailure == Preserve {
		return "keep the old rows in a table of their own and go on"
	}
	return "warn and go on without it"
}

func (s *script) proofs(ps []Proof) {
	for _, p := range ps {
		s.stmt(dialect.Stmt{SQL: p.SQL})
	}
}

func (s *script) load(st Step) {
	if s.err == nil {
		s.err = s.loadRows(st)
	}
}

// loadRows prints the rows and holds them to the plan: the same columns'
// checks as a load, and the same SHA-256 at the end of the file.
func (s *script) loadRows(st Step) error {
	r, err := s.src.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	if !slices.Equal(r.Columns(), s.p.Upload.Source.ColumnNames()) {
		return fmt.Errorf("print the rows of %s: the file changed after it was planned (its columns are others); plan the upload again", s.src.Name())
	}
	cells := s.cells(st)
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

// cells are the columns that a load fills, as the load finds them.
func (s *script) cells(st Step) []cell {
	cells := make([]cell, len(st.Load.Columns))
	for i, name := range st.Load.Columns {
		c, t := s.d.TextColumn(name, s.p.Upload.Source.Columns[i].MaxChars), dialect.Table{}
		if s.p.Table != nil {
			t = *s.p.Table
			if have, ok := t.Column(name, s.d.SameName); ok {
				c = have
			}
		}
		cells[i] = cell{check: s.d.Checker(t, c), literal: s.d.ColumnLiteral(c)}
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
		b.s.stmt(b.s.d.InsertRows(b.st.Table, b.columns, b.rows))
	}
	b.rows, b.bytes = nil, 0
}

func orText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func textExpr(d dialect.Dialect, codes []string) string {
	return d.Literal(rowsource.Text(strings.Join(codes, " ")))
}
