package plan

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/rowsource"
)

// ScriptOptions say how a plan is printed.
type ScriptOptions struct {
	// Rows is the number of rows of a load to print. AllRows prints every row.
	Rows int
	// ToPrintAll tells readers of an incomplete script how to print all rows, such as
	// "print it with --all". If it is empty, the script says it in general words.
	ToPrintAll string
}

func (o ScriptOptions) toPrintAll() string {
	return cmp.Or(o.ToPrintAll, "print it with all rows")
}

// AllRows prints every row. Only such a script can be run.
const AllRows = -1

// sampleRows is the number of rows in a script that does not show all.
const sampleRows = 5

// SampleRows are the options of a script for reading.
func SampleRows() ScriptOptions { return ScriptOptions{Rows: sampleRows} }

// The maximum number of rows and bytes in one INSERT of a script.
const (
	batchRows  = 500
	batchBytes = 256 << 10
)

// WriteScript prints a plan as the SQL that a run sends. With [AllRows] the script can be
// piped into the vendor's client. It leaves the same table, backup, run and audit rows as
// a run. Src must be the source that the plan was made for.
func WriteScript(w io.Writer, d dialect.Dialect, p Plan, src rowsource.Source, o ScriptOptions) error {
	if err := canPrint(d, w); err != nil {
		return err
	}
	s := newScript(w, d)
	if p.Binding == BoundToColumns && s.words.Portable == nil {
		return noPortable(d)
	}
	s.p, s.src, s.opts = p, p.Upload.AsRead(src), o
	s.header()
	s.directives()
	s.program(p.Program(d))
	if s.err != nil {
		return s.err
	}
	return s.w.Flush()
}

// canPrint returns an error if the dialect or the writer is nil.
func canPrint(d dialect.Dialect, w io.Writer) error {
	switch {
	case d == nil:
		return errNoDialect
	case w == nil:
		return errors.New("print a script: the io.Writer is nil")
	}
	return nil
}

// style is the program that reads a script.
type style string

// A script is for the vendor's client or for goose.
const (
	forClient style = ""
	forGoose  style = "goose"
)

// script writes a script. It remembers the first error, so that its callers need not
// check each one.
type script struct {
	w *bufio.Writer
	d dialect.Dialect
	// words are for plans that are bound to columns.
	words dialect.PortableDialect
	p     Plan
	src   rowsource.Source
	opts  ScriptOptions
	// style is the program that reads the script.
	style style
	// apart states that the last line is empty.
	apart bool
	err   error
}

func newScript(w io.Writer, d dialect.Dialect) *script {
	words, _ := dialect.ToPortable(d)
	return &script{w: bufio.NewWriter(w), d: d, words: words}
}

func (s *script) line(text string) {
	if s.err == nil {
		_, s.err = s.w.WriteString(text + "\n")
	}
	s.apart = text == ""
}

// paragraph writes an empty line unless the last line is empty.
func (s *script) paragraph() {
	if !s.apart {
		s.line("")
	}
}

// comment writes one line of comment. It escapes line ends in the text, so that no part
// of a name can become a statement.
func (s *script) comment(format string, args ...any) {
	text := printable(fmt.Sprintf(format, args...))
	if s.style == forGoose {
		text = strings.ReplaceAll(text, "+goose", "+ goose") // otherwise goose would read it as an annotation
	}
	s.line(strings.TrimRight("-- "+text, " "))
}

func (s *script) stmt(st dialect.Stmt) {
	if st.SQL == "" {
		return // a BEGIN or COMMIT that goose itself sends
	}
	if st.Note != "" {
		s.comment("%s", st.Note)
	}
	if s.style == forGoose {
		s.gooseStatement(st.SQL)
		return
	}
	s.line(st.SQL + ";")
}

func (s *script) stmts(sts ...dialect.Stmt) {
	for _, st := range sts {
		s.stmt(st)
	}
}

// printable escapes characters that do not print, including line ends and bidirectional
// marks.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, text)
}

func (s *script) showsAll() bool {
	_, loads := s.p.Find(LoadRows)
	return !loads || s.p.Operation != OpUpload || s.opts.Rows == AllRows || int64(s.opts.Rows) >= s.p.Upload.Source.Rows
}

// directives come first: the client's own, and the check that stops an incomplete script
// before it changes even the session.
func (s *script) directives() {
	for _, l := range s.d.Facts().ClientDirectives {
		s.line(l)
	}
	if message := s.toRead(); message != "" {
		s.assertions([]Assertion{{Message: message, SQL: s.d.Assertion(message, "1 = 0").SQL}})
	}
}

// toRead is what a script that must not be run lacks. It is empty if the script may be run.
func (s *script) toRead() string {
	switch {
	case s.p.Binding == BoundToNone:
		return "this script is for one version of the table (it is for any, to be compared; to run it, plan the upload for this version)"
	case !s.showsAll():
		return fmt.Sprintf("this script holds all %s (it shows the first %d, to be read; to run it, %s)", dialect.Rows(s.p.Upload.Source.Rows), s.opts.Rows, s.opts.toPrintAll())
	default:
		return ""
	}
}

// program writes each instruction.
func (s *script) program(p Program) {
	for _, in := range p {
		s.instruction(in)
	}
}

func (s *script) instruction(in Instruction) {
	switch in := in.(type) {
	case Begin:
		s.begin(in)
	case Commit:
		s.stmt(in.Stmt)
	case Assert:
		s.assertions(in.Assertions)
	case BeginRun:
		s.stmt(ledger.BeginRun(s.d, s.p.Run(s.d, "")))
		s.stmts(s.d.RememberRun(0)...)
	case Announce:
		s.started(in.Steps)
	case CloseAbandoned:
		s.comment("earlier runs that were cut off have left nothing behind")
		s.stmts(in.Stmts...)
	case RunSteps:
		s.paragraph()
		for _, st := range in.Steps {
			s.step(st)
		}
	case HoldLease:
		s.changesOneRow([]dialect.Stmt{in.Stmt}, in.Assertion)
	case FinishRun:
		s.comment("the run is done")
		s.stmt(ledger.FinishRun(s.d, s.p.Outcome(s.d)))
	default:
		s.aroundTheRun(in)
	}
}

// aroundTheRun writes the instructions before the run begins and after it has ended.
func (s *script) aroundTheRun(in Instruction) {
	switch in := in.(type) {
	case SaveSession:
		s.stmts(in.Stmts...)
	case EnterSession:
		s.stmts(in.Stmts...)
		s.assertions(in.Assertions)
		s.paragraph()
	case HoldTable:
		s.stmts(in.Stmts...)
		s.assertions(in.Assertions)
	case AcquireLock:
		s.comment("no other run of tablesnap on this table")
		s.stmts(in.Stmts...)
		s.paragraph()
	case CreateLedger:
		if in.Script == CompleteLedger {
			s.comment("tablesnap's own tables, where they are missing")
		}
		s.stmts(in.Stmts...)
	case AssertNoOpenRun:
		s.paragraph()
		s.assertions(in.Assertions)
		s.paragraph()
	case LookUp:
		s.comment("what is there")
		s.stmts(in.Stmts...)
		s.assertions(in.Assertions)
	case TakeLease:
		s.changesOneRow(in.Stmts, in.Assertion)
	case EndLease:
		s.paragraph()
		s.comment("other runs may begin")
		s.stmt(in.Stmt)
	case ReleaseLock:
		s.stmts(in.Stmts...)
	case RestoreSession:
		s.stmts(in.Stmts...)
	default:
		s.err = errors.Join(s.err, fmt.Errorf("print a script: %T is no instruction that it knows", in))
	}
}

// begin says what a transaction is for, and opens it.
func (s *script) begin(b Begin) {
	s.paragraph()
	switch b.Purpose {
	case ForLedger:
		s.comment("tablesnap's own tables")
	case ForRun:
		s.comment("the run, and what it is about to do")
	case ForAudit:
		s.comment("what comes next, for the audit")
	case ForGroup:
		s.comment("group %d of %d: %s", b.Group+1, len(s.p.Groups), s.p.Groups[b.Group].commits())
	}
	s.stmts(b.Stmts...)
}

// started writes the audit rows of steps. They do not contain the steps' statements, so
// that a reader sees each statement once.
func (s *script) started(steps []Step) {
	for _, st := range steps {
		row := st.Row(st.AnnouncedAs())
		row.SQLText = ""
		s.stmt(ledger.BeginStep(s.d, row))
	}
}

// commits describes a group's commit.
func (g Group) commits() string {
	if g.Auto {
		return "one statement, which the database commits by itself"
	}
	for _, st := range g.Steps {
		if st.Load != nil && st.Load.ChunkRows > 0 && st.Load.Rows > int64(st.Load.ChunkRows) {
			return "commits every " + dialect.Rows(int64(st.Load.ChunkRows))
		}
	}
	return "commits together, or not at all"
}

func (s *script) step(st Step) {
	s.comment("step %s: %s", st.ID, st.Table.Name)
	if s.style != forGoose && (st.OnFailure == Preserve || st.OnFailure == Continue) {
		s.comment("  if it fails, this script stops; apply would %s", s.onFailure(st))
	}
	if st.Chunks != nil && s.style != forGoose {
		s.chunks(st)
	}
	if st.Kind == RunAfter {
		s.comment("  if it fails, this script stops; apply would warn")
	}
	s.comment("  %s", st.IfStopped)
	if st.Load != nil {
		s.loadNotes(st)
	}
	s.assertions(st.Before)
	if st.Check != nil {
		s.check(st)
		return
	}
	rows := s.d.Ledger().Changes
	if st.Load != nil {
		s.load(st)
		rows = dialect.CountRows(s.d, st.Table)
	} else {
		s.stmts(st.Setup...)
		does := dialect.Stmt{SQL: st.SQL, Note: st.Note}
		if s.style == forGoose && st.CountsRows() {
			does, rows = s.words.CountChanges(does)
		}
		s.stmt(does)
		if !st.CountsRows() {
			rows = ""
		}
	}
	s.stmt(ledger.FinishStep(s.d, st.Seq, st.Finished(rows, "")))
	s.assertions(st.After)
	if st.Load != nil && st.Load.Twin != nil {
		s.stmt(st.Load.Twin.Drop)
	}
	s.line("")
}

// check shows the first of the rows that a check finds. If there are any, an assertion fails,
// unless the check warns.
func (s *script) check(st Step) {
	rows := "0"
	s.comment("  check %s: must find no row", st.Check.Name)
	s.stmt(dialect.Stmt{SQL: st.SQL, Note: st.Note})
	if st.Check.Assertion != nil {
		s.assertions([]Assertion{*st.Check.Assertion})
	} else {
		s.comment("  if it finds rows, the run goes on with a warning")
		rows = st.Check.Count
	}
	s.stmt(ledger.FinishStep(s.d, st.Seq, st.Finished(rows, "")))
	s.line("")
}

// chunks describes how a run works in chunks. The script uses the one statement that
// follows, since a script cannot repeat a statement.
func (s *script) chunks(st Step) {
	c, does := *st.Chunks, "copies"
	if st.Kind == DeleteSnapshot {
		does = "deletes"
	}
	s.comment("  apply %s %s at a time, each in a transaction of its own:", does, dialect.Rows(int64(c.Rows)))
	for _, st := range slices.Concat(c.Start, []dialect.Stmt{c.Copy}, c.Find, c.Next) {
		for line := range strings.SplitSeq(st.SQL, "\n") {
			s.comment("    %s", line)
		}
	}
}

func (s *script) onFailure(st Step) string {
	if st.OnFailure != Preserve {
		return "warn and go on without it"
	}
	ids := make([]string, len(s.p.Preserve))
	for i, instead := range s.p.Preserve {
		ids[i] = instead.ID
	}
	return "keep the old rows in a table of their own (" + strings.Join(ids, ", ") + ") and go on"
}

// changesOneRow asserts that the last statement has changed a row. No comment stands
// between the two: a client may send it by itself, and the server then forgets how many
// rows that were.
func (s *script) changesOneRow(stmts []dialect.Stmt, p Assertion) {
	s.comment("must be true: %s", p.Message)
	s.stmts(stmts...)
	s.stmt(dialect.Stmt{SQL: p.SQL})
}

func (s *script) assertions(ps []Assertion) {
	for _, p := range ps {
		s.comment("must be true: %s", p.Message)
		s.stmt(dialect.Stmt{SQL: p.SQL})
	}
}

// loadNotes says what a load's rows do not show.
func (s *script) loadNotes(st Step) {
	if s.p.Server.LoadsWith != "" && s.style != forGoose {
		s.comment("  apply sends the rows with: %s", st.SQL)
	}
	for _, f := range st.Load.Fixed {
		s.comment("  %s takes no NULL and is dropped below: until then it is %s in every row", f.Column, s.d.Literal(f.Value))
	}
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
